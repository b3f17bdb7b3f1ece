"""Waveforms of sample array objects: every 256 ms all samples since the last ones, with a stamp.

What makes numbers of samples is told in an object's first replies, and when it changes; until then samples
are passed over. Which lead an ECG object shows is told with its samples: one object may give several.
"""

import struct
from collections.abc import Iterator

from devices.codecs import Said
from devices.codecs.intellivue import nomenclature, values
from devices.codecs.intellivue.message import TICKS_PER_S, Polled
from devices.codecs.sample_clock import SampleClock
from devices.errors import BadBytes
from devices.model.observation import NO_SAMPLE, DeviceEvent, EventKind, Instant, Waveform

_NS_PER_TICK = 1_000_000_000 // TICKS_PER_S
_FULL_BITS = 16
_FASTEST_HZ = 4000
_MOST_OBJECTS = 1000
"""Of which attributes are remembered: more than a monitor has."""
_EXTENDED_RANGE = 0x1000


class Waves:
    """Gives waveforms; UNMAPPED, once, for each kind that has no metric."""

    def __init__(self) -> None:
        self._attributes: dict[tuple[int, int], dict[int, bytes]] = {}
        self._clocks: dict[tuple[str, int], SampleClock] = {}
        self._unmapped: set[int] = set()

    def told(self, polled: Polled, now: Instant) -> Iterator[Said]:
        """What a poll's result says. Raises BadBytes."""
        if len(self._attributes) > _MOST_OBJECTS:
            self._attributes.clear()
            self._clocks.clear()
        for one in polled.observations:
            known = self._attributes.setdefault((one.context, one.handle), {})
            static = (values.SAMPLE_ARRAY, values.SAMPLE_PERIOD, values.SCALE_AND_RANGE, values.FIXED_VALUES)
            known |= {number: one.attributes[number] for number in static if number in one.attributes}
        given: dict[str, int] = {}
        for one in polled.observations:
            scale = values.Scale.decode(self._attributes[one.context, one.handle])
            for samples in values.sampled(one.attributes) if scale else ():
                yield from self._samples(samples, scale, polled.ticks, now, given) if scale else ()

    def _samples(
        self, samples: values.Samples, scale: values.Scale, ticks: int, now: Instant, given: dict[str, int]
    ) -> Iterator[Said]:
        """`given` are the metrics of this reply: ECG leads come twice, alone and with the others."""
        metric = nomenclature.wave(samples.code)
        read = scale.read(samples.data)
        if metric is None:
            yield from self._lacking(samples.code, now)
        elif read and metric not in given:
            given[metric] = len(read)
            hertz = round(len(read) / scale.seconds)
            if not 1 <= hertz <= _FASTEST_HZ:
                raise BadBytes("range", f"{len(read)} samples in {scale.seconds} s")
            clock = self._clocks.setdefault((metric, hertz), SampleClock(hertz))
            span = clock.place(ticks * _NS_PER_TICK, len(read), now)
            shift = 1 << scale.bits - 1 if scale.bits == _FULL_BITS else 0
            is_none = values.reason(samples.state) is not None
            told = [NO_SAMPLE if is_none or raw is None else _clamped(raw - shift) for raw in read]
            offset = scale.offset + shift * scale.factor
            quality = values.quality(samples.state)
            packed = struct.pack(f"<{len(told)}h", *told)
            yield Waveform(metric, span.at, span.rate_mhz, packed, scale.factor, offset, quality)

    def _lacking(self, code: int, now: Instant) -> Iterator[DeviceEvent]:
        if code not in self._unmapped:
            self._unmapped.add(code)
            detail = {"code": str(code), "system": nomenclature.SYSTEM, "value": "waveform"}
            yield DeviceEvent(EventKind.UNMAPPED, now, detail)


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
