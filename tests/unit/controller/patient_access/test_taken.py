"""What a patient says of what they took: only of their own, of doses that are due, for ever."""

import sqlite3
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.clock import local_days
from controller.errors import Conflict, NotFound, Outdated, StoreError
from controller.patient_access.doses import days_of, doses_of, holding, needed_of
from controller.patient_access.model import Said, Saying, Word
from controller.patient_access.sessions import PatientAccess
from controller.prescriptions.model import Timing
from controller.prescriptions.timing import HOUR_MS, Span
from tests.support.prescriptions import WANTED
from tests.unit.controller.patient_access.conftest import Home

AT_HOME = replace(WANTED, setting="community", timing=Timing("every", hours=8), days=2)
NEEDED = replace(AT_HOME, timing=Timing("as-needed", times=2, hours=6, reason="pain"))
WHERE = "10.0.0.9"


async def test_a_dose_is_ticked_by_its_patient_and_the_last_word_counts(home: Home) -> None:
    rx, access = await home.pharmacy.signed(AT_HOME), await home.access()
    due_ms = rx.begin_ms
    assert due_ms is not None
    for said in ("taken", "taken", "skipped"):
        await home.taken.say(Saying(rx.number, due_ms, said), access, WHERE)
    told = await home.taken.of(rx)
    assert [(one.said, one.by) for one in told] == [("taken", "patient:4711"), ("skipped", "patient:4711")]
    doses = doses_of(rx, told, Span(due_ms, due_ms + 5 * 24 * HOUR_MS))
    assert [one.said.said if one.said else "" for one in doses] == ["skipped", "", "", "", "", ""]
    entries = await home.pharmacy.trail("medicine-taken")
    assert {(one["actor"], one["patient"]) for one in entries} == {("patient:4711", "4711")}


async def test_nobody_ticks_anothers_dose_nor_one_that_is_not_due(home: Home) -> None:
    rx, access = await home.pharmacy.signed(AT_HOME), await home.access()
    due_ms = rx.begin_ms
    assert due_ms is not None
    with pytest.raises(NotFound):
        await home.taken.say(Saying(rx.number, due_ms, "taken"), PatientAccess("4712"), WHERE)
    for wrong in (due_ms + 1, None, due_ms + 8 * HOUR_MS):
        with pytest.raises(Conflict):
            await home.taken.say(Saying(rx.number, wrong, "taken"), access, WHERE)
    home.pharmacy.later(49)
    with pytest.raises(Conflict, match="until two days"):
        await home.taken.say(Saying(rx.number, due_ms, "taken"), access, WHERE)


async def test_what_the_ward_gives_is_not_ticked(home: Home) -> None:
    rx, access = await home.pharmacy.signed(), await home.access()
    with pytest.raises(Conflict, match="no medicine that is taken at home"):
        await home.taken.say(Saying(rx.number, rx.begin_ms, "taken"), access, WHERE)


async def test_as_needed_counts_each_once_and_says_from_when_the_next_may_be(home: Home) -> None:
    rx, access = await home.pharmacy.signed(NEEDED), await home.access()
    await home.taken.say(Saying(rx.number, None, "taken"), access, WHERE)
    with pytest.raises(Outdated):  # the page sent it twice
        await home.taken.say(Saying(rx.number, None, "taken"), access, WHERE)
    [first] = await home.taken.of(rx)
    needed = needed_of(rx, [first], first.at_ms)
    assert needed is not None
    assert (needed.within_day, needed.from_ms) == (1, first.at_ms + 6 * HOUR_MS)
    home.pharmacy.later(7)
    await home.taken.say(Saying(rx.number, None, "taken", first.id), access, WHERE)
    told = await home.taken.of(rx)
    needed = needed_of(rx, told, told[-1].at_ms)
    assert needed is not None
    assert (needed.within_day, needed.from_ms) == (2, first.at_ms + 24 * HOUR_MS)
    assert needed_of(rx, [Said(1, None, "taken", "", "patient:4711", 0)], told[-1].at_ms).from_ms is None  # pyright: ignore[reportOptionalMemberAccess]


