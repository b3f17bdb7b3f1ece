"""Blocks of waveforms: compressed where that helps, the old plain form still read, damage told apart."""

import math
import struct
from typing import Any

import cbor2
import pycddl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.errors import Malformed, MessageTooLarge, WireError
from devices.model.identity import DeviceId, LocationId
from devices.model.observation import Instant, Waveform
from devices.wire import keys
from devices.wire.block import BlockClock, Lane, Sync, open_block, plain_records, records_of, seal
from devices.wire.checksum import crc32c
from devices.wire.contract import cddl
from devices.wire.deflate import deflate
from devices.wire.records import Group, UnknownRecord, unpack
from tests.support import wire

HEADER, RECORDS = (pycddl.Schema(cddl(rule)) for rule in ("header", "records"))
CLOCK = BlockClock(b"b" * 16, wire.BASE // 1000, None, Sync.UNSET, None)
SMOOTH = struct.pack("<125h", *(round(900 * math.sin(i / 9)) for i in range(125)))
WAVE = Waveform("pleth", Instant(wire.BASE - 250_000_000), 500_000, SMOOTH)
BEDS = [Group(DeviceId(f"mon-{n}"), LocationId(f"bed-{n}"), [WAVE, WAVE]) for n in range(20)]
RAW = [keys.R_WAVEFORM, 7, -250_000, 500_000, [1, 0], [0, 0], cbor2.CBORTag(77, SMOOTH), 0]


def sealed(groups: list[Group], lane: Lane = Lane.WAVE, clock: BlockClock = CLOCK) -> bytes:
    return seal(b"journal1", lane, 7, clock, groups)


def block(records: bytes, **changes: Any) -> bytes:
    """A block of these packed records, compressed or not."""
    about = cbor2.loads(cbor2.loads(sealed([]))[0])
    header = cbor2.dumps({**about, keys.H_DEFLATED: True} | changes.get("header", {}))
    return cbor2.dumps([header, records, crc32c(header + records)])


def packed(*records: Any) -> bytes:
    return cbor2.dumps([{1: "ox-1", 2: None, 3: list(records)}])


@settings(deadline=None, max_examples=100)
@given(st.lists(wire.groups, max_size=3), wire.clocks)
def test_a_block_of_waves_is_as_the_contract_says_and_comes_back(
    groups: list[Group], clock: BlockClock
) -> None:
    data = sealed(groups, clock=clock)
    header, records = open_block(data)
    HEADER.validate_cbor(cbor2.loads(data)[0])
    RECORDS.validate_cbor(plain_records(header, records))
    assert records_of(header, records) == groups


def test_a_ward_of_monitors_takes_less_than_a_byte_a_sample() -> None:
    data = sealed(BEDS)
    assert open_block(data)[0].deflated
    assert len(data) < 20 * 2 * 125


def test_only_waves_are_compressed() -> None:
    assert not open_block(sealed(BEDS, Lane.VITAL))[0].deflated


def test_a_block_that_compression_would_lengthen_stays_plain() -> None:
    header, records = open_block(sealed([Group(None, None, [Waveform("pleth", wire.BASE, 1000, b"")])]))
    assert not header.deflated
    assert isinstance(cbor2.loads(records), list)


def test_noise_is_sent_as_int16_which_is_shorter_then() -> None:
    noise = struct.pack("<4h", 30_000, -30_000, 30_000, -30_000)
    header, records = open_block(sealed([Group(None, None, [Waveform("pleth", wire.BASE, 1000, noise)])]))
    [[record]] = [group[3] for group in cbor2.loads(plain_records(header, records))]
    assert (record[0], record[6].value) == (keys.R_WAVEFORM, noise)


@pytest.mark.parametrize("compressed", [False, True])
def test_samples_as_int16_are_read_as_ever(compressed: bool) -> None:
    records = deflate(packed(RAW)) if compressed else packed(RAW)
    header, found = open_block(block(records, header={keys.H_DEFLATED: compressed}))
    assert records_of(header, found) == [Group(DeviceId("ox-1"), None, [WAVE])]


def test_deltas_of_a_metric_from_the_future_are_kept_as_they_came() -> None:
    record = [keys.R_DELTAS, 60_000, -1000, 75_000, [1, 0], [0, 0], 2, b"\x00\x00", 0]
    RECORDS.validate_cbor(packed(record))
    [group] = unpack(packed(record), wire.BASE)
    [unknown] = group.records
    assert isinstance(unknown, UnknownRecord)
    assert cbor2.loads(unknown.raw) == record


def test_a_whole_block_whose_records_cannot_be_inflated_still_says_which_it_is() -> None:
    header, records = open_block(block(b"no stream"))
    assert header.number == 7
    with pytest.raises(Malformed):
        records_of(header, records)


def test_a_bomb_under_a_good_checksum_is_refused() -> None:
    header, records = open_block(block(deflate(bytes(50_000_000))))
    with pytest.raises(MessageTooLarge):
        records_of(header, records)


@pytest.mark.parametrize("flag", [1, 0, None, "yes"])
def test_whether_it_is_compressed_is_said_with_true_or_false_alone(flag: Any) -> None:
    with pytest.raises(Malformed):
        open_block(block(packed(RAW), header={keys.H_DEFLATED: flag}))


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_a_changed_byte_under_a_good_checksum_is_refused_or_read_but_never_crashes(
    data: st.DataObject,
) -> None:
    _, records = open_block(sealed(BEDS))
    hit = bytearray(records)
    hit[data.draw(st.integers(0, len(hit) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        records_of(*open_block(block(bytes(hit))))
    except WireError as error:
        assert str(error)
