"""A device's session: what it said, judged, and put on the right lane.

for lane, record in session.take(said): gather.put(lane, session.who, record, now)
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

from devices.codecs import Said
from devices.model.identity import DeviceId, LocationId
from devices.model.metrics import METRICS, Metric
from devices.model.observation import (
    DeviceEvent,
    EventKind,
    Instant,
    NoValue,
    Quality,
    Reading,
    Waveform,
)
from devices.wire.block import Lane
from gateway.config import DeviceConfig

_Judged = tuple[Lane, Said]


@dataclass(slots=True)
class Session:
    """One device: where it stands, and counts of what it said.

    Counts: `readings`, `waveforms`, `events`, `rejected` (outside the reject range), `implausible`
    (outside the physiological range), `unknown-metric`.
    """

    device: DeviceId
    location: LocationId | None
    counts: Counter[str] = field(default_factory=Counter[str])

    @classmethod
    def of(cls, device: DeviceConfig) -> "Session":
        """The session of a configured device."""
        return cls(DeviceId(device.id), LocationId(device.bed) if device.bed else None)

    @property
    def who(self) -> tuple[DeviceId, LocationId | None]:
        """(device, bed), as records are grouped by."""
        return self.device, self.location

    def take(self, said: Iterable[Said]) -> Iterator[_Judged]:
        """Each thing said as a record on its lane, with an event beside whatever had to be refused."""
        for one in said:
            match one:
                case Reading():
                    yield from self._reading(one)
                case Waveform():
                    yield from self._waveform(one)
                case DeviceEvent():
                    self.counts["events"] += 1
                    yield Lane.VITAL, one

    def _reading(self, reading: Reading) -> Iterator[_Judged]:
        metric = METRICS.get(reading.metric)
        if metric is None:
            yield self._unknown(reading.metric, reading.at)
            return
        self.counts["readings"] += 1
        lane = Lane.BULK if reading.quality & Quality.STORED else Lane.VITAL
        if reading.value is None:
            yield lane, reading
        elif not _is_possible(metric, reading.value):
            yield lane, replace(reading, value=None, reason=NoValue.REJECTED)
            yield self._rejected(reading)
        elif metric.is_plausible(reading.value):
            yield lane, reading
        else:
            self.counts["implausible"] += 1
            yield lane, replace(reading, quality=reading.quality | Quality.IMPLAUSIBLE)

    def _waveform(self, wave: Waveform) -> Iterator[_Judged]:
        if wave.metric not in METRICS:
            yield self._unknown(wave.metric, wave.at)
            return
        self.counts["waveforms"] += 1
        yield Lane.WAVE, wave

    def _rejected(self, reading: Reading) -> _Judged:
        self.counts["rejected"] += 1
        detail: dict[str, str | int] = {"metric": reading.metric, "value": str(reading.value)}
        return Lane.VITAL, DeviceEvent(EventKind.REJECTED, reading.at, detail)

    def _unknown(self, metric: str, at: Instant) -> _Judged:
        """A codec that is newer than the metric table, or wrong."""
        self.counts["unknown-metric"] += 1
        return Lane.VITAL, DeviceEvent(EventKind.REJECTED, at, {"metric": metric, "why": "unknown-metric"})


def _is_possible(metric: Metric, value: Decimal) -> bool:
    return value.is_finite() and metric.is_possible(value)
