"""A simulated GE S/5 monitor on a serial line: displayed values, waveforms, an alarm now and then.

Heart and pulse rate, pleth and the beats in ECG and arterial pressure are the patient's; SpO2 and temperature
are the patient's synthetic ones; everything else is made up around plausible values.
"""

import math
from collections.abc import Callable, Mapping, Sequence

from devices.codecs.device_alarms import Alarm
from devices.codecs.dri import alarm, request, waveform
from devices.codecs.dri.physiological import DISPLAYED, Physiological
from devices.codecs.dri.record import MainType, Record, RecordReader, Subrecord
from devices.codecs.health import BadByteCounter
from devices.errors import BadBytes
from hil.sims.models._ge_s5_values import ONCE, Now, basic, extended
from hil.sims.patient import Patient
from hil.sims.simulated import MakeSim, Measured

_LEVEL = 10
_MEASURED_EVERY_S, _OLD_AFTER_S, _ALARM_EVERY_S = 120.0, 60.0, 30.0
_BREATH_S = 4.0
_NO_SAMPLE = -32767
_WAVES = {
    **{
        waveform.ECG1: "ecg_ii",
        waveform.INVP1: "abp_wave",
        waveform.PLETH: "pleth",
        waveform.CO2: "co2_wave",
    },
    **{waveform.AWP: "paw_wave", waveform.FLOW: "flow_wave", waveform.RESP: "resp_wave"},
}


class S5Monitor:
    """One monitor: values as often as asked for, waveforms every second, alarms when they change."""

    period_s = 1.0

    def __init__(self, patient: Patient) -> None:
        self.on_patient = True
        self._patient = patient
        self._reader = RecordReader(BadByteCounter())
        self._interval_s, self._values_due = 0, 0.0
        self._kinds: list[int] = []
        self._wants_alarms, self._alarmed = False, False
        self._turn: int | None = None
        self._cuff_rate = 0
        self._said: set[str] = set()

    def heard(self, data: bytes, time_s: float) -> list[Measured]:
        """A request is answered by what comes next; one that cannot be read is ignored."""
        for record in self._reader.feed(data):
            if record is not None and record.subrecords:
                self._obey(record, time_s)
        return []

    def _obey(self, record: Record, time_s: float) -> None:
        wanted = record.subrecords[0]
        try:
            match record.main_type:
                case MainType.PHYSIOLOGICAL:
                    self._interval_s, self._values_due = request.wanted_interval_s(wanted), time_s
                case MainType.WAVEFORM:
                    self._kinds = [kind for kind in request.wanted_waves(wanted) if kind in _WAVES]
                case _:
                    self._wants_alarms, self._alarmed = True, False
        except BadBytes:
            self._interval_s = 0

    def tick(self, time_s: float) -> list[Measured]:
        """A second's worth."""
        sent: list[Measured] = []
        if self._interval_s > 0 and time_s >= self._values_due:
            self._values_due = time_s + self._interval_s
            sent.append(self._values(time_s))
        if self._kinds:
            sent.append(self._waves(time_s))
        is_alarm = int(time_s / _ALARM_EVERY_S) % 2 == 1
        if self._wants_alarms and is_alarm != self._alarmed:
            self._alarmed = is_alarm
            shown = alarm.encode([Alarm("HR HIGH", "medium")] if is_alarm else [])
            sent.append(Measured(_record(MainType.ALARM, [Subrecord(alarm.STATUS, shown)], time_s)))
        return sent

    def _values(self, time_s: float) -> Measured:
        turn, age_s = divmod(time_s, _MEASURED_EVERY_S)
        is_new = self.on_patient and turn != self._turn
        rate = round(self._patient.heart_rate(time_s))
        if is_new:
            self._turn, self._cuff_rate = int(turn), rate
        spo2, core = self._patient.spo2(time_s), self._patient.temperature(time_s)
        now = Now(rate, spo2, core, self._cuff_rate, int(turn), age_s > _OLD_AFTER_S)
        subrecords: list[Subrecord] = []
        says: dict[str, float | None] = {}
        for number, groups in enumerate([basic(now), *extended(now)]):
            measured = {one.name: one.measured(number, self.on_patient) for one in groups}
            subrecords.append(Subrecord(DISPLAYED, Physiological(number, measured, int(time_s)).encode()))
            says |= {value.metric: value.said for one in groups for value in one.values if value.metric}
        says = {name: says[name] for name in says if self.on_patient and (is_new or name not in ONCE)}
        ended, self._said = self._said - set(says), set(says) - ONCE
        payload = _record(MainType.PHYSIOLOGICAL, subrecords, time_s)
        return Measured(payload, {**says, **dict.fromkeys(ended)})

    def _waves(self, time_s: float) -> Measured:
        """The second that ends now."""
        says: dict[str, Sequence[int | None]] = {}
        subrecords: list[Subrecord] = []
        shapes = self._shapes(time_s)
        for kind in self._kinds:
            rate = waveform.rate_hz(kind)
            times = (time_s - 1 + (n + 1) / rate for n in range(rate))
            shape = shapes[kind]
            samples = [round(shape(t)) if self.on_patient else _NO_SAMPLE for t in times]
            subrecords.append(waveform.encode(kind, samples))
            says[_WAVES[kind]] = [*samples] if self.on_patient else [None] * rate
        return Measured(_record(MainType.WAVEFORM, subrecords, time_s), says)

    def _shapes(self, time_s: float) -> Mapping[int, Callable[[float], float]]:
        """The raw sample of each kind as a function of time."""
        beats = self._patient.beats(max(0.0, time_s - 2), time_s + 1)
        pleth = self._patient.pleth
        return {
            waveform.ECG1: lambda t: 1100 * sum(math.exp(-(((t - beat) / 0.02) ** 2)) for beat in beats),
            waveform.INVP1: lambda t: 6800 + 5300 * pleth(max(0.0, t)),
            waveform.PLETH: lambda t: 400 * (pleth(max(0.0, t)) - 0.5),
            waveform.CO2: lambda t: 500 if t % _BREATH_S > 1.5 else 10,
            waveform.AWP: lambda t: 50 + 140 * (t % _BREATH_S < 1.5),
            waveform.FLOW: lambda t: 300 * math.sin(2 * math.pi * t / _BREATH_S),
            waveform.RESP: lambda t: 80 * math.sin(2 * math.pi * t / _BREATH_S),
        }


def _record(main_type: MainType, subrecords: Sequence[Subrecord], time_s: float) -> bytes:
    return Record(main_type, tuple(subrecords), _LEVEL, int(time_s)).encode()


SIMULATORS: dict[str, MakeSim] = {"ge-s5": S5Monitor}
