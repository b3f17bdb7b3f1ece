"""How long a transport still takes: what came of what was told is what is told next."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.robots.eta import LEAST, Ahead, Lately, Took, quantiles

NEAR = Ahead(60_000, picked=True, before=0)


def taught(*took_ms: int, ahead: Ahead = NEAR) -> Lately:
    lately = Lately()
    for one in took_ms:
        lately.remember(Took(ahead, one))
    return lately


def test_while_too_few_have_come_the_span_is_wide_and_says_that_it_is_a_guess() -> None:
    few, enough = taught(*[70_000] * (LEAST - 1)), taught(*[70_000] * LEAST)
    guess, known = few.span(NEAR, 0), enough.span(NEAR, 0)
    assert not guess.observed and known.observed
    assert guess.low_ms == 0 and guess.high_ms > 8 * NEAR.planned_ms
    assert (known.low_ms, known.middle_ms) == (70_000, 70_000)


def test_what_was_told_of_other_kinds_of_way_teaches_nothing() -> None:
    lately = taught(*[70_000] * LEAST)
    for other in (Ahead(60_000, picked=False, before=0), Ahead(60_000, picked=True, before=1)):
        assert not lately.span(other, 0).observed


def test_the_span_of_a_longer_way_is_longer_by_as_much() -> None:
    lately = taught(*range(60_000, 160_000, 1_000))
    near, far = lately.span(NEAR, 0), lately.span(Ahead(120_000, picked=True, before=0), 0)
    assert far.low_ms > near.low_ms and far.high_ms - far.low_ms == pytest.approx(
        (near.high_ms - near.low_ms) * 1.5, rel=0.01
    )


def test_who_is_still_on_the_way_counts_as_longer_than_so_far() -> None:
    """In a jam only the quick ones have come: they alone would promise too much."""
    lately = taught(*[70_000] * 100)
    assert lately.span(NEAR, 0).high_ms == 70_000
    for number in range(10):
        lately.told(f"T{number}", NEAR, 0)
    span = lately.span(NEAR, 300_000)
    assert span.middle_ms == 70_000 and span.high_ms >= 300_000


def test_what_ended_elsewhere_counts_as_long_as_it_lasted_and_arrivals_are_given_back() -> None:
    lately = taught(*[70_000] * LEAST)
    lately.told("T1", NEAR, 0)
    lately.told("T1", NEAR, 10_000)
    lately.told("T2", NEAR, 0)
    assert lately.arrived("T1", 80_000) == (Took(NEAR, 80_000), Took(NEAR, 70_000))
    assert lately.arrived("T1", 90_000) == ()
    lately.ended("T2", 400_000)
    assert lately.span(NEAR, 500_000).high_ms >= 400_000


def test_what_it_was_like_long_ago_is_forgotten() -> None:
    lately = taught(*[300_000] * LEAST, *[70_000] * 400)
    assert lately.span(NEAR, 0).high_ms < 300_000


@pytest.mark.parametrize("jam", [1.0, 2.0, 5.0])
def test_nineteen_of_twenty_come_within_the_span_whatever_driving_is_like(jam: float) -> None:
    random, lately, held = Random(1), Lately(), 0
    for number in range(1_000):
        span = lately.span(NEAR, number * 600_000)
        lately.told("T", NEAR, 0)
        took = round(60_000 + jam * random.expovariate(1 / 30_000))
        held += span.low_ms <= took <= span.high_ms
        lately.arrived("T", took)
    assert held >= 950


@given(
    st.lists(st.tuples(st.floats(-1, 1e6), st.booleans()), max_size=60),
    st.integers(0, 10**7),
    st.booleans(),
    st.integers(0, 9),
)
def test_the_likely_time_lies_in_its_span(
    seen: list[tuple[float, bool]], planned: int, picked: bool, before: int
) -> None:
    lately, ahead = Lately(), Ahead(planned, picked, before)
    for number, (ratio, came) in enumerate(seen):
        lately.told(f"T{number}", ahead, 0)
        (lately.arrived if came else lately.ended)(f"T{number}", round(planned + ratio * 1000))
    span = lately.span(ahead, 0)
    assert 0 <= span.low_ms <= span.middle_ms <= span.high_ms


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=200), st.floats(0, 1))
def test_with_exact_values_alone_the_quantile_is_the_ordinary_one(values: list[float], level: float) -> None:
    (found,) = quantiles([(value, True) for value in values], [level])
    if found is None:
        assert level > len(values) / (len(values) + 1) - 1e-9
    else:
        assert sum(value <= found for value in values) / (len(values) + 1) >= level - 1e-9


def test_of_who_has_not_come_nobody_says_when() -> None:
    assert quantiles([(1.0, True), (2.0, False), (3.0, False)], [0.2, 0.5]) == [1.0, None]
