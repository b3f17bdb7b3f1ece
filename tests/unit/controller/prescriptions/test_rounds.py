"""The round: the right patient, medicine, dose and time, once."""

import asyncio
from dataclasses import replace
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.clock import utc_of
from controller.errors import BadLabel, Conflict, NeedsSecond, NotProved, OrderError, Outdated
from controller.imaging.sight import WHOLE
from controller.prescriptions.given import Giving
from controller.prescriptions.model import Prescription, Quantity, Timing
from controller.prescriptions.timing import DAY_MS, HOUR_MS, TIMES, Span, due, too_soon
from controller.security.badges import Shown
from controller.security.permissions import Role
from tests.support.prescriptions import (
    GTIN,
    METOPROLOL,
    NICK,
    NINA,
    WANTED,
    Pharmacy,
    code,
    gtin,
    medicine,
    why,
)

BERLIN = ZoneInfo("Europe/Berlin")
EVERY_8_H = replace(WANTED, timing=Timing("every", hours=8))
AS_NEEDED = replace(WANTED, timing=Timing("as-needed", times=3, hours=4, reason="pain"))


def ms(text: str) -> int:
    return utc_of(text) // 1000


def giving(rx: Prescription, due_ms: int | None, **more: Any) -> Giving:
    told = {"wristband": "4711", "drug": rx.number, "dose": rx.wanted.dose}
    return Giving(rx.number, due_ms, **{**told, **more})


async def first(here: Pharmacy) -> tuple[Prescription, int]:
    rx = await here.signed(EVERY_8_H)
    assert rx.signed_ms is not None
    return rx, rx.signed_ms


async def test_a_dose_is_given_after_wristband_pack_and_dose_were_right(here: Pharmacy) -> None:
    rx, due_ms = await first(here)
    await here.record(medicine("N02BE01", "Paracetamol 500 mg", "500 mg"), gtin(7))
    give = here.rx.rounds.give
    for more, words in (
        ({"wristband": "4712"}, "another patient"),
        ({"dose": Quantity("2", "{tablet}")}, "another dose"),
        ({"drug": code(of=gtin(7))}, "another medicine"),
        ({"drug": code(expiry="330101")}, "until 2033-01-01"),
        ({"due_ms": due_ms + 1}, "no dose"),
    ):
        with pytest.raises(Conflict, match=words):
            await give(replace(giving(rx, due_ms), **more), WHOLE, NINA)
    with pytest.raises(BadLabel, match="neither the label"):
        await give(giving(rx, due_ms, drug="RX00000009"), WHOLE, NINA)
    made = await give(giving(rx, due_ms, drug=code()), WHOLE, NINA)
    assert (made.state, made.gtin[:3], made.batch, made.by) == ("completed", "095", "B1", "nina")
    [item, *_] = await here.rx.rounds.of(["4711"], Span(due_ms - HOUR_MS, due_ms + DAY_MS))
    assert item.given == made


async def test_a_high_alert_medicine_is_given_by_two_of_whom_the_second_proves_who_that_is(
    here: Pharmacy,
) -> None:
    rx, due_ms = await first(here)
    await here.record(METOPROLOL, GTIN, high_alert=True)
    asked, give = giving(rx, due_ms, drug=code()), here.rx.rounds.give
    nina, nick = await here.enrol("nina"), await here.enrol("nick")
    anna, far = await here.enrol("anna", Role.PHYSICIAN), await here.enrol("far", wards=[])
    with pytest.raises(NeedsSecond, match="two people"):
        await give(asked, WHOLE, NINA)
    for shown, error, words in (
        (Shown(badge="x" * 8), NotProved, "is nobody's"),
        (nina, Conflict, "another person than who gives"),
        (anna, Conflict, "permission rx:administer"),
        (far, Conflict, "does not look after"),
    ):
        with pytest.raises(error, match=words):
            await give(replace(asked, witness=shown), WHOLE, NINA)
    made = await give(replace(asked, witness=nick), WHOLE, NINA)
    assert (made.by, made.witness) == ("nina", "nick")
    [line] = await here.trail("medication-charted")
    assert line["detail"]["witness"] == "nick"


async def test_what_two_pharmacists_checked_two_nurses_give_whatever_they_scan(here: Pharmacy) -> None:
    rx, due_ms = await first(here)
    row = "1, 'MD1', ?, id, 'completed', 1, '1', 'x', '', 1, '', 'pia', 0, 'paul', 0, 'pia', 0"
    sql = f"INSERT INTO rx_dispense SELECT {row} FROM rx_task"
    await here.store.write(lambda db: db.execute(sql, (rx.id,)))
    [item] = await here.rx.rounds.of(["4711"], Span(due_ms, due_ms + 1))
    assert item.needs_witness
    with pytest.raises(OrderError, match="two people"):
        await here.rx.rounds.give(giving(rx, due_ms), WHOLE, NINA)


async def test_of_two_nurses_who_chart_one_dose_at_once_one_is_refused(here: Pharmacy) -> None:
    rx, due_ms = await first(here)
    both = (here.rx.rounds.give(giving(rx, due_ms), WHOLE, by) for by in (NINA, NICK))
    found = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(one).__name__ for one in found) == ["Conflict", "Given"]
    with pytest.raises(Conflict, match="has charted this dose already"):
        await here.rx.rounds.leave_out(rx.number, due_ms, WHOLE, why(NICK, "asleep"))


