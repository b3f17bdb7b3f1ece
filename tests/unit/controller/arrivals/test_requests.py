"""What a crew asks for: of one ride, acknowledged once, in the trail."""

import json

import pytest

from controller.arrivals.requests import KEPT_MS, RequestDesk
from controller.errors import Conflict, NotFound
from controller.registry import Patient
from tests.unit.controller.arrivals.conftest import CREW, NURSE, PATIENT
from tests.unit.controller.conftest import Desk


@pytest.fixture
def requests(ambulance: Desk) -> RequestDesk:
    return RequestDesk(ambulance.store, ambulance.clock)


async def trail(desk: Desk) -> list[dict[str, object]]:
    entries = [json.loads(str(row[0])) for row in await desk.rows("SELECT entry FROM audit ORDER BY number")]
    return [entry for entry in entries if str(entry["action"]).startswith("arrival")]


async def test_what_is_asked_for_stands_with_who_and_when(ambulance: Desk, requests: RequestDesk) -> None:
    made = await requests.ask("amb-1", "cath-lab", "STEMI", CREW)
    assert (made.resource, made.note, made.asked_by) == ("cath-lab", "STEMI", "cora")
    assert made.asked_ms == ambulance.clock.now_us() // 1000
    assert await requests.present(["amb-1", "bed-1"]) == {"amb-1": [made], "bed-1": []}


async def test_an_acknowledgement_says_who_when_and_what(ambulance: Desk, requests: RequestDesk) -> None:
    made = await requests.ask("amb-1", "blood", "", CREW)
    ambulance.clock.at_us += 60_000_000
    known = await requests.acknowledge("amb-1", made.id, "two units O negative", NURSE)
    assert (known.acknowledged_by, known.answer) == ("nora", "two units O negative")
    assert known.acknowledged_ms == made.asked_ms + 60_000
    assert await requests.present(["amb-1"]) == {"amb-1": [known]}


async def test_both_are_in_the_trail_with_the_patient(ambulance: Desk, requests: RequestDesk) -> None:
    made = await requests.ask("amb-1", "team", "", CREW)
    await requests.acknowledge("amb-1", made.id, "", NURSE)
    asked, known = await trail(ambulance)
    assert (asked["action"], asked["actor"], asked["where"]) == ("arrival-request", "cora", "10.0.0.9")
    assert (known["action"], known["actor"]) == ("arrival-acknowledge", "nora")
    for entry in (asked, known):
        assert (entry["patient"], entry["entity"]) == (PATIENT.identifier, "vehicle/amb-1")
        assert entry["detail"] == {"request": made.id, "resource": "team"}


async def test_the_same_is_not_asked_for_twice_until_it_is_acknowledged(
    ambulance: Desk, requests: RequestDesk
) -> None:
    made = await requests.ask("amb-1", "bed", "", CREW)
    with pytest.raises(Conflict, match="asked for already, by cora"):
        await requests.ask("amb-1", "bed", "again", CREW)
    await requests.ask("amb-1", "blood", "", CREW)
    await requests.acknowledge("amb-1", made.id, "", NURSE)
    again = await requests.ask("amb-1", "bed", "another", CREW)
    assert (await requests.present(["amb-1"]))["amb-1"][0] == again
    assert len(await trail(ambulance)) == 4


async def test_the_first_acknowledgement_stands(requests: RequestDesk) -> None:
    made = await requests.ask("amb-1", "bed", "", CREW)
    await requests.acknowledge("amb-1", made.id, "bay 1", NURSE)
    with pytest.raises(Conflict, match="acknowledged by nora"):
        await requests.acknowledge("amb-1", made.id, "bay 2", CREW)


async def test_nothing_is_asked_for_nobody(ambulance: Desk, requests: RequestDesk) -> None:
    await ambulance.registry.discharge("amb-1", "cora")
    with pytest.raises(NotFound, match="nobody is on board"):
        await requests.ask("amb-1", "bed", "", CREW)
    assert await trail(ambulance) == []


async def test_the_next_patient_has_no_requests_of_the_one_before(
    ambulance: Desk, requests: RequestDesk
) -> None:
    made = await requests.ask("amb-1", "blood", "", CREW)
    await ambulance.registry.admit("amb-1", Patient("P2", "Two Beta"), "cora")
    assert await requests.present(["amb-1"]) == {"amb-1": []}
    with pytest.raises(NotFound, match="no request"):
        await requests.acknowledge("amb-1", made.id, "", NURSE)


async def test_a_corrected_name_keeps_them(ambulance: Desk, requests: RequestDesk) -> None:
    made = await requests.ask("amb-1", "blood", "", CREW)
    await ambulance.registry.admit("amb-1", Patient(PATIENT.identifier, "Otto Beispiel"), "cora")
    assert await requests.present(["amb-1"]) == {"amb-1": [made]}


async def test_those_of_an_earlier_ride_of_the_same_patient_are_not_of_this_one(
    ambulance: Desk, requests: RequestDesk
) -> None:
    await requests.ask("amb-1", "blood", "", CREW)
    ambulance.clock.at_us += KEPT_MS * 1000
    assert await requests.present(["amb-1"]) == {"amb-1": []}
    await requests.ask("amb-1", "blood", "", CREW)
