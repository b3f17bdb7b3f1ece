"""What nobody changed or looked at for long moves to a slow folder, and is given out from there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from controller.errors import StoreError
from controller.imaging.archive.archive import Archive, ArchiveSettings
from controller.imaging.archive.deletion import What, delete
from controller.imaging.archive.keeping import keep
from controller.imaging.archive.moving import move, move_old, note_looks, take_copies_away
from controller.imaging.archive.scrub import AGAIN_MS, check_next
from controller.imaging.archive.slow import MARK
from controller.imaging.archive.tiers import Tiers
from controller.imaging.errors import ArchiveFull, CannotRead
from controller.imaging.sight import WHOLE
from tests.support import dicom
from tests.support.waiting import until
from tests.unit.controller.imaging.archive.conftest import MIB, Shelf

DAYS = 90
DAY_US = 86_400_000_000


class Tiered(Shelf):
    """With a slow folder beside it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.slow = folder.parent / "nas"
        self.slow.mkdir()

    @property
    def tiers(self) -> Tiers:
        assert self.archive.tiers is not None
        return self.archive.tiers

    async def begin(self, **settings: int | None) -> Archive:
        return await self.open(slow_folder=self.slow, **{"slow_after_days": DAYS, **settings})

    async def move(self, days: float = 0) -> int:
        """What a round moves, `days` from now."""
        self.clock.at_us += int(days * DAY_US)
        return await move_old(self.archive, self.tiers)

    def slow_files(self) -> set[str]:
        return {path.name for path in self.slow.rglob("*") if path.is_file()} - {MARK}

    def path(self, sha256: bytes) -> Path:
        """Where it is at the slow place."""
        return self.slow / sha256.hex()[:2] / sha256.hex()


@pytest.fixture
async def tiered(tmp_path: Path) -> AsyncIterator[Tiered]:
    tiered = Tiered(tmp_path / "images")
    await tiered.begin()
    yield tiered
    await tiered.archive.close()


async def test_a_study_moves_after_its_days_and_is_read_as_before(tiered: Tiered) -> None:
    contents = [*dicom.ct_series(2, study="1.2"), dicom.ct(study="1.2", rows=1100)]  # one of 2.4 MB
    await tiered.store(*contents)
    names, used = tiered.files(), tiered.archive.room.used
    assert await tiered.move(days=DAYS - 0.5) == 0
    assert tiered.archive.room.used == used > 0
    assert await tiered.move(days=0.5) == 3
    assert (tiered.files(), tiered.slow_files(), tiered.archive.room.used) == (set(), names, 0)
    files = tiered.archive.files
    stored = await tiered.all()
    assert sorted([await files.read(one.sha256) for one in stored]) == sorted(contents)
    assert all(files.digest(one.sha256) == one.sha256 for one in stored)
    large = max(stored, key=lambda one: one.size)
    whole = files.whole(large.sha256)
    assert whole in contents
    assert await files.read(large.sha256, 5, MIB + 7) == whole[5 : MIB + 12]
    assert b"".join([part async for part in files.chunks(large.sha256, 9, 2 * MIB)]) == whole[9 : 2 * MIB + 9]
    assert await tiered.move() == 0


async def test_what_was_looked_at_stays_and_moves_later(tiered: Tiered) -> None:
    await tiered.store(*dicom.ct_series(2, study="1.1"), dicom.ct(study="1.2"))
    [looked, *_] = await tiered.archive.find(WHOLE, "1.1")
    tiered.clock.at_us += 50 * DAY_US
    await tiered.archive.files.read(looked.sha256, 0, 10)
    await note_looks(tiered.archive, tiered.tiers)
    assert await tiered.move(days=40) == 1  # of 1.2
    assert len(tiered.files()) == 2
    assert await tiered.move(days=50) == 2


