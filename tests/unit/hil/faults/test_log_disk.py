"""What a disk with a volatile cache may hold when its power goes."""

import random
from pathlib import Path

from hil.faults.log_disk import FLUSH, MARK, SECTOR, WRITE, Entry, PowerCuts, entries, packed

SIZE = 8 * SECTOR


def write(sector: int, letter: bytes, sectors: int = 1) -> Entry:
    return Entry(WRITE, sector * SECTOR, letter * SECTOR * sectors)


def sectors(disk: bytearray) -> str:
    return "".join(chr(disk[n] or ord("-")) for n in range(0, len(disk), SECTOR))


def after(told: list[Entry], index: int) -> set[str]:
    """The disks that are seen over many cuts."""
    return {sectors(PowerCuts(bytes(SIZE), told).at(index, random.Random(seed))) for seed in range(300)}


FLUSHED = Entry(FLUSH, 0, b"")


def test_what_was_flushed_stays() -> None:
    assert after([write(0, b"a"), write(1, b"b"), FLUSHED], 2) == {"ab------"}


def test_of_what_was_not_flushed_any_part_may_be_there() -> None:
    assert after([write(0, b"a"), FLUSHED, write(1, b"b"), write(2, b"c")], 3) == {
        "a-------",
        "ab------",
        "a-c-----",
        "abc-----",
    }


def test_a_write_is_torn_between_sectors() -> None:
    assert "a-a-----" in after([write(0, b"a", sectors=3)], 0)


def test_the_superblock_of_ext4_is_not_torn() -> None:
    seen = after([write(1, b"a", sectors=4)], 0)
    assert {disk[2:4] for disk in seen} == {"aa", "--"}
    assert "--aa----" in seen


def test_what_comes_after_the_cut_is_not_there() -> None:
    assert after([write(0, b"a"), FLUSHED, write(1, b"b"), FLUSHED], 1) == {"a-------"}


def test_later_cuts_go_on_from_earlier_ones() -> None:
    told = [write(0, b"a"), FLUSHED, write(1, b"b"), FLUSHED, write(2, b"c"), FLUSHED]
    cuts = PowerCuts(bytes(SIZE), told)
    seen = [sectors(cuts.at(index, random.Random(1))) for index in (1, 1, 3, 5)]
    assert seen == ["a-------", "a-------", "ab------", "abc-----"]


def test_dropped_sectors_are_counted() -> None:
    cuts = PowerCuts(bytes(SIZE), [write(0, b"a", sectors=4)])
    disk = cuts.at(0, random.Random(0))
    assert cuts.dropped == sectors(disk)[:4].count("-")


def test_the_log_is_read_as_it_was_written_and_a_cut_off_end_is_left_out(tmp_path: Path) -> None:
    log = tmp_path / "log"
    whole = packed(WRITE, 512, b"abc") + packed(FLUSH) + packed(MARK, 0, b"{}")
    log.write_bytes(whole + packed(WRITE)[:-1])
    assert entries(log) == [Entry(WRITE, 512, b"abc"), FLUSHED, Entry(MARK, 0, b"{}")]
