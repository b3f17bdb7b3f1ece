"""Simulated monitors, scales and thermometers, talking to their profile's codecs in memory."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from devices.codecs import Codec, Host, Said
from devices.codecs.current_time import DATE_TIME
from devices.model.observation import DeviceEvent, EventKind, Instant, Quality, Reading, later
from devices.profiles import BleLink, profile
from hil.radio.peripheral import Characteristic
from hil.sims.models import blood_pressure, scales, thermometers
from hil.sims.models._stepped import Stepped
from hil.sims.patient import Patient

SIMULATORS = {**blood_pressure.SIMULATORS, **scales.SIMULATORS, **thermometers.SIMULATORS}
ALL = pytest.mark.parametrize("name", SIMULATORS)
LOCAL = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
START_S = 1000.0
DEVICES_S = 60.0
"""Long enough for every step of each of them."""


def uuid(characteristic: Characteristic) -> str:
    short = characteristic.uuid
    return short if len(short) == 36 else f"0000{short}-0000-1000-8000-00805f9b34fb"


def host_time(at: Instant) -> datetime:
    return LOCAL + timedelta(microseconds=at / 1000)


@dataclass
class Talk:
    """A simulator and the codecs of one connection."""

    name: str
    host: Host = field(default_factory=lambda: Host(host_time))
    told: list[tuple[str, float | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        made = SIMULATORS[self.name](Patient(3))
        link = profile(self.name).link
        assert isinstance(made, Stepped)
        assert isinstance(link, BleLink)
        self.sim, self.link = made, link
        self.codecs: dict[str, Codec] = link.codecs(self.host)
        self.offered = {uuid(one): one for service in made.services for one in service.characteristics}

    def read_clock(self, at_s: float) -> list[Said]:
        """Read Date Time, and write what its codec wants written."""
        clock = getattr(self.sim, "clock")  # noqa: B009
        codec, at = self.codecs[DATE_TIME], later(Instant(0), at_s)
        said = codec.receive_data(clock.shows(at_s).encode(), at)
        if owed := codec.data_to_send():
            clock.set(owed, at_s)
        return said

    def live(self, until_s: float, each: Callable[[float], None] = lambda _at: None) -> list[Said]:
        """Let it measure; give all that the codecs say."""
        said: list[Said] = []
        at_s = START_S
        while at_s < until_s:
            each(at_s)
            for characteristic, measured in self.sim.step(at_s):
                codec = self.codecs[uuid(characteristic)]
                said += codec.receive_data(measured.payload, later(Instant(0), at_s))
                self.told += [(metric, value) for metric, value in measured.values.items()]  # type: ignore[misc]
            at_s += self.sim.period_s
        return said


def readings(said: list[Said]) -> list[Reading]:
    return [one for one in said if isinstance(one, Reading)]


@ALL
def test_it_offers_what_its_profile_needs(name: str) -> None:
    talk = Talk(name)
    needed = {one.uuid for one in talk.link.characteristics if not one.optional}
    assert needed <= set(talk.offered)
    assert DATE_TIME in talk.offered


@ALL
def test_every_metric_of_the_profile_arrives_with_the_value_that_was_sent(name: str) -> None:
    talk = Talk(name)
    talk.read_clock(START_S)
    got = readings(talk.live(START_S + DEVICES_S))
    with_values = {one.metric for one in got if one.value is not None}
    assert with_values == set(profile(name).metrics)
    sent = [(metric, value) for metric, value in talk.told if metric in with_values]
    arrived = [(one.metric, None if one.value is None else float(one.value)) for one in got]
    assert [one for one in arrived if one[0] != "nibp_map" or one[1] is not None] == sent


@ALL
def test_its_measurements_are_new_once_its_clock_was_set(name: str) -> None:
    talk = Talk(name)
    [event] = talk.read_clock(START_S)
    assert isinstance(event, DeviceEvent)
    assert event.kind == EventKind.DEVICE_CLOCK
    assert int(event.detail["error_s"]) < -86400
    got = readings(talk.live(START_S + DEVICES_S))
    assert not any(Quality.STORED in one.quality for one in got)
    assert all(one.at >= later(Instant(0), START_S) for one in got)


@ALL
def test_off_the_patient_it_gives_no_value(name: str) -> None:
    talk = Talk(name)
    talk.sim.on_patient = False
    got = [one for one in readings(talk.live(START_S + DEVICES_S)) if one.metric != "cuff_pressure"]
    assert got
    assert all(one.value is None for one in got)


@ALL
def test_nothing_that_it_sends_is_bad(name: str) -> None:
    said = Talk(name).live(START_S + DEVICES_S)
    assert not [one for one in said if isinstance(one, DeviceEvent) and one.kind == EventKind.BAD_BYTES]


def test_a_monitor_whose_clock_cannot_be_read_is_not_believed_about_its_times() -> None:
    got = readings(Talk("and-ua-651ble", Host()).live(START_S + DEVICES_S))
    assert got
    assert all(Quality.QUESTIONABLE in one.quality for one in got)


def test_a_loose_cuff_is_told_and_fails_the_measurement() -> None:
    talk = Talk("and-ua-651ble")
    talk.sim.on_patient = False
    said = talk.live(START_S + DEVICES_S)
    conditions = [one.detail for one in said if isinstance(one, DeviceEvent) and one.kind == EventKind.STATUS]
    assert conditions[:2] == [{"cuff-too-loose": 1}, {"cuff-too-loose": 0}]
    assert {one.reason.name for one in readings(said) if one.reason} == {"FAILED", "NOT_AVAILABLE"}
