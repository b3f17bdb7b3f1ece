"""Every message that is sent is one that contract.cddl allows, and comes back as it went."""

from collections.abc import Callable
from typing import Any

import cbor2
import pycddl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.errors import Damaged, Malformed, MessageTooLarge, WireError
from devices.wire import cose, messages, orders
from devices.wire.block import BlockClock, Lane, Sync, open_block, records_of, seal
from devices.wire.contract import cddl
from devices.wire.keys import MAX_MESSAGE
from devices.wire.records import Group, UnknownRecord, pack, unpack
from devices.wire.strict import decode
from tests.support import wire

BLOCK, HEADER, RECORDS = (pycddl.Schema(cddl(rule)) for rule in ("block", "header", "records"))
MESSAGE = pycddl.Schema(cddl("message"))
NO_CLOCK = BlockClock(b"b" * 16, 5, None, Sync.UNSET, None)


def sealed(groups: list[Group], clock: BlockClock, number: int = 7) -> bytes:
    return seal(b"journal1", Lane.VITAL, number, clock, groups)


@settings(deadline=None, max_examples=200)
@given(st.lists(wire.groups, max_size=3), wire.clocks, st.integers(0, 2**62))
def test_every_block_is_as_the_contract_says(groups: list[Group], clock: BlockClock, number: int) -> None:
    block = sealed(groups, clock, number)
    header, records = cbor2.loads(block)[:2]
    BLOCK.validate_cbor(block)
    HEADER.validate_cbor(header)
    RECORDS.validate_cbor(records)


@settings(deadline=None)
@given(st.lists(wire.groups, max_size=3), wire.clocks)
def test_a_block_comes_back_as_it_went(groups: list[Group], clock: BlockClock) -> None:
    header, records = open_block(sealed(groups, clock))
    assert (header.journal, header.lane, header.number, header.clock) == (b"journal1", Lane.VITAL, 7, clock)
    assert records_of(header, records) == groups


@settings(deadline=None)
@given(st.lists(wire.groups, min_size=1, max_size=2), wire.clocks, st.data())
def test_a_changed_bit_is_never_believed(groups: list[Group], clock: BlockClock, data: st.DataObject) -> None:
    block = bytearray(sealed(groups, clock))
    place = data.draw(st.integers(0, len(block) * 8 - 1))
    block[place // 8] ^= 1 << place % 8
    with pytest.raises(WireError):
        open_block(bytes(block))


def test_a_wrong_checksum_says_that_the_block_is_damaged() -> None:
    header, records, crc = cbor2.loads(sealed([], NO_CLOCK))
    with pytest.raises(Damaged, match="send it again"):
        open_block(cbor2.dumps([header, records, crc ^ 1]))


CODERS: list[tuple[st.SearchStrategy[Any], str, Callable[[bytes], Any]]] = [
    (wire.births, "birth", messages.read_birth),
    (wire.gateway_states, "gateway-state", messages.read_gateway_state),
    (wire.receipts, "receipt", messages.read_receipt),
    (wire.controller_states, "controller-state", messages.read_controller_state),
    (wire.audit_heads, "audit-head", messages.read_audit_head),
]


@pytest.mark.parametrize(("strategy", "rule", "read"), CODERS, ids=[rule for _, rule, _ in CODERS])
@settings(deadline=None)
@given(data=st.data())
def test_every_other_message_is_as_the_contract_says_and_comes_back(
    strategy: st.SearchStrategy[Any], rule: str, read: Callable[[bytes], Any], data: st.DataObject
) -> None:
    message = data.draw(strategy)
    sent = messages.pack_message(message)
    pycddl.Schema(cddl(rule)).validate_cbor(sent)
    MESSAGE.validate_cbor(sent)
    assert read(sent) == message


PAYLOADS: list[tuple[st.SearchStrategy[Any], str, Callable[[Any], bytes], Callable[[bytes], Any]]] = [
    (wire.commands, "command", orders.pack_command, orders.read_command),
    (wire.configurations, "configuration", orders.pack_configuration, orders.read_configuration),
]


@pytest.mark.parametrize(("strategy", "rule", "pack", "read"), PAYLOADS, ids=[one[1] for one in PAYLOADS])
@settings(deadline=None)
@given(data=st.data())
def test_what_is_signed_is_as_the_contract_says_and_comes_back(
    strategy: st.SearchStrategy[Any],
    rule: str,
    pack: Callable[[Any], bytes],
    read: Callable[[bytes], Any],
    data: st.DataObject,
) -> None:
    message = data.draw(strategy)
    pycddl.Schema(cddl(rule)).validate_cbor(pack(message))
    assert read(pack(message)) == message


KINDS = st.sampled_from([cose.COMMAND, cose.CONFIGURATION])


@settings(deadline=None)
@given(
    KINDS, st.binary(min_size=32, max_size=32), st.binary(max_size=100), st.binary(min_size=64, max_size=64)
)
def test_a_signed_message_is_as_the_contract_says_and_comes_back(
    kind: str, key: bytes, payload: bytes, signature: bytes
) -> None:
    protected = cose.protect(kind, key)
    sent = cose.pack_signed(protected, payload, signature)
    pycddl.Schema(cddl("signed")).validate_cbor(sent)
    pycddl.Schema(cddl("protected")).validate_cbor(protected)
    MESSAGE.validate_cbor(sent)
    assert cose.read_signed(sent) == cose.Signed(kind, key, payload, protected, signature)


READERS = [open_block, cose.read_signed, *(read for *_, read in (*CODERS, *PAYLOADS))]


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_foreign_bytes_are_refused_with_a_wire_error_and_nothing_else(data: bytes) -> None:
    for read in READERS:
        with pytest.raises(WireError):
            read(data)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.binary(max_size=16) | st.text(max_size=5) | st.floats(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.integers(0, 9), inner, max_size=8),
    max_leaves=15,
)


