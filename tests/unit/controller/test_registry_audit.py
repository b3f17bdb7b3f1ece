"""Every change of the registry is in the audit trail, written by the transaction that made it."""

import json
from typing import Any

import pytest

from controller.errors import Conflict
from controller.registry import Patient
from tests.unit.controller.conftest import Desk

ANNA, BEN = Patient("P1", "Anna"), Patient("P2", "Ben")


async def trail(desk: Desk) -> list[dict[str, Any]]:
    """The entries since the desk was set up."""
    rows = await desk.rows("SELECT entry FROM audit WHERE number > 3 ORDER BY number")
    return [json.loads(str(row[0])) for row in rows]


async def test_a_patient_who_takes_a_bed_sends_away_the_one_before(desk: Desk) -> None:
    await desk.registry.admit("bed-1", ANNA, "nurse", "10.0.0.1")
    await desk.registry.admit("bed-1", BEN, "nurse", "10.0.0.1")
    await desk.registry.discharge("bed-1", "doctor")
    told = [(one["action"], one["patient"], one["actor"], one["where"]) for one in await trail(desk)]
    assert told == [
        ("admit", "P1", "nurse", "10.0.0.1"),
        ("discharge", "P1", "nurse", "10.0.0.1"),
        ("admit", "P2", "nurse", "10.0.0.1"),
        ("discharge", "P2", "doctor", ""),
    ]


async def test_an_empty_bed_has_nobody_to_discharge(desk: Desk) -> None:
    await desk.registry.discharge("bed-1", "nurse")
    assert await trail(desk) == []


async def test_a_device_that_is_placed_names_the_patient_beside_it(desk: Desk) -> None:
    row = "INSERT INTO device VALUES ('ox-1', 'ward-a', NULL, '[]', 0)"
    await desk.store.write(
        lambda db: (
            db.execute("INSERT INTO gateway (id, name, added_ms) VALUES ('ward-a', 'A', 0)"),
            db.execute(row),
        )
    )
    await desk.registry.load()
    await desk.registry.admit("bed-1", ANNA, "nurse")
    await desk.registry.assign("ox-1", "bed-1", "nurse")
    await desk.registry.assign("ox-1", None, "nurse")
    placed, taken = (await trail(desk))[-2:]
    assert (placed["entity"], placed["patient"], placed["detail"]) == ("device/ox-1", "P1", {"bed": "bed-1"})
    assert (taken["entity"], taken["patient"], taken["detail"]) == ("device/ox-1", None, {"bed": ""})


async def test_a_change_that_is_refused_leaves_no_entry_as_if_it_were_done(desk: Desk) -> None:
    await desk.registry.admit("bed-1", ANNA, "nurse")
    with pytest.raises(Conflict):
        await desk.registry.admit("bed-2", ANNA, "nurse")
    assert len(await trail(desk)) == 1


async def test_wards_and_beds_that_are_added_are_in_it(desk: Desk) -> None:
    await desk.registry.add_ward("w-2", "Ward 2", "cli:root")
    await desk.registry.add_bed("bed-9", "w-2", "Bed 9", "cli:root")
    told = [(one["action"], one["entity"], one["actor"], one["detail"]) for one in await trail(desk)]
    assert told == [
        ("add-ward", "ward/w-2", "cli:root", {}),
        ("add-bed", "bed/bed-9", "cli:root", {"ward": "w-2"}),
    ]
