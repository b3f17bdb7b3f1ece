"""Every file is read again and again; what is not what it was is marked, told, and not given out."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from controller.imaging.archive.keeping import keep
from controller.imaging.archive.quarantine import content as quarantined
from controller.imaging.archive.scrub import AGAIN_MS, check_next, damaged, scrub
from controller.imaging.errors import CannotRead
from tests.support import dicom
from tests.support.waiting import until
from tests.unit.controller.imaging.archive.conftest import Shelf

FolderOf = Callable[[bytes], Path]


async def check_all(shelf: Shelf) -> int:
    """A week later. How many files were read."""
    shelf.clock.at_us += AGAIN_MS * 1000
    checked = 0
    while await check_next(shelf.archive) is not None:
        checked += 1
    return checked


async def test_every_file_is_read_once_in_its_time(shelf: Shelf) -> None:
    await shelf.store(*dicom.ct_series(3), b"no dicom")
    assert await check_next(shelf.archive) is None  # they have just come
    assert await check_all(shelf) == 4
    assert await check_next(shelf.archive) is None


async def test_the_file_that_was_read_longest_ago_comes_first(shelf: Shelf) -> None:
    await shelf.store(first := dicom.ct(rows=16))
    shelf.clock.at_us += 1_000_000
    await shelf.store(second := dicom.ct(rows=32))
    shelf.clock.at_us += AGAIN_MS * 1000
    assert [await check_next(shelf.archive) for _ in range(3)] == [len(first), len(second), None]


async def test_a_changed_byte_is_found_told_and_never_given_out(
    shelf: Shelf, folder_of: FolderOf, caplog: pytest.LogCaptureFixture
) -> None:
    await shelf.store(*dicom.ct_series(2, study="1.2"))
    bad, good = await shelf.all()
    path = folder_of(bad.sha256)
    path.write_bytes(path.read_bytes()[:-1] + b"\xff")
    assert await shelf.archive.files.read(bad.sha256)  # until it is found
    await check_all(shelf)
    [one] = await damaged(shelf.archive)
    assert (one.study, one.instance, one.patient_id, one.how) == ("1.2", bad.instance, "4711", "changed")
    assert [stored.damaged for stored in await shelf.all()] == ["changed", ""]
    with pytest.raises(CannotRead):
        await shelf.archive.files.read(bad.sha256)
    with pytest.raises(CannotRead):
        [_ async for _ in shelf.archive.files.chunks(bad.sha256, 0, 10)]
    assert await shelf.archive.files.read(good.sha256)
    [told] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert bad.sha256.hex() in told.getMessage()
    assert "4711" not in told.getMessage()
    caplog.clear()
    await check_all(shelf)
    assert not caplog.records  # once


async def test_what_is_damaged_stays_so_over_a_restart(shelf: Shelf, folder_of: FolderOf) -> None:
    await shelf.store(dicom.ct())
    [stored] = await shelf.all()
    folder_of(stored.sha256).unlink()
    await check_all(shelf)
    await shelf.archive.close()
    await shelf.open()
    assert [one.how for one in await damaged(shelf.archive)] == ["missing"]
    with pytest.raises(CannotRead):
        await shelf.archive.files.read(stored.sha256)


async def test_a_file_brought_back_from_a_backup_is_given_out_again(
    shelf: Shelf, folder_of: FolderOf
) -> None:
    content = dicom.ct()
    await shelf.store(content)
    [stored] = await shelf.all()
    folder_of(stored.sha256).unlink()
    await check_all(shelf)
    folder_of(stored.sha256).write_bytes(content)
    await check_all(shelf)
    assert await damaged(shelf.archive) == []
    assert await shelf.archive.files.read(stored.sha256) == content


async def test_what_waits_in_quarantine_is_checked_too(shelf: Shelf, folder_of: FolderOf) -> None:
    await shelf.store(b"no dicom")
    [(number, sha256)] = await shelf.rows("SELECT id, file FROM quarantine")
    folder_of(sha256).write_bytes(b"changed!")
    await check_all(shelf)
    with pytest.raises(CannotRead):
        await quarantined(shelf.archive, number)


async def test_an_open_archive_goes_on_checking_by_itself(shelf: Shelf, folder_of: FolderOf) -> None:
    await shelf.store(*dicom.ct_series(3))
    last = sorted(one.sha256 for one in await shelf.all())[-1]
    folder_of(last).unlink()
    shelf.clock.at_us += AGAIN_MS * 1000
    keeping = asyncio.create_task(keep(shelf.archive))
    await until(lambda: last in shelf.archive.files.damaged, "the last of the files was checked")
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping


async def test_a_rate_of_nothing_checks_nothing(shelf: Shelf) -> None:
    await shelf.archive.close()
    await scrub(await shelf.open(scrub_rate=0))
