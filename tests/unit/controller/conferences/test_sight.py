"""controller/conferences/{sight,sharing,items,casefile}.py"""

import json
from dataclasses import replace
from typing import Any

import pytest

from controller.conferences.items import Chosen, Item, Kind
from controller.conferences.model import Case, Conference, Expert, Person
from controller.conferences.sharing import LASTS_MS, Shared, check
from controller.conferences.sight import KEEP_MS, check_look
from controller.conferences.states import AnswerState, ConferenceState
from controller.errors import Conflict, NotFound, OrderError, StoreError
from controller.identity.certificates import By
from controller.telemedicine.words import CONSENTS
from tests.support.measured import measure
from tests.support.prescriptions import METOPROLOL
from tests.unit.controller.conferences.conftest import ANNA, BEN, CARA, DAY_MS, NINA, Council, known, member
from tests.unit.controller.conferences.test_directory import PROFILE

LI = By("site:hospital-b/li")


async def look(council: Council, made: Conference, by: By = CARA) -> Case:
    books = council.service.books
    case = made.cases[0].id
    found = await council.ward.store.write(lambda db: check_look(db, books, made.number, case, by.actor))
    return found[1]


async def choose(council: Council, made: Conference, kind: Kind, by: By = BEN, **what: Any) -> Item:
    return await council.service.items.choose(made.number, made.cases[0].id, Chosen(kind, what, kind), by)


async def test_who_has_accepted_looks_if_the_patient_agrees(council: Council) -> None:
    made = await council.agreed()
    with pytest.raises(Conflict, match="nobody was asked"):
        await look(council, made)
    await council.consent(made)
    assert (await look(council, made)).identifier == "4711"
    assert (await look(council, made, BEN)).identifier == "4711"


async def test_who_has_not_accepted_or_was_not_asked_does_not_look(council: Council) -> None:
    made = await council.requested(member("dora"))
    await council.consent(made)
    with pytest.raises(Conflict, match="have not accepted"):
        await look(council, made, CARA)
    with pytest.raises(NotFound):
        await look(council, made, NINA)
    await council.say(made, CARA, AnswerState.ACCEPTED)
    await look(council, made, CARA)
    await council.say(made, CARA, AnswerState.DECLINED, why="ill")
    with pytest.raises(Conflict, match="have not accepted"):
        await look(council, made, CARA)


@pytest.mark.parametrize(("said", "why"), [("deny", "denied"), ("withdrawn", "withdrawn")])
async def test_without_consent_nobody_looks_any_more(council: Council, said: Any, why: str) -> None:
    made = await council.agreed()
    await council.consent(made)
    await council.consent(made, said)
    with pytest.raises(Conflict, match=why):
        await look(council, made)


async def test_consent_runs_out(council: Council) -> None:
    made = await council.agreed()
    await council.consent(made)
    council.later(LASTS_MS / 60_000)
    with pytest.raises(Conflict, match="run out"):
        await look(council, made)


async def test_the_words_that_were_shown_are_kept_and_only_grow(council: Council) -> None:
    made = await council.agreed()
    kept = await council.consent(made)
    assert (kept.text, kept.by) == (CONSENTS["sharing"]["en"], "nina")
    with pytest.raises(StoreError, match="only grows"):
        await council.ward.store.write(lambda db: db.execute("DELETE FROM sharing_consent"))
    [entry] = await council.ward.trail("sharing-consent")
    assert (entry["patient"], entry["entity"]) == ("4711", made.entity)
    assert [one.said for one in await council.service.sharing.of("4711")] == ["permit"]
    assert list(await council.service.sharing.said_for(made.entity)) == ["4711"]


async def test_there_is_nothing_to_withdraw_before_it_was_given(council: Council) -> None:
    made = await council.agreed()
    with pytest.raises(Conflict, match="no consent"):
        await council.consent(made, "withdrawn")


async def test_another_hospital_looks_only_if_the_consent_names_it(council: Council) -> None:
    expert = Expert(Person("hospital-b", "li"), PROFILE, 1, 0)
    await council.service.directory.learn("hospital-b", [expert], NINA)
    made = await council.requested(member("li", site="hospital-b"))
    made = await council.say(made, LI, AnswerState.ACCEPTED)
    await council.consent(made)
    with pytest.raises(Conflict, match="not for that hospital"):
        await look(council, made, LI)
    await council.consent(made, "permit", "hospital-b")
    await look(council, made, LI)
    now_ms = council.service.books.now_ms()
    elsewhere = Shared("4711", made.entity, "hospital-c")
    with pytest.raises(Conflict, match="not for that hospital"):
        await council.ward.store.write(lambda db: check(db, elsewhere, now_ms))


async def test_consent_to_one_conference_is_none_to_another(council: Council) -> None:
    first, second = await council.agreed(), await council.agreed()
    await council.consent(first)
    with pytest.raises(Conflict, match="nobody was asked"):
        await look(council, second)


async def test_files_close_some_days_after_the_conference(council: Council) -> None:
    made = await council.begun()
    await council.consent(made)
    made = await council.step(made, ConferenceState.FINISHED)
    await council.service.conclusions.close(known(made), replace(ANNA, why="nobody is left"))
    council.later(KEEP_MS / 60_000 - 1)
    await look(council, made)
    council.later(1)
    with pytest.raises(Conflict, match="not shown any more"):
        await look(council, made)


