"""Counts by upper bound."""

from hypothesis import given, settings
from hypothesis import strategies as st

from devices.model.histogram import SECONDS, Histogram


@given(st.lists(st.floats(0, 10_000), max_size=40))
@settings(max_examples=60)
def test_each_bucket_has_what_is_not_above_its_bound(seen: list[float]) -> None:
    held = Histogram()
    for value in seen:
        held.observe(value)
    *bounded, (last, total) = held.buckets()
    assert [count for _, count in bounded] == [sum(one <= bound for one in seen) for bound in SECONDS]
    assert (last, total) == ("+Inf", len(seen))
    assert abs(held.sum - sum(seen)) <= 1e-6 * (1 + sum(seen))
