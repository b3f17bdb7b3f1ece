"""Results in the controller's database are checked as they come; what was there before is not."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from controller.clock import SystemClock
from controller.imaging.plugins.laboratory.checks import NAME
from controller.imaging.plugins.looking import Looking
from controller.imaging.plugins.queue import Queue
from controller.imaging.plugins.registry import PLUGINS
from controller.imaging.plugins.results_source import ResultsSource
from controller.imaging.plugins.running import Runner
from controller.store import Store

HOUR_US = 3_600_000_000
_INSERT = """INSERT INTO device_event
  (stream, number, place, boot, mono_us, at_us, utc_us, gateway, device, bed, kind, detail)
VALUES (1, 1, ?, 1, 0, ?, ?, 'box', 'lab', ?, ?, ?)"""


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Store]:
    store = await Store.open(tmp_path / "wardlink.sqlite")
    await store.write(lambda db: db.execute("PRAGMA foreign_keys = OFF"))
    yield store
    await store.close()


@pytest.fixture
async def queue(tmp_path: Path) -> AsyncIterator[Queue]:
    queue = await Queue.open(tmp_path / "plugins.sqlite", SystemClock())
    yield queue
    await queue.close()


async def came(store: Store, value: str, hour: int, *, kind: str = "lab-result", **others: Any) -> None:
    """A potassium."""
    detail = {"loinc": "2823-3", "value": value, "unit": "mmol/L", "patient": "4711", "specimen": f"S{hour}"}
    told = {name: one for name, one in (detail | others).items() if one is not None}
    row = hour, hour * HOUR_US, hour * HOUR_US, "icu-1", kind, json.dumps(told)
    await store.write(lambda db: db.execute(_INSERT, row))


async def findings(queue: Queue) -> list[tuple[str, str, str, int]]:
    rows = await queue.store.read("SELECT told, patient, bed, at_us FROM finding ORDER BY id")
    return [
        (json.loads(row["told"])["code"]["value"], row["patient"], row["bed"], row["at_us"]) for row in rows
    ]


def looking(queue: Queue, database: Store) -> Looking:
    return Looking(queue, (ResultsSource(database.path, tuple(PLUGINS.values())),), Runner())


async def look_at_all(one: Looking) -> None:
    await one.ask()
    while await one.look():
        pass


async def test_a_critical_result_and_a_jump_become_findings_of_patient_and_bed(
    queue: Queue, database: Store
) -> None:
    one = looking(queue, database)
    await one.ask()
    await came(database, "4.0", 1)
    await came(database, "6.6", 5)
    await look_at_all(one)
    assert await findings(queue) == [
        ("HH", "4711", "icu-1", 5 * HOUR_US),
        ("U", "4711", "icu-1", 5 * HOUR_US),
    ]


async def test_what_was_there_before_the_plug_ins_is_not_told_as_new(queue: Queue, database: Store) -> None:
    await came(database, "7.0", 1)
    one = looking(queue, database)
    await look_at_all(one)
    await came(database, "7.1", 2)
    await look_at_all(one)
    assert [code for code, *_ in await findings(queue)] == ["HH"]


@pytest.mark.parametrize(
    "others",
    [{"control": "1"}, {"patient": None}, {"kind": "unmapped"}],
    ids=["a control", "nobody's", "no result"],
)
async def test_what_is_no_patients_result_is_not_looked_at(
    queue: Queue, database: Store, others: dict[str, Any]
) -> None:
    one = looking(queue, database)
    await one.ask()
    await came(database, "7.0", 1, **others)
    await look_at_all(one)
    assert await queue.store.read("SELECT id FROM job") == []


async def test_another_patients_potassium_is_no_jump(queue: Queue, database: Store) -> None:
    one = looking(queue, database)
    await one.ask()
    await came(database, "3.0", 1, patient="4712")
    await came(database, "5.9", 2)
    await look_at_all(one)
    assert await findings(queue) == []
    jobs = await queue.store.read("SELECT plugin, state FROM job")
    assert [tuple(row) for row in jobs] == [(NAME, "done")] * 2
