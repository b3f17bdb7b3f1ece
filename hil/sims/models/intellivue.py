"""A simulated Philips IntelliVue monitor: associates, announces itself, answers polls every second.

Heart and pulse rate, pleth and the beats in ECG and arterial pressure are the patient's; SpO2 and temperature
are the patient's synthetic ones; everything else is made up around plausible values.
"""

import math
import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from devices.codecs.health import BadByteCounter
from devices.codecs.ieee11073 import encode_float
from devices.codecs.intellivue import alarms, association, message, serial_frame, values
from devices.codecs.intellivue.values import Observed, Samples, State
from devices.codecs.intellivue.waves import static
from devices.errors import BadBytes
from hil.sims.patient import Patient
from hil.sims.simulated import MakeSim, Measured

_ORIGIN = datetime(2026, 1, 1)  # noqa: DTZ001 - monitors tell no zone
_NIBP_EVERY_S, _ALARM_EVERY_S, _BREATH_S = 120.0, 30.0, 4.0
_PERIOD_S = 0.256
_SCALED = 1 << 12
_OF_PULSE = frozenset({"spo2", "pr_spo2", "pi", "abp_sys"})
"""The first metric of what cannot be measured without a pulse."""
_R_MICROVOLTS, _ECG_MICROVOLTS = 3000.0, 10_000.0
"""The height of a drawn R wave, and the range of an ECG wave."""
_HIGH_HR = alarms.Entry(16770, 2, 0x0202, "** HR HIGH")
_MMHG, _PER_MIN, _PERCENT, _CELSIUS, _NONE, _MM = 3872, 2720, 544, 6048, 512, 1298

Numbers = Sequence[tuple[str, int, int, float, int]]
"""Metric, physiological identifier, unit, number, decimals."""
Shown = tuple[list[message.Observation], dict[str, float | Sequence[int | None] | None]]
"""The objects, and what they say by metric."""


