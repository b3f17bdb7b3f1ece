"""controller/telemedicine/recordings/seal.py, and the page's half of it (recording/box.js)."""

import base64
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.telemedicine.recordings.model import FIRST
from controller.telemedicine.recordings.seal import ADDED, BadBox, Place, digest, opened
from tests.support.node import node
from tests.support.recordings import sealed

KEY = bytes(range(32))
PLACE = Place("RC00000001", 2, 1, 3000, 6000, digest(b"the one before"))
OTHERS = (
    {"recording": "RC00000002"},
    {"n": 3},
    {"run": 2},
    {"from_ms": 2999},
    {"to_ms": 6001},
    {"before": FIRST},
)


def test_what_is_sealed_is_opened_in_its_place_alone() -> None:
    box = sealed(KEY, PLACE, b"picture")
    assert opened(KEY, PLACE, box) == b"picture"
    assert len(box) == len(b"picture") + ADDED
    for other in OTHERS:
        with pytest.raises(BadBox):
            opened(KEY, replace(PLACE, **other), box)
    with pytest.raises(BadBox):
        opened(bytes(32), PLACE, box)


@settings(max_examples=50)
@given(st.integers(0, 8 * (7 + ADDED) - 1))
def test_no_bit_of_a_box_changes_unseen(bit: int) -> None:
    box = bytearray(sealed(KEY, PLACE, b"picture"))
    box[bit // 8] ^= 1 << bit % 8
    with pytest.raises(BadBox):
        opened(KEY, PLACE, bytes(box))


@given(st.binary(max_size=100))
def test_what_is_no_box_is_refused(box: bytes) -> None:
    with pytest.raises(BadBox):
        opened(KEY, PLACE, box)


def test_what_a_page_seals_the_controller_opens_and_both_have_the_same_hash() -> None:
    place = {"recording": "RC00000001", "n": 2, "run": 1, "from": 3000, "to": 6000}
    given = base64.b64encode(KEY).decode(), {**place, "before": PLACE.before.hex()}, "cGljdHVyZQ=="
    with node() as call:
        one, other = [call(Path(__file__).with_name("box.mjs").as_posix(), "boxed", *given) for _ in range(2)]
    box = base64.b64decode(one["box"])
    assert opened(KEY, PLACE, box) == b"picture"
    assert one["digest"] == digest(box).hex() != other["digest"]
