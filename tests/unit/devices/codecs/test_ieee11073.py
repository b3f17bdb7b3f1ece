"""SFLOAT and FLOAT: exact decimals, and five reasons for there being no number."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs.ieee11073 import Number, decode_float, decode_sfloat, encode_float, encode_sfloat
from devices.model.observation import NoValue

SFLOATS = st.binary(min_size=2, max_size=2)
FLOATS = st.binary(min_size=4, max_size=4)


@pytest.mark.parametrize(
    ("octets", "number"),
    [
        ("6100", Decimal(97)),
        ("7200", Decimal(114)),  # Transcoding White Paper 2.2.6: blood pressure of 114
        ("CAF3", Decimal("97.0")),
        ("FFFF", Decimal("-0.1")),
        ("FF7F", Decimal(-10_000_000)),
        ("FEF7", Decimal("204.6")),  # the mantissa of +INFINITY, with an exponent: a number
        ("FF07", NoValue.NOT_AVAILABLE),
        ("0008", NoValue.NOT_AT_THIS_RESOLUTION),
        ("FE07", NoValue.OVERFLOW),
        ("0208", NoValue.UNDERFLOW),
        ("0108", NoValue.RESERVED),
    ],
)
def test_an_sfloat_is_an_exact_decimal_or_a_reason(octets: str, number: Number) -> None:
    assert decode_sfloat(bytes.fromhex(octets)) == number


@pytest.mark.parametrize(
    ("octets", "number"),
    [
        ("6C0100FF", Decimal("36.4")),  # Transcoding White Paper 2.2.6
        ("720100FF", Decimal("37.0")),  # Transcoding White Paper 4.1
        ("E70D00FE", Decimal("35.59")),
        ("FFFFFFFF", Decimal("-0.1")),
        ("FFFF7F00", NoValue.NOT_AVAILABLE),
        ("00008000", NoValue.NOT_AT_THIS_RESOLUTION),
        ("FEFF7F00", NoValue.OVERFLOW),
        ("02008000", NoValue.UNDERFLOW),
        ("01008000", NoValue.RESERVED),
    ],
)
def test_a_float_is_an_exact_decimal_or_a_reason(octets: str, number: Number) -> None:
    assert decode_float(bytes.fromhex(octets)) == number


@given(SFLOATS)
def test_every_sfloat_survives_encoding(octets: bytes) -> None:
    number = decode_sfloat(octets)
    assert decode_sfloat(encode_sfloat(number)) == number


@given(FLOATS)
def test_every_float_survives_encoding(octets: bytes) -> None:
    number = decode_float(octets)
    assert decode_float(encode_float(number)) == number


@given(st.decimals(allow_nan=True, allow_infinity=True))
def test_a_number_is_encoded_exactly_or_refused(number: Decimal) -> None:
    for encode, decode in ((encode_sfloat, decode_sfloat), (encode_float, decode_float)):
        assert exact_or_refused(number, encode, decode)


def exact_or_refused(
    number: Decimal, encode: Callable[[Number], bytes], decode: Callable[[bytes], Number]
) -> bool:
    try:
        return decode(encode(number)) == number
    except ValueError:
        return True


@pytest.mark.parametrize("number", [Decimal(2047), Decimal("97.03"), Decimal("1e11"), NoValue.SENSOR_OFF])
def test_what_an_sfloat_cannot_tell_is_refused(number: Number) -> None:
    with pytest.raises(ValueError):
        encode_sfloat(number)


def test_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="expected 2 bytes, got 1"):
        decode_sfloat(b"\x00")