@settings(max_examples=300)
@given(JUNK)
def test_well_formed_cbor_of_any_other_shape_is_refused_or_read_but_never_crashes(item: Any) -> None:
    data = cbor2.dumps(item)
    for read in (*READERS, lambda d: unpack(d, wire.BASE)):
        try:
            read(data)
        except WireError as error:
            assert str(error)


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("an indefinite length", "9f01ff"),
        ("an indefinite string", "5f4101ff"),
        ("a duplicate key", "a201010102"),
        ("a bignum", "c249010000000000000000"),
        ("a small number dressed as a bignum", "c24101"),
        ("a date", "c074323032362d30312d30315430303a30303a30305a"),
        ("a shared reference", "d81c01"),
        ("a self-described item", "d9d9f701"),
        ("a typed array of another type", "d84044deadbeef"),
        ("an int16 array of odd length", "d84d43aabbcc"),
        ("deeper than sixteen levels", "81" * 17 + "00"),
        ("two items", "0101"),
        ("half an item", "8201"),
        ("nothing", ""),
    ],
)
def test_what_makes_two_readers_disagree_is_refused(what: str, data: str) -> None:
    with pytest.raises(Malformed):
        decode(bytes.fromhex(data))


def test_an_oversized_message_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(MessageTooLarge, match=str(MAX_MESSAGE)):
        decode(b"\xff" * (MAX_MESSAGE + 1))


def test_a_metric_from_the_future_leaves_the_rest_readable() -> None:
    known = [0, 1, -1000, 72, 0, 0]
    unknown = [0, 60000, -1000, 5, 0, 0]
    data = cbor2.dumps([{1: "ox-1", 2: None, 3: [unknown, known]}])
    RECORDS.validate_cbor(data)
    (group,) = unpack(data, wire.BASE)
    odd, reading = group.records
    assert isinstance(odd, UnknownRecord)
    assert cbor2.loads(odd.raw) == unknown
    assert getattr(reading, "metric", None) == "hr"


def test_an_unknown_record_is_passed_on_as_it_came() -> None:
    raw = cbor2.dumps([0, 60000, -1000, 5, 0, 0])
    group = Group(None, None, [UnknownRecord(wire.BASE, raw)])
    assert cbor2.loads(pack([group], wire.BASE))[0][3] == [cbor2.loads(raw)]


def test_a_message_of_another_contract_version_says_so() -> None:
    with pytest.raises(Malformed, match="expected contract version 1, got 2"):
        messages.read_receipt(cbor2.dumps({1: 2, 2: b"j" * 8, 3: 0, 4: [], 5: []}))
