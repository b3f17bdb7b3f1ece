"""A slow place that is away, is another archive's, or hangs: its files cannot be read, the rest goes on."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

import pytest

from controller.imaging.archive import slow
from controller.imaging.archive.deletion import What, delete
from controller.imaging.archive.moving import move_old
from controller.imaging.archive.scrub import AGAIN_MS, check_next, damaged
from controller.imaging.archive.slow import MARK, SlowFolder
from controller.imaging.archive.stored import Stored
from controller.imaging.errors import CannotRead, OutOfReach
from controller.imaging.sight import WHOLE
from tests.support import dicom
from tests.unit.controller.imaging.archive.conftest import Shelf

DAY_US = 86_400_000_000
CONTENT = dicom.ct(study="1.1")


class Away:
    """An archive with one file at the slow place, and one that is not."""

    def __init__(self, shelf: Shelf, folder: Path) -> None:
        self.shelf = shelf
        self.folder = folder
        self.file: Stored
        self.new: Stored

    @property
    def slow(self) -> SlowFolder:
        assert self.shelf.archive.tiers is not None
        return self.shelf.archive.tiers.slow

    @property
    def path(self) -> Path:
        return self.folder / self.file.sha256.hex()[:2] / self.file.sha256.hex()

    def unmount(self) -> Path:
        """What a mount leaves that is not there any more: an empty folder. Returns where its files are."""
        aside = self.folder.with_name("elsewhere")
        self.folder.rename(aside)
        self.folder.mkdir()
        return aside

    def mount(self) -> None:
        self.folder.rmdir()
        self.folder.with_name("elsewhere").rename(self.folder)
        self.ask_again()

    def ask_again(self) -> None:
        """When AGAIN_US are over."""
        self.shelf.clock.at_us += slow.AGAIN_US

    async def read(self) -> bytes:
        return await self.shelf.archive.files.read(self.file.sha256)

    async def find(self, study: str) -> Stored:
        return (await self.shelf.archive.find(WHOLE, study))[0]


@pytest.fixture
async def away(shelf: Shelf, tmp_path: Path) -> AsyncIterator[Away]:
    away = Away(shelf, tmp_path / "nas")
    away.folder.mkdir()
    await shelf.archive.close()
    archive = await shelf.open(slow_folder=away.folder, slow_after_days=1)
    await shelf.store(CONTENT)
    shelf.clock.at_us += DAY_US
    assert archive.tiers is not None
    assert await move_old(archive, archive.tiers) == 1
    shelf.clock.at_us += 1_000_000
    await shelf.store(dicom.ct(study="1.2"))
    away.file, away.new = await away.find("1.1"), await away.find("1.2")
    yield away


async def test_a_folder_that_is_not_mounted_is_no_damage_and_nothing_is_written_or_deleted_there(
    away: Away, caplog: pytest.LogCaptureFixture
) -> None:
    archive, aside = away.shelf.archive, away.unmount()
    with pytest.raises(OutOfReach, match="is it mounted"):
        await away.read()
    assert not away.slow.answers
    assert not away.slow.quick
    assert len(caplog.records) == 1  # and not for each file
    away.ask_again()
    with pytest.raises(OSError, match="is it mounted"):
        archive.files.digest(away.file.sha256)
    away.shelf.clock.at_us += DAY_US
    assert archive.tiers is not None
    for _ in range(2):
        with pytest.raises(OSError, match="is it mounted"):
            await move_old(archive, archive.tiers)
        away.ask_again()
    await delete(archive, WHOLE, What("1.1"), by="anna", why="")
    assert await away.shelf.outcomes(dicom.ct()) == ["stored"]
    assert await archive.files.read(away.new.sha256)
    assert list(away.folder.iterdir()) == []
    assert len([path for path in aside.rglob("*") if path.is_file()]) == 2  # the file and the mark
    away.mount()
    await archive.garbage.collect()  # what was to be deleted was not forgotten
    assert not away.path.exists()


async def test_the_scrub_goes_on_with_what_is_within_reach(away: Away) -> None:
    away.shelf.clock.at_us += AGAIN_MS * 1000
    away.unmount()
    with pytest.raises(OSError, match="is it mounted"):
        await check_next(away.shelf.archive)  # the one that waits longest is there
    assert await check_next(away.shelf.archive) == away.new.size
    assert await check_next(away.shelf.archive) is None
    away.mount()
    assert await check_next(away.shelf.archive) == away.file.size
    assert await damaged(away.shelf.archive) == []


async def test_a_file_that_is_missing_where_the_mark_is_is_damaged(away: Away) -> None:
    away.path.unlink()
    with pytest.raises(CannotRead, match="No such file") as told:
        await away.read()
    assert not isinstance(told.value, OutOfReach)
    assert away.slow.answers
    away.shelf.clock.at_us += AGAIN_MS * 1000
    await check_next(away.shelf.archive)
    assert [one.how for one in await damaged(away.shelf.archive)] == ["missing"]


async def test_the_folder_of_another_archive_is_not_used(away: Away) -> None:
    (away.folder / MARK).write_text("another's")
    away.path.unlink()  # or it would be read: names are hashes
    with pytest.raises(OutOfReach, match="belongs to another archive"):
        await away.read()
    archive = away.shelf.archive
    away.ask_again()
    assert archive.tiers is not None
    with pytest.raises(OSError, match="belongs to another archive"):
        await move_old(archive, archive.tiers)


async def test_a_folder_that_hangs_holds_nobody_up_for_long(
    away: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(away.slow, "patience_s", 0.2)
    content = away.path.read_bytes()
    away.path.unlink()
    os.mkfifo(away.path)  # opening it for reading hangs, as a dead NFS server does
    archive, file = away.shelf.archive, away.file
    with pytest.raises(OutOfReach, match=r"no answer in 0\.2 s"):
        await archive.files.read(file.sha256, 0, file.size)
    assert not away.slow.quick
    with pytest.raises(OutOfReach, match="no answer"):  # at once: no thread is given to it
        archive.files.whole(file.sha256)
    assert await away.shelf.outcomes(dicom.ct()) == ["stored"]
    other = dicom.edited(CONTENT, PatientComments="another content, which is compared with what hangs")
    assert await away.shelf.outcomes(other) == ["quarantined"]
    os.close(os.open(away.path, os.O_RDWR | os.O_NONBLOCK))  # it comes back
    away.path.unlink()
    away.path.write_bytes(content)
    away.ask_again()
    assert await away.read() == CONTENT


async def test_a_folder_that_is_not_there_at_all_is_told(shelf: Shelf, tmp_path: Path) -> None:
    await shelf.archive.close()
    archive = await shelf.open(slow_folder=tmp_path / "none", slow_after_days=1)
    assert archive.tiers is not None
    with pytest.raises(OSError, match="none"):
        await move_old(archive, archive.tiers)
    assert not (tmp_path / "none").exists()


async def test_a_disk_without_room_leaves_no_half_copy_and_the_file_where_it_is(
    away: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_source: BinaryIO, target: BinaryIO, _size: int) -> None:
        target.write(b"half")
        raise OSError(28, "No space left on device")

    copy = slow.shutil.copyfileobj
    monkeypatch.setattr(slow.shutil, "copyfileobj", full)
    archive = away.shelf.archive
    away.shelf.clock.at_us += DAY_US
    assert archive.tiers is not None
    assert await move_old(archive, archive.tiers) == 0
    monkeypatch.setattr(slow.shutil, "copyfileobj", copy)
    assert list((away.folder / "tmp").iterdir()) == []
    assert archive.tiers.fast.digest(away.new.sha256) == away.new.sha256
    assert await move_old(archive, archive.tiers) == 1


async def test_a_slow_folder_that_was_copied_elsewhere_is_the_same(away: Away, tmp_path: Path) -> None:
    await away.shelf.archive.close()
    shutil.copytree(away.folder, tmp_path / "new")
    archive = await away.shelf.open(slow_folder=tmp_path / "new")
    assert await archive.files.read(away.file.sha256) == CONTENT
