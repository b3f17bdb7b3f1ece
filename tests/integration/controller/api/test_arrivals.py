"""The arrivals board over HTTP: what is coming, to those who may see it; requests and acknowledgements."""

import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from controller.api import arrivals_schemas as schemas
from controller.arrivals.globe import Point, moved
from controller.arrivals.position import FRESH_S, RECKONED_S
from controller.registry import Patient
from controller.sections import ArrivalsSection
from controller.security.permissions import GRANTS, Permission, Role
from tests.support.controller import RunningController
from tests.support.fixes import GNSS, ride, write_fixes
from tests.support.http import client, get, refusal, status
from tests.support.people import add_person

HOSPITAL = ArrivalsSection(name="General", latitude=22.28, longitude=114.158)
DOOR = Point(HOSPITAL.latitude, HOSPITAL.longitude)
REQUESTS = "/api/vehicles/amb-1/requests"


@pytest.fixture
async def ambulance(controller: RunningController) -> RunningController:
    """amb-1, of a ward of its own, with a receiver and a patient, and a hospital that says where it is."""
    controller.hospital = HOSPITAL
    await controller.stop()
    await controller.start()
    await controller.registry.add_ward("ambulances", "Ambulances")
    await controller.registry.add_bed("amb-1", "ambulances", "Ambulance 1")
    await controller.add_device("gnss-1", GNSS)
    await controller.registry.assign("gnss-1", "amb-1", "test")
    await controller.registry.admit("amb-1", Patient("T-0815", "unknown, male, about 60"), "test")
    return controller


async def drive(controller: RunningController, metres: float = 5_000, kmh: float = 40.0) -> None:
    """amb-1 has come straight from the north for some minutes, and is `metres` away."""
    start = moved(DOOR, 0, metres + kmh / 3.6 * 199)
    await write_fixes(controller.store, "amb-1", ride(start, 180, kmh, range(200), controller.clock.now_us()))


async def shown(session: aiohttp.ClientSession) -> schemas.ArrivalList:
    return schemas.ArrivalList.model_validate(await get(session, "/api/arrivals"))


async def ask(session: aiohttp.ClientSession, **body: Any) -> schemas.ArrivalRequest:
    async with session.post(REQUESTS, json=body) as response:
        assert response.status == 200, await response.text()
        return schemas.ArrivalRequest.model_validate(await response.json())


async def test_a_vehicle_with_a_patient_is_shown_with_its_position_its_way_and_when_it_arrives(
    ambulance: RunningController,
) -> None:
    await drive(ambulance)
    async with client(ambulance, "viewer") as wall:
        found = await shown(wall)
    assert found.hospital and found.hospital.name == "General"
    [one] = found.arrivals
    assert one.vehicle == "amb-1"
    assert one.position and one.position.state == "fixed"
    assert one.position.course == 180
    assert one.eta.state == "coming"
    assert one.eta.distance_m == pytest.approx(5_000, rel=0.01)
    assert one.eta.least_s and one.eta.most_s and 450 < one.eta.least_s < one.eta.most_s < 900
    assert len(one.trail) > 10
    assert [point.at_ms for point in one.trail] == sorted(point.at_ms for point in one.trail)


async def test_in_a_tunnel_it_is_reckoned_on_then_lost_and_never_silently_old(
    ambulance: RunningController,
) -> None:
    await drive(ambulance)
    async with client(ambulance, "nurse") as nurse:
        [fixed] = (await shown(nurse)).arrivals
        ambulance.clock.let_pass(FRESH_S + 20)
        [reckoned] = (await shown(nurse)).arrivals
        ambulance.clock.let_pass(RECKONED_S)
        [lost] = (await shown(nurse)).arrivals
    assert fixed.position and reckoned.position and lost.position
    assert [one.position.state for one in (fixed, reckoned, lost) if one.position] == [
        "fixed",
        "reckoned",
        "lost",
    ]
    assert reckoned.position.radius_m and fixed.position.radius_m
    assert reckoned.position.radius_m > fixed.position.radius_m + 200
    assert reckoned.position.latitude < fixed.position.latitude
    assert (lost.position.radius_m, lost.position.latitude) == (None, fixed.position.latitude)
    assert lost.position.at_ms == fixed.position.at_ms
    assert (lost.eta.state, lost.eta.most_s) == ("no-position", None)


