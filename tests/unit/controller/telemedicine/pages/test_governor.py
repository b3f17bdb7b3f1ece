"""What a page sends by how its network does, against a model of one: a queue before a narrow line."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.node import Call, node

PAGES = Path(__file__).with_name("pages.mjs").as_posix()
GOVERNOR = "public/room/governor.js"
TICK_MS = 500
OVERHEAD_BPS = 30_000
"""Of headers and vital signs."""
FULL, HALF, SMALL, LEAST, SOUND, TEXT = range(6)


@dataclass
class Line:
    """Of `bps`, `way_ms` there and back, and a queue that holds `most_ms` before it overflows."""

    bps: float
    way_ms: float = 20
    most_ms: float = 2000
    queue_ms: float = 0

    def carry(self, sent_bps: float) -> dict[str, Any]:
        """What is seen of a tick in which so much was sent."""
        self.queue_ms += TICK_MS * (sent_bps / self.bps - 1)
        over = max(self.queue_ms - self.most_ms, 0)
        self.queue_ms = min(max(self.queue_ms, 0), self.most_ms)
        lost = over / (TICK_MS * sent_bps / self.bps) if over else 0
        seen = {"rttMs": self.way_ms + self.queue_ms, "lost": lost, "freezes": 0}
        return {"ms": TICK_MS, **seen, "sureMs": None, "availableBps": None, "sentBps": None}


class Page:
    """One that is governed. `rungs`: where it was, tick by tick."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._rungs: list[dict[str, Any]] = call(PAGES, "rungs")
        self.state = call(GOVERNOR, "begin")
        self.rungs: list[int] = []

    def step(self, **seen: Any) -> None:
        calm = {"ms": TICK_MS, "rttMs": 20, "sureMs": None, "lost": 0, "freezes": 0}
        calm |= {"availableBps": None, "sentBps": 0}
        self.state = self._call(GOVERNOR, "step", self.state, {**calm, **seen})
        self.rungs.append(self.state["rung"])

    def over(self, line: Line, seconds: float) -> None:
        for _ in range(int(1000 * seconds / TICK_MS)):
            rung = self._rungs[self.state["rung"]]
            self.step(**line.carry(rung["bps"] + rung["audioBps"] + OVERHEAD_BPS))

    @property
    def reduced(self) -> str | None:
        return self._call(GOVERNOR, "reduced", self.state)


@pytest.fixture(scope="module")
def call() -> Iterator[Call]:
    with node() as started:
        yield started


def test_a_wide_network_has_the_whole_picture_within_seconds_and_nothing_is_said_meanwhile(
    call: Call,
) -> None:
    page = Page(call)
    page.over(Line(5e6), 2)
    assert page.reduced is None
    page.over(Line(5e6), 4)
    assert page.state["rung"] == FULL


@pytest.mark.parametrize(("bps", "rung"), [(800e3, HALF), (300e3, SMALL), (140e3, LEAST), (70e3, SOUND)])
def test_each_network_comes_to_rest_at_what_it_carries_and_pictures_are_given_up_last(
    call: Call, bps: float, rung: int
) -> None:
    page, line = Page(call), Line(bps)
    page.over(line, 240)
    steady = page.rungs[-200:]
    assert max(set(steady), key=steady.count) == rung
    assert max(page.rungs) <= rung + 1


def test_a_step_up_in_vain_is_tried_more_and_more_seldom(call: Call) -> None:
    page, line = Page(call), Line(300e3)
    page.over(line, 600)
    ups = [n for n in range(1, len(page.rungs)) if page.rungs[n] < page.rungs[n - 1]]
    waits = [after - before for before, after in pairwise(ups)]
    assert waits[-1] * TICK_MS >= 40_000
    assert all(wait * TICK_MS >= 10_000 for wait in waits[1:])


def test_a_network_that_breaks_down_leaves_the_words_and_everything_comes_back_in_order(call: Call) -> None:
    page = Page(call)
    page.over(Line(5e6), 20)
    page.over(Line(8e3, most_ms=4000), 30)
    assert page.state["rung"] == TEXT and page.reduced == "text"
    began = len(page.rungs)
    page.over(Line(5e6), 90)
    back = page.rungs[began:]
    assert page.state["rung"] == FULL and back == sorted(back, reverse=True)
    assert back.index(SOUND) * TICK_MS >= 9_000


def test_an_estimate_that_follows_what_is_sent_keeps_nothing_down(call: Call) -> None:
    page = Page(call)
    for _ in range(60):
        page.step(sentBps=60_000, availableBps=90_000 if page.state["rung"] > FULL else None)
    assert page.state["rung"] == FULL


def test_an_estimate_that_is_used_up_and_too_small_brings_it_down_without_a_queue(call: Call) -> None:
    page = Page(call)
    page.over(Line(5e6), 10)
    for _ in range(4):
        page.step(sentBps=380_000, availableBps=400_000)
    assert page.state["rung"] == HALF


def test_freezes_alone_change_nothing_on_a_network_that_is_calm(call: Call) -> None:
    page = Page(call)
    page.over(Line(5e6), 10)
    for _ in range(20):
        page.step(freezes=2)
    assert page.state["rung"] == FULL


def test_a_page_that_is_busy_itself_keeps_a_small_picture(call: Call) -> None:
    page = Page(call)
    page.over(Line(5e6), 10)
    for _ in range(120):
        page.step(rttMs=2500, sureMs=40)
    assert page.state["rung"] in {LEAST, SMALL} and max(page.rungs) == LEAST
    assert page.rungs[-60:].count(LEAST) > 50


def test_a_network_that_both_find_slow_has_no_picture(call: Call) -> None:
    page = Page(call)
    page.over(Line(5e6), 10)
    for _ in range(60):
        page.step(rttMs=900, sureMs=700)
    assert page.state["rung"] == SOUND


def test_nothing_is_had_again_while_it_is_not_known_how_far_away_the_other_is(call: Call) -> None:
    page = Page(call)
    for _ in range(60):
        page.step(rttMs=None)
    assert page.state["rung"] == SMALL


def test_what_is_lost_on_the_air_costs_no_picture_unless_it_stands_still(call: Call) -> None:
    page = Page(call)
    page.over(Line(5e6), 10)
    for n in range(60):
        page.step(lost=0.2 if n % 2 else 0.02)
    assert page.state["rung"] == FULL
    for _ in range(2):
        page.step(lost=0.1, freezes=1)
    assert page.state["rung"] == HALF


def test_sound_is_given_up_only_when_it_cannot_be_understood(call: Call) -> None:
    page = Page(call)
    for _ in range(60):
        page.step(lost=0.35)
    assert page.state["rung"] == SOUND and page.reduced == "sound"
    for _ in range(30):
        page.step(lost=0.6)
    assert page.state["rung"] == TEXT


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([10e3, 60e3, 120e3, 300e3, 1e6, 5e6]), st.integers(1, 40)),
        min_size=1,
        max_size=6,
    )
)
def test_whatever_the_network_does_it_goes_up_by_one_and_after_ten_good_seconds(
    call: Call, parts: list[tuple[float, int]]
) -> None:
    page, line = Page(call), Line(5e6)
    page.over(line, 6)
    for bps, seconds in parts:
        line.bps = bps
        page.over(line, seconds)
    changed = [(n, b - a) for n, (a, b) in enumerate(pairwise(page.rungs))]
    was_bad = False
    last = 0
    for n, by in (one for one in changed if one[1]):
        assert by in {-1, 1, 2}
        if by < 0:
            assert not was_bad or (n - last) * TICK_MS >= 9_500
        was_bad, last = was_bad or by > 0, n
