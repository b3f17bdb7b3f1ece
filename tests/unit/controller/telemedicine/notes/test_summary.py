"""controller/telemedicine/notes/summary.py, document.py, plans.py"""

from dataclasses import replace

import pytest

from controller.errors import BadSignature, Conflict, OrderError, Outdated
from controller.prescriptions.model import Timing
from controller.signing.canonical import canonical
from controller.telemedicine.notes.document import document
from controller.telemedicine.notes.doses import dose_words
from controller.telemedicine.notes.model import HomePlan
from controller.telemedicine.notes.plans import DAY_MS, plans_of
from controller.telemedicine.states import VisitState
from tests.support.fhir_documents import faults_of
from tests.support.prescriptions import ANNA, WANTED
from tests.unit.controller.telemedicine.conftest import BEN, NINA, PATIENT, Clinic
from tests.unit.controller.telemedicine.notes.conftest import SAID, Desk


async def test_a_summary_takes_over_what_was_measured_prescribed_and_agreed(desk: Desk) -> None:
    await desk.write(0, referral="cardiology")
    rx = await desk.clinic.ward.signed()
    await desk.prescribed.add(desk.visit, rx.number, ANNA)
    follow_up = await desk.clinic.booked(follows=desk.visit.number, in_minutes=7 * 24 * 60)
    told = (await desk.draft()).summary
    assert (told.vitals, told.home, told.referral) == (SAID.vitals, SAID.home, "cardiology")
    assert [one.number for one in told.medicines] == [rx.number]
    assert told.follow_up is not None and told.follow_up.number == follow_up.number


async def test_only_what_is_signed_is_the_patients_and_it_is_what_was_shown(desk: Desk) -> None:
    draft = await desk.draft()
    assert await desk.summaries.of_patient("4711") == []
    signed = await desk.sign(draft)
    assert signed.signed is not None and signed.signed.document == canonical(document(draft)).decode()
    assert await desk.summaries.of_patient("4711") == [signed]
    assert await desk.summaries.of_patient("0100") == []
    assert [one["actor"] for one in await desk.clinic.ward.trail("visit-summary-signed")] == ["ben"]


async def test_a_signature_over_something_else_signs_nothing(desk: Desk) -> None:
    draft = await desk.draft()
    other = replace(draft, summary=replace(draft.summary, plain=replace(draft.summary.plain, todo="x")))
    with pytest.raises(BadSignature):
        await desk.summaries.sign(desk.known(1), desk.clinic.ward.keys.sign("ben", document(other)), BEN)
    with pytest.raises(Conflict, match="ben wrote it"):
        await desk.sign(draft, ANNA)
    assert await desk.summaries.of_patient("4711") == []


async def test_what_is_signed_is_amended_by_another_version_that_says_why_and_the_old_one_stays(
    desk: Desk,
) -> None:
    first = await desk.sign(await desk.draft())
    with pytest.raises(OrderError, match="say why"):
        await desk.draft(1)
    draft = await desk.draft(1, why="the dose was wrong")
    assert await desk.summaries.of_patient("4711") == [first]
    second = await desk.sign(draft)
    assert await desk.summaries.of_patient("4711") == [second]
    head = document(second)["entry"][0]["resource"]
    assert head["status"] == "amended"
    assert head["relatesTo"] == [{"code": "replaces", "targetIdentifier": {"value": "TV00000001/1"}}]
    assert [one.signed is not None for one in await desk.summaries.versions(desk.visit)] == [True, True]
    with pytest.raises(Conflict, match="no draft"):
        await desk.sign(second)


async def test_nobody_signs_over_what_changed_meanwhile_or_what_says_nothing(desk: Desk) -> None:
    first = await desk.draft()
    await desk.draft(1, todo="Rest for a week")
    with pytest.raises(Outdated):
        await desk.sign(first)
    with pytest.raises(OrderError, match="todo"):
        await desk.draft(2, todo=" ")
    booked = await desk.clinic.booked()
    desk.visit = booked
    with pytest.raises(Conflict, match="nothing to sum up"):
        await desk.draft()


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_its_document_is_good_for_validators_of_others(desk: Desk, language: str) -> None:
    await desk.write(0, referral="cardiology\nsoon & <well>")
    rx = await desk.clinic.ward.signed()
    await desk.prescribed.add(desk.visit, rx.number, ANNA)
    await desk.clinic.booked(follows=desk.visit.number)
    draft = await desk.draft(language=language)
    await desk.sign(draft)
    amended = await desk.draft(1, why="a word", language=language)
    found = faults_of([document(draft), document(amended)])
    assert found == [{"schema": [], "fhir": [], "medplum": [], "ours": []}] * 2


async def test_after_a_visits_end_its_patient_can_read_and_guests_are_out(clinic: Clinic) -> None:
    visit = await clinic.booked()
    patient = await clinic.entered(await clinic.link(visit))
    guest = await clinic.entered(await clinic.link(visit, guest="Wang"))
    visit = await clinic.visits.step(clinic.known(await clinic.find(visit)), VisitState.IN_PROGRESS, BEN)
    visit = await clinic.visits.step(clinic.known(visit), VisitState.FULFILLED, BEN)
    found = await clinic.sessions.find(patient)
    assert found is not None and found.user.name == PATIENT.actor
    assert await clinic.sessions.find(guest) is None
    wrong = replace(NINA, why="another patient's")
    await clinic.visits.step(clinic.known(visit), VisitState.ENTERED_IN_ERROR, wrong)
    assert await clinic.sessions.find(patient) is None


async def test_what_is_measured_at_home_goes_on_as_long_as_was_said_and_the_last_word_counts(
    desk: Desk,
) -> None:
    await desk.write(0)
    first = await desk.sign(await desk.draft())
    await desk.write(1, home=(HomePlan("blood-pressure", 1, 7), HomePlan("weight", 1, 30)))
    second = await desk.sign(await desk.draft(1, why="once is enough"))
    goes = plans_of([second, first], second.utc_ms)
    assert [(one.plan.what, one.plan.times, one.until_ms - one.from_ms) for one in goes] == [
        ("blood-pressure", 1, 7 * DAY_MS),
        ("weight", 1, 30 * DAY_MS),
    ]
    assert [one.plan.what for one in plans_of([second], second.utc_ms + 7 * DAY_MS)] == ["weight"]


@pytest.mark.parametrize(
    ("timing", "en", "zh"),
    [
        (Timing("per-day", times=2), "1 tablet, oral route, 2 times a day", "每次 1 片，口服，每天 2 次"),
        (Timing("every", hours=8), "1 tablet, oral route, every 8 hours", "每次 1 片，口服，每 8 小时一次"),
        (Timing("at", at=("08:00",)), "1 tablet, oral route, at 08:00", "每次 1 片，口服，于 08:00"),
        (
            Timing("as-needed", times=3, hours=6, reason="pain"),
            "1 tablet, oral route, as needed for pain, at most 3 times in 24 h, at least 6 h apart",
            "每次 1 片，口服，需要时用于pain，24 小时内最多 3 次，间隔至少 6 小时",
        ),
    ],
)
def test_how_a_medicine_is_taken_is_said_in_the_patients_language(timing: Timing, en: str, zh: str) -> None:
    wanted = replace(WANTED, timing=timing)
    assert (dose_words(wanted, "en"), dose_words(wanted, "zh")) == (en, zh)
    assert dose_words(replace(wanted, days=10), "zh") == f"{zh}，共 10 天"
