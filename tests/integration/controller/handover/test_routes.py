"""Who may see a patient gets the hand-over of who is there now; and it is recorded who did."""

import json

import pypdfium2

from controller.api.handover_schemas import Handover
from controller.security.permissions import Role
from tests.integration.controller.handover.conftest import UNKNOWN_MAN, Ride
from tests.support.controller import RunningController
from tests.support.fhir_documents import ours
from tests.support.http import client, get, refusal, status
from tests.support.people import add_person

PATH = "/api/beds/bed-1/handover"
WAYS = ("", "/fhir", "/pdf")
SEEN = "SELECT actor, action FROM audit WHERE patient = ? AND action LIKE 'handover%' ORDER BY number"


async def test_a_page_gets_what_would_be_handed_over(controller: RunningController, ride: Ride) -> None:
    async with client(controller, "nurse") as nurse:
        told = Handover.model_validate(await get(nurse, PATH))
    assert [place.name for place in told.places] == ["Ambulance 1", "Bed 1"]
    assert (told.patient.unknown, told.patient.age, told.counts.given, told.counts.not_taken) == (
        True,
        60,
        1,
        1,
    )
    spo2 = next(one for one in told.vitals if one.metric == "spo2")
    assert (spo2.value, spo2.reason, spo2.readings, spo2.flawed) == (None, "no-contact", 3, 1)


async def test_a_program_gets_a_fhir_document(controller: RunningController, ride: Ride) -> None:
    async with client(controller, "nurse") as nurse, nurse.get(f"{PATH}/fhir") as response:
        assert response.content_type == "application/fhir+json"
        assert "bed-1-handover.json" in response.headers["Content-Disposition"]
        document = json.loads(await response.read())
    assert document["entry"][0]["resource"]["resourceType"] == "Composition"
    assert [*ours(document)] == []


async def test_a_printer_gets_one_page_in_either_language(controller: RunningController, ride: Ride) -> None:
    said = {}
    async with client(controller, "nurse") as nurse:
        for language in ("en", "zh"):
            query = {"lang": language, "offset": "-300"}
            async with nurse.get(f"{PATH}/pdf", params=query) as response:
                assert response.content_type == "application/pdf"
                pages = pypdfium2.PdfDocument(await response.read())
            assert len(pages) == 1
            said[language] = pages[0].get_textpage().get_text_range()
    assert "adrenaline 1 mg" in said["en"]
    assert "UTC-05:00" in said["en"]
    assert "患者交接单" in said["zh"]


async def test_a_language_or_a_zone_that_there_is_not_is_refused(
    controller: RunningController, ride: Ride
) -> None:
    async with client(controller, "nurse") as nurse:
        for query in ({"lang": "fr"}, {"offset": "x"}, {"offset": "-"}, {"offset": "841"}):
            assert await refusal(nurse, "GET", f"{PATH}/pdf", params=query) == (400, "bad-request")


async def test_each_look_is_recorded_before_anything_goes_out(
    controller: RunningController, ride: Ride
) -> None:
    async with client(controller, "nurse") as nurse:
        for way in WAYS:
            assert await status(nurse, "GET", PATH + way) == 200
    rows = await controller.store.read(SEEN, (UNKNOWN_MAN,))
    expected = [("nurse", "handover"), ("nurse", "handover-fhir"), ("nurse", "handover-pdf")]
    assert [tuple(row) for row in rows] == expected


async def test_who_sees_no_patients_sees_no_hand_over(controller: RunningController, ride: Ride) -> None:
    async with client(controller, "auditor") as auditor:
        for way in WAYS:
            assert await status(auditor, "GET", PATH + way) == 403


async def test_of_another_ward_s_patient_nobody_learns_even_that_there_is_one(
    controller: RunningController, ride: Ride
) -> None:
    await controller.registry.add_ward("ward-b", "Ward B")
    await add_person(controller, "anna", Role.NURSE, {"ward-b"})
    async with client(controller, "anna") as anna, client(controller, "nurse") as nurse:
        for way in WAYS:
            assert await refusal(anna, "GET", PATH + way) == (404, "not-found")
            assert await refusal(anna, "GET", f"/api/beds/nowhere/handover{way}") == (404, "not-found")
            assert await status(nurse, "GET", PATH + way) == 200


async def test_of_an_empty_bed_there_is_nothing_to_hand_over(
    controller: RunningController, ride: Ride
) -> None:
    async with client(controller, "nurse") as nurse:
        assert await refusal(nurse, "GET", "/api/beds/bed-3/handover") == (404, "not-found")
