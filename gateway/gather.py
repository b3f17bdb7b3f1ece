"""Records become blocks: gathered for as long as their lane may wait, then handed over together.

gather.put(Lane.VITAL, device, bed, record, now)
gather.due()          when the next lane has waited long enough
gather.take(now)      the batches that are due: each becomes one block
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain

from devices.model.identity import DeviceId, LocationId
from devices.model.observation import Alert, DeviceEvent, Instant, Waveform
from devices.wire.block import Lane
from devices.wire.records import AnyRecord, Attachment, Group

WAIT_NS = {Lane.ALERT: 0, Lane.VITAL: 100_000_000, Lane.WAVE: 250_000_000, Lane.BULK: 1_000_000_000}
"""How long a record may wait for company, nanoseconds."""
FULL_BYTES = 65_536
"""A batch that is about this large is due at once: a quarter of what a message may be."""
_RECORD_BYTES = 32

Batch = tuple[Lane, list[Group]]
Who = tuple[DeviceId | None, LocationId | None]
"""Device and bed. No device: the gateway itself."""


@dataclass(slots=True)
class _Batch:
    due: Instant
    bytes: int = 0
    records: dict[Who, list[AnyRecord]] = field(default_factory=dict[Who, list[AnyRecord]])

    def groups(self) -> list[Group]:
        return [Group(device, location, records) for (device, location), records in self.records.items()]


def _never(_: Who, __: AnyRecord) -> bool:
    return False


@dataclass(slots=True)
class Gather:
    """What waits, by lane; what is of `second` choice in its lane has blocks of its own."""

    wait_ns: Callable[[Lane], int] = WAIT_NS.__getitem__
    """How long after a block of its lane the next one is due, at the earliest."""
    second: Callable[[Who, AnyRecord], bool] = _never
    _open: dict[tuple[Lane, bool], _Batch] = field(default_factory=dict[tuple[Lane, bool], _Batch])
    _last: dict[tuple[Lane, bool], Instant] = field(default_factory=dict[tuple[Lane, bool], Instant])
    _full: list[Batch] = field(default_factory=list[Batch])

    def put(self, lane: Lane, who: Who, record: AnyRecord, now: Instant) -> None:
        """`record` of `who`, (device, bed), waits from `now` on."""
        key = lane, self.second(who, record)
        batch = self._open.get(key)
        if batch is None:
            batch = self._open[key] = _Batch(self._due(key, now))
        batch.records.setdefault(who, []).append(record)
        batch.bytes += _weight(record)
        if batch.bytes >= FULL_BYTES:
            self._full.append((lane, self._open.pop(key).groups()))
            self._last[key] = now

    def _due(self, key: tuple[Lane, bool], now: Instant) -> Instant:
        """After the usual wait; on a narrow link not so soon after the block before it."""
        lane, _ = key
        return max(Instant(now + WAIT_NS[lane]), Instant(self._last.get(key, 0) + self.wait_ns(lane)))

    def due(self) -> Instant | None:
        """When `take` has something, or None while nothing waits."""
        if self._full:
            return Instant(0)
        return min((batch.due for batch in self._open.values()), default=None)

    def take(self, now: Instant) -> list[Batch]:
        """The batches that are due at `now`, the most important lane first."""
        return self._taken([key for key, batch in self._open.items() if batch.due <= now], now)

    def take_all(self, now: Instant) -> list[Batch]:
        """Whatever waits at `now`, due or not: somebody waits for it, or it is the end."""
        return self._taken(list(self._open), now)

    def _taken(self, keys: list[tuple[Lane, bool]], now: Instant) -> list[Batch]:
        self._last |= dict.fromkeys(keys, now)
        taken = [*self._full, *((key[0], self._open.pop(key).groups()) for key in sorted(keys))]
        self._full = []
        return sorted(taken, key=lambda batch: batch[0])


def _weight(record: AnyRecord) -> int:
    match record:
        case Waveform():
            return _RECORD_BYTES + len(record.samples)
        case Attachment():
            return _RECORD_BYTES + len(record.data)
        case DeviceEvent() | Alert():
            return _RECORD_BYTES + sum(len(str(part)) for part in chain(*record.detail.items()))
        case _:
            return _RECORD_BYTES
