"""controller/telemedicine/links.py, access.py"""

from dataclasses import replace

import pytest

from controller.errors import Conflict, NotFound, OrderError
from controller.security.permissions import GRANTS, Permission
from controller.telemedicine.links import MOST_TRIES, Made
from controller.telemedicine.states import VisitState
from tests.support.database import kept
from tests.unit.controller.telemedicine.conftest import BEN, NINA, Clinic

pytestmark = pytest.mark.on_both


def wrong(made: Made) -> str:
    return f"{(int(made.code) + 1) % 1_000_000:06d}"


async def test_a_link_and_its_code_open_that_visit_and_nothing_else(clinic: Clinic) -> None:
    visit = await clinic.booked()
    access = await clinic.access(await clinic.link(visit))
    assert (access.visit, access.user.name, access.name) == (visit.number, "patient:4711", "Muster, Anna")
    assert access.permissions == {Permission.JOIN_VISIT}
    assert all(Permission.JOIN_VISIT not in granted for granted in GRANTS.values())
    assert not access.view.shows("w-1", "4711")


async def test_a_guest_comes_in_under_the_name_that_staff_gave(clinic: Clinic) -> None:
    visit = await clinic.booked()
    made = await clinic.link(visit, "Wang (interpreter)")
    access = await clinic.access(made)
    assert (access.name, access.is_patient) == ("Wang (interpreter)", False)
    assert access.user.name == f"guest:{visit.number}/{made.id}"
    with pytest.raises(OrderError, match="guest's name"):
        await clinic.link(visit, " ")


async def test_a_link_is_used_once(clinic: Clinic) -> None:
    made = await clinic.link(await clinic.booked())
    await clinic.entered(made)
    with pytest.raises(Conflict, match="used already"):
        await clinic.links.enter(made.token, made.code, "10.0.0.66")
    outcomes = [one["outcome"] for one in await clinic.ward.trail("visit-entered")]
    assert outcomes == ["done", "refused"]


async def test_wrong_codes_are_told_to_the_trail_and_after_five_it_opens_nothing(
    clinic: Clinic,
) -> None:
    made = await clinic.link(await clinic.booked())
    for _ in range(MOST_TRIES):
        assert await clinic.links.enter(made.token, wrong(made), "10.0.0.66") is None
    assert await clinic.links.enter(made.token, made.code, "10.0.0.9") is None
    assert [one["outcome"] for one in await clinic.ward.trail("visit-entered")] == ["refused"] * MOST_TRIES


async def test_four_wrong_codes_are_forgiven(clinic: Clinic) -> None:
    made = await clinic.link(await clinic.booked())
    for _ in range(MOST_TRIES - 1):
        assert await clinic.links.enter(made.token, wrong(made), "10.0.0.9") is None
    assert await clinic.links.enter(made.token, made.code, "10.0.0.9") is not None


async def test_a_code_opens_the_link_that_it_was_made_for(clinic: Clinic) -> None:
    visit = await clinic.booked()
    mine, other = await clinic.link(visit), await clinic.link(visit, "Wang")
    assert mine.code == other.code or await clinic.links.enter(mine.token, other.code, "") is None
    assert await clinic.links.enter("nothing", mine.code, "") is None


async def test_nothing_that_opens_a_visit_is_in_the_database(clinic: Clinic) -> None:
    made = await clinic.link(await clinic.booked())
    session = await clinic.entered(made)
    found = await kept(clinic.ward.store)
    assert b"visit_link" in found
    assert made.token.encode() not in found and session.encode() not in found


async def test_the_waiting_room_opens_half_an_hour_before_and_the_try_costs_nothing(clinic: Clinic) -> None:
    made = await clinic.link(await clinic.booked(in_minutes=31))
    with pytest.raises(Conflict, match="30 minutes before"):
        await clinic.links.enter(made.token, made.code, "")
    clinic.later(1)
    assert await clinic.links.enter(made.token, made.code, "") is not None


async def test_who_comes_two_hours_late_comes_in_only_if_it_has_begun(clinic: Clinic) -> None:
    visit = await clinic.booked(in_minutes=0)
    made, other = await clinic.link(visit), await clinic.link(visit, "Wang")
    clinic.later(141)
    with pytest.raises(Conflict, match="time has passed"):
        await clinic.links.enter(made.token, made.code, "")
    await clinic.visits.step(clinic.known(visit), VisitState.IN_PROGRESS, BEN)
    assert await clinic.links.enter(other.token, other.code, "") is not None


async def test_with_the_visit_ends_the_way_in(clinic: Clinic) -> None:
    visit = await clinic.booked()
    made, other = await clinic.link(visit), await clinic.link(visit, "Wang")
    session = await clinic.entered(made)
    visit = await clinic.visits.step(clinic.known(visit), VisitState.CANCELLED, replace(BEN, why="ill"))
    assert await clinic.sessions.find(session) is None
    with pytest.raises(Conflict, match="cancelled"):
        await clinic.links.enter(other.token, other.code, "")
    with pytest.raises(Conflict, match="nobody is let in"):
        await clinic.link(visit)


async def test_another_link_for_the_patient_ends_the_one_before_and_its_session(clinic: Clinic) -> None:
    visit = await clinic.booked()
    first, unused = await clinic.link(visit), None
    session = await clinic.entered(first)
    unused = await clinic.link(visit)
    assert await clinic.sessions.find(session) is None
    last = await clinic.link(visit)
    assert await clinic.links.enter(unused.token, unused.code, "") is None
    assert await clinic.links.enter(last.token, last.code, "") is not None


async def test_who_is_shown_out_is_out(clinic: Clinic) -> None:
    visit = await clinic.booked()
    made = await clinic.link(visit, "Wang")
    session = await clinic.entered(made)
    await clinic.links.revoke(visit, made.id, NINA)
    assert await clinic.sessions.find(session) is None
    assert await clinic.links.enter(made.token, made.code, "") is None
    with pytest.raises(NotFound):
        await clinic.links.revoke(visit, made.id, NINA)


async def test_a_session_outlives_no_day(clinic: Clinic) -> None:
    visit = await clinic.booked()
    session = await clinic.entered(await clinic.link(visit))
    clinic.later(24 * 60 - 1)
    assert await clinic.sessions.find(session) is not None
    clinic.later(1)
    assert await clinic.sessions.find(session) is None
    assert await clinic.sessions.find(None) is None and await clinic.sessions.find("x") is None
