"""Whatever arrives, the decision on it is made without an error and without belief."""

import gc
from decimal import Decimal
from time import process_time
from typing import Any

import cbor2
import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from controller.ingest import Arrived, Block, Broken, Refused, Told, Verdict, read
from devices.model.identity import DeviceId, LocationId
from devices.model.observation import Instant, Quality, Reading
from devices.wire.block import BlockClock, Lane, Sync, seal
from devices.wire.checksum import crc32c
from devices.wire.columns import unpack_columns
from devices.wire.keys import MAX_MESSAGE
from devices.wire.messages import Birth, BirthDevice, GatewayState, pack_message
from devices.wire.records import Group, UnknownRecord, pack
from tests.support import wire

JOURNAL = b"journal1"
CLOCK = BlockClock(b"boot" * 4, 10_000_000, None, Sync.UNSET, None)
READING = Reading("hr", Instant(9_000_000_000), Decimal(72), None, Quality.GOOD)
GROUP = Group(DeviceId("ox-1"), LocationId("bed-1"), [READING])


def block(*groups: Group, number: int = 0, lane: Lane = Lane.VITAL) -> bytes:
    return seal(JOURNAL, lane, number, CLOCK, groups or [GROUP])


def sealed(header: Any, records: Any) -> bytes:
    """A block of anything, with the right checksum."""
    packed = cbor2.dumps(header), cbor2.dumps(records)
    return cbor2.dumps([*packed, crc32c(b"".join(packed))])


def header(**changes: Any) -> dict[int, Any]:
    clock = {1: CLOCK.boot, 2: CLOCK.mono_us, 3: None, 4: 0, 5: None}
    keys = {"version": 1, "journal": 2, "lane": 3, "number": 4, "clock": 5}
    usual = {1: 1, 2: JOURNAL, 3: 1, 4: 0, 5: clock}
    return usual | {keys[name]: value for name, value in changes.items()}


def verdict(payload: bytes, topic: str = "wl/1/ward-a/up/vital") -> Verdict:
    return read(Arrived(topic, payload, 20_000_000))


def refused(payload: bytes, topic: str = "wl/1/ward-a/up/vital") -> Refused:
    result = verdict(payload, topic)
    assert isinstance(result, Refused)
    return result


def test_a_good_block_is_read() -> None:
    result = verdict(block())
    assert isinstance(result, Block)
    assert result.gateway == "ward-a"
    assert result.groups == unpack_columns(pack([GROUP], CLOCK.instant), CLOCK.instant)


def test_a_birth_and_a_state_are_read() -> None:
    birth = Birth(JOURNAL, "wardlink 0.1", (BirthDevice("ox-1", "nonin-xpod", "bed-1", ("hr",)),))
    state = GatewayState(True, JOURNAL, CLOCK, (1, 2, 3, 4), counts={})
    for what, message in (("birth", birth), ("state", state)):
        result = verdict(pack_message(message), f"wl/1/ward-a/up/{what}")
        assert isinstance(result, Told)
        assert result.message == message


def test_a_flipped_bit_is_counted_and_not_receipted() -> None:
    payload = bytearray(block())
    payload[-8] ^= 1
    assert isinstance(verdict(bytes(payload)), Broken)


def test_a_message_above_the_limit_is_refused_before_it_is_decoded() -> None:
    assert refused(b"\x9f" * (MAX_MESSAGE + 1)).reason == "oversized"


def test_a_lane_that_the_topic_does_not_name_is_refused() -> None:
    result = refused(block(lane=Lane.WAVE))
    assert (result.reason, result.header) == ("wrong-lane", None)


@pytest.mark.parametrize("topic", ["wl/1/ward-a/up/fast", "wl/1/ward-a/up", "x", "wl/2/ward-a/up/vital", ""])
def test_a_topic_that_is_none_of_the_contract_is_refused(topic: str) -> None:
    assert refused(block(), topic).reason in {"not-a-topic", "malformed"}


GARBAGE = [
    b"",
    b"\xff",
    b"{}",
    cbor2.dumps([1, 2, 3]),
    cbor2.dumps([b"", b"", 0]),
    block()[:-1],
    block() + b"\0",
]


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_has_no_number_and_is_kept_without_a_receipt(garbage: bytes) -> None:
    assert refused(garbage).header is None


POISON: list[Any] = [
    None,
    [1],
    [{1: "OX 1", 2: None, 3: [[0, 1, 0, 1, 0, 0]]}],
    [{1: "ox-1", 2: None, 3: [[0, 1, 0, 1, 0, 0], [0, 1, 0, "72", 0, 0]]}],
    [{1: "ox-1", 2: None, 3: [[0, 1, 0, 1, 0, 0], [0, 1, 0, 1, 999999999, 0]]}],
    [{1: "ox-1", 2: None, 3: [[0, 1, 0, 1, 0, 0]]}, {1: ["ox-2"], 2: None, 3: [[0, 1, 0, 1, 0, 0]]}],
    [{1: "ox-1", 2: None, 3: [[2, 7, 0, 75000, [1, 0], [0, 0], b"raw", 0]]}],
    [{1: "ox-1", 2: None, 3: [[0, 1, 2**63, 1, 0, 0]]}],
    [{1: None, 2: None, 3: [[5, 0, JOURNAL, 2, [[9, 3]], [CLOCK.boot, 0], [CLOCK.boot, 1], "quota"]]}],
    [{1: None, 2: None, 3: [[6, 0, {JOURNAL: [0, 0, 0, 2**63]}]]}],
]


