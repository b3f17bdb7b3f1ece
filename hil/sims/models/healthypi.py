"""Simulated ProtoCentral HealthyPi boards: a packet for each sample, several at once as USB delivers them.

The ECG is synthetic, of the patient's beats, in counts; the respiration is a sine of 15 breaths a minute.
"""

import math
from collections.abc import Callable

from devices.codecs.healthypi_packet import HEALTHYPI_3, HEALTHYPI_4, HEALTHYPI_5, Layout, Numbers, Sample
from hil.sims.models.polar import beat
from hil.sims.patient import Patient
from hil.sims.simulated import MakeSim, Measured

_AT_ONCE = 8
_BREATHS_A_MINUTE = 15
_COUNTS_A_MICROVOLT = 4


class HealthyPiBoard:
    """A `WireSim`. It answers nothing."""

    def __init__(self, patient: Patient, layout: Layout) -> None:
        self.on_patient = True
        self.period_s = _AT_ONCE / layout.rate_hz
        self._patient = patient
        self._layout = layout

    def tick(self, time_s: float) -> list[Measured]:
        """The samples since the last tick."""
        times = [time_s - (_AT_ONCE - 1 - index) / self._layout.rate_hz for index in range(_AT_ONCE)]
        numbers = self._numbers(time_s)
        samples = [self._sample(time, numbers) for time in times]
        payload = b"".join(self._layout.encode(sample) for sample in samples)
        return [Measured(payload, {**_values(numbers), **_signals(samples)})]

    def heard(self, data: bytes, time_s: float) -> list[Measured]:
        """Nothing."""
        return []

    def _numbers(self, time_s: float) -> Numbers:
        if not self.on_patient:
            return Numbers(leads_off=self._layout.tells_leads)
        return Numbers(
            rate=round(self._patient.heart_rate(time_s)),
            respiration=_BREATHS_A_MINUTE,
            spo2=round(self._patient.spo2(time_s)),
            temperature=round(100 * (self._patient.temperature(time_s) - 3)),
        )

    def _sample(self, time_s: float, numbers: Numbers) -> Sample:
        if numbers.leads_off:
            return Sample(None, None, 300, 200, numbers)
        beats = self._patient.beats(time_s - 0.5, time_s + 0.5) if self.on_patient else []
        ecg = round(_COUNTS_A_MICROVOLT * sum(beat(time_s - one) for one in beats))
        breath = round(1500 * math.sin(2 * math.pi * time_s * _BREATHS_A_MINUTE / 60))
        pulse = self._patient.pleth(time_s) if self.on_patient else 0.0
        return Sample(ecg, breath, round(9000 + 400 * pulse), round(7000 + 250 * pulse), numbers)


def _values(numbers: Numbers) -> dict[str, float | None]:
    return {
        "hr": numbers.rate or None,
        "rr_imped": numbers.respiration or None,
        "spo2": numbers.spo2 or None,
        "temp_skin": numbers.temperature / 100 or None,
    }


def _signals(samples: list[Sample]) -> dict[str, list[int | None]]:
    return {
        "ecg_raw": [sample.ecg for sample in samples],
        "resp_raw": [sample.impedance for sample in samples],
        "pleth": [sample.infrared for sample in samples],
        "ppg_red": [sample.red for sample in samples],
    }


def _maker(layout: Layout) -> Callable[[Patient], HealthyPiBoard]:
    return lambda patient: HealthyPiBoard(patient, layout)


SIMULATORS: dict[str, MakeSim] = {
    "healthypi-3": _maker(HEALTHYPI_3),
    "healthypi-4": _maker(HEALTHYPI_4),
    "healthypi-5": _maker(HEALTHYPI_5),
}
