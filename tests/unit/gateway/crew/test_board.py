"""What the crew's page is told: the newest of everything on board, and nothing of anybody else."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from devices.model.identity import DeviceId, LocationId
from devices.model.observation import (
    Alert,
    DeviceEvent,
    EventKind,
    Instant,
    NoValue,
    Priority,
    Quality,
    Reading,
    Waveform,
)
from gateway.crew.board import WAVE_NS, Board
from gateway.gather import Who

OX: Who = (DeviceId("ox-1"), LocationId("amb-1"))
ELSEWHERE: Who = (DeviceId("ox-2"), LocationId("bed-9"))
NOWHERE: Who = (DeviceId("ox-3"), None)
ITSELF: Who = (None, None)
S = 1_000_000_000


def board() -> Board:
    made = Board("amb-1")
    made.serves([("ox-1", "nonin-xpod", ("spo2",))])
    made.take()
    return made


def reading(at_s: float, value: float | None = 97, quality: Quality = Quality.GOOD) -> Reading:
    at, reason = Instant(int(at_s * S)), None if value is not None else NoValue.SENSOR_OFF
    return Reading("spo2", at, None if value is None else Decimal(str(value)), reason, quality)


def alert(active: bool = True, code: str = "spo2-desaturation", **detail: str | int) -> Alert:
    return Alert(code, Instant(5 * S), Priority.HIGH, active, detail)


readings = st.builds(
    reading,
    st.integers(0, 50),
    st.one_of(st.none(), st.integers(50, 100)),
    st.sampled_from([Quality.GOOD, Quality.ARTIFACT, Quality.STORED]),
)


@given(st.lists(readings))
def test_the_newest_is_shown_whatever_the_order_and_nothing_stored_replaces_what_was_live(
    said: list[Reading],
) -> None:
    it = board()
    for one in said:
        it.heard(OX, one)
    lively = [one for one in said if not one.quality & Quality.STORED]
    held = it.values.get(("ox-1", "spo2"))
    if not said:
        assert held is None
    else:
        assert held is not None
        newest = max(one.at for one in lively or said)
        assert held.at_ms == newest // 1_000_000
        assert bool(held.quality & Quality.STORED) == (not lively)


@given(st.lists(st.tuples(st.sampled_from([ELSEWHERE, NOWHERE]), readings)))
def test_nothing_of_another_bed_or_of_none_is_ever_shown(said: list[tuple[Who, Reading]]) -> None:
    it = board()
    for who, one in said:
        it.heard(who, one)
    it.heard(ELSEWHERE, alert())
    assert it.values == {}
    assert it.alarms == []
    assert it.take() == ([], [], False, False)


@given(st.lists(readings, min_size=1))
def test_each_value_carries_its_time_and_either_a_number_or_why_there_is_none(said: list[Reading]) -> None:
    it = board()
    for one in said:
        it.heard(OX, one)
    for value in it.values.values():
        told = value.json()
        assert isinstance(told["at_ms"], int)
        assert (told["value"] is None) == (told["reason"] == "sensor-off")


def test_what_is_new_is_told_once() -> None:
    it = board()
    it.heard(OX, reading(1, 96))
    it.heard(OX, reading(2, 97))
    assert [value.value for value in it.take().values] == [97]
    assert it.take().values == []


@given(st.lists(st.integers(1, 3000), min_size=1, max_size=30))
def test_of_a_waveform_the_last_eight_seconds_are_kept_and_no_more(gaps_ms: list[int]) -> None:
    it, at = board(), 0
    for gap in gaps_ms:
        at += gap
        it.heard(OX, Waveform("pleth", Instant(at * 1_000_000), 1_000_000, b"\0\0" * 100))
    end_ms = at + 100
    kept = [one["at_ms"] for one in it.waves]
    assert kept[-1] == at
    assert all(one + 100 >= end_ms - WAVE_NS // 1_000_000 for one in kept)


def test_an_alarm_is_there_until_it_ends_and_keeps_when_it_began() -> None:
    it = board()
    it.heard(OX, alert(alarm=7, value="78", limit="80", **{"onset-ms": 10_000}))
    [one] = it.alarms
    assert (one["id"], one["number"], one["since_ms"], one["onset_ms"]) == ("7", 7, 5000, 10_000)
    it.heard(OX, Alert("spo2-desaturation", Instant(9 * S), Priority.HIGH, True, {"alarm": 7, "seen": 1}))
    [one] = it.alarms
    assert (one["seen"], one["since_ms"]) == (True, 5000)
    it.heard(OX, alert(active=False, alarm=7))
    assert it.alarms == []


def test_only_what_is_new_rings() -> None:
    it = board()
    it.heard(OX, alert(alarm=7))
    began = it.rang
    it.heard(OX, alert(alarm=7, seen=1))
    assert it.rang == began
    it.heard(OX, alert(alarm=7, seen=1, escalated=1))
    assert it.rang == began + 1
    it.heard(OX, alert(alarm=8))
    assert it.rang == began + 2


def test_technical_alarms_of_the_box_itself_are_shown_with_what_they_say() -> None:
    it = board()
    it.heard(ITSELF, alert(code="clock-unset"))
    it.heard(OX, alert(code="device-lost", why="silent", message="unplugged?", secret="no"))
    by_code = {one["code"]: one for one in it.alarms}
    assert by_code["clock-unset"]["id"] == ":clock-unset"
    assert by_code["device-lost"]["number"] is None
    assert by_code["device-lost"]["detail"] == {"why": "silent", "message": "unplugged?"}


def test_the_most_urgent_alarm_comes_first() -> None:
    it = board()
    it.heard(OX, Alert("a", Instant(2 * S), Priority.LOW, True))
    it.heard(OX, Alert("b", Instant(1 * S), Priority.HIGH, True))
    it.heard(OX, Alert("c", Instant(3 * S), Priority.MEDIUM, True))
    assert [one["code"] for one in it.alarms] == ["b", "c", "a"]


def test_a_devices_connection_battery_and_status_are_told() -> None:
    it = board()
    it.heard(OX, DeviceEvent(EventKind.CONNECTED, Instant(3 * S)))
    it.heard(OX, DeviceEvent(EventKind.BATTERY, Instant(4 * S), {"percent": 40}))
    it.heard(OX, DeviceEvent(EventKind.STATUS, Instant(4 * S), {"searching": 1}))
    [one] = it.devices
    assert (one["connected"], one["since_ms"], one["battery_percent"]) == (True, 3000, 40)
    assert one["status"] == {"searching": 1}
    assert it.take().devices


def test_nothing_of_a_device_that_is_served_no_more_is_shown() -> None:
    it = board()
    it.heard(OX, reading(1))
    it.heard(OX, alert())
    it.heard(OX, Waveform("pleth", Instant(S), 1_000_000, b"\0\0"))
    it.serves([])
    assert (it.values, it.waves, it.alarms, it.devices) == ({}, [], [], [])
    assert it.take().values == []


def test_what_was_measured_of_who_left_is_not_the_next_ones() -> None:
    it = board()
    it.heard(OX, reading(1, 71))
    it.leave(Instant(2 * S))
    it.heard(OX, reading(1.5, 72))
    assert it.values == {}
    it.heard(OX, reading(2.5, 99))
    assert [value.value for value in it.values.values()] == [99]
