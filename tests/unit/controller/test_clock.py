"""UTC as text and back, to the microsecond."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.clock import utc_of, utc_text


@given(st.integers(0, 250_000_000_000_000_000))
def test_every_microsecond_comes_back(utc_us: int) -> None:
    assert utc_of(utc_text(utc_us)) == utc_us


@pytest.mark.parametrize(
    "text",
    ["2026-11-25T21:05:36Z", "2026-11-25T21:05:36", "2026-11-26T05:05:36+08:00", "2026-11-25 21:05:36"],
)
def test_a_zone_counts_and_without_one_it_is_utc(text: str) -> None:
    assert utc_text(utc_of(text)) == "2026-11-25T21:05:36.000000Z"


def test_what_is_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="isoformat"):
        utc_of("yesterday")
