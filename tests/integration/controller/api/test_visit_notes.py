"""What is written of visits over HTTP: notes, prescriptions from the room, the signed summary, FHIR."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from controller.api import visit_notes_schemas as schemas
from controller.api import visits_schemas as visits
from controller.identity.files import open_authority
from controller.identity.pems import read_certificate
from controller.registry import Patient
from controller.security.permissions import Role
from controller.signing.verify import verify
from tests.support.controller import quick_passwords, running
from tests.support.fhir_documents import faults_of
from tests.support.home import Home, at_home
from tests.support.http import client, get, refusal
from tests.support.prescribed import send
from tests.support.visits import OWN_ROOM, VISITS, agreed, booked, entered, find, link, over, room_of, sit

NOTE = {"reason": "cough", "assessment": "a cold", "plan": "rest"}
WORDS = {"language": "en", "talked": "Your cough", "todo": "Rest"}
KINDS = ("Appointment", "Encounter", "Consent", "Composition", "DocumentReference")


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    open_authority(tmp_path / "ca", datetime.now(UTC))
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        yield await at_home(await stack.enter_async_context(running(tmp_path, pia=Role.PHARMACIST)), stack)


def path(visit: visits.VisitAnswer, what: str) -> str:
    return f"{VISITS}/{visit.visit.number}/{what}"


async def written(home: Home, visit: visits.VisitAnswer, over: int = 0, **note: Any) -> schemas.NotesAnswer:
    told = await send(home.nina, "PUT", path(visit, "notes"), over, **{**NOTE, **note})
    return schemas.NotesAnswer.model_validate(told)


async def signed(home: Home, visit: visits.VisitAnswer, over: int = 0, **words: str) -> schemas.SummaryAnswer:
    anna = home.anna
    await send(anna.session, "PUT", path(visit, "summary"), over, **{**WORDS, **words})
    async with anna.session.get(path(visit, "summary/document")) as response:
        document = json.loads(await response.read())
    at_s = (await get(anna.session, "/api/signing/unlock"))["utc_s"]
    jws = anna.key.sign(document, at_s)
    told = await send(anna.session, "PUT", path(visit, "summary/signature"), over + 1, signature=jws)
    return schemas.SummaryAnswer.model_validate(told)


async def begun(home: Home) -> visits.VisitAnswer:
    return await booked(home, way="bedside", start_ms=None)


async def ended(home: Home, visit: visits.VisitAnswer) -> None:
    now = await find(home, visit)
    async with home.nina.put(
        path(visit, "state"), json={"state": "fulfilled"}, headers=over(now)
    ) as response:
        assert response.status == 200


async def test_notes_are_read_by_who_sees_the_visit_and_each_look_is_recorded(home: Home) -> None:
    visit = await begun(home)
    assert (await written(home, visit)).notes.version == 1
    told = schemas.NotesAnswer.model_validate(await get(home.anna.session, path(visit, "notes")))
    assert (told.patient, told.notes.by, told.notes.note.plan) == ("4713", "nina", "rest")
    versions = await get(home.anna.session, path(visit, "notes/versions"))
    assert len(schemas.NoteVersionList.model_validate(versions).versions) == 1
    seen = "SELECT count(*) FROM audit WHERE entry LIKE '%\"visit-notes\"%' AND entry LIKE '%\"anna\"%'"
    assert (await home.controller.store.read(seen))[0][0] == 1


async def test_of_two_who_write_the_second_is_told(home: Home) -> None:
    visit = await begun(home)
    await written(home, visit)
    more = {"json": NOTE, "headers": {"If-Match": '"0"'}}
    assert (await refusal(home.anna.session, "PUT", path(visit, "notes"), **more))[0] == 412
    assert (await refusal(home.nina, "PUT", path(visit, "notes"), json=NOTE))[0] == 428


async def test_what_is_written_is_nobody_elses(home: Home) -> None:
    """Not another ward's, not a patient's or a guest's, and a nurse signs nothing."""
    visit = await booked(home)
    phone = await entered(home, await link(home, visit))
    guest = await entered(home, await link(home, visit, guest="guest", name="Wang"))
    other = await home.stack.enter_async_context(client(home.controller, "other"))
    ways = (("GET", "notes"), ("GET", "notes/versions"), ("GET", "notes/vitals"), ("GET", "summary"))
    for method, what in (*ways, ("GET", "summary/document"), ("GET", "summary/signed")):
        assert (await refusal(other, method, path(visit, what)))[0] == 404
        for outside in (phone, guest):
            assert (await refusal(outside, method, path(visit, what)))[0] == 401
    more = {"json": NOTE, "headers": {"If-Match": '"0"'}}
    assert (await refusal(other, "PUT", path(visit, "notes"), **more))[0] == 404
    more["json"] = WORDS
    assert (await refusal(home.nina, "PUT", path(visit, "summary"), **more))[0] == 403
    assert await refusal(guest, "GET", "/api/visit/summary") == (403, "not-allowed")


