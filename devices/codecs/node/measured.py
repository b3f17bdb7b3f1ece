"""What the node's numbered frames hold: readings and samples, on the host's clock."""

from collections.abc import Mapping
from decimal import Decimal
from typing import cast

from devices.codecs import Said
from devices.codecs.node import wire
from devices.codecs.node.decimals import DECIMALS
from devices.codecs.sample_clock import SampleClock, Span
from devices.errors import BadBytes
from devices.model.metrics import METRICS
from devices.model.observation import DeviceEvent, EventKind, Instant, NoValue, Quality, Reading, Waveform
from devices.wire.strict import is_int

_LARGEST = 0xFFFFFFFF
_BY_NUMBER = {METRICS[name].number: METRICS[name] for name in DECIMALS}
_LATE_NS = 10_000_000_000
"""What is older when it comes is of the node's memory."""
_BOOTS = 8
"""Clocks of so many boots are remembered."""


def number(item: Mapping[object, object], key: int, most: int = _LARGEST) -> int:
    """The unsigned number under `key`. Raises BadBytes."""
    value = item.get(key)
    if not is_int(value, 0, most):
        raise BadBytes("range", f"expected a number to {most} under {key}, got {value!r}")
    return value


class Measured:
    """Reads READINGS and SAMPLES. It remembers the clocks of the boots it heard of."""

    def __init__(self) -> None:
        self._began: dict[int, Instant] = {}
        """When each boot began."""
        self._samples: dict[tuple[int, int, int], SampleClock] = {}

    def clock(self, boot: int, now_ms: int, now: Instant) -> None:
        """The node's clock of `boot` says `now_ms` now."""
        self._began.pop(boot, None)
        self._began[boot] = Instant(now - now_ms * 1_000_000)
        for old in list(self._began)[:-_BOOTS]:
            del self._began[old]
            self._samples = {key: one for key, one in self._samples.items() if key[0] != old}

    def read(self, item: Mapping[object, object], now: Instant) -> list[Said]:
        """What a frame says. Raises BadBytes."""
        boot, at_ms = number(item, wire.BOOT), number(item, wire.AT_MS)
        if item.get(wire.NOW_MS) is not None:
            self.clock(boot, number(item, wire.NOW_MS), now)
        began = self._began.get(boot)
        known = now if began is None else Instant(began + at_ms * 1_000_000)
        at = min(now, known)
        quality = Quality.GOOD if began is not None else Quality.STORED | Quality.QUESTIONABLE
        quality |= Quality.STORED if now - at > _LATE_NS or item.get(wire.NOW_MS) is None else Quality.GOOD
        if item.get(wire.KIND) == wire.SAMPLES:
            return [self._waveform(item, boot, at_ms, at, quality)]
        return _readings(item.get(wire.VALUES), at, quality)

    def _waveform(
        self, item: Mapping[object, object], boot: int, at_ms: int, at: Instant, quality: Quality
    ) -> Said:
        metric, rate, data = number(item, wire.METRIC), number(item, wire.RATE_MHZ), item.get(wire.DATA)
        if not isinstance(data, bytes) or not data or len(data) % 2 or not 0 < rate <= 100_000_000:
            raise BadBytes("range", f"expected int16 samples at a rate, got {data!r} at {rate} mHz")
        found = _BY_NUMBER.get(metric)
        if found is None or not found.is_waveform:
            return _unknown(metric, data.hex(), at)
        count = len(data) // 2
        length_ns = (count - 1) * 1_000_000_000_000 // rate
        if quality & Quality.QUESTIONABLE:
            span = Span(at, rate, True)
        else:
            clock = self._samples.setdefault((boot, metric, rate), SampleClock(rate))
            span = clock.place(at_ms * 1_000_000 + length_ns, count, Instant(at + length_ns))
        scale = Decimal(1).scaleb(-DECIMALS[found.name])
        return Waveform(found.name, span.at, span.rate_mhz, data, scale, quality=quality)


def _readings(values: object, at: Instant, quality: Quality) -> list[Said]:
    if not isinstance(values, list) or len(cast(list[object], values)) % 3:
        raise BadBytes("range", f"expected metric, value, quality and so on, got {values!r}")
    flat = cast(list[object], values)
    triples = zip(flat[::3], flat[1::3], flat[2::3], strict=True)
    return [_reading(metric, value, said, at, quality) for metric, value, said in triples]


def _reading(metric: object, value: object, said: object, at: Instant, quality: Quality) -> Said:
    if not (is_int(metric, 0, 65535) and is_int(said, 0, 255)):
        raise BadBytes("range", f"expected a metric and its quality, got {metric!r} and {said!r}")
    found = _BY_NUMBER.get(metric)
    if value is None:
        reason = NoValue(said) if said in set(NoValue) else NoValue.NOT_AVAILABLE
        return Reading(found.name, at, None, reason, quality) if found else _unknown(metric, "", at)
    if not is_int(value, -_LARGEST, _LARGEST):
        raise BadBytes("range", f"expected an integer, got {value!r}")
    if found is None or found.is_waveform:
        return _unknown(metric, str(value), at)
    exact = Decimal(value).scaleb(-DECIMALS[found.name])
    return Reading(found.name, at, exact, quality=quality | Quality(said))


def _unknown(metric: int, value: str, at: Instant) -> DeviceEvent:
    detail: dict[str, str | int] = {"code": f"metric-{metric}", "system": "wardlink-node", "value": value}
    return DeviceEvent(EventKind.UNMAPPED, at, detail)
