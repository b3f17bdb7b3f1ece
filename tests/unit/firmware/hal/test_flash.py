"""The ring's pages on a NOR block device that is written 256 bytes at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.core.ring import Ring
from firmware.hal.flash import BlockFlash

PAGE = 4096


class Nor:
    """A block device as `rp2.Flash`: a write clears bits, and begins and ends at 256 bytes."""

    def __init__(self, blocks: int) -> None:
        self.data = bytearray(b"\xff" * blocks * PAGE)

    def readblocks(self, block: int, buffer: bytearray, offset: int = 0) -> None:
        start = block * PAGE + offset
        assert offset + len(buffer) <= PAGE
        buffer[:] = self.data[start : start + len(buffer)]

    def writeblocks(self, block: int, buffer: bytes, offset: int) -> None:
        assert offset % 256 == 0 and len(buffer) % 256 == 0
        for index, byte in enumerate(buffer, start=block * PAGE + offset):
            self.data[index] &= byte

    def ioctl(self, operation: int, block: int) -> None:
        assert operation == 6
        self.data[block * PAGE : (block + 1) * PAGE] = b"\xff" * PAGE


@given(st.integers(0, 3 * PAGE - 700), st.binary(min_size=1, max_size=600))
def test_what_is_written_is_read_and_nothing_beside_it_changes(at: int, data: bytes) -> None:
    nor = Nor(4)
    flash = BlockFlash(nor, 1, 3)
    flash.write(at, data)
    assert flash.read(at, len(data)) == data
    assert nor.data[: PAGE + at] == b"\xff" * (PAGE + at)
    assert set(nor.data[PAGE + at + len(data) :]) <= {0xFF}


def test_an_erasure_takes_one_page_and_no_other() -> None:
    nor = Nor(4)
    flash = BlockFlash(nor, 1, 3)
    for page in range(3):
        flash.write(page * PAGE, b"\0" * 8)
    flash.erase(1)
    assert [flash.read(page * PAGE, 2) for page in range(3)] == [b"\0\0", b"\xff\xff", b"\0\0"]


@pytest.mark.parametrize("entries", [10, 400])
def test_the_ring_finds_on_it_what_it_kept_before_a_reset(entries: int) -> None:
    nor = Nor(4)
    ring = Ring(BlockFlash(nor, 0, 4), 256, 77)
    for _ in range(entries):
        ring.append(1, b"\x0a\x00")
    again = Ring(BlockFlash(nor, 0, 4), 256, 78)
    assert (again.stream, again.next, again.boot) == (77, ring.next, ring.boot + 1)
