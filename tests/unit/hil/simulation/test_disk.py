"""The simulated disk: what was synced survives a power cut, and nothing else for sure."""

import os
import random
from collections import Counter
from pathlib import Path

import pytest

from hil.simulation.disk import Disk
from hil.simulation.loop import Crash


def written(folder: Path, seed: int, *, sync: bool, names: bool = True) -> bytes | None:
    """What of 1000 bytes is in the file after a power cut."""
    folder.mkdir()
    disk = Disk(folder, random.Random(seed), lambda: 0)
    with disk.in_use():
        handle = os.open(folder / "file", os.O_CREAT | os.O_WRONLY)
        if names:
            root = os.open(folder, os.O_RDONLY)
            os.fsync(root)
        os.pwrite(handle, b"x" * 1000, 0)
        if sync:
            os.fdatasync(handle)
        disk.close_all()
        disk.power_cut()
    return (folder / "file").read_bytes() if (folder / "file").exists() else None


def test_what_was_synced_survives(tmp_path: Path) -> None:
    assert {written(tmp_path / f"{n}", n, sync=True) for n in range(20)} == {b"x" * 1000}


def test_what_was_not_synced_is_there_gone_torn_or_zeros(tmp_path: Path) -> None:
    found = [written(tmp_path / f"{n}", n, sync=False) or b"" for n in range(60)]
    kinds = Counter((len(one), one.count(b"x")) for one in found)
    assert kinds[0, 0]
    assert kinds[1000, 1000]
    assert any(0 < size < 1000 for size, _ in kinds)
    assert any(size == 1000 and whole < 1000 for size, whole in kinds)


def test_a_name_that_was_not_synced_may_be_gone_with_all_its_bytes(tmp_path: Path) -> None:
    found = {written(tmp_path / f"{n}", n, sync=True, names=False) for n in range(20)}
    assert found == {None, b"x" * 1000}


@pytest.mark.parametrize(("when", "size"), [("before", 0), ("after", 3)])
def test_a_crash_is_aimed_at_the_nth_of_a_point(tmp_path: Path, when: str, size: int) -> None:
    disk = Disk(tmp_path, random.Random(1), lambda: 0)
    with disk.in_use():
        handle = os.open(tmp_path / "file", os.O_CREAT | os.O_WRONLY)
        disk.aim("pwrite", 2, when)
        os.pwrite(handle, b"one", 0)
        with pytest.raises(Crash, match=f"{when} pwrite"):
            os.pwrite(handle, b"two", 3)
        disk.close_all()
    assert (tmp_path / "file").stat().st_size == 3 + size
    assert not disk.is_aimed


def test_a_full_disk_takes_nothing(tmp_path: Path) -> None:
    disk = Disk(tmp_path, random.Random(1), lambda: 0)
    with disk.in_use():
        disk.full = True
        with pytest.raises(OSError, match="No space left"):
            os.open(tmp_path / "file", os.O_CREAT | os.O_WRONLY)


def test_other_folders_are_left_alone(tmp_path: Path) -> None:
    mine, other = tmp_path / "mine", tmp_path / "other"
    mine.mkdir()
    disk = Disk(mine, random.Random(1), lambda: 0)
    with disk.in_use():
        disk.full = True
        other.mkdir()
        other.rename(tmp_path / "renamed")
    assert (tmp_path / "renamed").is_dir()
    assert not disk.passed
