"""Nonin Data Format 13: each spot check once, at its time, and acknowledged only when it cannot be lost."""

from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import JournalledCodec, Said
from devices.codecs.device_clock import device_time
from devices.codecs.gatt import DeviceTime
from devices.codecs.nonin_df13 import COMMANDS, Measurement, NoninDf13, Status
from devices.codecs.nonin_df13_reader import MEASUREMENT, NAME, REVISIONS, TIME, Message
from devices.codecs.nonin_packet import ACK, NAK
from devices.model.observation import Instant, Reading
from tests.support.captures import briefly

SECOND = 1_000_000_000
NOW = Instant(100_000 * SECOND)
NOON = DeviceTime(2026, 5, 4, 12, 0, 0)
STORED = Status.SMARTPOINT | Status.FROM_MEMORY
FIRST, LAST = datetime(2000, 1, 1), datetime(2099, 12, 31)  # noqa: DTZ001 - devices tell no zone
MEASUREMENTS = st.builds(
    Measurement,
    time=st.datetimes(FIRST, LAST).map(device_time),
    rate=st.none() | st.integers(0, 321),
    spo2=st.none() | st.integers(0, 126),
    status=st.sets(st.sampled_from(list(Status))).map(lambda bits: Status(sum(bits))),
)


def heard(*pieces: bytes, codec: NoninDf13 | None = None) -> list[Said]:
    codec = codec or NoninDf13()
    return [one for piece in pieces for one in codec.receive_data(piece, NOW)]


def spot(rate: int | None = 72, spo2: int | None = 97, status: Status = Status.SMARTPOINT) -> bytes:
    return Measurement(NOON, rate, spo2, status).encode()


def numbers(said: list[Said]) -> list[Any]:
    return [one for one in briefly(said) if one[0] in ("pr_spo2", "spo2")]


def clock_shows(hour: int, minute: int = 0) -> bytes:
    return Message(TIME, bytes((26, 5, 4, hour, minute, 0))).encode()


@given(MEASUREMENTS)
def test_every_measurement_survives_encoding(measured: Measurement) -> None:
    packet = measured.encode()
    assert len(packet) == 22
    assert Measurement.decode(packet[6:-2]) == measured


@given(st.lists(MEASUREMENTS, max_size=4), st.data())
def test_a_stream_says_the_same_however_it_is_cut(measured: list[Measurement], data: st.DataObject) -> None:
    stream = b"".join(one.encode() for one in measured)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    pieces = [stream[a:b] for a, b in pairwise([0, *cuts, len(stream)])]
    assert briefly(heard(*pieces)) == briefly(heard(stream))
    assert len(numbers(heard(stream))) == 2 * len(measured)


@given(st.integers(0, 21), st.integers(0, 7))
def test_a_flipped_bit_costs_that_measurement_only(at: int, bit: int) -> None:
    broken = bytearray(spot(111, 88))
    broken[at] ^= 1 << bit
    codec = NoninDf13()
    said = numbers(heard(spot(60, 91), bytes(broken), spot(61, 92), codec=codec))
    said += numbers(codec.handle_timer(Instant(NOW + SECOND)))
    assert said[:2] == [["pr_spo2", "60"], ["spo2", "91"]]
    assert said[-2:] == [["pr_spo2", "61"], ["spo2", "92"]]
    assert len(said) == 4 or (at == 0 and len(said) == 6)  # the NULL before STX is no part of the sum


@given(st.binary(max_size=200))
def test_arbitrary_bytes_never_raise_and_never_make_a_number(data: bytes) -> None:
    assert numbers(heard(data)) == []


@given(st.binary(max_size=100))
def test_after_any_garbage_the_next_measurement_is_read_at_the_latest_when_time_is_up(garbage: bytes) -> None:
    codec = NoninDf13()
    said = heard(garbage, spot(61, 92), codec=codec)
    said += codec.handle_timer(Instant(NOW + SECOND))
    assert numbers(said)[-2:] == [["pr_spo2", "61"], ["spo2", "92"]]


def test_a_packet_that_has_grown_is_read_by_its_length() -> None:
    data = spot()[6:-2] + b"501493200"
    assert numbers(heard(Message(13, data).encode())) == [["pr_spo2", "72"], ["spo2", "97"]]


def test_a_measurement_is_acknowledged_only_when_it_is_in_the_journal() -> None:
    codec = NoninDf13()
    assert isinstance(codec, JournalledCodec)
    codec.data_to_send()
    heard(spot(), spot(), codec=codec)
    assert codec.awaits_journal()
    assert codec.data_to_send() == b""
    codec.journalled(NOW)
    assert not codec.awaits_journal()
    assert codec.data_to_send() == bytes((ACK, ACK))


def test_a_damaged_measurement_is_not_acknowledged() -> None:
    codec = NoninDf13()
    heard(spot()[:-2] + b"\x00\x03", codec=codec)
    assert not codec.awaits_journal()


