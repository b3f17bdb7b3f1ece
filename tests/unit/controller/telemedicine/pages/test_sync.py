"""How far behind a picture is, and how curves come to lie beside it."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.node import Call, node

SYNC = "public/room/sync.js"


@pytest.fixture(scope="module")
def call() -> Iterator[Call]:
    with node() as started:
        yield started


@pytest.mark.parametrize(
    ("captured", "waited", "rtt", "age"),
    [
        ([180, 150, 900], 40, 100, 180),
        ([-3, 0, 7_000_000], 40, 100, 106),
        ([], 40, 100, 106),
        ([], None, 100, None),
        ([], 40, None, None),
    ],
    ids=["as the browser says", "what it says is nonsense", "it says nothing", "no picture", "no way known"],
)
def test_a_pictures_age_is_what_is_known_of_it(
    call: Call, captured: list[float], waited: float | None, rtt: float | None, age: float | None
) -> None:
    seen: dict[str, Any] = {"captured": captured, "waited": waited, "rttMs": rtt}
    assert call(SYNC, "pictureAge", seen) == age


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 3000), st.integers(300, 3000), st.integers(0, 3000))
def test_curves_come_to_lie_beside_the_picture_without_a_jump_and_never_before_they_are_there(
    call: Call, age: int, lag: int, began: int
) -> None:
    waits = [began]
    for _ in range(70):
        waits.append(call(SYNC, "extra", waits[-1], age, lag))
        assert abs(waits[-1] - waits[-2]) <= 50 and waits[-1] >= 0
    assert abs(waits[-1] - max(age - lag, 0)) < 40


def test_without_a_picture_curves_wait_for_nothing(call: Call) -> None:
    assert call(SYNC, "extra", 30, None, 300) == 0


def test_a_mean_is_of_what_came_since_the_last_time(call: Call) -> None:
    assert call(SYNC, "since", {"sum": 2, "count": 10}, {"sum": 3, "count": 14}) == 0.25
    assert call(SYNC, "since", {"sum": 2, "count": 10}, {"sum": 2, "count": 10}) is None
