"""The node's CBOR is that of everybody else, in its shortest form; its frames are those of the gateway."""

from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs.node import wire
from firmware.core import cbor
from firmware.core.frame import Frames, made

U32 = st.integers(0, 0xFFFFFFFF)
INTEGERS = st.integers(-(2**32), 2**32 - 1)
ITEMS = st.recursive(
    st.one_of(INTEGERS, st.none(), st.binary(max_size=70), st.text(max_size=40)),
    lambda item: st.one_of(st.lists(item, max_size=30), st.dictionaries(U32, item, max_size=5)),
    max_leaves=20,
)
HEARD = st.dictionaries(U32, st.one_of(INTEGERS, st.binary(max_size=60)), min_size=1, max_size=4)


@given(ITEMS)
def test_what_a_node_says_everybody_reads(item: Any) -> None:
    assert cbor2.loads(cbor.dumps(item)) == item
    assert cbor.dumps(item) == cbor2.dumps(cbor2.loads(cbor.dumps(item)))


@given(HEARD)
def test_a_node_reads_what_a_host_says(item: dict[int, Any]) -> None:
    assert cbor.loads(cbor2.dumps(item)) == item


@pytest.mark.parametrize(
    "data", ["", "01", "a0ff", "a101", "a10141", "a101f6", "a1011b0000000000000001", "a201020103"]
)
def test_what_is_no_map_of_numbers_is_refused(data: str) -> None:
    with pytest.raises(ValueError, match=r"map|kind"):
        cbor.loads(bytes.fromhex(data))


@given(st.binary(max_size=80))
def test_arbitrary_bytes_are_read_as_others_read_them_or_refused(data: bytes) -> None:
    try:
        item = cbor.loads(data)
    except ValueError:
        return
    assert cbor2.loads(data) == item


@given(st.lists(HEARD, max_size=4), st.data())
def test_maps_are_found_however_the_stream_is_cut(items: list[dict[int, Any]], data: st.DataObject) -> None:
    stream = b"\0".join([made(item) for item in items])
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    frames = Frames()
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    fits = [item for item in items if len(cbor.dumps(item)) <= wire.MAX_BODY]
    assert [item for piece in pieces for item in frames.feed(piece)] == fits
    assert frames.bad == len(items) - len(fits)


@given(st.binary(max_size=600))
def test_noise_is_counted_and_the_next_frame_is_heard(noise: bytes) -> None:
    frames = Frames()
    frames.feed(noise + b"\0")
    assert frames.feed(made({1: 2})) == [{1: 2}]