def test_a_stored_measurement_has_the_instant_at_which_it_was_measured() -> None:
    said = heard(clock_shows(14), spot(status=STORED))
    assert numbers(said) == [["pr_spo2", "72", "STORED"], ["spo2", "97", "STORED"]]
    assert {NOW - one.at for one in said if isinstance(one, Reading)} == {2 * 3600 * SECOND}


def test_a_stored_measurement_that_cannot_be_placed_is_questionable() -> None:
    said = heard(spot(status=STORED))
    assert numbers(said)[0] == ["pr_spo2", "72", "QUESTIONABLE|STORED"]
    assert {one.at for one in said if isinstance(one, Reading)} == {NOW}


def test_a_fresh_measurement_is_of_now_whatever_the_device_s_clock_says() -> None:
    said = heard(clock_shows(23), spot())
    assert {one.at for one in said if isinstance(one, Reading)} == {NOW}
    assert ["device-clock", {"time": "2026-05-04T12:00:00", "set": 1}] in briefly(said)


def test_a_time_that_is_not_decimal_is_not_told_and_the_numbers_are() -> None:
    data = bytearray(spot()[6:-2])
    data[1] = 0x3A
    said = briefly(heard(Message(13, bytes(data)).encode()))
    assert said == [["pr_spo2", "72"], ["spo2", "97"]]


def test_a_measurement_below_the_device_s_own_criterion_is_questionable() -> None:
    assert numbers(heard(spot(status=Status(0))))[0] == ["pr_spo2", "72", "QUESTIONABLE"]


def test_a_failed_measurement_gives_no_values_whatever_its_numbers() -> None:
    said = numbers(heard(spot(status=Status.SMARTPOINT | Status.NO_MEASUREMENT)))
    assert said == [["pr_spo2", "FAILED"], ["spo2", "FAILED"]]


def test_missing_numbers_are_no_values() -> None:
    assert numbers(heard(spot(None, None))) == [["pr_spo2", "NOT_AVAILABLE"], ["spo2", "NOT_AVAILABLE"]]


def test_a_low_battery_is_told_when_it_begins_and_ends() -> None:
    low = spot(status=Status.SMARTPOINT | Status.LOW_BATTERY)
    told = [one for one in briefly(heard(low, low, spot())) if one[0] == "status"]
    assert told == [["status", {"low-battery": 1}], ["status", {"low-battery": 0}]]


def test_the_device_says_who_it_is() -> None:
    name = b"\x02501493200"
    answers = (
        Message(NAME, name + bytes((sum(name) % 256,))).encode(),
        Message(REVISIONS, bytes((152, 0))).encode(),
    )
    assert briefly(heard(*answers)) == [
        ["identity", {"serial": "501493200"}],
        ["identity", {"firmware": "152"}],
    ]


def test_an_impossible_time_of_the_clock_is_not_believed() -> None:
    said = heard(Message(TIME, bytes((26, 13, 40, 12, 0, 0))).encode(), spot(status=STORED))
    assert numbers(said)[0] == ["pr_spo2", "72", "QUESTIONABLE|STORED"]


def test_the_clock_is_asked_for_first_and_the_rest_one_by_one_again_and_again() -> None:
    codec = NoninDf13()
    sent = [codec.data_to_send()]
    codec.handle_timer(NOW)
    waits = []
    now = NOW
    for _ in range(5):
        due = codec.next_timer()
        assert due is not None
        waits.append((due - now) // SECOND)
        codec.handle_timer(due)
        sent.append(codec.data_to_send())
        now = due
    assert sent == [*COMMANDS.values(), *[*COMMANDS.values()][:2]]
    assert sent[0] == bytes.fromhex("02720003")
    assert waits == [1, 1, 1, 20, 1]


def test_a_refusal_names_what_was_asked_last() -> None:
    codec = NoninDf13()
    assert briefly(codec.receive_data(bytes((NAK,)), NOW)) == [
        ["refused", {"command": "get-time", "answer": "nak"}]
    ]
    assert briefly(codec.receive_data(bytes((NAK,)), NOW)) == [["bad-bytes", {"framing": 1}]]


@pytest.mark.parametrize("cut", range(1, 22))
def test_a_measurement_in_two_parts_is_whole_if_they_are_close_in_time(cut: int) -> None:
    codec = NoninDf13()
    said = codec.receive_data(spot()[:cut], NOW)
    codec.handle_timer(Instant(NOW + SECOND // 2))
    said += codec.receive_data(spot()[cut:], Instant(NOW + SECOND // 2))
    assert numbers(said) == [["pr_spo2", "72"], ["spo2", "97"]]


def test_a_serial_number_that_is_added_to_a_measurement_is_told() -> None:
    data = spot()[6:-2]
    assert briefly(heard(Message(MEASUREMENT, data + b"501493200").encode()))[0] == [
        "identity",
        {"serial": "501493200"},
    ]


@pytest.mark.parametrize("added", [b"\x00" * 9, b"50149320", b"\x01\x02"])
def test_other_data_that_are_added_to_a_measurement_say_nothing(added: bytes) -> None:
    assert heard(Message(MEASUREMENT, spot()[6:-2] + added).encode()) == heard(spot())
