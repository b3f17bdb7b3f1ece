"""Masimo ASCII 1: every number of a line by its key, dashes never a number, alarms and exceptions by name."""

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import Said
from devices.codecs.gatt import DeviceTime
from devices.codecs.masimo_ascii import METRICS, MasimoAscii
from devices.codecs.masimo_line import ALARMS, EXCEPTIONS, Line
from devices.model.metrics import METRICS as TABLE
from devices.model.observation import EventKind, Instant, Reading
from tests.support.captures import briefly

SECOND = 1_000_000_000
NOW = Instant(5 * SECOND)
HEAD = "05/24/12 13:51:10"
PLAIN = "SPO2=098% BPM=072 PI=03.60% ALARM=0000 EXC=000800"
LINES = st.builds(
    Line,
    time=st.builds(
        DeviceTime,
        st.integers(2000, 2099),
        st.integers(1, 12),
        st.integers(1, 28),
        st.integers(0, 23),
        st.integers(0, 59),
        st.integers(0, 59),
    ),
    fields=st.fixed_dictionaries(
        {
            "SN": st.just("----------") | st.integers(0, 10**10 - 1).map("{:010}".format),
            "SPO2": st.just("---") | st.integers(1, 100).map("{:03}".format),
            "BPM": st.just("---") | st.integers(1, 240).map("{:03}".format),
            "PI": st.just("--.--") | st.integers(2, 2000).map(lambda n: f"{n / 100:05.2f}"),
            "PIDELTA": st.just("+--") | st.integers(1, 99).map("{:+03}".format),
            "ALARM": st.integers(0, 0xFFFF).map("{:04X}".format),
            "EXC": st.integers(0, 0xFFFFFF).map("{:06X}".format),
        }
    ),
)


def heard(*lines: str, codec: MasimoAscii | None = None) -> list[Any]:
    codec = codec or MasimoAscii()
    data = "".join(f"{HEAD} {line}\r\n" for line in lines).encode()
    return briefly(codec.receive_data(data, NOW))


def values(said: list[Any]) -> list[Any]:
    return [one for one in said if one[0] in METRICS.values()]


@given(LINES)
def test_every_line_survives_encoding(line: Line) -> None:
    text = line.encode()
    assert text.endswith(b"\r\n")
    assert Line.decode(text.decode().rstrip()) == line


