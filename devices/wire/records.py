"""Records as CBOR arrays and back: the `records` of contract.cddl."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

import cbor2

from devices.errors import Malformed, UnknownMetric
from devices.model.identity import DeviceId, LocationId
from devices.model.metrics import by_name, by_number
from devices.model.observation import (
    Alert,
    DeviceEvent,
    EventKind,
    Instant,
    NoValue,
    Priority,
    Quality,
    Reading,
    Record,
    Waveform,
)
from devices.wire import keys
from devices.wire.deltas import from_deltas, to_deltas
from devices.wire.ranges import Range
from devices.wire.shapes import check_record, expect, name, optional, some
from devices.wire.strict import TYPED_INT16_LE, as_map, decode

FINEST_EXPONENT, COARSEST_EXPONENT = -12, 12


@dataclass(frozen=True, slots=True)
class Gap:
    """Blocks of `journal` and `lane` that will never come, what time they covered, and why not.

    `start` and `end` are instants of the boot `boot`, the one in which the blocks were made.
    """

    at: Instant
    journal: bytes
    lane: int
    ranges: tuple[Range, ...]
    boot: bytes
    start: Instant
    end: Instant
    why: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A journal begins. `ended`: for each earlier one, the next number of each lane."""

    at: Instant
    ended: Mapping[bytes, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Attachment:
    """Bytes of a file of `size` bytes whose SHA-256 is `digest`: `data` (1 to MAX_CHUNK), from `offset` on.

    What the file is, and whose, an event says that names the digest. A chunk that comes twice is one.
    """

    at: Instant
    digest: bytes
    size: int
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class UnknownRecord:
    """A record of a metric or an event that this software does not know, as it came (CBOR)."""

    at: Instant
    raw: bytes


AnyRecord = Record | Gap | Opened | Attachment | UnknownRecord


@dataclass(frozen=True, slots=True)
class Group:
    """Records of one device (None: of the gateway itself), at one bed or vehicle (None: not known)."""

    device: DeviceId | None
    location: LocationId | None
    records: Sequence[AnyRecord]


def decimal_pair(value: Decimal) -> tuple[int, int]:
    """(mantissa, exponent) of `value`, exact; digits finer than 10^-12 are rounded."""
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):
        raise ValueError(f"expected a finite number, got {value}")
    if exponent == 0:
        return int(value), 0
    exponent = min(max(exponent, FINEST_EXPONENT), COARSEST_EXPONENT)
    return int(value.scaleb(-exponent).to_integral_value()), exponent


def _pack_reading(reading: Reading, dt: int) -> list[Any]:
    number = by_name(reading.metric).number
    if reading.value is None:
        return [keys.R_ABSENT, number, dt, reading.reason, reading.quality]
    return [keys.R_READING, number, dt, *decimal_pair(reading.value), reading.quality]


def _pack_waveform(wave: Waveform, dt: int) -> list[Any]:
    """As deltas where they are shorter, which they are of anything but noise."""
    scale, offset = list(decimal_pair(wave.scale)), list(decimal_pair(wave.offset))
    about = [by_name(wave.metric).number, dt, wave.rate_mhz, scale, offset]
    deltas = to_deltas(wave.samples)
    if len(deltas) < len(wave.samples):
        return [keys.R_DELTAS, *about, len(wave), deltas, wave.quality]
    return [keys.R_WAVEFORM, *about, cbor2.CBORTag(TYPED_INT16_LE, wave.samples), wave.quality]


