"""J1939: values by their place, lamps and codes of DM1, as SAE and other projects have them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs.j1939 import parameters
from devices.codecs.j1939.parameters import PARAMETERS, Trouble, encode_dm1, lamps, troubles
from devices.errors import BadBytes
from devices.model.metrics import by_name
from devices.model.observation import NoValue

LAMPS = {"malfunction-indicator", "red-stop-lamp", "amber-warning-lamp", "protect-lamp"}
ALL = [(pgn, one) for pgn, some in PARAMETERS.items() for one in some]


@pytest.mark.parametrize(
    ("pgn", "spn", "start", "size"),
    [
        (61444, 190, 4, 2),
        (65265, 84, 2, 2),
        (65262, 110, 1, 1),
        (65262, 175, 3, 2),
        (65276, 96, 2, 1),
        (65217, 917, 1, 4),
        (65248, 245, 5, 4),
        (65271, 168, 5, 2),
        (65269, 171, 4, 2),
    ],
)
def test_every_value_is_where_the_standard_has_it(pgn: int, spn: int, start: int, size: int) -> None:
    found = next(one for one in PARAMETERS[pgn] if one.spn == spn)
    assert (found.start, found.size) == (start, size)


@pytest.mark.parametrize(("pgn", "one"), ALL, ids=lambda x: str(getattr(x, "spn", x)))
def test_the_range_of_a_value_is_the_standard_s(pgn: int, one: parameters.Parameter) -> None:
    """SPN: lowest, and highest of what is no special value (FA, FAFF, FAFFFFFF)."""
    ranges = {
        190: ("0", "8031.875"),
        84: ("0", "250.99609375"),
        110: ("-40", "210"),
        175: ("-273", "1734.96875"),
        96: ("0", "100"),
        917: ("0", "21055406.075"),
        245: ("0", "526385151.875"),
        168: ("0", "3212.75"),
        171: ("-273", "1734.96875"),
    }
    data = bytearray(b"\xff" * 8)
    for raw, wanted in zip(
        (b"\0" * one.size, b"\xff" * (one.size - 1) + b"\xfa"), ranges[one.spn], strict=True
    ):
        data[one.start - 1 : one.start - 1 + one.size] = raw
        assert one.decode(bytes(data)) == Decimal(wanted)


@pytest.mark.parametrize(("pgn", "one"), ALL, ids=lambda x: str(getattr(x, "spn", x)))
def test_special_values_are_none_in_every_size(pgn: int, one: parameters.Parameter) -> None:
    for last, reason in (
        (0xFF, NoValue.NOT_AVAILABLE),
        (0xFE, NoValue.INVALID),
        (0xFD, NoValue.RESERVED),
        (0xFB, NoValue.RESERVED),
    ):
        data = bytearray(8)
        data[one.start - 2 + one.size] = last
        assert one.decode(bytes(data)) is reason


@pytest.mark.parametrize(("pgn", "one"), ALL, ids=lambda x: str(getattr(x, "spn", x)))
def test_a_value_that_is_not_available_survives_encoding(pgn: int, one: parameters.Parameter) -> None:
    data = bytearray(8)
    one.put(data, None)
    assert one.decode(bytes(data)) is NoValue.NOT_AVAILABLE


@pytest.mark.parametrize(("pgn", "one"), ALL, ids=lambda x: str(getattr(x, "spn", x)))
def test_a_message_that_ends_before_a_value_is_damaged(pgn: int, one: parameters.Parameter) -> None:
    with pytest.raises(BadBytes):
        one.decode(bytes(one.start - 2 + one.size))


@pytest.mark.parametrize("metric", parameters.METRICS)
def test_what_is_told_is_in_the_table(metric: str) -> None:
    assert by_name(metric).unit


@pytest.mark.parametrize(
    ("data", "lit"),
    [
        ("40FF5B000301FFFF", {"malfunction-indicator"}),
        ("10FF00000000FFFF", {"red-stop-lamp"}),
        ("04FF00000000FFFF", {"amber-warning-lamp"}),
        ("01FF00000000FFFF", {"protect-lamp"}),
        (
            "55FF00000000FFFF",
            {"malfunction-indicator", "red-stop-lamp", "amber-warning-lamp", "protect-lamp"},
        ),
        ("00FF00000000FFFF", set()),
        ("FFFF00000000FFFF", set()),
        ("AAFF00000000FFFF", set()),
    ],
)
def test_a_lamp_is_on_only_if_its_two_bits_say_so(data: str, lit: set[str]) -> None:
    assert lamps(bytes.fromhex(data)) == lit


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        ("40FF5B000301FFFF", [Trouble(91, 3)]),
        ("00FF00000000FFFF", []),
        ("00FFFFFFFFFFFFFF", []),
        ("00FFD2040381FFFF", [Trouble(1234, 3)]),
        ("00FF5B0003015C0004025D0005035E000604", [Trouble(91 + n, 3 + n) for n in range(4)]),
        ("00FF3412E501", [Trouble(0x71234, 5)]),
    ],
)
def test_codes_are_as_pretty_j1939_reads_them(data: str, codes: list[Trouble]) -> None:
    assert list(troubles(bytes.fromhex(data))) == codes


def test_a_code_is_written_as_workshops_do() -> None:
    assert Trouble(91, 3).code == "SPN 91 FMI 3"


def test_a_dm1_that_ends_early_is_damaged() -> None:
    with pytest.raises(BadBytes):
        lamps(bytes.fromhex("40FF5B0003"))


@given(
    st.sets(st.sampled_from(["malfunction-indicator", "red-stop-lamp", "amber-warning-lamp", "protect-lamp"]))
)
def test_lamps_survive_encoding(lit: set[str]) -> None:
    assert lamps(encode_dm1(lit, [])) == lit
    assert list(troubles(encode_dm1(lit, []))) == []


@pytest.mark.parametrize(
    ("data", "number"),
    [
        (b"WDB9061331N000001*", "WDB9061331N000001"),
        (b"12345678901234567", "12345678901234567"),
        (b"SHORT*rest", "SHORT"),
        (b"WDB9061331N000001*\xff\xff\xff", "WDB9061331N000001"),
        (b"WDB9061331N000001\0\0", "WDB9061331N000001"),
    ],
)
def test_a_vehicle_s_number_ends_at_its_star_or_with_the_message(data: bytes, number: str) -> None:
    assert parameters.vehicle_number(data) == number


@pytest.mark.parametrize("data", [b"", b"*", b"\xff" * 17, b"WDB\x07*"])
def test_what_is_no_number_of_a_vehicle_is_damaged(data: bytes) -> None:
    with pytest.raises(BadBytes):
        parameters.vehicle_number(data)