class IntellivueMonitor:
    """One monitor; `heard` takes one datagram. Waves go every 256 ms, all else every fourth time."""

    period_s = _PERIOD_S

    def __init__(self, patient: Patient) -> None:
        self.on_patient = True
        self._patient = patient
        self._until: dict[int, tuple[int, float]] = {}
        self._sequence = 0
        self._known: set[int] = set()
        self._cuff: tuple[int, int] = (-1, 0)
        self._told_cuff = False
        self._said: set[str] = set()

    def heard(self, data: bytes, time_s: float) -> list[Measured]:
        """What it answers to a datagram; one that cannot be read gets no answer."""
        if data[:1] == bytes((association.REQUEST,)):
            self._until, self._known, self._told_cuff = {}, set(), False
            event = message.created(1, _ticks(time_s), self._system(time_s))
            return [Measured(association.accepted()), Measured(event)]
        if data[:1] == bytes((association.RELEASE,)):
            self._until = {}
            return [Measured(association.RELEASE_RESULT)]
        try:
            asked = message.asked(data)
        except BadBytes:
            return []
        if asked is None:
            return []
        if asked.seconds is not None:
            self._until[asked.kind] = asked.invoke_id, time_s + asked.seconds
            return []
        observation = message.Observation(0, 0, self._system(time_s))
        polled = message.Polled(message.MDS, _ticks(time_s), [observation], is_extended=False)
        return [Measured(message.result(asked.invoke_id, polled))]

    def tick(self, time_s: float) -> list[Measured]:
        """A reply to each poll that still runs."""
        self._sequence += 1
        sent: list[Measured] = []
        for kind, (invoke_id, until) in self._until.items():
            if time_s <= until and (kind == message.WAVE or self._sequence % 4 == 0):
                observations, says = self._observations(kind, time_s)
                polled = message.Polled(kind, _ticks(time_s), observations)
                sent.append(Measured(message.result(invoke_id, polled, self._sequence % 65536), says))
        return sent

    def _observations(self, kind: int, time_s: float) -> Shown:
        match kind:
            case message.NUMERIC:
                return self._numerics(time_s)
            case message.WAVE:
                return self._waves(time_s)
            case _:
                is_alarm = int(time_s / _ALARM_EVERY_S) % 2 == 1
                lists = alarms.encode([_HIGH_HR] if is_alarm else [], [])
                return [message.Observation(1, 900, lists)], {}

    def _system(self, time_s: float) -> dict[int, bytes]:
        model = b"".join(struct.pack(">H", len(text)) + text for text in (b"Philips\0", b"M8105A\0"))
        return {
            values.SYSTEM_MODEL: model,
            values.BED_LABEL: values.encode_text("ICU 1"),
            values.OPERATING_MODE: b"\x40\x00",
            values.ABSOLUTE_TIME: values.encode_time(_ORIGIN + timedelta(seconds=int(time_s))),
            values.RELATIVE_TIME: struct.pack(">I", _ticks(time_s)),
        }

    def _numerics(self, time_s: float) -> Shown:
        rate = round(self._patient.heart_rate(time_s))
        turn = int(time_s / _NIBP_EVERY_S)
        is_new = self.on_patient and (turn != self._cuff[0] or not self._told_cuff)
        if is_new:
            self._cuff = turn, rate if turn != self._cuff[0] else self._cuff[1]
            self._told_cuff = True
        observations: list[message.Observation] = []
        says: dict[str, float | Sequence[int | None] | None] = {}
        has_pulse = self._patient.has_pulse(time_s)
        for handle, numbers in enumerate(self._shown(rate, time_s), 1):
            is_told = self.on_patient and (has_pulse or numbers[0][0] not in _OF_PULSE)
            observed = [_observed(code, unit, n, digits) for _, code, unit, n, digits in numbers]
            observations.append(message.Observation(0, handle, _values(observed) if is_told else {}))
            says |= {
                metric: round(n, digits) / (10 if unit == _MM else 1) if is_told else None
                for metric, _, unit, n, digits in numbers
            }
        measured = self._cuff_values()
        stamp = values.encode_time(_ORIGIN + timedelta(seconds=int(self._cuff[0] * _NIBP_EVERY_S)))
        cuff = {
            values.ABSOLUTE_STAMP: stamp,
            **_values([_observed(c, u, n, d) for _, c, u, n, d in measured]),
        }
        observations.append(message.Observation(1, 100, cuff))
        says = says if self.on_patient else dict.fromkeys(self._said)
        self._said = set(says) if self.on_patient else set()
        return observations, says | ({metric: n for metric, _, _, n, _ in measured} if is_new else {})

    def _cuff_values(self) -> Numbers:
        systolic = 118 + self._cuff[0] % 7
        rate = ("pr_nibp", 61669, _PER_MIN, self._cuff[1], 0)
        return [*_pressure("nibp", 18949, systolic, 72, 87), rate]

    def _shown(self, rate: int, time_s: float) -> list[Numbers]:
        """By object."""
        core = self._patient.temperature(time_s)
        breaths = round(self._patient.turned("respiration", 15))
        systolic = round(self._patient.turned("systolic", 121))
        diastolic = round(self._patient.turned("diastolic", 68))
        return [
            [("hr", 16770, _PER_MIN, rate, 0)],
            [("pvc_rate", 16993, _PER_MIN, 2, 0)],
            [("st_ii", 770, _MM, 0.4, 1)],
            [("rr", 20490, _PER_MIN, breaths, 0)],
            [("spo2", 19384, _PERCENT, self._patient.spo2(time_s), 1)],
            [("pr_spo2", 18466, _PER_MIN, rate, 0)],
            [("pi", 19376, _NONE, 3.2, 1)],
            _pressure("abp", 18965, systolic, diastolic, diastolic + (systolic - diastolic) // 3 + 1),
            [("cvp", 19015, _MMHG, 6, 0)],
            _pressure("pap", 18973, 27, 12, 18),
            [("icp", 22539, _MMHG, 11, 0)],
            [("cpp", 22532, _MMHG, 75, 0)],
            [("temp_core", 19296, _CELSIUS, core, 1)],
            [("temp_skin", 19316, _CELSIUS, core - 3, 1)],
            [("etco2", 20656, _MMHG, 38, 0)],
            [("fico2", 20666, _MMHG, 1, 0)],
            [("rr_co2", 20498, _PER_MIN, breaths, 0)],
        ]

    def _waves(self, time_s: float) -> Shown:
        """The 256 ms that end now."""
        observations: list[message.Observation] = []
        says: dict[str, float | Sequence[int | None] | None] = {}
        shapes = self._shapes(time_s)
        for handle, (metric, code, count, low, high) in enumerate(_WAVES, 200):
            times = (time_s + ((n + 1) / count - 1) * _PERIOD_S for n in range(count))
            samples = [min(_SCALED - 1, max(0, round(shapes[metric](t) * (_SCALED - 1)))) for t in times]
            state = 0 if self.on_patient else State.INVALID
            observed = Samples(code, state, struct.pack(f">{count}H", *samples)).encode()
            scale = encode_float(Decimal(low))[::-1] + encode_float(Decimal(high))[::-1]
            given = static(scale + struct.pack(">HH", 0, _SCALED - 1), count, 12, 2048 // count)
            observations.append(message.Observation(1, handle, {**given, values.SAMPLES: observed}))
            says[metric] = [*samples] if self.on_patient else [None] * count
        return observations, says

    def _shapes(self, time_s: float) -> Mapping[str, Callable[[float], float]]:
        """0 to 1 of each wave's range, as a function of time."""
        beats = self._patient.beats(max(0.0, time_s - 2), time_s + 1)
        pleth = self._patient.pleth

        def spike(t: float) -> float:
            drawn = _R_MICROVOLTS * sum(math.exp(-(((t - beat) / 0.02) ** 2)) for beat in beats)
            return 0.4 + self._patient.ecg(t, drawn) / _ECG_MICROVOLTS

        return {
            "ecg_ii": spike,
            "ecg_v1": lambda t: 0.8 - spike(t),
            "pleth": lambda t: pleth(max(0.0, t)),
            "abp_wave": lambda t: 0.3 + 0.25 * pleth(max(0.0, t)),
            "resp_wave": lambda t: 0.5 + 0.4 * math.sin(2 * math.pi * t / _BREATH_S),
            "co2_wave": lambda t: 0.5 if t % _BREATH_S > 1.5 else 0.01,
        }


_WAVES = (
    ("ecg_ii", 258, 128, -5, 5),
    ("ecg_v1", 259, 128, -5, 5),
    ("pleth", 19380, 32, 0, 4095),
    ("abp_wave", 18964, 32, -40, 360),
    ("resp_wave", 20480, 16, -2, 2),
    ("co2_wave", 20652, 16, 0, 76),
)
"""Metric, physiological identifier, samples in 256 ms, range."""


class SerialIntellivueMonitor:
    """The same monitor on its MIB/RS232 port."""

    period_s = _PERIOD_S

    def __init__(self, patient: Patient) -> None:
        self.on_patient = True
        self._monitor = IntellivueMonitor(patient)
        self._reader = serial_frame.FrameReader(BadByteCounter())

    def heard(self, data: bytes, time_s: float) -> list[Measured]:
        """What it answers to bytes of the host."""
        answers = (self._monitor.heard(one, time_s) for one in self._reader.feed(data))
        return [_framed(answer) for some in answers for answer in some]

    def tick(self, time_s: float) -> list[Measured]:
        """A reply to each poll that still runs."""
        self._monitor.on_patient = self.on_patient
        return [_framed(one) for one in self._monitor.tick(time_s)]


def _pressure(name: str, code: int, systolic: int, diastolic: int, mean: int) -> Numbers:
    """Identifiers of the three follow each other."""
    pressures = (("sys", systolic), ("dia", diastolic), ("map", mean))
    return [(f"{name}_{part}", code + n, _MMHG, number, 0) for n, (part, number) in enumerate(pressures)]


def _framed(one: Measured) -> Measured:
    return Measured(serial_frame.encode(one.payload), one.values)


def _ticks(time_s: float) -> int:
    return int(time_s * message.TICKS_PER_S) % 2**32


def _observed(code: int, unit: int, number: float, digits: int) -> Observed:
    return Observed(code, 0, unit, Decimal(f"{number:.{digits}f}"))


def _values(observed: Sequence[Observed]) -> dict[int, bytes]:
    if len(observed) == 1:
        return {values.NUMERIC_VALUE: observed[0].encode()}
    return {values.NUMERIC_VALUES: message.listed(one.encode() for one in observed)}


SIMULATORS: dict[str, MakeSim] = {
    "philips-intellivue": IntellivueMonitor,
    "philips-intellivue-rs232": SerialIntellivueMonitor,
}