async def test_a_look_in_the_middle_of_a_round_is_not_too_late(tiered: Tiered) -> None:
    await tiered.store(dicom.ct(study="1.1"))
    tiered.clock.at_us += 1_000_000
    await tiered.store(dicom.ct(study="1.2"))
    [second] = await tiered.archive.find(WHOLE, "1.2")
    bring = tiered.tiers.slow.bring

    async def looked_at_meanwhile(sha256: bytes, source: Path) -> None:
        await bring(sha256, source)
        await tiered.archive.files.read(second.sha256, 0, 10)

    tiered.tiers.slow.bring = looked_at_meanwhile
    assert await tiered.move(days=DAYS + 1) == 1
    assert tiered.files() == {second.sha256.hex()}


async def test_what_is_in_doubt_or_in_quarantine_stays(tiered: Tiered) -> None:
    await tiered.store(dicom.ct("", study="1.1"), b"no dicom")
    assert await tiered.move(days=1000) == 0
    assert len(tiered.files()) == 2


async def test_a_moved_study_is_deleted_at_the_slow_place(tiered: Tiered) -> None:
    await tiered.store(dicom.ct(study="1.1"), dicom.ct(study="1.2", rows=32))
    await tiered.move(days=DAYS)
    await tiered.store(new := dicom.ct(study="1.3"))
    gone = await delete(tiered.archive, WHOLE, What("1.1"), by="anna", why="")
    assert gone.bytes > 0
    assert len(tiered.slow_files()) == 1
    assert tiered.archive.room.used == len(new)


async def test_what_is_sent_again_is_fast_again_and_may_move_again(tiered: Tiered) -> None:
    await tiered.store(content := dicom.ct(study="1.1"))
    await tiered.move(days=DAYS)
    assert await tiered.outcomes(content) == ["already"]
    assert len(tiered.files()) == 1
    assert tiered.archive.room.used == len(content)
    assert await tiered.move() == 1
    assert (tiered.files(), tiered.archive.room.used) == (set(), 0)
    await tiered.outcomes(content)
    await delete(tiered.archive, WHOLE, What("1.1"), by="anna", why="")
    assert (tiered.files(), tiered.slow_files(), tiered.archive.room.used) == (set(), set(), 0)


async def test_what_is_sent_again_and_cut_off_leaves_no_copy(tiered: Tiered) -> None:
    await tiered.store(content := dicom.ct())
    await tiered.move(days=DAYS)
    async with tiered.archive.begin("ae:CT1") as batch:
        incoming = batch.part()
        incoming.write(content)
        await batch.take(incoming)
        await until(lambda: any(len(name) == 64 for name in tiered.files()), "the file is there")
    await tiered.move()
    assert not tiered.files()
    [one] = await tiered.all()
    assert await tiered.archive.files.read(one.sha256) == content


async def test_what_comes_again_while_it_moves_is_not_taken_away(tiered: Tiered) -> None:
    await tiered.store(content := dicom.ct())
    [one] = await tiered.all()
    await tiered.tiers.slow.prepare(first=True)
    async with tiered.archive.begin("ae:CT1") as batch:
        incoming = batch.part()
        incoming.write(content)
        await batch.take(incoming)
        assert await move(tiered.archive, tiered.tiers, one.sha256, one.size)
        await take_copies_away(tiered.archive, tiered.tiers)
        await batch.commit()
    await take_copies_away(tiered.archive, tiered.tiers)
    assert await tiered.rows("SELECT tier FROM file") == [(0,)]
    assert await tiered.rows("SELECT * FROM moved") == []
    assert len(tiered.files()) == 1


async def test_what_is_deleted_while_it_moves_is_gone_from_both(tiered: Tiered) -> None:
    await tiered.store(dicom.ct(study="1.1"))
    [one] = await tiered.all()
    await tiered.tiers.slow.prepare(first=True)
    bring = tiered.tiers.slow.bring

    async def brought(sha256: bytes, source: Path) -> None:
        await bring(sha256, source)
        await delete(tiered.archive, WHOLE, What("1.1"), by="anna", why="")

    tiered.tiers.slow.bring = brought
    assert not await move(tiered.archive, tiered.tiers, one.sha256, one.size)
    await tiered.archive.garbage.collect()
    assert (tiered.files(), tiered.slow_files(), tiered.archive.room.used) == (set(), set(), 0)