def _pack(record: AnyRecord, base_us: int) -> list[Any]:  # noqa: PLR0911 - one line a kind of record
    dt = record.at // 1000 - base_us
    match record:
        case Reading():
            return _pack_reading(record, dt)
        case Waveform():
            return _pack_waveform(record, dt)
        case DeviceEvent():
            return [keys.R_EVENT, dt, str(record.kind), dict(record.detail)]
        case Alert():
            return [keys.R_ALERT, dt, record.code, record.priority, record.active, dict(record.detail)]
        case Gap():
            times = [[record.boot, record.start // 1000], [record.boot, record.end // 1000]]
            ranges = [list(pair) for pair in record.ranges]
            return [keys.R_GAP, dt, record.journal, record.lane, ranges, *times, record.why]
        case Opened():
            return [
                keys.R_OPENED,
                dt,
                {journal: list(produced) for journal, produced in record.ended.items()},
            ]
        case Attachment():
            about = [record.digest, record.size, record.offset]
            return [keys.R_ATTACHMENT, dt, *about, record.data]
        case UnknownRecord():
            return decode(record.raw)


def pack(groups: Iterable[Group], base: Instant) -> bytes:
    """`groups` as the contract's `records`, times counted from `base`."""
    base_us = base // 1000
    return cbor2.dumps(
        [
            {
                keys.G_DEVICE: group.device,
                keys.G_LOCATION: group.location,
                keys.G_RECORDS: [_pack(record, base_us) for record in group.records],
            }
            for group in groups
        ]
    )


def _pair(item: Sequence[int]) -> Decimal:
    mantissa, exponent = item
    return Decimal(mantissa).scaleb(exponent)


def _measured(item: Sequence[Any], at: Instant) -> Record:
    metric = by_number(item[1]).name
    match item:
        case [keys.R_READING, _, _, mantissa, exponent, quality]:
            return Reading(metric, at, _pair((mantissa, exponent)), None, Quality(quality))
        case [keys.R_ABSENT, _, _, reason, quality]:
            return Reading(metric, at, None, NoValue(reason), Quality(quality))
        case [keys.R_WAVEFORM, _, _, rate, scale, offset, samples, quality]:
            return Waveform(metric, at, rate, samples.value, _pair(scale), _pair(offset), Quality(quality))
        case [keys.R_DELTAS, _, _, rate, scale, offset, count, deltas, quality]:
            samples = from_deltas(deltas, count)
            return Waveform(metric, at, rate, samples, _pair(scale), _pair(offset), Quality(quality))
        case _:
            raise Malformed(f"expected a measurement of the contract, got {item!r:.80}")


def _told(item: Sequence[Any], at: Instant) -> AnyRecord:
    match item:
        case [keys.R_EVENT, _, kind, detail]:
            return DeviceEvent(EventKind(kind), at, as_map(detail))
        case [keys.R_ALERT, _, code, priority, active, detail]:
            return Alert(code, at, Priority(priority), active, as_map(detail))
        case [keys.R_GAP, _, journal, lane, ranges, [boot, start], [_, end], why]:
            pairs = tuple((first, last) for first, last in ranges)
            span = Instant(start * 1000), Instant(end * 1000)
            return Gap(at, journal, lane, pairs, boot, *span, why)
        case [keys.R_OPENED, _, ended]:
            return Opened(at, {journal: tuple(produced) for journal, produced in as_map(ended).items()})
        case [keys.R_ATTACHMENT, _, digest, size, offset, data]:
            return Attachment(at, digest, size, offset, data)
        case _:
            raise Malformed(f"expected a record of the contract, got {item!r:.80}")


def _unpack(item: Sequence[Any], base_us: int) -> AnyRecord:
    check_record(item)
    measured = item[0] in (keys.R_READING, keys.R_ABSENT, keys.R_WAVEFORM, keys.R_DELTAS)
    at = Instant((base_us + item[2 if measured else 1]) * 1000)
    try:
        return _measured(item, at) if measured else _told(item, at)
    except (UnknownMetric, ValueError):
        return UnknownRecord(at, cbor2.dumps(item))


@dataclass(frozen=True, slots=True)
class PackedGroup:
    """A group whose records were not looked at yet."""

    device: DeviceId | None
    location: LocationId | None
    items: list[Any]

    def unpacked(self, base: Instant) -> Group:
        """The group, its records' times counted from `base`. Raises Malformed."""
        base_us = base // 1000
        try:
            return Group(self.device, self.location, [_unpack(item, base_us) for item in self.items])
        except (TypeError, IndexError, AttributeError) as error:
            raise Malformed(f"expected the contract's records: {error}") from error


def packed_groups(data: bytes) -> list[PackedGroup]:
    """The groups in `data`, their records as they came. Raises Malformed."""
    groups = decode(data)
    if not isinstance(groups, list):
        raise Malformed(f"expected an array of groups, got {groups!r:.80}")
    return [_packed_group(item) for item in cast(list[object], groups)]


def _packed_group(item: object) -> PackedGroup:
    group = as_map(item)
    try:
        device, location, items = group[keys.G_DEVICE], group[keys.G_LOCATION], group[keys.G_RECORDS]
    except KeyError as error:
        raise Malformed(f"expected a group with device, place and records, got no key {error}") from error
    expect(optional(name), device, "a device's name")
    expect(optional(name), location, "the name of a bed or a vehicle")
    expect(some, items, "at least one record")
    return PackedGroup(device, location, items)


def unpack(data: bytes, base: Instant) -> list[Group]:
    """The groups in `data`. Raises Malformed.

    A metric, event or reason that this software does not know becomes an UnknownRecord: a newer
    sender does not make the rest unreadable.
    """
    return [group.unpacked(base) for group in packed_groups(data)]
