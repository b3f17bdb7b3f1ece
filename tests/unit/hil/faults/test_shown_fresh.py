"""What stands on a page as fresh, as its scripts decide it, and the age that a number tells of itself."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hil.faults.shown_fresh import Page
from hil.sims.told_time import age_s, value_at

S = 1_000_000_000


@given(st.integers(0, 10**6 * S), st.integers(0, 148 * S))
def test_a_number_tells_its_age_to_a_tenth_of_a_second_and_never_too_old(at: int, passed: int) -> None:
    told = age_s(float(value_at(at)), at + passed)
    assert told <= passed / S <= told + 0.2


def value(at_ms: int, device: str = "dev-1") -> dict[str, Any]:
    return {"device": device, "metric": "hr", "value": 70.0, "at_ms": at_ms}


def event(kind: str, server_ms: int, *values: dict[str, Any], session: str = "a") -> dict[str, Any]:
    named = {"snapshot": "values", "values": "items"}.get(kind)
    return {"server_ms": server_ms, "session": session, **({named: list(values)} if named else {})}


@pytest.fixture
def page() -> Page:
    page = Page()
    page.event("snapshot", event("snapshot", 100_000, value(99_000)), 5.0)
    return page


def test_a_number_is_fresh_until_it_is_older_than_its_limit(page: Page) -> None:
    for second in range(1, 12):
        page.event("time", event("time", 100_000 + 1000 * second), 5.0 + second)
    assert not page.fresh(16.0)
    page.event("values", event("values", 111_000, value(101_001)), 16.0)
    assert page.fresh(16.0)
    assert not page.fresh(16.2)


def test_nothing_is_fresh_while_no_news_came_for_three_seconds(page: Page) -> None:
    assert page.fresh(8.0)
    assert not page.fresh(8.1)
    page.event("time", event("time", 103_200), 8.2)
    assert page.fresh(8.2)


def test_news_that_come_late_do_not_make_a_number_look_young(page: Page) -> None:
    page.event("values", event("values", 105_000, value(95_500)), 12.0)
    assert not page.fresh(12.0)


def test_another_controller_has_its_own_clock_and_begins_with_its_own_numbers(page: Page) -> None:
    page.event("snapshot", event("snapshot", 900_000, value(899_000, "dev-2"), session="b"), 20.0)
    assert [one["device"] for one in page.fresh(20.0)] == ["dev-2"]
