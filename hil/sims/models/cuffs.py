"""A simulated SunTech NIBP module: answers; inflates a cuff when told to or when its button is pressed."""

import math
from random import Random

from devices.codecs.suntech_packet import (
    ABORT,
    GET_CUFF_PRESSURE,
    GET_RESULT,
    HOST,
    Answer,
    PatientKind,
    Result,
    cuff_packet,
    packet,
    start,
)
from hil.sims.patient import Patient, Wander
from hil.sims.simulated import MakeSim, Measured

_STARTS = {start(kind) for kind in PatientKind}
_QUERY, _QUERY_BYTES, _START_BYTES = 0x79, 5, 3
_INFLATION_S, _DEFLATION_S = 6.0, 20.0
_PEAK = 160
_TERMINATED, _LOOSE_CUFF = 86, 87


class SuntechModule:
    """A `WireSim`. Its button is pressed every `BUTTON_S`."""

    BUTTON_S = 120.0
    period_s = 0.25

    def __init__(self, patient: Patient) -> None:
        self.on_patient = True
        self._patient = patient
        seed = Random(patient.heart_rate(0)).random()
        self._systolic = Wander(seed, middle=122, swing=12, knot_s=600)
        self._diastolic = Wander(seed + 1, middle=78, swing=8, knot_s=600)
        self._since: float | None = None
        self._button: float | None = None
        self._result = Result(0, 0, 0, 0, status=0)
        self._heard = b""

    def tick(self, time_s: float) -> list[Measured]:
        """Says K when a measurement is over."""
        if self._button is None:
            self._button = time_s + 3.0
        if time_s >= self._button:
            self._button = time_s + self.BUTTON_S
            self._since = time_s if self._since is None else self._since
        if self._since is None or time_s < self._since + _INFLATION_S + _DEFLATION_S:
            return []
        self._since, self._result = None, self._measured(time_s)
        return [_said(Answer.EXECUTED)]

    def heard(self, data: bytes, time_s: float) -> list[Measured]:
        """Answers each command; one that it does not know or whose sum is wrong with D."""
        self._heard += data
        answers: list[Measured] = []
        while command := self._command():
            answers += self._answer(command, time_s)
        return answers

    def _command(self) -> bytes:
        self._heard = self._heard[self._heard.find(HOST) :] if HOST in self._heard else b""
        if len(self._heard) < _START_BYTES:
            return b""
        size = _QUERY_BYTES if self._heard[1] == _QUERY else _START_BYTES
        if len(self._heard) < size:
            return b""
        command, self._heard = self._heard[:size], self._heard[size:]
        return command

    def _answer(self, command: bytes, time_s: float) -> list[Measured]:
        if command == GET_CUFF_PRESSURE:
            pressure = self._pressure(time_s)
            return [Measured(cuff_packet(pressure), {"cuff_pressure": pressure})]
        if command == GET_RESULT:
            return [Measured(self._result.encode(), _values(self._result))]
        if command in _STARTS:
            if self._since is not None:
                return [_said(Answer.BUSY)]
            self._since = time_s
            return [_said(Answer.RECEIVED)]
        if command == ABORT:
            self._since, self._result = None, Result(0, 0, 0, 0, status=0, error=_TERMINATED)
            return [_said(Answer.ABORTED), _said(Answer.EXECUTED)]
        return [_said(Answer.UNRECOGNISED)]

    def _pressure(self, time_s: float) -> int:
        """mmHg: up to the peak, then down."""
        if self._since is None:
            return 0
        passed = time_s - self._since
        if passed < _INFLATION_S:
            return round(_PEAK * passed / _INFLATION_S)
        return round(_PEAK * math.exp(-(passed - _INFLATION_S) / 7))

    def _measured(self, time_s: float) -> Result:
        if not self.on_patient:
            return Result(0, 0, 0, 0, status=0, error=_LOOSE_CUFF)
        systolic, diastolic = round(self._systolic.at(time_s)), round(self._diastolic.at(time_s))
        mean = diastolic + (systolic - diastolic) // 3
        return Result(systolic, diastolic, mean, round(self._patient.heart_rate(time_s)), beats=24)


def _said(answer: Answer) -> Measured:
    return Measured(packet(answer.value.encode()))


def _values(result: Result) -> dict[str, float | None]:
    numbers = {
        "nibp_sys": result.systolic,
        "nibp_dia": result.diastolic,
        "nibp_map": result.mean,
        "pr_nibp": result.rate,
    }
    if result == Result(0, 0, 0, 0, status=0):
        return {}
    return {metric: number if result.is_valid else None for metric, number in numbers.items()}


SIMULATORS: dict[str, MakeSim] = {"suntech-advantage": SuntechModule}