async def test_early_or_late_it_is_given_for_a_reason(here: Pharmacy) -> None:
    rx, due_ms = await first(here)
    here.later(1.5)
    with pytest.raises(OrderError, match="90 min late"):
        await here.rx.rounds.give(giving(rx, due_ms), WHOLE, NINA)
    late = await here.rx.rounds.give(giving(rx, due_ms), WHOLE, why(NINA, "was in theatre"))
    assert late.why == "was in theatre"
    with pytest.raises(OrderError, match="390 min early"):
        await here.rx.rounds.give(giving(rx, due_ms + 8 * HOUR_MS), WHOLE, NINA)


async def test_what_was_charted_by_mistake_stays_and_the_dose_is_open_again(here: Pharmacy) -> None:
    rx, due_ms = await first(here)
    made = await here.rx.rounds.leave_out(rx.number, due_ms, WHOLE, why(NINA, "asleep"))
    assert made.state == "not-done"
    with pytest.raises(OrderError, match="say why"):
        await here.rx.rounds.mistake(made.number, 1, WHOLE, NINA)
    await here.rx.rounds.mistake(made.number, 1, WHOLE, why(NINA, "another bed"))
    again = await here.rx.rounds.give(giving(rx, due_ms), WHOLE, NINA)
    states = [one.state for one in await here.rx.rounds.charted(rx)]
    assert (states, again.number) == (["entered-in-error", "completed"], "MA00000002")


async def test_as_needed_keeps_its_interval_and_its_most_in_a_day(here: Pharmacy) -> None:
    rx, give = await here.signed(AS_NEEDED), here.rx.rounds.give
    made = await give(giving(rx, None), WHOLE, NINA)
    here.later(3.9)
    with pytest.raises(Outdated):
        await give(giving(rx, None), WHOLE, NICK)
    with pytest.raises(Conflict, match="wait 6 min more"):
        await give(giving(rx, None, after=made.number), WHOLE, NINA)
    here.later(0.1)
    made = await give(giving(rx, None, after=made.number), WHOLE, NINA)
    here.later(4)
    made = await give(giving(rx, None, after=made.number), WHOLE, NINA)
    here.later(4)
    [item] = await here.rx.rounds.of(["4711"], Span(0, 1))
    assert "3 doses were given within 24 h" in item.wait
    assert item.newest == made.number


async def test_nothing_is_given_of_a_row_that_was_changed(here: Pharmacy) -> None:
    rx, due_ms = await first(here)
    await here.store.write(lambda db: db.execute("UPDATE prescription SET dose_value = '9'"))
    with pytest.raises(Conflict, match="call the prescriber"):
        await here.rx.rounds.give(giving(rx, due_ms, dose=Quantity("9", "{tablet}")), WHOLE, NINA)


def test_times_of_day_are_those_of_the_wall_through_summer_time() -> None:
    span = Span(ms("2026-10-24T00:00Z"), ms("2026-10-27T00:00Z"))
    at = [ms(f"2026-10-{one}Z") for one in ("24T06:00", "24T18:00", "25T07:00", "25T19:00", "26T07:00")]
    assert due(Timing("per-day", times=2), Span(0, None), span, BERLIN)[:5] == at


def test_every_so_many_hours_is_counted_from_the_beginning() -> None:
    begin = ms("2026-10-24T22:30Z")
    found = due(
        Timing("every", hours=8), Span(begin, begin + DAY_MS), Span(begin - DAY_MS, begin + 9 * DAY_MS)
    )
    assert found == [begin, begin + 8 * HOUR_MS, begin + 16 * HOUR_MS]


@given(
    st.sampled_from(
        [Timing("per-day", times=one) for one in TIMES] + [Timing("every", hours=h) for h in (1, 7, 24)]
    ),
    st.integers(0, 10 * DAY_MS),
    st.integers(0, 3 * DAY_MS),
    st.integers(0, 3 * DAY_MS),
)
def test_a_round_in_two_parts_has_each_dose_once(timing: Timing, begin: int, one: int, other: int) -> None:
    held = Span(begin, begin + 5 * DAY_MS)
    whole = due(timing, held, Span(begin, begin + one + other), BERLIN)
    parts = due(timing, held, Span(begin, begin + one), BERLIN)
    parts += due(timing, held, Span(begin + one, begin + one + other), BERLIN)
    assert whole == parts == sorted(set(whole))


@given(st.lists(st.integers(0, 3 * DAY_MS), max_size=12))
def test_doses_as_needed_are_never_more_than_may_be(asked: list[int]) -> None:
    timing, given_at = AS_NEEDED.timing, list[int]()
    for now_ms in sorted(asked):
        if not too_soon(timing, given_at, now_ms):
            given_at.append(now_ms)
    assert all(after - before >= 4 * HOUR_MS for before, after in pairwise(given_at))
    for at_ms in given_at:
        assert sum(at_ms - DAY_MS < one <= at_ms for one in given_at) <= 3
