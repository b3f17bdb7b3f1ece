"""A gateway that starts on a full disk: an ext4 of its own, where a folder takes space, too."""

import os
from collections.abc import Iterator
from errno import ENOSPC
from pathlib import Path

import pytest

from devices.wire.block import Lane
from gateway.errors import JournalError
from hil.faults.mounts import loop_mounted, make_ext4
from tests.unit.gateway.journal.test_journal import (
    BIG,
    A,
    B,
    clock,
    crash,
    gaps,
    opened,
    reading,
    records,
    wave,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="a disk of its own needs root: mount, loop devices")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    make_ext4(tmp_path / "image", megabytes=4)
    with loop_mounted(tmp_path / "image", tmp_path / "disk") as mounted:
        yield mounted


def fill(disk: Path) -> None:
    """Another writer takes all that is left."""
    with (disk / "ballast").open("ab", buffering=0) as file:
        for size in (65_536, 1024):
            try:
                while True:
                    file.write(bytes(size))
            except OSError as error:
                assert error.errno == ENOSPC


def test_it_sheds_a_wave_to_begin_and_says_so(disk: Path) -> None:
    first = opened(disk / "journal", quota=BIG)
    for second in range(10):
        first.commit([(Lane.VITAL, reading(second)), (Lane.WAVE, wave(second, 20_000))], clock(second))
    crash(first)
    (disk / "journal" / "reserve").unlink(missing_ok=True)
    fill(disk)
    second_start = opened(disk / "journal", B, quota=BIG)
    assert [(g.journal, g.lane, g.ranges, g.why) for g in gaps(second_start)] == [
        (A, Lane.WAVE, ((0, 9),), "disk-full")
    ]
    assert len(records(second_start, Lane.VITAL)) == 10
    assert {b.lane for b in second_start.commit([(Lane.VITAL, reading(20))], clock(20)).blocks} == {
        Lane.VITAL
    }
    crash(second_start)


def test_with_nothing_to_shed_it_says_that_there_is_no_space(disk: Path) -> None:
    (disk / "journal").mkdir()
    fill(disk)
    with pytest.raises(JournalError, match="No space left on device"):
        opened(disk / "journal", quota=BIG)
