"""Clocks of Bluetooth devices: how wrong they were is told, then they are set."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import Host
from devices.codecs.current_time import (
    CurrentTime,
    CurrentTimeCodec,
    DateTimeCodec,
    LocalTimeInformation,
    LocalTimeInformationCodec,
)
from devices.codecs.device_clock import DeviceClock, device_time
from devices.codecs.gatt import DeviceTime
from devices.model.observation import Instant, Quality, later
from tests.support.captures import briefly

NOW = Instant(7_200_000_000_000)
LOCAL = datetime(2026, 5, 12, 18, 53, 43, 70_000)  # noqa: DTZ001 - devices tell no zone
OCTET = st.integers(0, 255)
TIMES = st.builds(DeviceTime, st.integers(0, 65535), OCTET, OCTET, OCTET, OCTET, OCTET)


def local_time(at: Instant) -> datetime:
    return LOCAL.replace(tzinfo=UTC) + timedelta(microseconds=(at - NOW) / 1000)


@pytest.fixture
def clock() -> DeviceClock:
    return DeviceClock(Host(local_time))


@given(st.builds(CurrentTime, TIMES, OCTET, OCTET, OCTET))
def test_every_current_time_survives_encoding(value: CurrentTime) -> None:
    assert CurrentTime.decode(value.encode()) == value


def test_a_current_time_that_ends_with_its_seconds_is_read() -> None:
    time = DeviceTime(2026, 5, 12, 18, 53, 43)
    assert CurrentTime.decode(time.encode()) == CurrentTime(time)


def test_what_is_written_is_what_a_scale_is_known_to_take(clock: DeviceClock) -> None:
    # The Current Time that a Beurer BF720 was set to on 2026-05-12, a Tuesday (ble-scale-sync, issue 168).
    codec = CurrentTimeCodec(clock)
    codec.receive_data(bytes(10), NOW)
    assert codec.data_to_send() == bytes.fromhex("ea07050c12352b021101")


def test_a_date_time_is_set_to_the_local_time_once(clock: DeviceClock) -> None:
    codec = DateTimeCodec(clock)
    assert codec.data_to_send() == b""
    codec.receive_data(device_time(LOCAL).encode(), NOW)
    assert codec.data_to_send() == bytes.fromhex("ea07050c12352b")
    assert codec.data_to_send() == b""
    codec.receive_data(device_time(LOCAL).encode(), NOW)
    assert codec.data_to_send() == b""


@pytest.mark.parametrize("error_s", [-86400, -7, 0, 3600])
def test_how_wrong_it_was_is_told(clock: DeviceClock, error_s: int) -> None:
    shown = device_time(LOCAL + timedelta(seconds=error_s))
    [event] = DateTimeCodec(clock).receive_data(shown.encode(), NOW)
    assert briefly([event])[0][1]["error_s"] == error_s
    assert briefly([event])[0][1]["set"] == 1


def test_a_clock_that_was_never_set_has_no_error_and_is_set(clock: DeviceClock) -> None:
    codec = CurrentTimeCodec(clock)
    assert briefly(codec.receive_data(bytes(10), NOW)) == [
        ["device-clock", {"time": "0000-00-00T00:00:00", "set": 0}]
    ]
    assert len(codec.data_to_send()) == 10


def test_a_host_that_does_not_know_the_time_sets_no_clock() -> None:
    codec = DateTimeCodec(DeviceClock(Host()))
    assert briefly(codec.receive_data(device_time(LOCAL).encode(), NOW)) == [
        ["device-clock", {"time": "2026-05-12T18:53:43", "set": 1}]
    ]
    assert codec.data_to_send() == b""


def test_what_the_clock_showed_places_what_it_stamped_before_it_was_set(clock: DeviceClock) -> None:
    wrong = datetime(2016, 1, 1, 6, 0)  # noqa: DTZ001
    DateTimeCodec(clock).receive_data(device_time(wrong).encode(), NOW)
    moment = clock.measured(device_time(wrong - timedelta(minutes=10)), later(NOW, 1))
    assert moment.quality == Quality.STORED
    assert abs(moment.at - later(NOW, -600)) < 2_000_000_000


@given(st.binary(max_size=16))
def test_arbitrary_bytes_never_raise(data: bytes) -> None:
    for codec in (DateTimeCodec(DeviceClock(Host(local_time))), CurrentTimeCodec(DeviceClock(Host()))):
        codec.receive_data(data, NOW)
    LocalTimeInformationCodec().receive_data(data, NOW)


def test_a_time_cut_short_is_counted(clock: DeviceClock) -> None:
    assert briefly(DateTimeCodec(clock).receive_data(bytes(6), NOW)) == [["bad-bytes", {"length": 1}]]


@pytest.mark.parametrize(
    ("data", "zone", "saving"),
    [
        ("0404", "+01:00", "+01:00"),
        ("FC00", "-01:00", "+00:00"),
        ("1600", "+05:30", "+00:00"),
        ("80FF", "unknown", "unknown"),
        ("F304", "-03:15", "+01:00"),
    ],
)
def test_the_zone_is_told(data: str, zone: str, saving: str) -> None:
    told = LocalTimeInformationCodec().receive_data(bytes.fromhex(data), NOW)
    assert briefly(told) == [["identity", {"time-zone": zone, "daylight-saving": saving}]]
    assert LocalTimeInformation.decode(bytes.fromhex(data)).encode() == bytes.fromhex(data)
