"""Green lights: whose priority the city is asked for, and what of its answers is shown."""

import json
from typing import Any

import pytest

from controller.arrivals.cab import Cab
from controller.arrivals.corridor import Corridor, When, green_lights
from controller.arrivals.globe import Point, moved
from controller.arrivals.streets import Approach, StreetMap
from controller.arrivals.topics import ANSWERS, REQUESTS
from controller.arrivals.vehicles import Vehicles
from devices.model.lights import Light, heard
from tests.support.fixes import GNSS, ride, write_fixes
from tests.unit.controller.conftest import Desk

LINE = Point(54.51, 4.02)
LIGHTS = Approach(0, 101, 2, 90.0, "Bridge Street / Market Street", LINE)


@pytest.fixture
async def driving(ambulance: Desk) -> Desk:
    """amb-1 drives to the east, 100 m before the lights; its receiver and its siren's node are known."""
    await ambulance.registry.add_gateway("box-1", "Box 1")
    rows = [("gnss-1", "box-1", "nmea-gnss", GNSS, 0), ("inputs-1", "box-1", "wardlink-node-inputs", "[]", 0)]
    await ambulance.store.write(lambda db: db.executemany("INSERT INTO device VALUES (?, ?, ?, ?, ?)", rows))
    await ambulance.registry.load()
    for device, *_ in rows:
        await ambulance.registry.assign(device, "amb-1", "test")
    start = moved(LINE, 270, 36 / 3.6 * 19 + 100)
    await write_fixes(ambulance.store, "amb-1", ride(start, 90, 36, range(20), ambulance.clock.now_us()))
    return ambulance


def corridor(desk: Desk, when: When = "siren") -> tuple[Corridor, list[dict[str, Any]]]:
    said: list[dict[str, Any]] = []

    def publish(topic: str, payload: bytes) -> None:
        assert topic == f"{REQUESTS}amb-1"
        said.append(json.loads(payload))

    vehicles = Vehicles(desk.store, desk.registry, desk.clock)
    streets = StreetMap((), (LIGHTS,))
    return Corridor(vehicles, desk.registry, desk.hub, desk.clock, streets, when, publish), said


def siren(desk: Desk, on: int, *, connected: bool = True) -> None:
    desk.hub.device("inputs-1", {"connected": connected, "status": {"siren-on": on}})


def kind(message: dict[str, Any]) -> str:
    return message["requests"][0]["request"]["requestType"]


async def test_only_with_the_siren_on_the_city_is_asked_and_off_cancels(driving: Desk) -> None:
    asking, said = corridor(driving)
    await asking.look()
    siren(driving, 0)
    await asking.look()
    assert said == []
    siren(driving, 1)
    await asking.look()
    assert [kind(one) for one in said] == ["priorityRequest"]
    assert said[0]["requestor"]["position"]["position"]["lat"] == pytest.approx(LINE.latitude * 1e7, abs=2)
    siren(driving, 0)
    await asking.look()
    assert kind(said[-1]) == "priorityCancellation"
    assert asking.shown("amb-1") == []


async def test_a_siren_whose_node_is_gone_is_no_siren(driving: Desk) -> None:
    asking, said = corridor(driving)
    siren(driving, 1, connected=False)
    await asking.look()
    assert said == []


async def test_a_site_can_ask_always_or_never(driving: Desk) -> None:
    always, said = corridor(driving, "always")
    await always.look()
    assert [kind(one) for one in said] == ["priorityRequest"]
    assert not corridor(driving, "never")[0].is_used
    assert not green_lights(
        None,
        store=driving.store,
        registry=driving.registry,
        hub=driving.hub,
        clock=driving.clock,
        publish=lambda topic, payload: None,
    ).is_used


async def test_what_the_city_answers_is_shown_at_its_lights(driving: Desk) -> None:
    asking, said = corridor(driving, "always")
    await asking.look()
    [shown] = asking.shown("amb-1")
    assert (shown["intersection"], shown["approach"], shown["status"]) == (101, 2, "asked")
    assert shown["at_ms"] == pytest.approx(driving.clock.now_us() // 1000 + 10_000, abs=200)
    station = said[0]["requestor"]["id"]["stationID"]
    granted = {"requester": {"id": {"stationID": station}, "request": 1}, "status": "granted"}
    answer = {"status": [{"id": {"region": 0, "id": 101}, "sigStatus": [granted]}]}
    asking.heard(f"{ANSWERS}amb-2", json.dumps(answer).encode())
    assert asking.shown("amb-1")[0]["status"] == "asked"
    asking.heard(f"{ANSWERS}amb-1", json.dumps(answer).encode())
    assert asking.shown("amb-1")[0]["status"] == "granted"


async def test_what_is_no_answer_changes_nothing_and_is_told(
    driving: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    asking, _ = corridor(driving, "always")
    await asking.look()
    asking.heard(f"{ANSWERS}amb-1", b"green")
    assert asking.shown("amb-1")[0]["status"] == "asked"
    assert "expected a SignalStatusMessage" in caplog.text


async def test_the_crew_is_told_what_the_city_answers_and_that_it_is_over(driving: Desk) -> None:
    record = "UPDATE gateway SET class = 'vehicle', place = 'amb-1' WHERE id = 'box-1'"
    await driving.store.write(lambda db: db.execute(record))
    asking, said = corridor(driving)
    asking.cab = Cab(driving.store, driving.clock)
    siren(driving, 1)
    await asking.look()
    package = {"requester": {"id": {"stationID": said[0]["requestor"]["id"]["stationID"]}, "request": 1}}
    answer = {"status": [{"id": {"id": 101}, "sigStatus": [{**package, "status": "granted"}]}]}
    asking.heard(f"{ANSWERS}amb-1", json.dumps(answer).encode())
    for on in (1, 0):
        driving.clock.at_us += 100_000
        siren(driving, on)
        await asking.look()
    query = "SELECT arguments FROM command WHERE name = 'corridor' ORDER BY issued_utc_us"
    rows = await driving.store.read(query)
    told = [heard(json.loads(row["arguments"])["lights"]) for row in rows]
    assert told == [[Light(LIGHTS.name, "asked")], [Light(LIGHTS.name, "granted")], []]
