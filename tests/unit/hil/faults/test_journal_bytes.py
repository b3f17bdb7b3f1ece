"""The fault lab's own reading of frames and blocks agrees with the product's writing."""

import pytest

from devices.model.observation import Instant
from devices.wire.block import BlockClock, Lane, Sync, seal
from devices.wire.records import Gap, Group, Opened
from gateway.journal.frames import frame
from hil.faults.journal_bytes import frames, spread, told

OURS, OTHER = b"a" * 8, b"b" * 8
CLOCK = BlockClock(bytes(16), 5_000_000, None, Sync.UNSET, None)


def alert_block(*records: Gap | Opened) -> bytes:
    return seal(OURS, Lane.ALERT, 3, CLOCK, [Group(None, None, list(records))])


def test_frames_are_found_with_their_bytes_and_bodies() -> None:
    data = frame(4, b"first") + frame(5, b"")
    first, second = frames(data)
    assert (first.number, first.start, first.end, first.block) == (4, 0, 29, b"first")
    assert (second.number, second.start, second.end, second.block) == (5, 29, len(data), b"")


@pytest.mark.parametrize("place", [0, 5, 10, 17, 21, 26])
def test_a_damaged_frame_is_not_read(place: int) -> None:
    data = bytearray(frame(4, b"first"))
    data[place] ^= 1
    with pytest.raises(ValueError, match="undamaged frame at byte 0"):
        list(frames(bytes(data)))


def test_a_block_tells_what_is_lost_and_where_journals_ended() -> None:
    at = Instant(4 * 10**9)
    gap = Gap(at, OTHER, Lane.WAVE, ((0, 1), (7, 7)), bytes(16), at, at, "quota")
    found = told(alert_block(Opened(at, {OTHER: (1, 2, 8, 0)}), gap))
    assert found.key == (OURS, 0, 3)
    assert found.lost == {(OTHER, 2, number): "quota" for number in (0, 1, 7)}
    assert found.ended == {OTHER: [1, 2, 8, 0]}


def test_a_damaged_block_is_not_believed() -> None:
    block = bytearray(alert_block())
    block[-1] ^= 1
    with pytest.raises(ValueError, match="checksum"):
        told(bytes(block))


def test_ranges_include_both_ends() -> None:
    assert spread(OURS, 1, [[2, 3], [5, 5]]) == [(OURS, 1, 2), (OURS, 1, 3), (OURS, 1, 5)]
