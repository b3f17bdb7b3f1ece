"""What the readers let through is what contract.cddl allows: the controller has no validator behind them."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import cbor2
import pycddl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.ingest import Arrived, Block, Told, read
from devices.errors import WireError
from devices.model.observation import Instant, Reading
from devices.wire import orders, topics
from devices.wire.block import BlockClock, Lane, Sync, seal
from devices.wire.checksum import crc32c
from devices.wire.contract import cddl
from devices.wire.messages import Birth, pack_message
from devices.wire.records import Group
from tests.support import wire

READING = Reading("hr", Instant(0), Decimal(72))
NO_CLOCK = BlockClock(b"b" * 16, 5, None, Sync.UNSET, None)
KINDS = "header", "records", "birth", "gateway-state", "command", "configuration"
RULES = {rule: pycddl.Schema(cddl(rule)) for rule in KINDS}

JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**64), 2**64 - 1),
    st.sampled_from([0, 1, 3, 4, 6, 7, 12, -12, 13, 255, 256, 2**32]),
    st.binary(max_size=17),
    st.text(max_size=49),
    st.sampled_from(["", "ox-1", "Ox 1", "x" * 48, "x" * 65]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.just([]),
    st.just({}),
    st.just([0, 0]),
    st.just({"a": 1}),
    st.just({1: 1}),
)


def places(item: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path to every item inside `item`, and to itself."""
    yield path
    inner = item.items() if isinstance(item, dict) else enumerate(item) if isinstance(item, list) else ()
    for key, value in inner:
        yield from places(value, (*path, key))


def with_another(item: Any, path: tuple[Any, ...], change: Callable[[Any], Any]) -> Any:
    """`item` with what lies at `path` changed."""
    if not path:
        return change(item)
    copy = dict(item) if isinstance(item, dict) else list(item)
    copy[path[0]] = with_another(copy[path[0]], path[1:], change)
    return copy


def shortened(item: Any) -> Any:
    """`item` without its last part."""
    if isinstance(item, dict):
        return dict(list(item.items())[:-1])
    return item[:-1] if isinstance(item, (list, str, bytes)) else None


def lengthened(item: Any) -> Any:
    """`item` with its last part twice; anything but an array as the one item of an array."""
    return [*item, *item[-1:]] if isinstance(item, list) else [item]


@st.composite
def mutated(draw: st.DrawFn, sources: st.SearchStrategy[bytes]) -> bytes:
    """CBOR of the contract with one or two of its items changed."""
    item = cbor2.loads(draw(sources))
    for _ in range(draw(st.integers(1, 2))):
        path = draw(st.sampled_from(list(places(item))))
        junk = draw(JUNK)
        item = with_another(item, path, draw(st.sampled_from([lambda _, j=junk: j, shortened, lengthened])))
    return cbor2.dumps(item)


def sealed(groups: list[Group], clock: BlockClock) -> bytes:
    return seal(b"journal1", Lane.VITAL, 7, clock, groups)


blocks = st.builds(sealed, st.lists(wire.groups, min_size=1, max_size=3), wire.clocks)
headers, records = (blocks.map(lambda block, i=i: cbor2.loads(block)[i]) for i in (0, 1))


def ingested(header: bytes, packed: bytes) -> bool:
    """Whether the controller would store a block of these parts."""
    block = cbor2.dumps([header, packed, crc32c(header + packed)])
    return any(isinstance(read(Arrived(topics.up("ward-a", lane), block, 0)), Block) for lane in topics.LANES)


def accepted(rule: str, data: bytes) -> bool:
    try:
        RULES[rule].validate_cbor(data)
    except pycddl.ValidationError:
        return False
    return True


@settings(deadline=None, max_examples=150)
@given(mutated(headers))
def test_a_header_that_is_read_is_one_of_the_contract(header: bytes) -> None:
    assert not ingested(header, cbor2.dumps([])) or accepted("header", header)


@settings(deadline=None, max_examples=150)
@given(mutated(records), headers)
def test_records_that_are_read_are_those_of_the_contract(packed: bytes, header: bytes) -> None:
    assert not ingested(header, packed) or accepted("records", packed)


@pytest.mark.parametrize(
    ("what", "rule", "messages"),
    [("birth", "birth", wire.births), ("state", "gateway-state", wire.gateway_states)],
)
@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_a_message_that_is_read_is_one_of_the_contract(
    what: str, rule: str, messages: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    message = data.draw(mutated(messages.map(pack_message)))
    verdict = read(Arrived(topics.up("ward-a", what), message, 0))
    assert not isinstance(verdict, Told) or accepted(rule, message)


SIGNED: list[tuple[str, st.SearchStrategy[bytes], Callable[[bytes], object]]] = [
    ("command", wire.commands.map(orders.pack_command), orders.read_command),
    ("configuration", wire.configurations.map(orders.pack_configuration), orders.read_configuration),
]


@pytest.mark.parametrize(("rule", "payloads", "reader"), SIGNED, ids=[rule for rule, _, _ in SIGNED])
@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_an_order_that_a_gateway_reads_is_one_of_the_contract(
    rule: str,
    payloads: st.SearchStrategy[bytes],
    reader: Callable[[bytes], object],
    data: st.DataObject,
) -> None:
    payload = data.draw(mutated(payloads))
    try:
        reader(payload)
    except WireError:
        return
    assert accepted(rule, payload)


@settings(deadline=None, max_examples=100)
@given(blocks)
def test_the_controller_reads_every_block_that_a_gateway_seals(block: bytes) -> None:
    assert isinstance(read(Arrived(topics.up("ward-a", "vital"), block, 0)), Block)


def test_keys_that_nobody_knows_yet_are_ignored() -> None:
    block = sealed([Group(None, None, [READING])], NO_CLOCK)
    header, packed, _ = cbor2.loads(block)
    newer = cbor2.dumps({**cbor2.loads(header), 99: 0})
    assert ingested(newer, cbor2.dumps([{**cbor2.loads(packed)[0], 99: 0}]))
    birth = Birth(b"journal1", "wardlink", ())
    told = cbor2.dumps({**cbor2.loads(pack_message(birth)), 99: 0})
    verdict = read(Arrived(topics.up("ward-a", "birth"), told, 0))
    assert isinstance(verdict, Told)
    assert verdict.message == birth