async def test_of_what_was_called_off_and_of_what_is_off_the_agenda_nothing_is_shown(
    council: Council,
) -> None:
    made = await council.agreed()
    await council.consent(made)
    made = await council.service.agenda.take_off(known(made), made.cases[0].id, BEN, off=True)
    with pytest.raises(Conflict, match="off the agenda"):
        await look(council, made)
    made = await council.service.agenda.take_off(known(made), made.cases[0].id, BEN, off=False)
    made = await council.step(made, ConferenceState.CANCELLED, why="x")
    with pytest.raises(Conflict, match="cancelled"):
        await look(council, made)


async def test_what_is_chosen_is_shown_until_it_is_taken_out(council: Council) -> None:
    made = await council.agreed()
    item = await choose(council, made, "document", text="history")
    assert [one.title for one in await council.service.items.of(made.cases[0].id)] == ["document"]
    await council.service.items.remove(made.number, made.cases[0].id, item.id, BEN)
    assert await council.service.items.of(made.cases[0].id) == []
    with pytest.raises(NotFound):
        await council.service.items.remove(made.number, made.cases[0].id, item.id, BEN)
    assert len(await council.ward.trail("conference-item-removed")) == 1


async def test_only_who_takes_part_chooses(council: Council) -> None:
    made = await council.requested()
    with pytest.raises(Conflict, match="answer first"):
        await choose(council, made, "document", CARA, text="x")
    with pytest.raises(NotFound):
        await choose(council, made, "document", NINA, text="x")


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("document", {}),
        ("document", {"text": ""}),
        ("document", {"text": "x" * 20_001}),
        ("document", {"text": "x", "more": 1}),
        ("imaging", {"study": 5}),
        ("vitals", {"from_ms": 5, "to_ms": 5}),
        ("results", {"from_ms": 0, "to_ms": 32 * DAY_MS}),
        ("vitals", {"from_ms": True, "to_ms": 5}),
    ],
)
async def test_what_cannot_be_is_not_chosen(council: Council, kind: Kind, what: dict[str, Any]) -> None:
    made = await council.agreed()
    with pytest.raises(OrderError):
        await choose(council, made, kind, **what)


async def read(council: Council, kind: Kind, patient: str = "4711", **what: Any) -> dict[str, Any]:
    return await council.service.casefile.read(patient, kind, what)


async def test_a_prescription_is_read_of_its_patient_alone(council: Council) -> None:
    rx = await council.ward.signed()
    told = await read(council, "prescription", number=rx.number)
    assert told["medicine"] == METOPROLOL.code.display and "2 times a day" in told["dosage"]
    with pytest.raises(NotFound):
        await read(council, "prescription", "0100", number=rx.number)


async def test_results_are_of_the_span_and_of_the_patient_alone(council: Council) -> None:
    for patient, at_ms in (("4711", 1000), ("4711", 9000), ("0100", 1000)):
        detail = json.dumps({"patient": patient, "text": "sodium", "value": 140, "unit": "mmol/L"})
        await council.ward.store.write(lambda db, at_ms=at_ms, detail=detail: add_result(db, at_ms, detail))
    told = await read(council, "results", from_ms=500, to_ms=5000)
    assert [(one["at_ms"], one["text"], one["value"]) for one in told["results"]] == [(1000, "sodium", 140)]


@pytest.mark.parametrize(("kind", "what"), [("report", {"accession": "WL1"}), ("summary", {"visit": "TV1"})])
async def test_what_is_not_in_the_record_is_not_read(
    council: Council, kind: Kind, what: dict[str, Any]
) -> None:
    with pytest.raises(NotFound, match="choose another"):
        await read(council, kind, **what)


async def test_vital_signs_are_those_of_the_patients_own_time_on_a_bed(council: Council) -> None:
    """4711 lay on bed-1 from `admitted` on; what was measured before is another's."""
    [stay] = await council.ward.store.read("SELECT * FROM stay WHERE identifier = '4711'")
    admitted = stay["from_ms"]
    for at_ms, value in ((admitted - 1000, 40), (admitted + 1000, 80), (admitted + 2000, 90)):
        await measure(council.ward.store, "monitor-1", "bed-1", at_ms * 1000, hr=value)
    span = {"from_ms": admitted - 60_000, "to_ms": admitted + 60_000}
    told = await read(council, "vitals", **span)
    assert [point[1:] for point in told["metrics"]["hr"]["points"]] == [[80, 80, 80], [90, 90, 90]]
    assert told["metrics"]["hr"]["unit"] == "/min"
    assert await read(council, "vitals", "0100", **span) == {"metrics": {}}


def add_result(db: Any, at_ms: int, detail: str) -> None:
    db.execute(
        """INSERT INTO device_event (stream, number, place, boot, mono_us, at_us, gateway, kind, detail)
        VALUES (1, 0, 0, 1, 0, ?, 'lab', 'lab-result', ?)""",
        (at_ms * 1000, detail),
    )
