"""Which values a device gave for a while and gives no more, although it is there. Pure.

values.came(device, reading)
values.stopped(now)                    # by device, the metrics, where that has changed
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from devices.model.identity import DeviceId
from devices.model.metrics import METRICS
from devices.model.observation import Instant, Quality, Reading

_NOT_NOW = Quality.STORED | Quality.TEST_DATA
_FLOWING: Mapping[str, int] = MappingProxyType(
    {one.name: one.stale_after_s * 1_000_000_000 for one in METRICS.values() if one.is_continuous}
)
"""After how long without a value they are stale, ns."""


@dataclass(slots=True)
class _Run:
    """Of values without a stop in between."""

    first: Instant
    last: Instant


@dataclass(slots=True)
class Values:
    """Of all devices of one gateway. A stop is told for `shown_ns`: by then somebody has seen to it."""

    shown_ns: int
    _runs: dict[DeviceId, dict[str, _Run]] = field(default_factory=dict[DeviceId, dict[str, _Run]])
    _told: dict[DeviceId, tuple[str, ...]] = field(default_factory=dict[DeviceId, tuple[str, ...]])

    def came(self, device: DeviceId, reading: Reading) -> None:
        """A value."""
        stale_ns = _FLOWING.get(reading.metric)
        if stale_ns is None or (reading.quality and reading.quality & _NOT_NOW):
            return
        runs = self._runs.get(device)
        if runs is None:
            runs = self._runs[device] = {}
        run = runs.get(reading.metric)
        if run is None or reading.at - run.last >= stale_ns:
            runs[reading.metric] = _Run(reading.at, reading.at)
        else:
            run.last = reading.at

    def off(self, device: DeviceId, metric: str) -> None:
        """Its sensor is off, which is told for itself."""
        self._runs.get(device, {}).pop(metric, None)

    def gone(self, device: DeviceId) -> None:
        """It is not there any more, which is told for itself."""
        self._runs.pop(device, None)
        self._told.pop(device, None)

    def stopped(self, now: Instant) -> dict[DeviceId, tuple[str, ...]]:
        """The devices of which other metrics have stopped than when this was last asked, and which."""
        found = {device: self._stopped(device, now) for device in self._runs}
        changed = {device: names for device, names in found.items() if names != self._told.get(device, ())}
        self._told |= changed
        return changed

    def _stopped(self, device: DeviceId, now: Instant) -> tuple[str, ...]:
        return tuple(
            sorted(
                name
                for name, run in self._runs[device].items()
                if run.last - run.first >= _FLOWING[name] <= now - run.last < _FLOWING[name] + self.shown_ns
            )
        )
