"""controller/telemedicine/visits.py"""

from dataclasses import replace

import pytest

from controller.errors import Conflict, NotFound, OrderError, Outdated
from controller.imaging.sight import WHOLE, Sight
from controller.registry import Patient
from controller.stays import UNKNOWN
from controller.telemedicine.model import Known, Subject
from controller.telemedicine.states import VisitState
from tests.unit.controller.telemedicine.conftest import BEN, MINUTE_MS, NINA, OUTPATIENT, Clinic

OTHERS = Sight(frozenset({"9999"}))


async def test_a_visit_is_agreed_upon_and_kept_with_who_did_it(clinic: Clinic) -> None:
    visit = await clinic.booked()
    assert (visit.number, visit.state, visit.booked_by) == ("TV00000001", VisitState.BOOKED, "nina")
    assert await clinic.find(visit) == visit
    [entry] = await clinic.ward.trail("visit-booked")
    assert (entry["patient"], entry["actor"], entry["entity"]) == ("4711", "nina", "visit/TV00000001")


async def test_a_visit_goes_its_way_and_says_when_it_began_and_ended(clinic: Clinic) -> None:
    visit = await clinic.visits.arrive((await clinic.booked()).number, NINA)
    clinic.later(3)
    visit = await clinic.visits.step(clinic.known(visit), VisitState.IN_PROGRESS, BEN)
    clinic.later(15)
    visit = await clinic.visits.step(clinic.known(visit), VisitState.FULFILLED, BEN)
    assert visit.began_ms is not None and visit.ended_ms == visit.began_ms + 15 * MINUTE_MS
    with pytest.raises(Conflict, match="possible now is entered-in-error"):
        await clinic.visits.step(clinic.known(visit), VisitState.IN_PROGRESS, BEN)


async def test_of_two_people_who_change_it_at_once_neither_undoes_the_others(clinic: Clinic) -> None:
    visit = await clinic.booked()
    known = clinic.known(visit)
    await clinic.visits.move(known, visit.plan.start_ms + 60 * MINUTE_MS, 30, NINA)
    with pytest.raises(Outdated, match="revision 2, not 1"):
        await clinic.visits.step(known, VisitState.IN_PROGRESS, BEN)


async def test_what_is_taken_back_says_why(clinic: Clinic) -> None:
    visit = await clinic.booked()
    with pytest.raises(OrderError, match="say why"):
        await clinic.visits.step(clinic.known(visit), VisitState.CANCELLED, BEN)
    await clinic.visits.step(clinic.known(visit), VisitState.CANCELLED, replace(BEN, why="ill"))
    assert (await clinic.ward.trail("visit-changed"))[-1]["why"] == "ill"


async def test_only_what_is_to_come_is_moved_and_who_was_not_there_gets_another_time(clinic: Clinic) -> None:
    visit = await clinic.booked()
    visit = await clinic.visits.step(clinic.known(visit), VisitState.NOSHOW, BEN)
    visit = await clinic.visits.move(clinic.known(visit), visit.plan.start_ms + 90 * MINUTE_MS, 20, BEN)
    assert visit.state is VisitState.BOOKED
    visit = await clinic.visits.step(clinic.known(visit), VisitState.IN_PROGRESS, BEN)
    with pytest.raises(Conflict, match="to come"):
        await clinic.visits.move(clinic.known(visit), visit.plan.start_ms, 20, BEN)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"minutes": 4}, "5 to 240 minutes"),
        ({"minutes": 241}, "5 to 240 minutes"),
        ({"in_minutes": -6}, "from now on"),
        ({"in_minutes": 367 * 24 * 60}, "within a year"),
        ({"reason": "  "}, "what the visit is for"),
    ],
)
async def test_what_nobody_can_hold_is_not_agreed_upon(
    clinic: Clinic, more: dict[str, object], why: str
) -> None:
    with pytest.raises(OrderError, match=why):
        await clinic.booked(**more)


async def test_a_visit_at_the_bedside_begins_at_once(clinic: Clinic) -> None:
    visit = await clinic.booked(way="bedside", in_minutes=0)
    assert visit.state is VisitState.IN_PROGRESS and visit.began_ms == visit.booked_ms


async def test_another_wards_visit_is_not_told_from_one_that_does_not_exist(clinic: Clinic) -> None:
    visit = await clinic.booked()
    with pytest.raises(NotFound) as hidden:
        await clinic.books.find(visit.number, OTHERS, "carl")
    with pytest.raises(NotFound) as none:
        await clinic.books.find("TV00000002", WHOLE, "carl")
    assert str(hidden.value).replace("TV00000001", "TV00000002") == str(none.value)
    with pytest.raises(NotFound):
        await clinic.visits.step(Known(visit.number, 1, OTHERS), VisitState.CANCELLED, replace(NINA, why="x"))


async def test_who_holds_a_visit_sees_it_wherever_the_patient_is(clinic: Clinic) -> None:
    visit = await clinic.booked(OUTPATIENT)
    day = visit.plan.start_ms - MINUTE_MS, visit.plan.start_ms + MINUTE_MS
    assert await clinic.books.between(day, OTHERS, "ben") == [visit]
    assert await clinic.books.between(day, OTHERS, "carl") == []
    assert await clinic.books.find(visit.number, OTHERS, "ben") == visit


async def test_visits_are_listed_by_the_day_and_by_patient(clinic: Clinic) -> None:
    first, second = await clinic.booked(in_minutes=30), await clinic.booked(in_minutes=10)
    other = await clinic.booked(OUTPATIENT, in_minutes=60)
    span = clinic.books.utc_ms(), other.plan.start_ms
    assert await clinic.books.between(span, WHOLE, "") == [second, first]
    assert await clinic.books.of("4711", WHOLE) == [first, second]
    assert await clinic.books.of("0100", WHOLE) == [other]


async def test_a_visit_follows_one_of_the_same_patient_only(clinic: Clinic) -> None:
    before = await clinic.booked()
    after = await clinic.booked(in_minutes=600, follows=before.number)
    assert after.plan.follows == before.number
    with pytest.raises(NotFound, match="of this patient"):
        await clinic.booked(OUTPATIENT, follows=before.number)


async def test_people_are_told_what_else_somebody_holds_at_that_time(clinic: Clinic) -> None:
    there = await clinic.booked(in_minutes=10)
    assert await clinic.visits.busy(clinic.plan(29)) == [there.number]
    assert await clinic.visits.busy(clinic.plan(30)) == []
    assert await clinic.visits.busy(clinic.plan(10), there.number) == []
    assert await clinic.visits.busy(clinic.plan(10, host="carl")) == []


async def test_who_is_identified_later_takes_the_visit_along(clinic: Clinic) -> None:
    somebody = Subject(f"{UNKNOWN}7", "Unknown man")
    await clinic.ward.registry.admit("bed-1", Patient(somebody.identifier, somebody.name), "nina")
    visit = await clinic.booked(somebody)
    await clinic.ward.registry.identify("bed-1", Patient("4712", "Muster, Eva"), "nina")
    found = await clinic.find(visit)
    assert (found.identifier, found.name) == ("4712", "Muster, Eva")
