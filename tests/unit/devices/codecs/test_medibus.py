"""MEDIBUS, the host: the talk is begun, kept and begun again; every response is read, no bad one is."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.codecs import Said
from devices.codecs.medibus.codec import Medibus
from devices.codecs.medibus.codes import LIMITS, MEANINGS, RANKED, WAVES, rank
from devices.codecs.medibus.frames import NAK, Code, command, response
from devices.codecs.medibus.records import (
    Alarm,
    Message,
    Stream,
    encode_alarms,
    encode_messages,
    encode_streams,
)
from devices.model.metrics import METRICS
from devices.model.observation import DeviceEvent, EventKind, Instant, Reading
from devices.model.units import converted
from tests.support.captures import briefly

SECOND = 1_000_000_000
NOW = Instant(100 * SECOND)
GOOD = response(Code.DATA_1, b"D6  14F0  40E6  387D20.0B9 8.5")
READINGS = {"vent_rr_total": "14", "fio2": "40", "etco2": "38", "vent_pip": "20.394", "vent_mv": "8.5"}
PAW, FLOW = Stream(0x00, 20_000, -20, 100, 0xFFF), Stream(0x01, 20_000, -180, 180, 0xFFF)


def heard(*pieces: bytes, codec: Medibus | None = None, now: Instant = NOW) -> list[Said]:
    codec = codec or Medibus()
    return [one for piece in pieces for one in codec.receive_data(piece, now)]


def values(said: Iterable[Said]) -> dict[str, str]:
    return {one.metric: str(one.value) for one in said if isinstance(one, Reading) and one.value is not None}


def events(said: Iterable[Said], kind: EventKind) -> list[dict[str, Any]]:
    return [dict(one.detail) for one in said if isinstance(one, DeviceEvent) and one.kind == kind]


def due(codec: Medibus) -> Instant:
    timer = codec.next_timer()
    assert timer is not None
    return timer


def asked(codec: Medibus) -> bytes:
    """What is asked when the next request is due."""
    codec.handle_timer(due(codec))
    return codec.data_to_send()


def talking(*streams: Stream) -> Medibus:
    """A codec whose talk has begun."""
    codec = Medibus()
    assert codec.data_to_send() == command(Code.ICC) == b"\x1bQ6C\r"
    codec.handle_timer(NOW)
    heard(response(Code.ICC), codec=codec)
    assert asked(codec) == command(Code.IDENTIFICATION)
    heard(response(Code.IDENTIFICATION, b"8207'EvitaXL'07.00:04.03"), codec=codec)
    assert asked(codec) == command(Code.REALTIME_CONFIGURATION)
    heard(response(Code.REALTIME_CONFIGURATION, encode_streams(streams)), codec=codec)
    return codec


def test_measured_data_are_readings_in_the_metric_s_unit() -> None:
    assert values(heard(GOOD)) == READINGS


def test_the_same_number_of_another_codepage_is_another_quantity() -> None:
    said = heard(response(Code.DATA_1, b"21 999"))
    assert values(said) == {}
    assert events(said, EventKind.UNMAPPED)[0]["code"] == "24:21"


@pytest.mark.parametrize("text", [b"    ", b"----", b"****", b" ---", b"  - "])
def test_blanks_and_dashes_are_no_value(text: bytes) -> None:
    assert briefly(heard(response(Code.DATA_1, b"78" + text))) == [["vent_peep", "NOT_AVAILABLE"]]


def test_a_text_that_is_no_number_is_an_invalid_value() -> None:
    assert briefly(heard(response(Code.DATA_1, b"78  >9"))) == [["vent_peep", "INVALID"]]


@pytest.mark.parametrize(
    ("text", "value"), [(b" 5.0", "5.099"), (b"- 80", "-81.58"), (b"-1.5", "-1.530"), (b".5  ", "0.510")]
)
def test_a_number_may_stand_anywhere_in_its_field(text: bytes, value: str) -> None:
    assert values(heard(response(Code.DATA_1, b"78" + text))) == {"vent_peep": value}


def test_co2_is_taken_in_the_unit_that_the_device_is_set_to() -> None:
    codec = Medibus()
    assert values(heard(response(Code.DATA_1, b"E6    E3 5.1"), codec=codec)) == {"etco2": "38.253"}
    assert values(heard(response(Code.DATA_1, b"E6  38E3    "), codec=codec)) == {"etco2": "38"}
    assert briefly(heard(response(Code.DATA_1, b"E6    E3    "), codec=codec))[-1][0] != "vent_pip"


def test_a_quantity_that_comes_by_two_codes_makes_one_reading() -> None:
    said = heard(response(Code.DATA_1, b"82 .4588 450"))
    assert [one for one in briefly(said) if one[0] == "vent_vt"] == [["vent_vt", "450"]]
    assert [one["code"] for one in events(said, EventKind.UNMAPPED)] == ["24:82"]


def test_a_better_code_of_another_page_takes_over_and_hands_back() -> None:
    codec = Medibus()
    first = values(heard(response(Code.DATA_1, b"88 450"), codec=codec))
    better = values(heard(response(Code.DATA_2, b"21 455"), response(Code.DATA_1, b"88 460"), codec=codec))
    again = values(heard(response(Code.DATA_2, b"22 455"), response(Code.DATA_1, b"88 470"), codec=codec))
    assert (first, better) == ({"vent_vt": "450"}, {"vent_vt": "455"})
    assert again == {"vent_vt_insp": "455", "vent_vt": "470"}


def test_settings_are_told_when_they_change_and_never_as_measured_values() -> None:
    codec = Medibus()
    settings_ = response(Code.SETTINGS, b"01  10009   120B  5.0")
    said = heard(settings_, settings_, codec=codec)
    assert values(said) == {"vent_rr_set": "12"}
    told = [(one["code"], one["value"], one["unit"]) for one in events(said, EventKind.UNMAPPED)]
    assert told == [("29:01", "100", "%"), ("29:0B", "5.0", "mbar")]


def test_alarm_limits_are_told_when_they_change() -> None:
    codec = Medibus()
    said = heard(
        response(Code.HIGH_LIMITS_1, b"7D  35"), response(Code.HIGH_LIMITS_1, b"7D  40"), codec=codec
    )
    assert [(one["code"], one["value"], one["text"]) for one in events(said, EventKind.UNMAPPED)] == [
        ("26:7D", "35", "high limit of peak inspiratory pressure"),
        ("26:7D", "40", "high limit of peak inspiratory pressure"),
    ]
    assert values(said) == {}


def alarms(*active: Alarm, page: Code = Code.ALARMS_1) -> bytes:
    return response(page, encode_alarms(active))


def test_an_alarm_begins_and_ends() -> None:
    high = Alarm(27, 0x10, "PAW HIGH")
    said = heard(alarms(high), alarms(high), alarms(page=Code.ALARMS_2), alarms())
    begun = {"code": "27:10", "text": "PAW HIGH", "active": 1, "priority": "high"}
    assert events(said, EventKind.DEVICE_ALARM) == [begun, begun | {"active": 0}]


def test_an_alarm_whose_priority_changes_is_told_again() -> None:
    said = heard(alarms(Alarm(8, 0x98, "APNEA")), alarms(Alarm(27, 0x98, "APNEA")))
    assert [one["priority"] for one in events(said, EventKind.DEVICE_ALARM)] == ["low", "high"]


def test_the_same_code_of_two_pages_is_two_alarms() -> None:
    said = heard(alarms(Alarm(11, 0x10, "A")), alarms(Alarm(11, 0x10, "B"), page=Code.ALARMS_2))
    assert [one["code"] for one in events(said, EventKind.DEVICE_ALARM)] == ["27:10", "2E:10"]


def test_priorities_are_advisories_cautions_and_warnings() -> None:
    assert [rank(n) for n in (1, 10, 11, 24, 25, 31)] == ["low", "low", "medium", "medium", "high", "high"]


def test_text_messages_are_told_when_they_come_and_go() -> None:
    codec = Medibus()
    both = encode_messages([Message(0x06, "SIMV"), Message(0x20, "Adults")])
    said = heard(response(Code.TEXT_MESSAGES, both), response(Code.TEXT_MESSAGES, both), codec=codec)
    assert [(one["code"], one["value"]) for one in events(said, EventKind.UNMAPPED)] == [
        ("2A:06", "SIMV"),
        ("2A:20", "Adults"),
    ]
    said = heard(response(Code.TEXT_MESSAGES, encode_messages([Message(0x06, "SIMV")])), codec=codec)
    assert [(one["code"], one["value"]) for one in events(said, EventKind.UNMAPPED)] == [("2A:20", "")]


def test_standby_is_a_status() -> None:
    said = heard(response(Code.TEXT_MESSAGES, encode_messages([Message(0x1E, "Standby")])))
    assert events(said, EventKind.STATUS) == [{"standby": 1}]


def test_the_device_says_who_it_is_once() -> None:
    one = response(Code.IDENTIFICATION, b"5700'Babyleo TN500'01.06:06.00")
    assert events(heard(one, one), EventKind.IDENTITY) == [
        {"model": "Babyleo TN500", "software": "01.06", "type-number": "5700"}
    ]
    assert heard(response(Code.IDENTIFICATION)) == []


def test_the_device_s_clock_is_told() -> None:
    said = heard(response(Code.DATE_TIME, b"15:27:1221-AUG-26"))
    assert events(said, EventKind.DEVICE_CLOCK) == [{"time": "2026-08-21T15:27:12", "set": 1}]
    assert heard(response(Code.DATE_TIME)) == []


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"D6 14", "length"), (b"D6  14zz  20", "range"), (b"D6  14F0  4", "length")],
)
def test_a_response_with_bad_records_gives_nothing(data: bytes, reason: str) -> None:
    assert briefly(heard(response(Code.DATA_1, data))) == [["bad-bytes", {reason: 1}]]


def test_a_command_of_the_device_within_a_response_costs_nothing() -> None:
    codec = talking()
    said = heard(GOOD[:9] + command(Code.NOP) + GOOD[9:], codec=codec)
    assert values(said) == READINGS
    assert codec.data_to_send() == response(Code.NOP)


def test_realtime_bytes_and_flow_control_may_stand_anywhere() -> None:
    mixed = b"".join(bytes((octet,)) + b"\xd0\x11\x13" for octet in GOOD)
    assert briefly(heard(mixed)) == briefly(heard(GOOD))


@pytest.mark.parametrize(
    "code", [Code.NOP, Code.STOP, Code.TIME_CHANGED, Code.DATA_1, Code.REALTIME_CONFIGURATION]
)
def test_every_command_of_the_device_is_answered(code: Code) -> None:
    codec = talking()
    heard(command(code), codec=codec)
    assert codec.data_to_send() == response(code)


def test_the_device_is_told_who_we_are() -> None:
    codec = talking()
    heard(command(Code.IDENTIFICATION), codec=codec)
    assert codec.data_to_send().startswith(b"\x01R0161'Wardlink'01.00:06.00")


def test_a_response_is_never_answered() -> None:
    codec = talking()
    heard(response(Code.NOP), codec=codec)
    assert codec.data_to_send() == b""


def test_data_and_alarms_are_asked_for_in_turn_with_one_of_the_rest() -> None:
    codec = talking()
    codes: list[int] = []
    for _ in range(10):
        request = asked(codec)
        codes.append(request[1])
        assert due(codec) > NOW
        heard(response(request[1]), codec=codec)
    assert codes[:5] == [Code.DATA_1, Code.ALARMS_1, Code.DATA_2, Code.ALARMS_2, Code.SETTINGS]
    assert codes.count(Code.DATA_1) == 2


def test_a_device_that_does_not_answer_is_asked_again_and_that_is_told() -> None:
    codec = Medibus()
    codec.data_to_send()
    codec.handle_timer(NOW)
    told: list[Any] = []
    for _ in range(3):
        told += events(codec.handle_timer(due(codec)), EventKind.REFUSED)
        assert codec.data_to_send() == command(Code.ICC)
    assert told == [{"command": "icc", "answer": "none"}]


def test_a_device_that_falls_silent_is_spoken_to_from_the_beginning() -> None:
    codec = talking()
    codec.handle_timer(due(codec))
    refused = [events(codec.handle_timer(due(codec)), EventKind.REFUSED) for _ in range(3)]
    assert [len(one) for one in refused] == [0, 0, 1]
    assert codec.data_to_send().endswith(command(Code.ICC))


def test_a_missing_response_costs_that_request_only() -> None:
    codec = talking()
    assert asked(codec) == command(Code.DATA_1)
    assert asked(codec) == command(Code.ALARMS_1)
    heard(response(Code.ALARMS_1), codec=codec)
    assert asked(codec) == command(Code.DATA_2)


def test_the_device_s_own_beginning_begins_the_talk_anew() -> None:
    codec = talking()
    heard(command(Code.ICC), codec=codec)
    assert codec.data_to_send() == response(Code.ICC)
    assert asked(codec) == command(Code.IDENTIFICATION)


def test_a_device_that_stops_is_spoken_to_again() -> None:
    codec = talking()
    heard(command(Code.STOP), codec=codec)
    assert asked(codec).endswith(command(Code.ICC))


def test_a_request_that_came_damaged_is_repeated_but_not_for_ever() -> None:
    codec = talking()
    assert asked(codec) == command(Code.DATA_1)
    answers: list[bytes] = []
    for _ in range(3):
        said = heard(response(NAK), codec=codec)
        assert events(said, EventKind.REFUSED) == [{"command": "data-1", "answer": "nak"}]
        answers.append(asked(codec))
    assert answers == [command(Code.DATA_1), command(Code.DATA_1), command(Code.ALARMS_1)]


def test_curves_are_selected_in_order_and_enabled() -> None:
    codec = talking(FLOW, PAW, Stream(0x24, 20_000, 0, 1000, 0xFFF))
    assert asked(codec) == command(Code.CONFIGURE_REALTIME, b"00010101")
    heard(response(Code.CONFIGURE_REALTIME), codec=codec)
    assert codec.data_to_send() == bytes.fromhex("d0 c1c3 c2c0 c3c0 c0c0")


def test_of_two_curves_of_one_metric_one_is_selected() -> None:
    codec = talking(Stream(0x07, 20_000, 0, 13, 0xFFF), Stream(0x06, 20_000, 0, 100, 0xFFF))
    assert asked(codec) == command(Code.CONFIGURE_REALTIME, b"0601")


def test_a_device_without_curves_is_asked_for_its_data() -> None:
    assert asked(talking()) == command(Code.DATA_1)


def test_changed_curves_are_stopped_and_asked_for_again() -> None:
    codec = talking(PAW)
    asked(codec)
    heard(response(Code.CONFIGURE_REALTIME), codec=codec)
    codec.data_to_send()
    heard(command(Code.REALTIME_CHANGED), codec=codec)
    assert codec.data_to_send() == response(Code.REALTIME_CHANGED) + bytes.fromhex("d0 c1c0 c2c0 c3c0 c0c0")
    assert asked(codec) == command(Code.REALTIME_CONFIGURATION)


@given(st.lists(st.integers(0, len(GOOD) * 2), max_size=12))
def test_a_stream_says_the_same_however_it_is_cut(cuts: list[int]) -> None:
    stream = GOOD + response(Code.DATA_1, b"D6  15")
    places = sorted({0, *cuts, len(stream)} & set(range(len(stream) + 1)))
    assert heard(*[stream[a:b] for a, b in pairwise(places)]) == heard(stream)


@settings(max_examples=300)
@given(st.integers(0, len(GOOD) - 1), st.integers(0, 7))
def test_a_flipped_bit_never_makes_another_number_and_costs_at_most_the_frame(at: int, bit: int) -> None:
    damaged = bytearray(GOOD)
    damaged[at] ^= 1 << bit
    after = response(Code.DATA_1, b"D6  15")
    said = values(heard(bytes(damaged) + after + after))
    assert said in ({"vent_rr_total": "15"}, READINGS | {"vent_rr_total": "15"})


@given(st.binary(max_size=400))
def test_arbitrary_bytes_never_raise_and_never_make_a_number(data: bytes) -> None:
    codec = talking(PAW, FLOW)
    assert values(heard(data, codec=codec)) == {}
    assert values(heard(GOOD, codec=codec)) == READINGS


def test_a_flood_of_garbage_is_bounded() -> None:
    codec = talking()
    said = heard(*[b"\x01" + b"x" * 999] * 30, *[b"\x1b" + b"y" * 9999] * 5, GOOD, codec=codec)
    assert values(said) == READINGS
    assert len(codec.data_to_send()) < 100


def test_every_code_with_a_metric_has_a_unit_that_can_become_the_metric_s() -> None:
    for meaning in [*MEANINGS.values(), *WAVES.values()]:
        if meaning.metric:
            converted(Decimal(1), meaning.unit, METRICS[meaning.metric].unit)
    assert all(METRICS[meaning.metric].is_waveform for meaning in WAVES.values())


def test_a_set_value_has_no_metric_of_a_measured_one() -> None:
    pages = {metric: {page for page, _ in keys} for metric, keys in RANKED.items()}
    assert [metric for metric, of in pages.items() if Code.SETTINGS in of] == ["vent_rr_set"]
    assert pages["vent_rr_set"] == {Code.SETTINGS}
    assert set(LIMITS.values()) == {Code.DATA_1, Code.DATA_2}
