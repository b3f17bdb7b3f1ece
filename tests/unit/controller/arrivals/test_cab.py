"""What a city answers reaches the cab: at each change, again before it is forgotten, and no more often."""

import json

import pytest

from controller.arrivals.cab import AGAIN_US, Cab
from devices.model.lights import HOLDS_S
from tests.unit.controller.conftest import Desk

GRANTED = [{"name": "Bridge Street", "status": "granted", "at_ms": 1}]
ASKED = [{"name": "Bridge Street", "status": "asked", "at_ms": 1}]


@pytest.fixture
async def cab(ambulance: Desk) -> Cab:
    """amb-1 has a box that an engineer recorded."""
    await ambulance.registry.add_gateway("box-1", "Box 1")
    record = "UPDATE gateway SET class = 'vehicle', place = 'amb-1' WHERE id = 'box-1'"
    await ambulance.store.write(lambda db: db.execute(record))
    return Cab(ambulance.store, ambulance.clock)


async def told(desk: Desk) -> list[list[list[str]]]:
    query = "SELECT gateway, arguments FROM command WHERE name = 'corridor' ORDER BY issued_utc_us"
    rows = await desk.store.read(query)
    assert {row["gateway"] for row in rows} <= {"box-1"}
    return [json.loads(json.loads(row["arguments"])["lights"]) for row in rows]


async def test_each_change_is_told_once_and_the_end_of_it(cab: Cab, ambulance: Desk) -> None:
    for shown in ([], ASKED, ASKED, GRANTED, GRANTED, [], []):
        await cab.tell("amb-1", shown)
        ambulance.clock.at_us += 1_000_000
    assert await told(ambulance) == [[["Bridge Street", "asked"]], [["Bridge Street", "granted"]], []]


async def test_what_does_not_change_is_said_again_before_the_box_forgets_it(
    cab: Cab, ambulance: Desk
) -> None:
    for _ in range(2 * HOLDS_S):
        await cab.tell("amb-1", GRANTED)
        ambulance.clock.at_us += 1_000_000
    assert AGAIN_US < HOLDS_S * 1_000_000
    assert len(await told(ambulance)) == 3, "at the beginning, and each time two thirds have passed"


async def test_a_green_light_of_before_is_not_done_by_a_box_that_hears_it_later(
    cab: Cab, ambulance: Desk
) -> None:
    await cab.tell("amb-1", GRANTED)
    [row] = await ambulance.store.read("SELECT expires_utc_us - issued_utc_us AS life FROM command")
    assert row["life"] == HOLDS_S * 1_000_000
