"""The block: one idea for durability, transport, receipt and proof.

block = seal(journal, Lane.VITAL, 7, clock, groups)    # bytes: journalled and sent as they are
header, records = open_block(block)                     # raises Damaged before anything is believed
groups = records_of(header, records)
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import cbor2

from devices.errors import Damaged, Malformed
from devices.model.observation import Instant
from devices.wire import keys
from devices.wire.checksum import crc32c
from devices.wire.deflate import deflate, inflate
from devices.wire.records import Group, pack, unpack
from devices.wire.shapes import expect, expect_version, flag, integer, octets, optional, uint
from devices.wire.shapes import journal as journal_id
from devices.wire.shapes import lane as lane_number
from devices.wire.strict import as_map, decode


class Lane(IntEnum):
    """A stream of blocks with its own connection, in order of importance."""

    ALERT = 0
    VITAL = 1
    WAVE = 2
    BULK = 3


class Sync(IntEnum):
    """What the host's UTC is worth."""

    UNSET = 0
    """The host does not know the time."""
    FREE = 1
    """It was set once and runs by itself."""
    NETWORK = 2
    """Disciplined over a network (NTP, PTP)."""
    SATELLITE = 3
    """Disciplined by satellite."""


@dataclass(frozen=True, slots=True)
class BlockClock:
    """The clock when a block was sealed: `mono_us` of the boot `boot`, and UTC then, if known.

    `utc_us` counts microseconds since 1970; `error_us` estimates how far off it may be.
    """

    boot: bytes
    mono_us: int
    utc_us: int | None
    sync: Sync
    error_us: int | None

    @property
    def instant(self) -> Instant:
        """`mono_us` as an instant."""
        return Instant(self.mono_us * 1000)

    def utc_of(self, at: Instant) -> int | None:
        """UTC microseconds of `at`, an instant of the same boot; None when UTC is not known."""
        return None if self.utc_us is None else self.utc_us + at // 1000 - self.mono_us


@dataclass(frozen=True, slots=True)
class BlockHeader:
    """Which block it is, and when it was sealed; `deflated`: its records are compressed."""

    journal: bytes
    lane: Lane
    number: int
    clock: BlockClock
    deflated: bool = False


def pack_clock(clock: BlockClock) -> dict[int, Any]:
    """`clock` as the contract's map."""
    return {
        keys.C_BOOT: clock.boot,
        keys.C_MONO: clock.mono_us,
        keys.C_UTC: clock.utc_us,
        keys.C_SYNC: clock.sync,
        keys.C_ERROR: clock.error_us,
    }


def unpack_clock(item: Mapping[int, Any]) -> BlockClock:
    """The contract's map as a clock. Raises Malformed, LookupError, ValueError or TypeError."""
    expect(octets(16), item[keys.C_BOOT], "a boot id")
    expect(uint, item[keys.C_MONO], "monotonic microseconds")
    expect(optional(integer()), item[keys.C_UTC], "UTC microseconds or null")
    expect(optional(uint), item[keys.C_ERROR], "an error in microseconds or null")
    expect(integer(min(Sync), max(Sync)), item[keys.C_SYNC], "how the clock is kept")
    sync = Sync(item[keys.C_SYNC])
    return BlockClock(item[keys.C_BOOT], item[keys.C_MONO], item[keys.C_UTC], sync, item[keys.C_ERROR])


def seal(journal: bytes, lane: Lane, number: int, clock: BlockClock, groups: Iterable[Group]) -> bytes:
    """The block's bytes, as they are journalled and sent; waveforms compressed, where that helps."""
    about: dict[int, Any] = {
        keys.H_VERSION: keys.CONTRACT_VERSION,
        keys.H_JOURNAL: journal,
        keys.H_LANE: lane,
        keys.H_NUMBER: number,
        keys.H_CLOCK: pack_clock(clock),
    }
    records = pack(groups, clock.instant)
    if lane == Lane.WAVE and len(packed := deflate(records)) < len(records):
        about[keys.H_DEFLATED], records = True, packed
    header = cbor2.dumps(about)
    return cbor2.dumps([header, records, crc32c(header + records)])


_HEADER_SHAPE = (
    (keys.H_JOURNAL, journal_id, "a journal of 8 bytes"),
    (keys.H_LANE, lane_number, "a lane"),
    (keys.H_NUMBER, integer(0, 2**63 - 1), "a block number"),
)


def _header(data: bytes) -> BlockHeader:
    item = as_map(decode(data))
    expect_version(item.get(keys.H_VERSION))
    try:
        for key, check, what in _HEADER_SHAPE:
            expect(check, item[key], what)
        clock = unpack_clock(item[keys.H_CLOCK])
    except (LookupError, ValueError, TypeError) as error:
        raise Malformed(f"expected a block's header: {error}") from error
    deflated = item.get(keys.H_DEFLATED, False)
    expect(flag, deflated, "whether the records are compressed")
    return BlockHeader(item[keys.H_JOURNAL], Lane(item[keys.H_LANE]), item[keys.H_NUMBER], clock, deflated)


def open_block(data: bytes) -> tuple[BlockHeader, bytes]:
    """(header, records still packed). Raises MessageTooLarge, Malformed or Damaged."""
    match decode(data):
        case [bytes() as header, bytes() as records, int() as crc]:
            pass
        case _:
            raise Malformed("expected a block: [header, records, checksum]")
    if crc32c(header + records) != crc:
        raise Damaged("the block's checksum does not match; the sender will send it again")
    return _header(header), records


def plain_records(header: BlockHeader, records: bytes) -> bytes:
    """The contract's `records` of an opened block. Raises MessageTooLarge or Malformed."""
    return inflate(records) if header.deflated else records


def records_of(header: BlockHeader, records: bytes) -> list[Group]:
    """The records of an opened block. Raises MessageTooLarge or Malformed."""
    return unpack(plain_records(header, records), header.clock.instant)