async def test_a_damaged_file_does_not_move_and_is_told(
    tiered: Tiered, caplog: pytest.LogCaptureFixture
) -> None:
    await tiered.store(dicom.ct(study="1.1"), good := dicom.ct(study="1.2", rows=32))
    bad = (await tiered.archive.find(WHOLE, "1.1"))[0].sha256
    tiered.tiers.fast.path(bad).write_bytes(b"changed")
    assert await tiered.move(days=DAYS) == 1  # the other
    assert tiered.files() == {bad.hex()}
    assert len(tiered.slow_files()) == 1
    assert f"the copy of the file {bad.hex()} is not right" in caplog.text
    await check_next(tiered.archive)
    assert bad in tiered.archive.files.damaged
    assert tiered.archive.files.whole((await tiered.archive.find(WHOLE, "1.2"))[0].sha256) == good


async def test_the_slow_place_is_scrubbed_and_what_is_damaged_there_heals_when_it_is_sent_again(
    tiered: Tiered,
) -> None:
    await tiered.store(content := dicom.ct())
    await tiered.move(days=DAYS)
    [one] = await tiered.all()
    tiered.path(one.sha256).write_bytes(b"changed")
    assert await check_next(tiered.archive) is None  # it was read when it moved
    tiered.clock.at_us += AGAIN_MS * 1000
    await check_next(tiered.archive)
    with pytest.raises(CannotRead):
        await tiered.archive.files.read(one.sha256)
    with pytest.raises(CannotRead):
        tiered.archive.files.whole(one.sha256)
    await tiered.store(content)
    assert await tiered.archive.files.read(one.sha256) == content
    tiered.tiers.looked.clear()
    assert await tiered.move(days=DAYS) == 1
    assert tiered.path(one.sha256).read_bytes() == content


async def test_moving_makes_room_under_the_quota_also_after_a_restart(tiered: Tiered) -> None:
    first, second = dicom.ct(study="1.1"), dicom.ct(study="1.2")
    await tiered.archive.close()
    await tiered.begin(quota=len(first) + len(second) // 2)
    await tiered.store(first)
    with pytest.raises(ArchiveFull):
        await tiered.store(second)
    await tiered.move(days=DAYS)
    await tiered.archive.close()
    await tiered.begin(quota=len(first) + len(second) // 2)
    assert await tiered.outcomes(second) == ["stored"]


async def test_an_open_archive_moves_by_itself(tiered: Tiered) -> None:
    await tiered.store(dicom.ct())
    tiered.clock.at_us += DAYS * DAY_US
    keeping = asyncio.create_task(keep(tiered.archive))
    await until(lambda: not tiered.files() and len(tiered.slow_files()) == 1, "the file has moved")
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping


async def test_without_days_nothing_moves_and_what_has_moved_is_read(tiered: Tiered) -> None:
    await tiered.store(content := dicom.ct(study="1.1"))
    await tiered.move(days=DAYS)
    await tiered.archive.close()
    await tiered.begin(slow_after_days=None)
    await tiered.store(dicom.ct(study="1.2"))
    assert await tiered.move(days=1000) == 0
    assert await tiered.archive.files.read((await tiered.archive.find(WHOLE, "1.1"))[0].sha256) == content


async def test_an_archive_does_not_open_without_the_slow_place_that_has_files_of_it(tiered: Tiered) -> None:
    await tiered.store(dicom.ct())
    await tiered.move(days=DAYS)
    await tiered.archive.close()
    settings = ArchiveSettings(reserve=0)
    with pytest.raises(StoreError, match="expected slow_folder, where 1 of"):
        await Archive.open(tiered.folder, tiered.clock, settings)
    await tiered.begin()
