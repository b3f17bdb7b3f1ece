"""What is compressed comes back, and compressed bytes of strangers cannot become more than they may."""

import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import Malformed, MessageTooLarge, WireError
from devices.wire.deflate import deflate, inflate
from devices.wire.keys import MAX_MESSAGE


@given(st.binary(max_size=2000))
def test_what_is_compressed_comes_back(data: bytes) -> None:
    assert inflate(deflate(data)) == data


@pytest.mark.parametrize("level", [0, 1, 9])
def test_any_level_is_read(level: int) -> None:
    assert inflate(zlib.compress(b"wave" * 100, level, -15)) == b"wave" * 100


def test_as_much_as_a_message_may_hold_is_inflated() -> None:
    assert len(inflate(deflate(bytes(MAX_MESSAGE)))) == MAX_MESSAGE


def test_a_byte_more_is_refused() -> None:
    with pytest.raises(MessageTooLarge, match=str(MAX_MESSAGE)):
        inflate(deflate(bytes(MAX_MESSAGE + 1)))


def test_a_bomb_takes_no_more_memory_than_a_message_may() -> None:
    bomb = deflate(bytes(50_000_000))
    tracemalloc.start()
    with pytest.raises(MessageTooLarge):
        inflate(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * MAX_MESSAGE


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("nothing", b""),
        ("no stream", b"records"),
        ("half a stream", deflate(b"wave" * 100)[:-3]),
        ("a byte after the stream", deflate(b"wave") + b"\x00"),
        ("two streams", deflate(b"wave") * 2),
        ("a stream in zlib's wrapping", zlib.compress(b"wave" * 100)),
    ],
)
def test_anything_but_one_whole_stream_is_refused(what: str, data: bytes) -> None:
    with pytest.raises(Malformed):
        inflate(data)


@given(st.binary(max_size=300))
def test_foreign_bytes_are_inflated_or_refused_with_a_wire_error(data: bytes) -> None:
    try:
        assert len(inflate(data, limit=5000)) <= 5000
    except WireError as error:
        assert str(error)
