"""`wardlink lake cohort` as processes of its own, on a lake that `wardlink lake write` made of a store."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from controller.config import load
from controller.store import Store
from tests.support.bulk import measured

ROOT = Path(__file__).parents[3]
HOUR_US, MINUTE_US = 3_600_000_000, 60_000_000
BEGAN_US = 497_000 * HOUR_US
"""In September 2026."""
ASKED = {
    "code": "spo2",
    "op": "<",
    "value": 90,
    "unit": "%",
    "lasting_min": 5,
    "max_gap_s": 60,
    "to_h": 24,
}
_STAY = "INSERT INTO stay (bed, identifier, name, from_ms, to_ms, by) VALUES (?, ?, 'N', ?, ?, 'nurse')"


def wardlink(folder: Path, *words: str) -> tuple[int, str, str]:
    """The command, in a process of its own: what it returned, said, and said of errors."""
    command = [sys.executable, "-m", "wardlink", "lake", *words, "--config", str(folder / "controller.toml")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout, done.stderr


def fill(db: Any) -> None:
    """P1 to P3 lay on a bed each for a day and a half."""
    db.execute("INSERT INTO ward VALUES ('icu', 'ICU')")
    for n in (1, 2, 3):
        db.execute("INSERT INTO bed (id, ward, name) VALUES (?, 'icu', 'B')", (f"bed-{n}",))
        span = BEGAN_US // 1000, (BEGAN_US + 36 * HOUR_US) // 1000
        db.execute(_STAY, (f"bed-{n}", f"P{n}", *span))


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of P1 SpO2 was low for six minutes, of P2 never, of P3 nothing was measured. One for all tests."""
    folder = tmp_path_factory.mktemp("cohort-cli")
    (folder / "controller.toml").write_text("")
    (folder / "question.json").write_text(json.dumps({"condition": ASKED}))

    async def make() -> None:
        loaded = load(folder / "controller.toml")
        store = await Store.open(loaded.where, folder=loaded.data)
        await store.write(fill)
        values = [96.0] * 10 + [88.0] * 6 + [96.0] * 10
        at = [BEGAN_US + (60 + n) * MINUTE_US for n in range(len(values))]
        low = [("ox-1", "bed-1", "spo2", when, value) for when, value in zip(at, values, strict=True)]
        late = ("ox-2", "bed-2", "spo2", BEGAN_US + 35 * HOUR_US, 96.0)
        await measured(store, *low, *(("ox-2", "bed-2", "spo2", when, 96.0) for when in at), late)
        await store.close()

    asyncio.run(make())
    code, _, said = wardlink(folder, "write")
    assert code == 0, said
    return folder


def test_a_question_is_saved_asked_listed_shown_and_asked_again(hospital: Path) -> None:
    file = str(hospital / "question.json")
    code, said, _ = wardlink(hospital, "cohort", "run", file, "--save", "low-spo2", "--why", "sepsis round")
    assert code == 0
    assert "1 of 3 admissions match (1 patients), 1 unknown" in said
    assert "generation 1" in said
    assert " s, " in said, "how long it took"
    assert "slowest: " in said, "what took time of DuckDB's plan"
    code, told, _ = wardlink(hospital, "cohort", "run", "low-spo2@1", "--json")
    found = json.loads(told)
    assert code == 0
    assert found["total"] == {"month": "", "admitted": 3, "matching": 1, "unknown": 1}
    assert found["read"]["took_ms"] > 0
    assert found["read"]["plan"] != []
    wardlink(hospital, "cohort", "run", file, "--save", "low-spo2", "--why", "once more")
    code, said, _ = wardlink(hospital, "cohort", "list")
    assert [line.split("\t")[0] for line in said.splitlines()] == ["low-spo2@2", "low-spo2@1"]
    assert "sepsis round" in said
    code, said, _ = wardlink(hospital, "cohort", "show", "low-spo2@1")
    assert code == 0
    assert said.startswith("low-spo2@1 by cli:")
    assert said.count("asked by cli:") == 2
    assert '"lasting_min":5' in said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("run", "low-spo2"), "expected NAME@VERSION"),
        (("run", "nothing@7"), "there is no cohort"),
        (("run", "{folder}/question.json", "--save", "Low SpO2/", "--why", "x"), "expected a name"),
        (("run", "{folder}/question.json", "--save", "low-spo2"), "--why"),
        (("run", "{folder}/missing.json"), "cannot be read"),
        (("run", "{folder}/unit.json"), "condition: spo2 is measured in %, got 'mm[Hg]'"),
        (("run", "{folder}/no.json"), "is no definition of a cohort: the file: expected an object"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(
    hospital: Path, words: tuple[str, ...], told: str
) -> None:
    (hospital / "no.json").write_text("[1]")
    (hospital / "unit.json").write_text(json.dumps({"condition": {**ASKED, "unit": "mm[Hg]"}}))
    code, said, error = wardlink(hospital, "cohort", *(one.format(folder=hospital) for one in words))
    assert (code, said) == (1, "")
    assert told in error