@given(st.lists(LINES, max_size=4), st.sampled_from([b"\r\n", b"\n", b"\r", b"\r\n\r\n"]), st.data())
def test_a_stream_says_the_same_however_it_is_cut_and_its_lines_end(
    lines: list[Line], end: bytes, data: st.DataObject
) -> None:
    stream = b"".join(line.encode().rstrip() + end for line in lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    codec = MasimoAscii()
    said: list[Said] = []
    for a, b in pairwise([0, *cuts, len(stream)]):
        said += codec.receive_data(stream[a:b], NOW)
    whole = b"".join(line.encode() for line in lines)
    assert briefly(said) == briefly(MasimoAscii().receive_data(whole, NOW))
    assert len([one for one in said if isinstance(one, Reading) and one.metric == "spo2"]) == len(lines)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise_and_never_make_a_number(data: bytes) -> None:
    said = MasimoAscii().receive_data(data + b"\r\n", NOW)
    assert not [one for one in said if isinstance(one, Reading)]


@given(st.integers(0, 66), st.integers(0, 7))
def test_a_flipped_bit_costs_its_line_or_changes_one_character_s_meaning(at: int, bit: int) -> None:
    stream = f"{HEAD} {PLAIN}\r\n".encode()
    broken = bytearray(stream)
    broken[at] ^= 1 << bit
    codec = MasimoAscii()
    codec.receive_data(stream, NOW)
    codec.receive_data(bytes(broken), NOW)
    codec.receive_data(stream, NOW)
    last = briefly(codec.receive_data(stream, NOW))
    assert values(last) == [["spo2", "98"], ["pr_spo2", "72"], ["pi", "3.60"]]


@pytest.mark.parametrize("at", range(len(HEAD) + 1, len(HEAD) + 1 + len("SPO2=098% BPM=072 PI=03.60%")))
def test_a_lost_character_never_makes_another_number(at: int) -> None:
    stream = f"{HEAD} {PLAIN}\r\n".encode()
    codec = MasimoAscii()
    codec.receive_data(stream, NOW)
    said = values(briefly(codec.receive_data(stream[:at] + stream[at + 1 :], NOW)))
    assert all(one in [["spo2", "98"], ["pr_spo2", "72"], ["pi", "3.60"]] for one in said)


@pytest.mark.parametrize(
    "line",
    [
        PLAIN,
        "SPO2=098 BPM=072 PI=03.60 ALARM=000000 EXC=0000800",
        "BPM=072 PI=03.60% SPO2=098%",
        "SN= SPO2=098% BPM=072 PI=03.60%",
        "spo2=098% bpm=072 pi=03.60%",
        "SpO2=098 PR=072 PI=03.60 EXC=800:SET",
        "SPO2= 098% BPM= 072 PI= 03.60%",
        "SPO2=098% BPM=072 PI=03.60% EXC=000800 EXC1=00000000 ",
    ],
)
def test_the_same_is_said_in_every_way_that_models_say_it(line: str) -> None:
    said = values(heard(line))
    assert sorted(said) == [["pi", "3.60"], ["pr_spo2", "72"], ["spo2", "98"]]


def test_dashes_are_no_values_with_a_reason() -> None:
    assert values(heard("SPO2=---% BPM=--- PI=--.--% EXC=000000")) == [
        ["spo2", "NOT_AVAILABLE"],
        ["pr_spo2", "NOT_AVAILABLE"],
        ["pi", "NOT_AVAILABLE"],
    ]
    assert [one[1] for one in values(heard("SPO2=---% BPM=--- EXC=000008"))] == ["MEASURING"] * 2
    assert [one[1] for one in values(heard("SPO2=---% BPM=--- EXC=000001"))] == ["SENSOR_OFF"] * 2


@pytest.mark.parametrize("exception", ["000001", "000002", "000020", "000080", "000820", "001000"])
def test_numbers_without_a_working_sensor_are_no_values(exception: str) -> None:
    said = heard(f"SPO2=098% BPM=072 PI=03.60% SPCO=01.0% EXC={exception}")
    assert {one[1] for one in values(said)} == {"SENSOR_OFF"}


def test_a_zero_of_what_cannot_be_zero_is_no_value() -> None:
    said = values(heard("SPO2=000 BPM=000 PI=00.00 SPCO=00.0%"))
    assert [one[1] for one in said] == ["NOT_AVAILABLE"] * 3 + ["0.0"]


def test_all_numbers_that_have_a_metric_are_told_in_its_unit() -> None:
    line = "SPCO=01.5% SPMET=00.7% SPHB=13.4 SPOC=18 PVI=012 RRA=015 RRP=016"
    assert values(heard(line)) == [
        ["spco", "1.5"],
        ["spmet", "0.7"],
        ["sphb", "13.4"],
        ["spoc", "18"],
        ["pvi", "12"],
        ["rr_acoustic", "15"],
        ["rr_pleth", "16"],
    ]
    assert set(METRICS.values()) <= set(TABLE)


def test_what_a_model_never_measured_gives_no_reading_and_what_it_did_a_missing_one() -> None:
    assert values(heard("SPCO=--.-%", "SPCO=01.0%", "SPCO=--.-%")) == [
        ["spco", "1.0"],
        ["spco", "NOT_AVAILABLE"],
    ]


@pytest.mark.parametrize(
    ("exception", "quality"),
    [
        ("000004", "LOW_PERFUSION"),
        ("000010", "ARTIFACT"),
        ("000040", "ARTIFACT"),
        ("000400", "QUESTIONABLE"),
        ("000008", "QUESTIONABLE"),
    ],
)
def test_an_exception_flags_the_values(exception: str, quality: str) -> None:
    assert values(heard(f"SPO2=098% EXC={exception}")) == [["spo2", "98", quality]]


def test_a_low_confidence_flags_its_own_value_only() -> None:
    said = values(heard("SPO2=098% SPCO=01.0% SPMET=00.5% EXC=200000"))
    assert said == [["spo2", "98"], ["spco", "1.0", "QUESTIONABLE"], ["spmet", "0.5"]]


@pytest.mark.parametrize(("bit", "name"), EXCEPTIONS.items())
def test_every_exception_is_told_when_it_begins_and_ends(bit: int, name: str) -> None:
    said = heard(f"SPO2=098% EXC={bit | 0x800:06X}", f"SPO2=098% EXC={bit:06x}", "SPO2=098% EXC=000800")
    assert [one for one in said if one[0] == "status"] == [["status", {name: 1}], ["status", {name: 0}]]


def test_a_reserved_exception_is_told_by_its_bit() -> None:
    assert ["status", {"exception-000200": 1}] in heard("SPO2=098% EXC=000200")


@pytest.mark.parametrize(("bit", "text"), ALARMS.items())
def test_every_alarm_is_told_when_it_begins_and_ends_and_changes_no_value(bit: int, text: str) -> None:
    said = heard(f"SPO2=098% ALARM={bit:04X}", f"SPO2=098% ALARM={bit:04X}", "SPO2=098% ALARM=0000")
    code = f"{bit:04X}"
    assert [one for one in said if one[0] == "device-alarm"] == [
        ["device-alarm", {"code": code, "text": text, "active": 1}],
        ["device-alarm", {"code": code, "text": text, "active": 0}],
    ]
    assert values(said) == [["spo2", "98"]] * 3


def test_a_silenced_alarm_and_a_low_battery_are_conditions_and_a_reserved_bit_is_an_alarm() -> None:
    said = heard("SPO2=098% ALARM=00E0")
    assert ["status", {"alarm-silenced": 1}] in said
    assert ["status", {"low-battery": 1}] in said
    assert ["device-alarm", {"code": "0080", "text": "alarm 0080", "active": 1}] in said


def test_the_device_s_time_goes_with_its_readings() -> None:
    assert heard("SPO2=098%")[0] == ["device-clock", {"time": "2012-05-24T13:51:10", "set": 1}]
    said = briefly(MasimoAscii().receive_data(b"00/00/00 00:00:00 SPO2=098%\r\n", NOW))
    assert said == [["device-clock", {"time": "2000-00-00T00:00:00", "set": 0}], ["spo2", "98"]]


def test_the_serial_number_is_told_once_and_never_as_dashes() -> None:
    said = heard("SN=0000093112 SPO2=098%", "SN=0000093112 SPO2=098%", "SN=---------- SPO2=098%")
    assert [one for one in said if one[0] == "identity"] == [["identity", {"serial": "0000093112"}]]


def test_what_has_no_metric_is_told_when_it_changes() -> None:
    said = heard("DESAT=-- ORI=0.20", "DESAT=01 ORI=0.20", "DESAT=01 ORI=0.20", "DESAT=-- ORI=0.20")
    told = [(one[1]["code"], one[1]["value"]) for one in said if one[0] == EventKind.UNMAPPED]
    assert told == [("ORI", "0.20"), ("DESAT", "01"), ("DESAT", "--")]


def test_the_rest_of_a_line_that_began_before_is_no_fault_and_other_text_is() -> None:
    codec = MasimoAscii()
    assert codec.receive_data(b"ALARM=0000 EXC=000800\r\n", NOW) == []
    assert briefly(codec.receive_data(b"Masimo\r\n", NOW)) == [["bad-bytes", {"framing": 1}]]


@pytest.mark.parametrize("line", ["SPO2=0x8%", "SPO2=098% ALARM=00G0", "SPO2=098% BPM=7-2", "SPO2=98.%"])
def test_a_line_with_a_damaged_value_is_left_out_and_counted(line: str) -> None:
    assert heard(line) == [["bad-bytes", {"range": 1}]]


def test_a_number_with_fewer_digits_than_before_costs_one_line() -> None:
    said = heard("SPO2=098%", "SPO2=98%", "SPO2=98%")
    assert values(said) == [["spo2", "98"], ["spo2", "98"]]
    assert said[-1] == ["bad-bytes", {"length": 1}]


def test_a_number_with_other_decimals_than_before_costs_one_line() -> None:
    assert values(heard("PI=13.60%", "PI=1360%", "PI=13.6%")) == [["pi", "13.60"]]


def test_a_model_that_puts_no_zeros_in_front_tells_more_digits() -> None:
    said = values(heard("SPO2=98% BPM=99 PI=9.9%", "SPO2=100% BPM=101 PI=10.1%"))
    assert said[3:] == [["spo2", "100"], ["pr_spo2", "101"], ["pi", "10.1"]]


def test_after_a_lost_digit_the_next_line_is_read() -> None:
    said = values(heard("SPO2=098%", "SPO2=08%", "SPO2=097%"))
    assert said == [["spo2", "98"], ["spo2", "97"]]


def test_a_line_without_end_is_forgotten_and_counted() -> None:
    codec = MasimoAscii()
    for _ in range(100):
        assert codec.receive_data(b"x" * 100, NOW) == []
    said = codec.receive_data(f"\n{HEAD} SPO2=098%\n".encode(), NOW)
    assert briefly(said)[1:] == [["spo2", "98"], ["bad-bytes", {"length": 1}]]


def test_values_keep_the_decimals_that_were_told() -> None:
    readings = MasimoAscii().receive_data(f"{HEAD} PI=03.60%\n".encode(), NOW)
    assert [one.value for one in readings if isinstance(one, Reading)] == [Decimal("3.60")]
