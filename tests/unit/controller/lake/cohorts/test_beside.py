"""A question in a process of its own leaves nothing behind, also when it is given up."""

import asyncio
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

from controller.lake.cohorts.beside import Asker
from controller.lake.cohorts.definition import CohortDefinition
from tests.support.cohorts import hospital, lake_of

LOW = {"code": "spo2", "op": "<", "value": 90, "unit": "%", "lasting_min": 5, "to_h": 24}


async def test_a_question_that_is_given_up_leaves_no_readings_in_the_folder_for_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spilled = tmp_path / "tmp"
    spilled.mkdir()
    monkeypatch.setenv("TMPDIR", str(spilled))
    monkeypatch.setattr(tempfile, "tempdir", str(spilled))
    asker = Asker(lake_of(tmp_path / "lake", hospital()))
    asked = asyncio.create_task(asker.found(CohortDefinition.model_validate({"condition": LOW})))
    while not [*spilled.rglob("wardlink-lake-*")]:
        assert not asked.done()
        await asyncio.sleep(0.005)
    asked.cancel()
    with suppress(asyncio.CancelledError):
        await asked
    assert asked.cancelled()
    assert list(spilled.iterdir()) == []
