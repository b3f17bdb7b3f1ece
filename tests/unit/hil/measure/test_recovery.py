"""Well again is when it stays so; between two looks nobody knows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hil.errors import BadMeasurement
from hil.evidence.measurement import Judgement
from hil.measure.recovery import recovery


def test_by_hand() -> None:
    found = recovery([(9, True), (11, False), (12, False), (13, True), (20, True)], ended_s=10, steady_s=2)
    assert found is not None
    assert (found.since_s, found.seen_s) == (12, 13)
    measured = found.measured("recovery", upper_s=5)
    assert (measured.value, measured.uncertainty, measured.judgement) == (2.5, 0.5, Judgement.WITHIN)


def test_well_for_a_moment_is_not_recovered() -> None:
    found = recovery([(11, True), (12, False), (13, True), (16, True)], ended_s=10, steady_s=2)
    assert found is not None
    assert found.seen_s == 13


@pytest.mark.parametrize(
    "looks", [[], [(11.0, False)], [(11.0, True), (12.0, False)], [(11.0, True)], [(9.0, True)]]
)
def test_never_well_for_long_enough_is_never(looks: list[tuple[float, bool]]) -> None:
    assert recovery(looks, ended_s=10, steady_s=2) is None


def test_what_was_well_before_the_end_of_the_fault_counts_for_nothing() -> None:
    assert recovery([(5, True), (9.9, True), (10.5, False)], ended_s=10) is None


def test_looks_out_of_order_are_refused() -> None:
    with pytest.raises(BadMeasurement, match="in the order"):
        recovery([(2, True), (1, True)], ended_s=0)


@given(st.lists(st.tuples(st.floats(0, 100), st.booleans()), max_size=30), st.floats(0, 100))
def test_nothing_was_bad_after_it_was_well_again(looks: list[tuple[float, bool]], ended: float) -> None:
    looks.sort()
    found = recovery(looks, ended)
    if found:
        assert all(well for at, well in looks if at > found.seen_s)
        assert found.since_s <= found.seen_s
