"""Simulated Contec oximeters and their codecs talk to each other: what is sent is what is heard."""

from collections.abc import Iterable

import pytest

from devices.capture import codecs_of
from devices.codecs import Codec, Said
from devices.model.observation import NO_SAMPLE, EventKind, Instant, Reading, Waveform
from devices.profiles import profile
from hil.sims.models.contec import SIMULATORS, V7Sim
from hil.sims.patient import Patient
from hil.sims.simulated import Measured, WireSim

ALL = pytest.mark.parametrize("name", SIMULATORS)


class Talk:
    """A device and the codec of its profile, by turns as on a port."""

    def __init__(self, name: str) -> None:
        self.sim: WireSim = SIMULATORS[name](Patient(3))  # type: ignore[assignment]
        self.codec: Codec = codecs_of(profile(name).link)[None]
        self.sent: list[Measured] = []
        self.said: list[Said] = []
        self._time_s = 100.0

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / self.sim.period_s)):
            self._pass(self.sim.heard(self.codec.data_to_send(), self._time_s))
            self._pass(self.sim.tick(self._time_s))
            now = Instant(round(self._time_s * 1e9))
            due = self.codec.next_timer()
            if due is not None and due <= now:
                self.said += self.codec.handle_timer(now)
            self._time_s += self.sim.period_s

    def _pass(self, measured: Iterable[Measured]) -> None:
        for one in measured:
            self.sent.append(one)
            self.said += self.codec.receive_data(one.payload, Instant(round(self._time_s * 1e9)))

    def readings(self, metric: str) -> list[float | None]:
        found = [one for one in self.said if isinstance(one, Reading) and one.metric == metric]
        return [None if one.value is None else float(one.value) for one in found]

    def pleth(self) -> list[int | None]:
        waves = [one for one in self.said if isinstance(one, Waveform)]
        samples = [n for wave in waves for n in memoryview(wave.samples).cast("h")]
        return [None if n == NO_SAMPLE else n for n in samples]

    def sent_values(self, metric: str) -> list[object]:
        found = [one.values[metric] for one in self.sent if metric in one.values]
        return [n for value in found for n in (value if isinstance(value, list) else [value])]


@ALL
def test_every_sample_of_pleth_and_every_number_arrives(name: str) -> None:
    talk = Talk(name)
    talk.run(2)
    sent, heard = talk.sent_values("pleth"), talk.pleth()
    assert len(heard) == 120
    assert heard == sent
    for metric in profile(name).metrics[:-1]:
        assert set(talk.sent_values(metric)) <= set(talk.readings(metric))
        assert None not in talk.readings(metric)
        assert talk.readings(metric)


@ALL
def test_without_a_finger_there_are_no_values(name: str) -> None:
    talk = Talk(name)
    talk.sim.on_patient = False
    talk.run(2)
    assert set(talk.pleth()) == {None}
    for metric in profile(name).metrics[:-1]:
        assert set(talk.readings(metric)) == {None}


@ALL
def test_a_finger_that_goes_is_told_within_a_tick(name: str) -> None:
    talk = Talk(name)
    talk.run(1)
    talk.sim.on_patient = False
    talk.run(0.05)
    assert talk.readings("spo2")[-1] is None


@ALL
def test_it_goes_on_for_a_minute_without_a_fault(name: str) -> None:
    talk = Talk(name)
    talk.run(62)
    kinds = {one.kind for one in talk.said if not isinstance(one, Reading | Waveform)}
    assert kinds == set()
    assert len(talk.pleth()) >= 60 * 60


def test_a_model_that_hears_of_no_host_stops() -> None:
    sim = V7Sim(Patient(3))
    assert sim.tick(0.0) == []
    sim.heard(bytes.fromhex("7D81A1808080808080"), 0.0)
    assert sim.tick(29.0) != []
    assert sim.tick(31.0) == []


def test_a_model_refuses_what_it_does_not_know() -> None:
    talk = Talk("contec-cms50d-plus")
    answers = talk.sim.heard(bytes.fromhex("7D81B0808080808080"), 0.0)
    said = [one for answer in answers for one in talk.codec.receive_data(answer.payload, Instant(0))]
    assert [one.kind for one in said if not isinstance(one, Reading | Waveform)] == [EventKind.REFUSED]
