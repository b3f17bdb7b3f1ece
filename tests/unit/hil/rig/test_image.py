"""The images of the rigs' nodes."""

from itertools import pairwise

import pytest

from firmware.image import RING
from hil.rig import image


def records(hexadecimal: str) -> list[bytes]:
    return [bytes.fromhex(line[1:]) for line in hexadecimal.split()]


@pytest.mark.parametrize("made", [image.node(100), image.bare()], ids=["node", "bare"])
def test_an_image_is_intel_hex_with_a_right_checksum_in_each_line(made: str) -> None:
    assert [one for one in records(made) if sum(one) % 256] == []


def test_the_node_leaves_the_pages_of_the_ring_alone() -> None:
    at, written = 0, list[int]()
    for one in records(image.node(100)):
        if one[3] == 4:
            at = int.from_bytes(one[4:6], "big") << 16
        elif one[3] == 0:
            written.append(at + int.from_bytes(one[1:3], "big"))
    assert not [place for place in written if RING <= place < 0x40000]


def test_the_mark_in_ram_is_nowhere_in_the_image() -> None:
    lines = b"".join(one[4:-1] for one in records(image.node(100)))
    assert image.MAGIC not in lines
    assert all(a != b for a, b in pairwise(image.MAGIC))


@pytest.mark.parametrize("value", [0, 3700, 65535])
def test_a_value_stands_beside_its_complement(value: int) -> None:
    low, high, not_low, not_high = image.box(value)
    assert low | high << 8 == value
    assert (low ^ not_low, high ^ not_high) == (255, 255)


def test_the_unix_node_imports_what_a_node_has() -> None:
    assert "from devices" not in image.unix_main(100)


def test_the_unix_node_measures_as_often_as_it_is_asked_to() -> None:
    assert "PERIOD_MS = 700\n" in image.unix_main(700)
