"""Simulators follow a file of dials: it is read whole or not at all, and nothing beyond a range gets in."""

import asyncio
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from hil.sims.dials import RANGES, BedDials, DialFile, Dials, Faults, follow
from tests.support.waiting import until


def test_what_was_written_is_read_at_once_and_again_after_each_change(tmp_path: Path) -> None:
    bench, simulator = DialFile(tmp_path / "bed-1.json"), DialFile(tmp_path / "bed-1.json")
    for spo2 in (82.0, 83.0, None):
        bench.write(BedDials(patient=Dials(spo2=spo2), devices={"ox-1": Faults(cut=True)}))
        assert simulator.now().patient.spo2 == spo2
        assert simulator.now().devices["ox-1"].cut


def test_where_nobody_has_written_anything_the_dials_are_let_go(tmp_path: Path) -> None:
    assert DialFile(tmp_path / "bed-1.json").now() == BedDials()


def test_a_file_that_cannot_be_read_changes_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = DialFile(path := tmp_path / "bed-1.json")
    file.write(BedDials(patient=Dials(spo2=82)))
    assert file.now().patient.spo2 == 82
    path.write_text('{"patient": {"spo2": 820}}')
    assert [file.now().patient.spo2 for _ in range(3)] == [82, 82, 82]
    assert caplog.text.count("expected 40 to 100 %, got 820") == 1


@given(st.sampled_from(sorted(Dials.model_fields.keys() & RANGES.keys())), st.floats(allow_nan=False))
def test_a_dial_takes_its_range_and_nothing_else(name: str, value: float) -> None:
    least, most, _, _ = RANGES[name]
    data = json.dumps({name: value}) if abs(value) < float("inf") else f'{{"{name}": 1e400}}'
    if least <= value <= most:
        assert getattr(Dials.model_validate_json(data), name) == value
    else:
        with pytest.raises(ValidationError, match="expected"):
            Dials.model_validate_json(data)


def test_a_dial_takes_no_number_that_is_none() -> None:
    with pytest.raises(ValidationError, match="expected 40 to 100"):
        Dials(spo2=float("nan"))


async def test_a_device_is_told_of_each_change_of_its_own_faults(tmp_path: Path) -> None:
    file, told = DialFile(path := tmp_path / "bed-1.json"), list[Faults]()

    async def turned(faults: Faults) -> None:
        told.append(faults)

    following = asyncio.create_task(follow(path, "ox-1", turned))
    file.write(BedDials(devices={"ox-1": Faults(cut=True), "hr-1": Faults(away=True)}))
    await until(lambda: len(told) == 1, "it was cut")
    file.write(BedDials(patient=Dials(spo2=80), devices={"ox-1": Faults(cut=True)}))
    file.write(BedDials(patient=Dials(spo2=81)))
    await until(lambda: len(told) == 2, "it was mended")
    assert told == [Faults(cut=True), Faults()]
    following.cancel()