@pytest.mark.parametrize("change", ["UPDATE rx_taken SET said = 'skipped'", "DELETE FROM rx_taken"])
async def test_what_was_said_stays(home: Home, change: str) -> None:
    rx, access = await home.pharmacy.signed(AT_HOME), await home.access()
    await home.taken.say(Saying(rx.number, rx.begin_ms, "taken"), access, WHERE)
    with pytest.raises((StoreError, sqlite3.Error), match="only grows"):
        await home.pharmacy.store.write(lambda db: db.execute(change))


async def test_a_slip_is_undone_for_a_quarter_of_an_hour_and_what_was_said_before_holds_again(
    home: Home,
) -> None:
    rx, access = await home.pharmacy.signed(AT_HOME), await home.access()
    due_ms = rx.begin_ms
    assert due_ms is not None
    await home.taken.say(Saying(rx.number, due_ms, "taken"), access, WHERE)
    await home.taken.say(Saying(rx.number, due_ms, "skipped", why="unwell"), access, WHERE)
    last = (await home.taken.of(rx))[-1]
    assert (last.said, last.why) == ("skipped", "unwell")
    undo = Saying(rx.number, due_ms, "undone", after=last.id)
    for _ in range(2):  # the page sent it twice
        await home.taken.say(undo, access, WHERE)
    told = await home.taken.of(rx)
    assert [one.said for one in told] == ["taken", "skipped", "undone"]
    [dose] = doses_of(rx, told, Span(due_ms, due_ms + 1))
    assert dose.said is not None
    assert dose.said.said == "taken"
    home.pharmacy.later(1)
    with pytest.raises(Conflict, match="within 15 minutes"):
        await home.taken.say(Saying(rx.number, due_ms, "undone", after=dose.said.id), access, WHERE)


async def test_what_was_not_taken_after_all_is_not_waited_for(home: Home) -> None:
    rx, access = await home.pharmacy.signed(NEEDED), await home.access()
    await home.taken.say(Saying(rx.number, None, "taken"), access, WHERE)
    [first] = await home.taken.of(rx)
    await home.taken.say(Saying(rx.number, None, "undone", after=first.id), access, WHERE)
    needed = needed_of(rx, await home.taken.of(rx), first.at_ms)
    assert needed is not None
    assert (needed.last, needed.within_day, needed.from_ms) == (None, 0, None)
    await home.taken.say(Saying(rx.number, None, "taken"), access, WHERE)
    with pytest.raises(Outdated):
        await home.taken.say(Saying(rx.number, None, "undone", after=99), access, WHERE)


async def test_how_the_days_went_is_counted_by_the_clock_on_the_wall(home: Home) -> None:
    rx, access = await home.pharmacy.signed(AT_HOME), await home.access()
    due_ms = rx.begin_ms
    assert due_ms is not None
    await home.taken.say(Saying(rx.number, due_ms, "taken"), access, WHERE)
    told = await home.taken.of(rx)
    doses = doses_of(rx, told, Span(due_ms, due_ms + 48 * HOUR_MS), ZoneInfo("Asia/Shanghai"))
    days = local_days(due_ms, due_ms + 48 * HOUR_MS, ZoneInfo("Asia/Shanghai"))
    went = days_of(doses, days, ZoneInfo("Asia/Shanghai"))
    assert sum(one.due for one in went) == 6
    assert [(one.taken, one.skipped) for one in went if one.taken] == [(1, 0)]


SAID = st.lists(st.tuples(st.sampled_from([None, 1, 2]), st.sampled_from(["taken", "skipped", "undone"])))


@given(SAID)
def test_what_holds_is_what_was_said_and_not_undone(said: list[tuple[int | None, Word]]) -> None:
    rows = [Said(at, due, word, "", "patient:4711", at) for at, (due, word) in enumerate(said)]
    held = holding(rows)
    assert all(one in rows and one.said != "undone" for one in held)
    for due in (None, 1, 2):
        depth = 0
        for one in rows:
            if one.due_ms == due:
                depth = max(depth - 1, 0) if one.said == "undone" else depth + 1
        assert sum(one.due_ms == due for one in held) == depth