async def test_a_vehicle_without_a_patient_or_a_bed_of_a_ward_does_not_arrive(
    ambulance: RunningController,
) -> None:
    await ambulance.registry.admit("bed-1", Patient("P1", "One Alpha"), "test")
    async with client(ambulance, "nurse") as nurse:
        assert [one.vehicle for one in (await shown(nurse)).arrivals] == ["amb-1"]
        await ambulance.registry.discharge("amb-1", "test")
        assert (await shown(nurse)).arrivals == []


async def test_without_the_hospitals_place_there_is_a_position_and_no_time(
    ambulance: RunningController,
) -> None:
    await drive(ambulance)
    ambulance.hospital = None
    await ambulance.stop()
    await ambulance.start()
    async with client(ambulance, "nurse") as nurse:
        found = await shown(nurse)
    assert found.hospital is None
    assert found.arrivals[0].position
    assert found.arrivals[0].eta.state == "no-hospital"


STREETS = """{"type": "FeatureCollection", "features": [
{"type": "Feature", "properties": {"kind": "street", "name": "North Road"},
 "geometry": {"type": "LineString", "coordinates": [[114.158, 22.28], [114.158, 22.33]]}},
{"type": "Feature", "properties":
 {"kind": "approach", "intersection": 7, "approach": 1, "heading": 180, "name": "North Road / Ring"},
 "geometry": {"type": "Point", "coordinates": [114.158, 22.323]}}]}"""


async def test_the_streets_of_the_site_and_green_lights_with_what_the_city_answered_are_shown(
    ambulance: RunningController, tmp_path: Path
) -> None:
    streets = tmp_path / "streets.geojson"
    streets.write_text(STREETS, encoding="utf-8")
    ambulance.hospital = HOSPITAL.model_copy(update={"map": streets, "priority": "always"})
    await ambulance.stop()
    await ambulance.start()
    await drive(ambulance)
    await ambulance.corridor.look()
    [(topic, asked)] = ambulance.asked_city
    assert topic == "wl/1/city/srm/amb-1"
    async with client(ambulance, "crew") as crew:
        known = schemas.StreetMap.model_validate(await get(crew, "/api/arrivals/map"))
        assert [(one.kind, one.name, len(one.points)) for one in known.lines] == [("street", "North Road", 2)]
        assert known.lines[0].points[0] == (22.28, 114.158)
        [lights] = (await shown(crew)).arrivals[0].corridor
        assert (lights.name, lights.status) == ("North Road / Ring", "asked")
        requester = {"id": json.loads(asked)["requestor"]["id"], "request": 1}
        rejected = {"requester": requester, "status": "rejected"}
        answer = {"status": [{"id": {"region": 0, "id": 7}, "sigStatus": [rejected]}]}
        ambulance.corridor.heard("wl/1/city/ssm/amb-1", json.dumps(answer).encode())
        assert (await shown(crew)).arrivals[0].corridor == [lights.model_copy(update={"status": "rejected"})]


async def test_the_answer_has_no_patient_whom_the_stream_would_not_have_recorded(
    ambulance: RunningController,
) -> None:
    async with client(ambulance, "nurse") as nurse:
        text = str(await get(nurse, "/api/arrivals"))
    assert "T-0815" not in text
    assert "unknown, male" not in text


