"""Records as CBOR arrays and back: the `records` of contract.cddl."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

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
class UnknownRecord:
    """A record of a metric or an event that this software does not know, as it came (CBOR)."""

    at: Instant
    raw: bytes


AnyRecord = Record | Gap | Opened | UnknownRecord


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
    exponent = min(max(exponent, FINEST_EXPONENT), COARSEST_EXPONENT)
    return int(value.scaleb(-exponent).to_integral_value()), exponent


def _pack_reading(reading: Reading, dt: int) -> list[Any]:
    number = by_name(reading.metric).number
    if reading.value is None:
        return [keys.R_ABSENT, number, dt, reading.reason, reading.quality]
    return [keys.R_READING, number, dt, *decimal_pair(reading.value), reading.quality]


def _pack(record: AnyRecord, base_us: int) -> list[Any]:  # noqa: PLR0911 - one line a kind of record
    dt = record.at // 1000 - base_us
    match record:
        case Reading():
            return _pack_reading(record, dt)
        case Waveform():
            scale, offset = list(decimal_pair(record.scale)), list(decimal_pair(record.offset))
            samples = cbor2.CBORTag(TYPED_INT16_LE, record.samples)
            number = by_name(record.metric).number
            return [keys.R_WAVEFORM, number, dt, record.rate_mhz, scale, offset, samples, record.quality]
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
        case _:
            raise Malformed(f"expected a record of the contract, got {item!r:.80}")


def _unpack(item: Sequence[Any], base_us: int) -> AnyRecord:
    check_record(item)
    measured = item[0] in (keys.R_READING, keys.R_ABSENT, keys.R_WAVEFORM)
    at = Instant((base_us + item[2 if measured else 1]) * 1000)
    try:
        return _measured(item, at) if measured else _told(item, at)
    except (UnknownMetric, ValueError):
        return UnknownRecord(at, cbor2.dumps(item))


def _group(item: Mapping[int, Any], base_us: int) -> Group:
    device, location = item[keys.G_DEVICE], item[keys.G_LOCATION]
    expect(optional(name), device, "a device's name")
    expect(optional(name), location, "the name of a bed or a vehicle")
    expect(some, item[keys.G_RECORDS], "at least one record")
    return Group(device, location, [_unpack(record, base_us) for record in item[keys.G_RECORDS]])


def unpack(data: bytes, base: Instant) -> list[Group]:
    """The groups in `data`. Raises Malformed.

    A metric, event or reason that this software does not know becomes an UnknownRecord: a newer
    sender does not make the rest unreadable.
    """
    try:
        return [_group(item, base // 1000) for item in decode(data)]
    except (TypeError, KeyError, IndexError, AttributeError) as error:
        raise Malformed(f"expected the contract's records: {error}") from error
