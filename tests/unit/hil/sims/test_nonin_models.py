"""Simulated Nonin oximeters and their codecs talk to each other: what is sent is what is heard."""

from collections.abc import Iterable

import pytest

from devices.capture import codecs_of
from devices.codecs import Codec, JournalledCodec, Said
from devices.model.observation import NO_SAMPLE, EventKind, Instant, Reading, Waveform
from devices.profiles import profile
from hil.sims.models.nonin import SIMULATORS
from hil.sims.patient import Patient
from hil.sims.simulated import Measured, WireSim

ALL = pytest.mark.parametrize("name", SIMULATORS)
START_S = 100.0


def instant(time_s: float) -> Instant:
    return Instant(round(time_s * 1e9))


class Talk:
    """A device and the codec of its profile, by turns as on a port."""

    def __init__(self, name: str) -> None:
        sim = SIMULATORS[name](Patient(3))
        assert not hasattr(sim, "measure")
        self.sim: WireSim = sim  # type: ignore[assignment]
        self.codec: Codec = codecs_of(profile(name).link)[None]
        self.sent: list[Measured] = []
        self.said: list[Said] = []
        self._time_s = START_S

    def run(self, turns: int) -> None:
        for _ in range(turns):
            self._pass(self.sim.heard(self.codec.data_to_send(), self._time_s))
            self._pass(self.sim.tick(self._time_s))
            now = instant(self._time_s)
            if isinstance(self.codec, JournalledCodec) and self.codec.awaits_journal():
                self.codec.journalled(now)
            due = self.codec.next_timer()
            if due is not None and due <= now:
                self.said += self.codec.handle_timer(now)
            self._time_s += self.sim.period_s

    def _pass(self, measured: Iterable[Measured]) -> None:
        for one in measured:
            self.sent.append(one)
            self.said += self.codec.receive_data(one.payload, instant(self._time_s))

    def sent_values(self, metric: str) -> list[object]:
        found = [one.values[metric] for one in self.sent if metric in one.values]
        return [n for value in found for n in (value if isinstance(value, list) else [value])]

    def heard_values(self, metric: str) -> list[object]:
        values: list[object] = []
        for one in self.said:
            if isinstance(one, Reading) and one.metric == metric:
                values.append(None if one.value is None else int(one.value))
            elif isinstance(one, Waveform) and one.metric == metric:
                numbers = memoryview(one.samples).cast("h")
                values += [None if n == NO_SAMPLE else int(n * one.scale + one.offset) for n in numbers]
        return values


@ALL
def test_every_value_of_every_metric_arrives(name: str) -> None:
    talk = Talk(name)
    talk.run(10)
    for metric in profile(name).metrics:
        assert talk.heard_values(metric) == talk.sent_values(metric)
        assert None not in talk.heard_values(metric)
        assert talk.heard_values(metric)


@ALL
def test_without_a_finger_there_are_no_values(name: str) -> None:
    talk = Talk(name)
    talk.sim.on_patient = False
    talk.run(10)
    for metric in profile(name).metrics:
        assert talk.heard_values(metric) == talk.sent_values(metric)
        assert set(talk.heard_values(metric)) == {None}


def test_a_finger_that_goes_takes_its_numbers_along_at_once() -> None:
    talk = Talk("nonin-4100-df8")
    talk.run(3)
    talk.sim.on_patient = False
    talk.run(15)
    assert talk.heard_values("spo2")[3:] == [None] * 15


@ALL
def test_nothing_is_refused_and_no_byte_is_bad(name: str) -> None:
    talk = Talk(name)
    talk.run(20)
    kinds = {one.kind for one in talk.said if not isinstance(one, Reading | Waveform)}
    assert not kinds & {EventKind.REFUSED, EventKind.BAD_BYTES}


def test_a_spot_checker_says_who_it_is() -> None:
    talk = Talk("nonin-9560")
    talk.run(5)
    told = [one.detail for one in talk.said if not isinstance(one, Reading | Waveform)]
    assert {"serial": "501493200"} in told
    assert {"firmware": "152"} in told


@pytest.mark.parametrize("name", ["nonin-xpod", "nonin-xpod-df7"])
def test_there_are_75_samples_a_second(name: str) -> None:
    talk = Talk(name)
    talk.run(15)
    assert len(talk.heard_values("pleth")) == 75
    assert len(talk.heard_values("spo2")) == 3


def test_a_module_refuses_the_format_of_another() -> None:
    sim = Talk("nonin-xpod-df7").sim
    assert [one.payload for one in sim.heard(bytes.fromhex("027002020203"), START_S)] == [b"\x15"]
