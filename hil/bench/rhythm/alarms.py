"""The alarms that the box raises of a record's waveforms, as it is or with signals cut.

With the rule by which a pulse delays what an ECG says, or without it.
"""

from array import array
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal

from devices.model.alarm_limits import PatientClass
from devices.model.identity import DeviceId, LocationId
from devices.model.observation import Instant, Waveform
from gateway.alarms.limits import WITNESSES
from gateway.alarms.physiological import Physiological
from gateway.alarms.rhythm.rhythm import Rhythm
from hil.bench.rhythm.records import Record, Signal

METRICS = {"MLII": "ecg_ii", "V5": "ecg_v5", "II": "ecg_ii", "V": "ecg_v", "MCL1": "ecg_v1"} | {
    "PLETH": "pleth",
    "ABP": "abp_wave",
}
"""By the names of signals; others are left out."""
PIECE_S = 0.25
_WHO = DeviceId("record"), LocationId("bed-1")


@dataclass(frozen=True, slots=True)
class Cut:
    """From `begin_s` to `end_s` these metrics are a flat line, at the value that they had."""

    begin_s: float
    end_s: float
    metrics: Collection[str]


@dataclass(frozen=True, slots=True)
class Raised:
    """A new alarm."""

    code: str
    second: float


def raised(record: Record, *, by_pulse: bool, cut: Cut | None = None) -> list[Raised]:
    """What begins, in order."""
    rhythm, alarms = Rhythm(), Physiological(lambda one, _: one.limits[PatientClass.ADULT], 0)
    found, numbers = list[Raised](), set[int]()
    for second, wave in _waves(record, cut):
        for reading in rhythm.heard(_WHO, wave):
            if reading.metric in WITNESSES and not by_pulse:
                continue
            for _, alert in alarms.measured(_WHO, reading):
                number = int(alert.detail["alarm"])
                if number not in numbers:
                    numbers.add(number)
                    found.append(Raised(alert.code, second + PIECE_S))
    return found


def _waves(record: Record, cut: Cut | None) -> Iterator[tuple[float, Waveform]]:
    signals = [(METRICS[name], signal) for name, signal in record.signals.items() if name in METRICS]
    for n in range(int(record.seconds / PIECE_S)):
        second = n * PIECE_S
        for metric, signal in signals:
            is_cut = cut is not None and cut.begin_s <= second < cut.end_s and metric in cut.metrics
            yield second, _wave(metric, signal, second, cut.begin_s if cut and is_cut else None)


def _wave(metric: str, signal: Signal, second: float, flat_since_s: float | None) -> Waveform:
    piece = signal.samples[round(second * signal.rate) : round((second + PIECE_S) * signal.rate)]
    if flat_since_s is not None:
        piece = array("h", [signal.samples[round(flat_since_s * signal.rate)]] * len(piece))
    scale = Decimal(str(round(1 / signal.gain, 9)))
    return Waveform(metric, Instant(round(second * 1e9)), signal.rate * 1000, piece.tobytes(), scale)
