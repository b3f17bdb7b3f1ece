"""Waveforms of sample array objects: every 256 ms all samples since the last ones, with a stamp.

What makes numbers of samples is told in an object's first replies, and when it changes. Samples before it are
told as UNMAPPED, as are those of a kind without a metric and those in a unit that cannot become the metric's:
once each. Which lead an ECG object shows is told with its samples: one object may give several.
"""

import struct
from collections.abc import Iterator
from decimal import Decimal

from devices.codecs import Said
from devices.codecs.intellivue import nomenclature, values
from devices.codecs.intellivue.message import TICKS_PER_S, Polled
from devices.codecs.intellivue.values import Line, Samples, Scale
from devices.codecs.sample_clock import SampleClock, Span
from devices.errors import BadBytes, UnknownUnit
from devices.model.metrics import METRICS
from devices.model.observation import NO_SAMPLE, DeviceEvent, EventKind, Instant, Waveform
from devices.model.units import converted

_NS_PER_TICK = 1_000_000_000 // TICKS_PER_S
_FULL_BITS = 16
_SLOWEST_MHZ, _FASTEST_MHZ = 1000, 4_000_000
_MOST_OBJECTS = 1000
"""Of which attributes are remembered: more than a monitor has."""
_EXTENDED_RANGE = 0x1000
_ONE, _DIGITS = Decimal("1.0000000000"), 12
"""As many places as a record can carry: a conversion keeps two more than it is given."""
_STATIC = (
    *(values.SAMPLE_ARRAY, values.SAMPLE_PERIOD, values.SCALE_AND_RANGE, values.FIXED_VALUES),
    values.UNIT,
)


class Waves:
    """Gives waveforms and UNMAPPED."""

    def __init__(self) -> None:
        self._attributes: dict[tuple[int, int], dict[int, bytes]] = {}
        self._clocks: dict[tuple[str, int], SampleClock] = {}
        self._told: dict[str, tuple[int, bytes]] = {}
        """The stamp and the samples of each metric's last waveform: what comes twice is told once."""
        self._unmapped: set[tuple[int, str]] = set()

    def told(self, polled: Polled, now: Instant) -> Iterator[Said]:
        """What a poll's result says. Raises BadBytes."""
        if len(self._attributes) > _MOST_OBJECTS:
            self._attributes.clear()
            self._clocks.clear()
        for one in polled.observations:
            known = self._attributes.setdefault((one.context, one.handle), {})
            known |= {number: one.attributes[number] for number in _STATIC if number in one.attributes}
        given: set[str] = set()
        for one in polled.observations:
            scale = Scale.decode(self._attributes[one.context, one.handle])
            for samples in values.sampled(one.attributes):
                yield from self._samples(samples, scale, polled.ticks, now, given)

    def _samples(
        self, samples: Samples, scale: Scale | None, ticks: int, now: Instant, given: set[str]
    ) -> Iterator[Said]:
        """`given` are the metrics of this reply: ECG leads come twice, alone and with the others."""
        metric = nomenclature.wave(samples.code)
        if metric is None:
            yield from self._lacking(samples.code, "", now)
        elif scale is None:
            yield from self._lacking(samples.code, "no scale", now)
        elif (line := _line(metric, scale)) is None:
            yield from self._lacking(samples.code, "no scale in a known unit", now)
        elif metric not in given and self._told.get(metric) != (ticks, samples.data):
            given.add(metric)
            self._told[metric] = ticks, samples.data
            if count := len(samples.data) // scale.width:
                span = self._clock(metric, count, scale).place(ticks * _NS_PER_TICK, count, now)
                yield _waveform(metric, samples, scale, line, span)

    def _clock(self, metric: str, count: int, scale: Scale) -> SampleClock:
        rate_mhz = round(1000 * count / scale.seconds)
        if not _SLOWEST_MHZ <= rate_mhz <= _FASTEST_MHZ:
            raise BadBytes("range", f"{count} samples in {scale.seconds} s")
        return self._clocks.setdefault((metric, rate_mhz), SampleClock(rate_mhz))

    def _lacking(self, code: int, text: str, now: Instant) -> Iterator[DeviceEvent]:
        if (code, text) not in self._unmapped:
            self._unmapped.add((code, text))
            detail: dict[str, str | int] = {"code": str(code), "system": nomenclature.SYSTEM}
            detail |= {"value": "waveform"} | ({"text": text} if text else {})
            yield DeviceEvent(EventKind.UNMAPPED, now, detail)


def _waveform(metric: str, samples: Samples, scale: Scale, line: Line, span: Span) -> Waveform:
    shift = 1 << scale.bits - 1 if scale.bits == _FULL_BITS else 0
    is_none = values.reason(samples.state) is not None
    read = scale.read(samples.data)
    told = [NO_SAMPLE if is_none or raw is None else _clamped(raw - shift) for raw in read]
    packed = struct.pack(f"<{len(told)}h", *told)
    offset = line.offset + shift * line.factor
    quality = values.quality(samples.state)
    return Waveform(metric, span.at, span.rate_mhz, packed, line.factor, offset, quality)


def _line(metric: str, scale: Scale) -> Line | None:
    """What makes samples numbers in the metric's unit; None if nothing does."""
    wanted = METRICS[metric].unit
    if scale.line is None:
        return Line(Decimal(1), Decimal(0)) if wanted == "1" else None
    unit = nomenclature.unit(scale.unit) if scale.unit else wanted
    if unit == wanted:
        return scale.line
    try:
        ratio = converted(_ONE, unit, wanted)
    except UnknownUnit:
        return None
    return Line(round(scale.line.factor * ratio, _DIGITS), round(scale.line.offset * ratio, _DIGITS))


def _clamped(sample: int) -> int:
    return min(32767, max(NO_SAMPLE + 1, sample))


def static(scale_bytes: bytes, count: int, bits: int, period_ticks: int) -> dict[int, bytes]:
    """The attributes that an object tells first, for samples of 2 bytes."""
    array = struct.pack(">HBBH", count, 16, bits, _EXTENDED_RANGE)
    period = struct.pack(">I", period_ticks)
    return {
        values.SAMPLE_ARRAY: array,
        values.SAMPLE_PERIOD: period,
        values.SCALE_AND_RANGE: scale_bytes,
    }