async def test_the_numbers_of_the_patients_bed_are_taken_over_as_they_are_now(home: Home) -> None:
    controller = home.controller
    await controller.add_device("ox-1")
    await controller.registry.assign("ox-1", "bed-1", "test")
    await controller.registry.admit("bed-1", Patient("4713", "Bach, Carla"), "test")
    controller.hub.device("ox-1", {"connected": True, "since_ms": 0})
    visit = await begun(home)
    controller.say("ox-1", spo2=97, pr_spo2=70)
    found = schemas.NoteVitals.model_validate(await get(home.nina, path(visit, "notes/vitals")))
    told = [(one.metric, one.value, one.unit, one.device) for one in found.vitals]
    assert told == [("pr_spo2", 70, "/min", "ox-1"), ("spo2", 97, "%", "ox-1")]
    taken = [one.model_dump() for one in found.vitals]
    assert (await written(home, visit, vitals=taken)).notes.note.vitals == found.vitals


async def test_a_prescription_signed_in_the_room_is_told_to_the_patient_and_to_no_guest(home: Home) -> None:
    visit = await begun(home)
    phone = await agreed(await entered(home, await link(home, visit)))
    wang = await entered(home, await link(home, visit, guest="guest", name="Wang"))
    patient, guest = await sit(phone, OWN_ROOM, "p" * 32), await sit(wang, OWN_ROOM, "g" * 32)
    rx = await home.anna.signed("4713", setting="community", delivery="home")
    await send(home.anna.session, "PUT", path(visit, f"prescriptions/{rx['number']}"))
    await written(home, visit)
    room = home.anna.session.post(f"{room_of(visit)}/seats", json={"instance": "a" * 32})
    async with room as response:
        assert response.status == 200  # a message for everybody follows
    async with patient.told() as messages:
        told = [(await anext(messages))[1] for _ in range(4)]
    said = {"kind": "prescribed", "medicine": "Metoprolol 50 mg", "by": "anna"}
    assert [one["kind"] for one in told] == ["room", "room", "prescribed", "room"] and said in told
    async with guest.told() as messages:
        assert [(await anext(messages))[1]["kind"] for _ in range(2)] == ["room", "room"]
    notes = schemas.NotesAnswer.model_validate(await get(home.nina, path(visit, "notes")))
    assert [one.number for one in notes.prescribed] == [rx["number"]]


async def test_the_patient_reads_what_was_signed_also_after_the_end_and_it_is_proved_without_us(
    home: Home,
) -> None:
    visit = await booked(home)
    phone = await entered(home, await link(home, visit))
    now = await find(home, visit)
    state = {"state": "in-progress"}
    async with home.nina.put(path(visit, "state"), json=state, headers=over(now)) as response:
        assert response.status == 200
    await written(home, visit)
    empty = schemas.OwnSummary.model_validate(await get(phone, "/api/visit/summary"))
    assert empty.summary is None
    await ended(home, visit)
    seat = {"instance": "p" * 32}
    assert (await refusal(phone, "POST", f"{OWN_ROOM}/seats", json=seat))[0] == 409
    told = await signed(home, visit)
    assert (told.version, told.versions[0].signed_by) == (1, "anna")
    mine = schemas.OwnSummary.model_validate(await get(phone, "/api/visit/summary"))
    assert mine.summary is not None and mine.summary.plain.todo == "Rest"
    await signed(home, visit, 1, todo="Rest for a week", why="too short")
    mine = schemas.OwnSummary.model_validate(await get(phone, "/api/visit/summary"))
    assert mine.summary is not None and (mine.summary.version, mine.summary.plain.todo) == (
        2,
        "Rest for a week",
    )
    async with home.nina.get(path(visit, "summary/signed")) as response:
        content = await response.read()
    root = read_certificate(home.controller.store.folder / "ca" / "root.pem")
    held = verify(content, [root])
    assert (held.name, held.document["resourceType"]) == ("anna", "Bundle")


async def test_visits_are_in_the_fhir_facade_and_good_for_validators_of_others(home: Home) -> None:
    visit = await booked(home)
    phone = await agreed(await entered(home, await link(home, visit)))
    await send(phone, "POST", "/api/visit/consents", scope="video", said="withdrawn", language="zh")
    now = await find(home, visit)
    async with home.nina.put(
        path(visit, "state"), json={"state": "in-progress"}, headers=over(now)
    ) as response:
        assert response.status == 200
    await signed(home, visit)
    await signed(home, visit, 1, why="a word", language="zh")
    await ended(home, visit)
    found = [await get(home.anna.session, f"/api/fhir/{kind}", patient="4713") for kind in KINDS]
    assert [one["total"] for one in found] == [1, 1, 2, 1, 1]
    for one in faults_of(found):
        one.pop("ours")  # of documents, in which everything refers to something
        assert one == {"schema": [], "fhir": [], "medplum": []}, json.dumps(found)
    other = await home.stack.enter_async_context(client(home.controller, "other"))
    for kind in KINDS:
        assert (await get(other, f"/api/fhir/{kind}", patient="4713"))["total"] == 0
