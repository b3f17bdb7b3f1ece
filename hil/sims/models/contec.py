"""Simulated Contec oximeters: the older ones, which send by themselves, and those of protocol V7.0."""

from devices.codecs import contec_cms50, contec_cms50_5byte
from devices.codecs.contec_pulse import SAMPLE_HZ, Flags, Sample
from hil.sims.patient import Patient
from hil.sims.simulated import MakeSim, Measured

_GROUP = 3
"""Packets that leave together: 20 times a second."""
_OFF_PLETH = 0x40
_PI = 250
"""Hundredths of a percent; synthetic: the patient has no perfusion index."""
_FREE = contec_cms50.package(contec_cms50.FREE, b"")
_NOT_SUPPORTED = 5


def _sample(patient: Patient, on_patient: bool, time_s: float, has_pi: bool) -> Sample:
    if not on_patient:
        return Sample(_OFF_PLETH, None, None, Flags.PROBE_ERROR, has_pi)
    rate, spo2 = round(patient.heart_rate(time_s)), round(patient.spo2(time_s))
    return Sample(round(127 * patient.pleth(time_s)), rate, spo2, has_pi=has_pi, pi=_PI if has_pi else None)


def _values(sample: Sample, told: bool) -> dict[str, float | list[int | None] | None]:
    """What a packet says; its numbers only where they are `told` anew."""
    pleth: list[int | None] = [None if Flags.PROBE_ERROR in sample.flags else sample.pleth]
    numbers: dict[str, float | None] = {"pr_spo2": sample.rate, "spo2": sample.spo2}
    if sample.has_pi:
        numbers["pi"] = None if sample.pi is None else sample.pi / 100
    return {"pleth": pleth, **(numbers if told else {})}


class _Contec:
    period_s = _GROUP / SAMPLE_HZ
    has_pi = False

    def __init__(self, patient: Patient) -> None:
        self.on_patient = True
        self._patient = patient
        self._count = 0

    def _measure(self, time_s: float) -> list[tuple[Sample, dict[str, float | list[int | None] | None]]]:
        """The samples of one tick; the numbers are written down once a second."""
        samples: list[tuple[Sample, dict[str, float | list[int | None] | None]]] = []
        for index in range(_GROUP):
            at = time_s + index / SAMPLE_HZ
            sample = _sample(self._patient, self.on_patient, at, self.has_pi)
            samples.append((sample, _values(sample, self._count % SAMPLE_HZ == 0)))
            self._count += 1
        return samples


class FiveByteSim(_Contec):
    """A CMS50D or CMS50E: it sends whether or not it is asked."""

    def tick(self, time_s: float) -> list[Measured]:
        """The next packets."""
        return [
            Measured(contec_cms50_5byte.encode(sample), values) for sample, values in self._measure(time_s)
        ]

    def heard(self, data: bytes, time_s: float) -> list[Measured]:
        """Nothing."""
        return []


class V7Sim(_Contec):
    """A model of protocol V7.0 that measures the perfusion index; it stops where no host is heard of."""

    ALONE_S = 30.0
    has_pi = True

    def __init__(self, patient: Patient) -> None:
        super().__init__(patient)
        self._heard = b""
        self._until_s = float("-inf")

    def tick(self, time_s: float) -> list[Measured]:
        """The next packages, if it was asked for them."""
        if time_s > self._until_s:
            return []
        return [Measured(contec_cms50.encode(sample), values) for sample, values in self._measure(time_s)]

    def heard(self, data: bytes, time_s: float) -> list[Measured]:
        """Begin, go on or end sending; other commands are not supported."""
        self._heard += data
        answers: list[Measured] = []
        while len(self._heard) >= 9:
            answers += self._answer(self._heard[2], time_s)
            self._heard = self._heard[9:]
        return answers

    def _answer(self, code: int, time_s: float) -> list[Measured]:
        match code:
            case contec_cms50.START:
                self._until_s = time_s + self.ALONE_S
            case contec_cms50.CONNECTED:
                self._until_s = max(self._until_s, time_s + self.ALONE_S)
            case contec_cms50.STOP:
                self._until_s = float("-inf")
                return [Measured(_FREE)]
            case _:
                refusal = bytes((code, _NOT_SUPPORTED))
                return [Measured(contec_cms50.package(contec_cms50.FEEDBACK, refusal))]
        return []


SIMULATORS: dict[str, MakeSim] = {"contec-cms50-5byte": FiveByteSim, "contec-cms50d-plus": V7Sim}
