"""A UART that listens at another rate than that at which is sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hil.rig.uart import heard


@given(st.binary(max_size=200), st.sampled_from([9600, 57600, 115200]))
def test_at_the_same_rate_everything_is_heard_as_it_was_sent(data: bytes, baud: int) -> None:
    assert heard(data, baud, baud) == data


@given(st.binary(min_size=1, max_size=200), st.floats(-0.04, 0.04))
def test_a_clock_that_is_a_little_wrong_changes_nothing(data: bytes, error: float) -> None:
    assert heard(data, 115200, round(115200 * (1 + error))) == data


def test_at_twice_the_rate_each_bit_is_heard_twice() -> None:
    # 0x55 goes out as 0 1010 1010 1 (start, from the lowest bit, stop). At twice the rate half of the start
    # bit is taken for it, and the rest of it, 0 11 00 11 0, for data.
    assert heard(b"\x55", 9600, 19200)[0] == 0b01100110


@pytest.mark.parametrize("baud", [9600, 38400, 57600, 230400])
def test_at_another_rate_text_is_not_heard(baud: int) -> None:
    assert b"Wardlink" not in heard(b"Wardlink" * 20, 115200, baud)


@given(st.binary(max_size=100), st.sampled_from([9600, 19200, 38400, 57600]))
def test_who_listens_slower_hears_fewer_bytes(data: bytes, baud: int) -> None:
    assert len(heard(data, 115200, baud)) <= len(data)
