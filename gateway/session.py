"""A device's session: what it said, judged, and put on the right lane.

for lane, record in session.take(said): gather.put(lane, session.who, record, now)
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from devices.codecs import Said, Wheeled
from devices.codecs.node.update import Update
from devices.model.identity import DeviceId, LocationId
from devices.model.judgement import judged
from devices.model.metrics import METRICS
from devices.model.observation import (
    DeviceEvent,
    EventKind,
    Instant,
    Quality,
    Reading,
    Waveform,
)
from devices.wire.block import Lane
from gateway.config import DeviceConfig

_Judged = tuple[Lane, Said]

CALM_NS = 300_000_000_000
"""A patient whose device has said nothing for so long is taken for gone."""


@dataclass(slots=True)
class Session:
    """One device: where it stands, and counts of what it said.

    Counts: `readings`, `waveforms`, `events`, `rejected` (outside the reject range), `implausible`
    (outside the physiological range), `unknown-metric`.
    """

    device: DeviceId
    location: LocationId | None
    counts: Counter[str] = field(default_factory=Counter[str])
    bad: Counter[str] = field(default_factory=Counter[str])
    """What its codec could not read, by reason."""
    connected: bool = False
    measured: Instant | None = None
    """When it last measured something at a patient."""
    errands: list[Update] = field(default_factory=list[Update])
    """What this gateway has for it."""
    wheeled: Wheeled | None = None
    """The robot that it is to be."""

    @classmethod
    def of(cls, device: DeviceConfig) -> "Session":
        """The session of a configured device."""
        wheeled = Wheeled(device.id, device.wheel_base_mm) if device.wheel_base_mm else None
        bed = LocationId(device.bed) if device.bed else None
        return cls(DeviceId(device.id), bed, wheeled=wheeled)

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
                    self._event(one)
                    yield Lane.VITAL, one

    def _event(self, event: DeviceEvent) -> None:
        self.counts["events"] += 1
        match event.kind:
            case EventKind.CONNECTED | EventKind.DISCONNECTED:
                self.connected = event.kind is EventKind.CONNECTED
            case EventKind.BAD_BYTES:
                self.bad.update({why: n for why, n in event.detail.items() if isinstance(n, int)})
            case _:
                return

    def _reading(self, reading: Reading) -> Iterator[_Judged]:
        usable, refused = judged(reading)
        if usable is not None:
            self.counts["readings"] += 1
            lane = self._lane(usable.quality)
            if usable.value is not None and lane == Lane.VITAL:
                self._measured(usable.metric, usable.at)
            yield lane, usable
        if refused is not None:
            self.counts["rejected" if usable else "unknown-metric"] += 1
            yield Lane.VITAL, refused

    def _lane(self, quality: Quality) -> Lane:
        if not quality:  # nearly always, and the flags of an enumeration are slow
            return Lane.VITAL
        if Quality.IMPLAUSIBLE in quality:
            self.counts["implausible"] += 1
        return Lane.BULK if Quality.STORED in quality else Lane.VITAL

    def _waveform(self, wave: Waveform) -> Iterator[_Judged]:
        if wave.metric not in METRICS:
            yield self._unknown(wave.metric, wave.at)
            return
        self.counts["waveforms"] += 1
        self._measured(wave.metric, wave.at)
        yield Lane.WAVE, wave

    def _measured(self, metric: str, at: Instant) -> None:
        if METRICS[metric].is_of_patient:
            self.measured = at

    def _unknown(self, metric: str, at: Instant) -> _Judged:
        """A codec that is newer than the metric table, or wrong."""
        self.counts["unknown-metric"] += 1
        return Lane.VITAL, DeviceEvent(EventKind.REJECTED, at, {"metric": metric, "why": "unknown-metric"})


def where(sessions: Sequence[Session], device: DeviceId) -> tuple[DeviceId, LocationId | None]:
    """(device, bed) of one that is served, or was."""
    return next((one.who for one in reversed(sessions) if one.device == device), (device, None))


def monitoring(sessions: Iterable[Session], now: Instant) -> str:
    """A device that measures a patient at `now`, or has until a moment ago; empty: none does."""
    return next(
        (one.device for one in sessions if one.measured is not None and now - one.measured < CALM_NS), ""
    )