async def test_another_wards_vehicle_is_not_seen_asked_for_or_acknowledged(
    ambulance: RunningController,
) -> None:
    await add_person(ambulance, "anna", Role.PHYSICIAN, ["ward-a"])
    await add_person(ambulance, "ada", Role.PHYSICIAN, ["ambulances"])
    async with client(ambulance, "anna") as anna, client(ambulance, "ada") as ada:
        made = await ask(ada, resource="blood")
        assert (await shown(anna)).arrivals == []
        for method, path, body in (
            ("GET", REQUESTS, None),
            ("POST", REQUESTS, {"resource": "bed"}),
            ("PUT", f"{REQUESTS}/{made.id}/acknowledgement", {}),
        ):
            assert await refusal(anna, method, path, json=body) == (404, "not-found")
        [one] = (await shown(ada)).arrivals[0].requests
        assert one.acknowledged_ms is None


async def test_a_crew_asks_a_nurse_acknowledges_and_the_crew_sees_by_whom(
    ambulance: RunningController,
) -> None:
    async with client(ambulance, "crew") as crew, client(ambulance, "nurse") as nurse:
        made = await ask(crew, resource="cath-lab", note="STEMI, onset 08:40")
        [seen] = (await shown(nurse)).arrivals[0].requests
        assert seen == made
        path = f"{REQUESTS}/{made.id}/acknowledgement"
        assert await status(nurse, "PUT", path, json={"answer": "lab 2 is ready"}) == 200
        told = schemas.RequestList.model_validate(await get(crew, REQUESTS))
        assert [one.requests for one in (await shown(crew)).arrivals] == [told.requests]
    [known] = told.requests
    assert (known.asked_by, known.acknowledged_by, known.answer) == ("crew", "nurse", "lab 2 is ready")
    assert known.acknowledged_ms and known.acknowledged_ms >= known.asked_ms


async def test_the_wrong_role_can_do_neither(ambulance: RunningController) -> None:
    askers = {role for role in Role if Permission.ASK_HOSPITAL in GRANTS[role]}
    assert askers == {Role.CREW, Role.PHYSICIAN}
    async with client(ambulance, "crew") as crew, client(ambulance, "nurse") as nurse:
        made = await ask(crew, resource="team")
        path = f"{REQUESTS}/{made.id}/acknowledgement"
        assert await status(nurse, "POST", REQUESTS, json={"resource": "bed"}) == 403
        assert await status(crew, "PUT", path, json={}) == 403
        assert await status(nurse, "PUT", path, json={}) == 200


async def test_what_is_not_there_cannot_be_asked_for_or_acknowledged(ambulance: RunningController) -> None:
    await ambulance.registry.admit("bed-1", Patient("P1", "One Alpha"), "test")
    async with client(ambulance, "physician") as person:
        for body in (
            {},
            {"resource": "helicopter"},
            *({"resource": "bed", "note": n} for n in ("x" * 121, "a\nb")),
        ):
            assert await refusal(person, "POST", REQUESTS, json=body) == (400, "bad-request")
        for number in ("99", "one", "²"):
            path = f"{REQUESTS}/{number}/acknowledgement"
            assert await refusal(person, "PUT", path, json={}) == (404, "not-found")
        bed = "/api/vehicles/bed-1/requests"
        assert await refusal(person, "POST", bed, json={"resource": "bed"}) == (404, "not-found")
        assert await refusal(person, "GET", bed) == (404, "not-found")


async def test_who_looked_up_the_requests_of_a_patient_is_in_the_trail(ambulance: RunningController) -> None:
    async with client(ambulance, "nurse") as nurse:
        await get(nurse, REQUESTS)
    rows = await ambulance.store.read("SELECT entry FROM audit WHERE entry LIKE '%arrival-requests%'")
    assert len(rows) == 1
    assert '"patient":"T-0815"' in rows[0]["entry"]


async def test_a_locked_wall_goes_on_and_changes_nothing(ambulance: RunningController) -> None:
    async with client(ambulance, "physician") as person:
        assert await status(person, "POST", "/api/lock") == 204
        assert await status(person, "GET", "/api/arrivals") == 200
        assert await status(person, "GET", "/arrivals") == 200
        assert await refusal(person, "POST", REQUESTS, json={"resource": "bed"}) == (423, "locked")
