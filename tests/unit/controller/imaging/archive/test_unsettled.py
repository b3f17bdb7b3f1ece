"""Rows may be on the disk before the bytes: what is left when power goes between is known, not given out."""

import asyncio
import errno
import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from controller.errors import StoreError
from controller.imaging.archive.archive import Outcome, Verdict
from controller.imaging.errors import CannotRead
from tests.support import dicom
from tests.support.waiting import until
from tests.unit.controller.imaging.archive.conftest import Shelf

FolderOf = Callable[[bytes], Path]


class Disk:
    """Syncs of what is below a folder wait, or fail, while a test says so."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._fsync = os.fsync
        self._free = threading.Event()
        self._free.set()
        self.failing = False
        self.asked = 0

    def fsync(self, file: int) -> None:
        if os.readlink(f"/proc/self/fd/{file}").startswith(self._folder):  # noqa: PTH115
            self.asked += 1
            self._free.wait()
            if self.failing:
                raise OSError(errno.EIO, "Input/output error")
        self._fsync(file)

    def hang(self) -> None:
        self._free.clear()

    def go_on(self) -> None:
        self._free.set()


@pytest.fixture
def disk(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    disk = Disk(shelf.folder / "files")
    monkeypatch.setattr("os.fsync", disk.fsync)
    yield disk
    disk.go_on()


async def unsettled(shelf: Shelf) -> set[bytes]:
    return {row[0] for row in await shelf.rows("SELECT sha256 FROM unsettled")}


async def stored_but_not_synced(shelf: Shelf, disk: Disk, content: bytes) -> asyncio.Task[list[Verdict]]:
    """Its rows are on the disk, its bytes are not."""
    disk.hang()
    storing = asyncio.create_task(shelf.store(content))
    await until(lambda: bool(shelf.archive.glance.rows("SELECT 1 FROM instance", {})), "it is in the index")
    return storing


async def test_nothing_is_acknowledged_before_its_bytes_are_on_the_disk(shelf: Shelf, disk: Disk) -> None:
    storing = await stored_but_not_synced(shelf, disk, dicom.ct())
    [one] = await shelf.all()
    assert (await unsettled(shelf), disk.asked, storing.done()) == ({one.sha256}, 1, False)
    disk.go_on()
    assert [verdict.outcome for verdict in await storing] == [Outcome.STORED]


async def test_what_came_to_the_disk_is_forgotten_with_the_next_that_comes(shelf: Shelf, disk: Disk) -> None:
    storing = await stored_but_not_synced(shelf, disk, dicom.ct())
    noted = await unsettled(shelf)
    disk.go_on()
    await storing
    await shelf.store(dicom.ct())
    assert noted and not noted & await unsettled(shelf)


@pytest.mark.parametrize("left", ["nothing", "an empty file", "zeros"])
async def test_bytes_that_did_not_come_to_the_disk_are_known_at_the_next_start_and_healed_by_the_sender(
    shelf: Shelf, disk: Disk, folder_of: FolderOf, left: str
) -> None:
    earlier, content = dicom.ct(), dicom.ct()
    storing = await stored_but_not_synced(shelf, disk, content)
    [one] = await shelf.all()
    disk.go_on()
    await storing
    await shelf.archive.close()
    path = folder_of(one.sha256)
    if left == "nothing":
        path.unlink()
    else:  # a file of the right size without its bytes is what a journal of names alone leaves
        path.write_bytes(bytes(one.size if left == "zeros" else 0))
    await shelf.open()
    assert [found.damaged for found in await shelf.all()] == ["missing" if left == "nothing" else "changed"]
    with pytest.raises(CannotRead):
        await shelf.archive.files.read(one.sha256)
    assert await shelf.outcomes(content, earlier) == ["already", "stored"]
    assert await shelf.archive.files.read(one.sha256) == content
    assert await unsettled(shelf) <= {found.sha256 for found in await shelf.all()} - {one.sha256}


async def test_a_disk_that_fails_is_told_and_what_it_did_not_take_is_not_given_out(
    shelf: Shelf, disk: Disk
) -> None:
    content = dicom.ct()
    disk.failing = True
    storing = await stored_but_not_synced(shelf, disk, content)
    [one] = await shelf.all()
    disk.go_on()
    with pytest.raises(StoreError, match="cannot be written"):
        await storing
    with pytest.raises(CannotRead):
        await shelf.archive.files.read(one.sha256)
    assert await unsettled(shelf) == {one.sha256}
    disk.failing = False
    assert await shelf.outcomes(content) == ["already"]
    assert await shelf.archive.files.read(one.sha256) == content


async def test_a_file_that_is_there_keeps_its_place_until_the_new_one_is_on_the_disk(
    shelf: Shelf, disk: Disk, folder_of: FolderOf
) -> None:
    """What is there may be right, and acknowledged long ago."""
    content = dicom.ct()
    await shelf.store(content)
    [one] = await shelf.all()
    before, asked = folder_of(one.sha256).stat().st_ino, disk.asked
    disk.hang()
    storing = asyncio.create_task(shelf.store(content))
    await until(lambda: disk.asked > asked, "the new one is being synced")
    assert folder_of(one.sha256).stat().st_ino == before
    disk.go_on()
    assert [verdict.outcome for verdict in await storing] == [Outcome.ALREADY]
    assert folder_of(one.sha256).stat().st_ino != before


async def test_a_damaged_file_is_whole_in_the_index_only_when_it_is_on_the_disk(
    shelf: Shelf, disk: Disk, folder_of: FolderOf
) -> None:
    content = dicom.ct()
    await shelf.store(content)
    [one] = await shelf.all()
    folder_of(one.sha256).unlink()
    await shelf.archive.store.write(lambda db: db.execute("UPDATE file SET damaged = 'missing'"))
    asked = disk.asked
    disk.hang()
    storing = asyncio.create_task(shelf.store(content))
    await until(lambda: disk.asked > asked, "the new one is being synced")
    assert [found.damaged for found in await shelf.all()] == ["missing"]
    disk.go_on()
    await storing
    assert [found.damaged for found in await shelf.all()] == [""]
    assert one.sha256 not in await unsettled(shelf)


async def test_two_that_bring_the_same_bytes_leave_the_right_ones_whoever_fails(
    shelf: Shelf, folder_of: FolderOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = dicom.ct()
    files, write, writing = shelf.archive.files, os.write, threading.Event()
    second = threading.Event()

    def full(file: int, data: memoryview) -> int:
        if not writing.is_set():  # the first: it fails when the second has taken its place
            writing.set()
            second.wait()
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(file, data)

    monkeypatch.setattr("os.write", full)
    sha256 = hashlib.sha256(content).digest()
    first = asyncio.create_task(asyncio.to_thread(files.put, sha256, content))
    await until(writing.is_set, "the first writes")
    assert await asyncio.to_thread(files.put, sha256, content) is None
    second.set()
    with pytest.raises(OSError, match="No space"):
        await first
    assert folder_of(sha256).read_bytes() == content
