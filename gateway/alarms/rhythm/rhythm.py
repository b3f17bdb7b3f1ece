"""What the waveforms of a patient say of the heart: how long ago it beat, and how fast it beats. Pure.

rhythm = Rhythm()
for reading in rhythm.heard(who, wave): alarms.measured(who, reading)

`qrs_gap` and `qrs_rate` are of the ECG, `pulse_gap` and `pulse_rate` of pleth or arterial pressure; seconds,
and beats a minute. They are for alarms only: no screen shows them, no journal keeps them. A pulse speaks
against an ECG only while it is regular: noise in a pleth excuses nothing.
"""

from array import array
from collections import deque
from collections.abc import Iterable
from decimal import Decimal
from statistics import median

from devices.model.observation import NO_SAMPLE, Instant, Quality, Reading, Waveform
from gateway.alarms.alarm import Who
from gateway.alarms.limits import PULSE_GAP, PULSE_RATE, QRS_GAP, QRS_RATE
from gateway.alarms.rhythm.beats import Beats
from gateway.alarms.rhythm.slope import PULSE, QRS

_PULSES = frozenset({"pleth", "abp_wave"})
_ECG = frozenset(
    f"ecg_{lead}" for lead in ("i", "ii", "iii", "avr", "avl", "avf", "v", *(f"v{n}" for n in range(1, 7)))
)
_MOST_LEADS = 2
"""Of one device: where one electrode is off, the other lead may have beats."""
_INTERVALS = 5
_UNEVEN = 1.6
"""The longest of the last intervals by the shortest: from there on it is no regular rhythm."""
_HOLE_NS = 20_000_000
_ALIVE_NS = 2_000_000_000
_ANEW_NS = 30_000_000_000
_NO_PULSE_S = 99.0
_NOBODYS = Quality.STORED | Quality.TEST_DATA


class _Signal:
    """One waveform, chunk by chunk. Silence is counted in samples that came: what is lost says nothing."""

    def __init__(self, wave: Waveform, is_pulse: bool) -> None:
        self.like = wave.rate_mhz, wave.scale
        self.rate = wave.rate_mhz / 1000
        self.end = wave.at
        self._beats = Beats(PULSE if is_pulse else QRS, self.rate, float(wave.scale))
        self._count = self._last = 0
        self._intervals = deque[int](maxlen=_INTERVALS)
        self._is_whole = False
        """Whether nothing is missing since the last beat."""

    def add(self, wave: Waveform) -> None:
        samples = array("h", wave.samples)
        known = array("h", (one for one in samples if one != NO_SAMPLE)) if NO_SAMPLE in samples else samples
        if abs(wave.at - self.end) > _HOLE_NS or len(known) < len(samples):
            self._beats.skip()
            self._is_whole = False
        self._count += len(known)
        self.end = wave.end
        for at in self._beats.add(known):
            if self._is_whole:
                self._intervals.append(at - self._last)
            self._last, self._is_whole = at, True

    @property
    def silence_s(self) -> float:
        return (self._count - self._last) / self.rate

    @property
    def is_regular(self) -> bool:
        """Whether the last beats came evenly."""
        found = self._intervals
        return len(found) == _INTERVALS and max(found) <= _UNEVEN * min(found)

    @property
    def rate_min(self) -> float | None:
        """Beats a minute, of the last intervals. None: too few came."""
        if len(self._intervals) < _INTERVALS:
            return None
        return 60 * self.rate / median(self._intervals)


class Rhythm:
    """Of all devices of a gateway."""

    def __init__(self) -> None:
        self._signals = dict[tuple[str, str], _Signal]()

    def heard(self, who: Who, wave: Waveform) -> list[Reading]:
        """A waveform, and what it says to be judged."""
        is_pulse = wave.metric in _PULSES
        if not (is_pulse or wave.metric in _ECG) or wave.quality & _NOBODYS or not len(wave):
            return []
        if not is_pulse and self._is_further_lead(who[0], wave.metric):
            return []
        signal = self._signal(who[0], wave, is_pulse)
        signal.add(wave)
        return self._pulse(signal, wave) if is_pulse else self._ecg(who[0], wave)

    def gone(self, device: str) -> None:
        """Its signals begin anew when it is back."""
        for key in [key for key in self._signals if key[0] == device]:
            del self._signals[key]

    def _signal(self, device: str, wave: Waveform, is_pulse: bool) -> _Signal:
        held = self._signals.get((device, wave.metric))
        is_same = held is not None and held.like == (wave.rate_mhz, wave.scale)
        if held is None or not is_same or not 0 <= wave.at - held.end + _HOLE_NS < _ANEW_NS:
            self._signals[device, wave.metric] = held = _Signal(wave, is_pulse)
        return held

    def _is_further_lead(self, device: str, metric: str) -> bool:
        leads = [name for whose, name in self._signals if whose == device and name in _ECG]
        return metric not in leads and len(leads) >= _MOST_LEADS

    def _ecg(self, device: str, wave: Waveform) -> list[Reading]:
        """Of the lead that has seen a beat last: no electrode that is off makes an asystole."""
        leads = [
            one
            for (whose, name), one in self._signals.items()
            if whose == device and name in _ECG and wave.end - one.end < _ALIVE_NS
        ]
        best = min(leads, key=lambda one: one.silence_s)
        doubt = Quality.GOOD if best.is_regular else Quality.QUESTIONABLE
        gap = _reading(QRS_GAP, wave.end, best.silence_s, wave.quality)
        return [gap, *_rate(QRS_RATE, wave.end, best, wave.quality | doubt)]

    def _pulse(self, signal: _Signal, wave: Waveform) -> list[Reading]:
        gap = signal.silence_s if signal.is_regular else _NO_PULSE_S
        rate = _rate(PULSE_RATE, wave.end, signal, wave.quality) if signal.is_regular else ()
        return [_reading(PULSE_GAP, wave.end, gap, wave.quality), *rate]


def _rate(metric: str, at: Instant, signal: _Signal, quality: Quality) -> Iterable[Reading]:
    rate = signal.rate_min
    return [] if rate is None else [_reading(metric, at, rate, quality)]


def _reading(metric: str, at: Instant, value: float, quality: Quality) -> Reading:
    return Reading(metric, at, Decimal(round(value * 10)).scaleb(-1), None, quality)