@pytest.mark.parametrize("records", POISON, ids=range(len(POISON)))
def test_a_whole_block_that_cannot_be_read_is_quarantined_under_its_number(records: Any) -> None:
    result = refused(sealed(header(number=7), records))
    assert result.header
    assert (result.header.journal, result.header.number) == (JOURNAL, 7)


MOST_OF_READING = 60
"""Processor time of a refusal, in that of the plain decoding: it is 1 to 3."""
LARGE: list[Any] = [
    [[]] * 200_000,
    [{1: None, 2: None, 3: []}] * 30_000,
    [{1: None, 2: None, 3: [[]] * 200_000}],
    dict.fromkeys(range(40000), 0),
]


@pytest.mark.parametrize("records", LARGE, ids=range(len(LARGE)))
def test_a_large_poison_block_is_refused_for_little_more_than_its_reading_and_in_few_words(
    records: Any,
) -> None:
    block = sealed(header(number=7), records)
    gc.collect()
    gc.freeze()  # what other tests left costs the collector as much as it likes
    began = process_time()
    cbor2.loads(cbor2.loads(block)[1])
    read = process_time()
    result = refused(block)
    taken = process_time() - read
    assert taken < MOST_OF_READING * (read - began)
    assert result.header
    assert len(result.detail) <= 1000


@pytest.mark.parametrize("what", ["birth", "state"])
def test_a_large_message_that_is_no_birth_or_state_is_refused_in_few_words(what: str) -> None:
    assert len(refused(cbor2.dumps([[]] * 200_000), f"wl/1/ward-a/up/{what}").detail) <= 1000


def test_a_number_that_the_database_cannot_hold_is_not_receipted() -> None:
    assert refused(sealed(header(number=2**63 - 1), [])).header is None


def test_a_metric_of_newer_software_is_kept_and_the_rest_is_read() -> None:
    records = [{1: "ox-1", 2: None, 3: [[0, 60000, 0, 1, 0, 0], [0, 1, 0, 72, 0, 0]]}]
    result = verdict(sealed(header(), records))
    assert isinstance(result, Block)
    unknown, known = result.groups[0].records
    assert isinstance(unknown, UnknownRecord)
    assert isinstance(known, Reading)


@given(st.lists(wire.groups, max_size=3))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_every_block_of_the_contract_is_read_or_quarantined_whole(groups: list[Group]) -> None:
    result = verdict(seal(JOURNAL, Lane.VITAL, 0, CLOCK, groups))
    assert isinstance(result, Block) or (isinstance(result, Refused) and result.header)


@given(st.data())
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_no_mutation_of_a_block_raises(data: st.DataObject) -> None:
    payload = bytearray(block())
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(payload) - 1))
        match data.draw(st.integers(0, 2)):
            case 0:
                payload[place] = data.draw(st.integers(0, 255))
            case 1:
                del payload[place:]
            case _:
                payload[place:place] = data.draw(st.binary(max_size=8))
        if not payload:
            break
    verdict(bytes(payload))


integers = st.integers(-(2**64), 2**64 - 1)
leaves = st.none() | st.booleans() | integers | st.floats() | st.text(max_size=5) | st.binary(max_size=16)
keys = st.integers(0, 6) | st.text(max_size=3)
anything = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
loose_record = st.lists(st.integers(0, 7) | anything, max_size=8)
loose_group = {1: st.just("ox-1") | anything, 2: st.none() | anything, 3: st.lists(loose_record, max_size=3)}
loose_groups = st.lists(st.fixed_dictionaries(loose_group), max_size=3)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(range(1, 6), anything)), anything | loose_groups)
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_no_block_of_anything_raises(changes: dict[int, Any], records: Any) -> None:
    verdict(sealed(header() | changes, records))


@given(loose_groups)
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_loose_records_are_read_or_quarantined_under_their_number(records: Any) -> None:
    result = verdict(sealed(header(), records))
    assert isinstance(result, Block) or (isinstance(result, Refused) and result.header)


@given(anything, st.sampled_from(["birth", "state", "alert"]))
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_no_message_of_anything_raises(item: Any, what: str) -> None:
    verdict(cbor2.dumps(item), f"wl/1/ward-a/up/{what}")


@given(st.binary(max_size=200), st.sampled_from(["birth", "state", "vital"]))
def test_no_bytes_raise(payload: bytes, what: str) -> None:
    verdict(payload, f"wl/1/ward-a/up/{what}")
