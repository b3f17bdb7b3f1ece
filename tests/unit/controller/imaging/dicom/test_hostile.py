"""Files that lie: each is refused with a word to count by, and none takes memory for what it claims."""

import mmap
import struct
import tracemalloc
import zlib
from pathlib import Path
from typing import Final

import pytest

from controller.imaging.dicom.elements import Limits
from controller.imaging.dicom.part10 import DEFLATED, IMPLICIT, read_instance
from controller.imaging.errors import BadDicom
from tests.support.dicom import ct, part10

ITEM: Final = b"\xfe\xff\x00\xe0"
PIXELS: Final = b"\xe0\x7f\x10\0OB\0\0\xff\xff\xff\xff"


def nested(count: int) -> bytes:
    return b"\x08\0\x10\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff" * count


HOSTILE: Final = {
    "no bytes": (b"", "not-dicom"),
    "a PDF with another name": (b"%PDF-1.7" * 40, "not-dicom"),
    "a preamble and nothing": (bytes(128) + b"DICM", "not-dicom"),
    "meta of 4 GB": (bytes(128) + b"DICM\2\0\0\0UL\4\0\xff\xff\xff\xff" + bytes(40), "truncated"),
    "a value of 4 GB": (part10(b"\x10\0\x10\0UT\0\0\xfe\xff\xff\xff" + b"a" * 50), "truncated"),
    "text without a length": (part10(b"\x10\0\x10\0UT\0\0\xff\xff\xff\xff" + b"a" * 50), "structure"),
    "two patients": (part10(b"\x10\0\x20\0LO\2\0A \x10\0\x20\0LO\2\0B "), "structure"),
    "a VR that is none": (part10(b"\x10\0\x20\0ZZ\2\0A "), "vr"),
    "half an element": (part10(b"\x10\0\x20\0L"), "truncated"),
    "half a long header": (part10(b"\x10\0\x20\0UT\0\0\1\0"), "truncated"),
    "sequences in sequences": (part10(nested(5000)), "too-deep"),
    "items without a sequence": (part10((ITEM + bytes(4)) * 10), "structure"),
    "an item that is none": (part10(b"\x08\0\x10\x11SQ\0\0\x08\0\0\0\x08\0\x10\0\0\0\0\0"), "structure"),
    "an item of 4 GB": (part10(b"\x08\0\x10\x11SQ\0\0\x08\0\0\0" + ITEM + b"\xf0\xff\xff\xff"), "truncated"),
    "an item without an end": (
        part10(b"\x08\0\x10\x11SQ\0\0\xff\xff\xff\xff" + ITEM + b"\xff\xff\xff\xff"),
        "truncated",
    ),
    "pixels without an end": (part10(PIXELS + ITEM + bytes(4)), "truncated"),
    "a fragment of 4 GB": (part10(PIXELS + ITEM + b"\xf0\xff\xff\xff"), "truncated"),
    "pixels without a table": (part10(PIXELS + b"\xfe\xff\xdd\xe0" + bytes(4)), "pixels"),
    "a fragment that is none": (part10(PIXELS + b"\x10\0\x20\0" + bytes(4)), "pixels"),
    "a number of odd size": (part10(b"\x28\0\x10\0US\3\0\1\2\3"), "length"),
    "group 0": (part10(b"\0\0\2\0UI\2\0 1"), "structure"),
    "implicit, a value of 4 GB": (part10(b"\x10\0\x20\0\xfe\xff\xff\xff4711", IMPLICIT), "truncated"),
    "deflated, and not": (part10(b"\xff" * 40, DEFLATED), "deflate"),
    "deflated without an end": (part10(zlib.compress(bytes(9999), wbits=-15)[:-3], DEFLATED), "truncated"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_its_reason(name: str) -> None:
    content, reason = HOSTILE[name]
    tracemalloc.start()
    try:
        with pytest.raises(BadDicom) as caught:
            read_instance(content)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()
    assert caught.value.reason == reason
    assert len(str(caught.value)) > 20


def test_the_same_shape_without_the_lie_is_read() -> None:
    told = part10(b"\x10\0\x20\0LO\2\0A " + PIXELS + ITEM + bytes(4) + b"\xfe\xff\xdd\xe0" + bytes(4))
    assert read_instance(told).text("00100020") == "A"


def test_a_deflate_bomb_is_refused() -> None:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = b"".join(deflate.compress(bytes(1 << 20)) for _ in range(300)) + deflate.flush()
    assert len(bomb) < 400_000
    with pytest.raises(BadDicom) as caught:
        read_instance(part10(bomb, DEFLATED))
    assert caught.value.reason == "too-large"


def flood(count: int) -> bytes:
    """Private elements of no value."""
    return b"".join(
        struct.pack("<HH2sH", 0x11 + 2 * (n // 60000), 0x1000 + n % 60000, b"LO", 0) for n in range(count)
    )


def test_a_flood_of_private_tags_ends() -> None:
    limits = Limits(elements=1000)
    assert len(read_instance(part10(flood(999)), limits).data_set) == 999
    with pytest.raises(BadDicom, match="at most 1000") as caught:
        read_instance(part10(flood(2000)), limits)
    assert caught.value.reason == "too-many"


def test_a_text_that_cannot_stay_in_the_file_has_a_largest_size() -> None:
    name = b"\x08\0\x90\x11UR\0\0" + struct.pack("<L", 4000) + b"A" * 4000
    with pytest.raises(BadDicom, match="at most 3000") as caught:
        read_instance(part10(name), Limits(value=2000, largest=3000, inline=10))
    assert caught.value.reason == "too-large"


def test_a_file_of_4_gb_is_read_from_its_map_without_its_pixels(tmp_path: Path) -> None:
    small = ct()
    pixels = read_instance(small).pixels
    assert pixels is not None
    length = 0xFFFFFFFE
    with (tmp_path / "large.dcm").open("w+b") as large:
        large.write(small[: pixels.offset - 4] + struct.pack("<L", length))
        large.truncate(pixels.offset + length)
        with mmap.mmap(large.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            tracemalloc.start()
            found = read_instance(mapped)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert found.pixels is not None
            assert (found.pixels.length, len(mapped)) == (length, pixels.offset + length)
            assert found.text("00100020") == "4711"
    assert peak < 1_000_000
