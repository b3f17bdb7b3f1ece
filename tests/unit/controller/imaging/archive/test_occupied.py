"""One process has an archive; what a crash left is taken away later."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from controller.errors import StoreError
from controller.imaging.archive.archive import Archive
from controller.imaging.archive.keeping import keep
from tests.support import dicom
from tests.support.waiting import until
from tests.unit.controller.imaging.archive.conftest import Clock, Shelf


async def test_a_second_process_is_refused_and_the_first_goes_on(shelf: Shelf) -> None:
    with pytest.raises(StoreError, match="another process"):
        await Archive.open(shelf.folder, Clock())
    assert await shelf.outcomes(dicom.ct()) == ["stored"]


async def test_an_archive_that_was_closed_was_in_order(shelf: Shelf) -> None:
    await shelf.archive.close()
    assert not (await shelf.open()).after_crash


async def test_files_whose_rows_a_crash_cut_off_go_and_all_others_stay(shelf: Shelf) -> None:
    await shelf.store(dicom.ct(), b"waits in quarantine")
    kept = {name for name in shelf.files() if len(name) == 64}
    orphan = shelf.folder / "files" / "ab" / ("ab" * 32)
    orphan.write_bytes(b"written, and then the power went")
    stranger = shelf.folder / "files" / "ab" / "notes.txt"
    stranger.write_text("somebody's own")
    await shelf.archive.close()
    (shelf.folder / "occupied").touch()  # as after a crash
    archive = await shelf.open()
    keeping = asyncio.create_task(keep(archive))
    await until(lambda: not orphan.exists(), "the orphan is gone")
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping
    assert {name for name in shelf.files() if len(name) == 64} == kept
    assert stranger.exists()


async def test_closing_twice_is_closing_once(shelf: Shelf, tmp_path: Path) -> None:
    await shelf.archive.close()
    first = shelf.archive
    await shelf.open()
    await first.close()
    with pytest.raises(StoreError, match="another process"):
        await Archive.open(shelf.folder, Clock())


async def test_a_file_on_its_way_in_is_no_orphan(shelf: Shelf) -> None:
    content = dicom.ct()
    async with shelf.archive.begin("ae:CT1") as batch:
        incoming = batch.part()
        incoming.write(content)
        await batch.take(incoming)
        await until(lambda: any(len(name) == 64 for name in shelf.files()), "the file is there")
        await shelf.archive.garbage.sweep()
        await batch.commit()
    [stored] = await shelf.all()
    assert await shelf.archive.files.read(stored.sha256) == content


async def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises((StoreError, OSError)):
        await Archive.open(tmp_path / "file" / "images", Clock())
