"""A block's records by kind, each with its place in the block, its times and its bed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from controller.anchors import Anchor
from controller.ingest import Block
from controller.ledger import StreamKey
from controller.live import AlertNow, EventNow, Place, Value, Wave
from devices.model.observation import Alert, DeviceEvent, Instant, Reading, Waveform
from devices.wire.columns import Columns
from devices.wire.records import AnyRecord, Attachment, Gap, Opened, UnknownRecord

BedOf = Callable[[str, str | None, int], str | None]
"""The bed of (device, bed that the block names, time in the controller's ms)."""


class Unknown(NamedTuple):
    """A record that this software does not know, as CBOR."""

    device: str | None
    place: Place
    utc_us: int | None
    raw: bytes


class Chunk(NamedTuple):
    """Bytes of a file of `size` bytes, from `offset` on; `digest` is the SHA-256 of the whole file."""

    device: str | None
    place: Place
    utc_us: int | None
    digest: bytes
    size: int
    offset: int
    data: bytes


class Series(NamedTuple):
    """Readings of one device at one bed, each with a value, as columns; the first is at `place`."""

    place: int
    bed: str | None
    device: str
    boot: bytes
    metrics: Sequence[str]
    mono_us: Sequence[int]
    at_us: Sequence[int]
    utc_us: Sequence[int | None]
    values: Sequence[float]
    qualities: Sequence[int]

    def latest(self) -> Iterable[Value]:
        """The newest of each metric; of several at one time the last."""
        newest: dict[str, int] = {}
        for index, metric in enumerate(self.metrics):
            if self.mono_us[index] >= self.mono_us[newest.get(metric, index)]:
                newest[metric] = index
        return [self._value(index) for index in newest.values()]

    def _value(self, i: int) -> Value:
        place = Place(self.boot, self.mono_us[i], self.at_us[i])
        return Value(
            self.device, self.metrics[i], place, self.utc_us[i], self.values[i], None, self.qualities[i]
        )


@dataclass(slots=True)
class SortedBlock:
    """A block ready to be stored. Each list but `series` has (place in the block, bed, record)."""

    key: StreamKey
    number: int
    gateway: str
    boot: bytes
    series: list[Series] = field(default_factory=list)
    readings: list[tuple[int, str | None, Value]] = field(default_factory=list)
    """Those that are not in `series`."""
    waves: list[tuple[int, str | None, Wave]] = field(default_factory=list)
    events: list[tuple[int, str | None, EventNow]] = field(default_factory=list)
    alerts: list[tuple[int, str | None, AlertNow]] = field(default_factory=list)
    unknown: list[tuple[int, str | None, Unknown]] = field(default_factory=list)
    chunks: list[tuple[int, str | None, Chunk]] = field(default_factory=list)
    gaps: list[tuple[int, Gap]] = field(default_factory=list)
    opened: list[Opened] = field(default_factory=list)
    arrived_us: int = 0
    """In the controller's time scale."""

    def latest(self) -> Iterable[Value]:
        """The readings that the screens may show, in the block's order of each device and metric."""
        yield from (value for series in self.series for value in series.latest())
        yield from (value for _, _, value in self.readings)


def journals_named(block: Block) -> set[bytes]:
    """The block's own journal, and those whose fate it tells."""
    named = {block.header.journal}
    for group in block.groups:
        for record in () if isinstance(group, Columns) else group.records:
            if isinstance(record, Gap):
                named.add(record.journal)
            elif isinstance(record, Opened):
                named.update(record.ended)
    return named


class _Times:
    """The times of one block's records."""

    def __init__(self, block: Block, anchor: Anchor) -> None:
        self.boot = anchor.boot
        self.line = anchor.line
        clock = block.header.clock
        known = clock.utc_us is not None
        self.utc_offset_us = clock.utc_us - clock.mono_us if known else anchor.utc_offset_us  # type: ignore[operator]

    def of(self, at: Instant) -> tuple[Place, int | None]:
        """(place in time, UTC or None) of `at`."""
        mono = at // 1000
        utc = None if self.utc_offset_us is None else mono + self.utc_offset_us
        return Place(self.boot, mono, self.line.at(mono)), utc

    def of_all(self, mono_us: Sequence[int]) -> tuple[Sequence[int], Sequence[int | None]]:
        """(times on the controller's scale, UTC) of a column of monotonic times."""
        at_us, utc_offset_us = self.line.at_all(mono_us), self.utc_offset_us
        if utc_offset_us is None:
            return at_us, [None] * len(mono_us)
        return at_us, [mono + utc_offset_us for mono in mono_us]


def sort(block: Block, anchor: Anchor, bed_of: BedOf) -> SortedBlock:
    """The block's records by kind."""
    header = block.header
    result = SortedBlock((header.journal, header.lane), header.number, block.gateway, anchor.boot)
    result.arrived_us = block.arrived.at_us
    times = _Times(block, anchor)
    sealed_ms = anchor.line.at(header.clock.mono_us) // 1000
    place = 0
    for group in block.groups:
        # A reading of the gateway itself counts as that of a device with the gateway's name.
        measured = group.device or block.gateway
        bed = bed_of(measured, group.location, sealed_ms)
        if isinstance(group, Columns):
            whose = place, bed, measured, times.boot, group.metrics, group.at_us
            result.series.append(Series(*whose, *times.of_all(group.at_us), group.values, group.qualities))
            place += len(group)
            continue
        for record in group.records:
            _put(result, (place, bed), group.device, record, times)
            place += 1
    return result


def _put(
    result: SortedBlock, spot: tuple[int, str | None], device: str | None, record: AnyRecord, times: _Times
) -> None:
    when, utc = times.of(record.at)
    gateway = result.gateway
    measured = device or gateway
    match record:
        case Reading(metric, _, value, reason, quality):
            number = None if value is None else float(value)
            result.readings.append((*spot, Value(measured, metric, when, utc, number, reason, quality)))
        case Waveform(metric, _, rate, samples, scale, offset, quality):
            wave = Wave(measured, metric, when, rate, samples, float(scale), float(offset), quality, utc)
            result.waves.append((*spot, wave))
        case DeviceEvent(kind, _, detail):
            result.events.append((*spot, EventNow(gateway, device, kind, when, detail, utc)))
        case Alert(code, _, priority, active, detail):
            alert = AlertNow(gateway, device, code, when, priority, active, detail, utc)
            result.alerts.append((*spot, alert))
        case Gap():
            result.gaps.append((spot[0], record))
        case Opened():
            result.opened.append(record)
        case Attachment(_, digest, size, offset, data):
            result.chunks.append((*spot, Chunk(device, when, utc, digest, size, offset, data)))
        case UnknownRecord(_, raw):
            result.unknown.append((*spot, Unknown(device, when, utc, raw)))
