"""The files of cohorts and models: read back as written; whatever else is in them is refused."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.errors import ConfigError, ModelError
from controller.models.cohort import read, write
from controller.models.model import load, parsed
from tests.support.models import cohort, model_file, trained

FILES = ("cohort.json", "stays.csv", "readings.csv", "events.csv")
SLOW = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def small(folder: Path) -> Path:
    """A patient of the cohort."""
    once = cohort()
    stay = next(one for one in once.stays if one.id in once.events)
    readings, events = {stay.id: once.readings[stay.id]}, {stay.id: once.events[stay.id]}
    write(folder, replace(once, stays=[stay], readings=readings, events=events))
    return folder


def test_a_cohort_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    write(tmp_path, cohort())
    assert read(tmp_path) == cohort()


@SLOW
@given(st.sampled_from(FILES), st.integers(0, 400), st.binary(min_size=1, max_size=8))
def test_whatever_is_in_the_files_of_a_cohort_it_is_read_or_refused(
    tmp_path: Path, name: str, at: int, junk: bytes
) -> None:
    path = small(tmp_path) / name
    content = path.read_bytes()
    at %= len(content)
    path.write_bytes(content[:at] + junk + content[at + len(junk) :])
    try:
        read(tmp_path)
    except ModelError as error:
        assert str(error)


@pytest.mark.parametrize(
    ("name", "line", "sentence"),
    [
        ("stays.csv", "S1,P1,w,,200,0,1", "age: expected years"),
        ("stays.csv", "S1,P1,w,,,5,1", "ended_ms"),
        ("readings.csv", "S1,blood,0,1", "blood"),
        ("readings.csv", "S1,pulse,0,nan", "expected a number"),
        ("readings.csv", "S1,consciousness,0,15", "expected 0 or 1"),
        ("readings.csv", "S9,pulse,0,1", "has no stay 'S9'"),
        ("events.csv", "S1,0,sneeze", "expected one of death"),
        ("events.csv", "S1", "expected 3 cells"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, name: str, line: str, sentence: str) -> None:
    with (small(tmp_path) / name).open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(ModelError, match=sentence):
        read(tmp_path)


def test_an_event_before_its_stay_is_refused_and_not_lost(tmp_path: Path) -> None:
    path = small(tmp_path) / "events.csv"
    stay = path.read_text(encoding="utf-8").splitlines()[1].split(",")[0]
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{stay},1767225,death\n")  # seconds where ms are expected
    with pytest.raises(ModelError, match="before its stay"):
        read(tmp_path)


def test_a_model_is_read_back_with_the_version_of_its_bytes(tmp_path: Path) -> None:
    held = load(model_file(tmp_path))
    assert held == trained().model
    assert held.version == trained().model.version
    assert len(held.version) == 12


@settings(max_examples=80)
@given(st.integers(0, 20_000), st.binary(min_size=1, max_size=6))
def test_a_model_that_somebody_changed_is_never_used(at: int, junk: bytes) -> None:
    content = trained().model.text.encode()
    at %= len(content)
    other = content[:at] + junk + content[at + len(junk) :]
    if other == content:
        return
    with pytest.raises(ModelError, match=r"^model\.json: "):
        parsed(other, "model.json")


def test_a_digit_that_was_changed_is_found() -> None:
    line = next(one for one in trained().model.text.splitlines() if '"intercept": -' in one)
    other = trained().model.text.replace(line, line.replace("-", ""))
    with pytest.raises(ModelError, match="damaged or changed by hand"):
        parsed(other.encode(), "model.json")


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("label", "trained on all patients", "label: expected 'trained on simulated data"),
        ("format", 1, "train it anew"),
        ("features", [], "features of this software"),
        ("horizon_h", 0, "horizon_h"),
    ],
)
def test_a_model_of_another_kind_is_refused(key: str, value: object, sentence: str) -> None:
    told = json.loads(trained().model.text) | {key: value}
    with pytest.raises(ModelError, match=sentence):
        parsed(json.dumps(told).encode(), "model.json")


def test_a_file_that_is_not_there_says_how_one_is_made(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="wardlink model train"):
        load(tmp_path / "none.json")
    assert not issubclass(ModelError, ConfigError)


def test_a_cohort_says_how_it_was_simulated() -> None:
    about = asdict(cohort().about)
    assert about["data"] == "simulated"
    assert "nobody's data" in about["source"]
    assert about["settings"]["seed"] == 5
