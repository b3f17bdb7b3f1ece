"""Whose the objects at a place are: another database, or an old one, takes nothing away there."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.clock import SystemClock
from controller.errors import StoreError
from controller.imaging.archive.archive import Archive
from controller.imaging.archive.keeping import look_whose
from controller.imaging.archive.settings import ArchiveSettings
from controller.imaging.sight import WHOLE
from controller.objects.bucket import Bucket
from controller.objects.errors import ForeignPlace
from controller.objects.owner import KEY, Owner, Owning, read_owner, why_not
from controller.objects.settings import Access
from tests.support import dicom

EVER_MS = 1 << 62

owners = st.builds(Owner, st.text(max_size=20), st.integers(0, 2**63))


@given(owners)
def test_what_is_said_of_a_place_is_read_as_it_was_written(owner: Owner) -> None:
    assert read_owner(owner.pack()) == owner


@given(st.one_of(st.binary(max_size=60), st.text(max_size=60).map(str.encode)))
def test_what_somebody_else_wrote_there_is_refused_in_words(said: bytes) -> None:
    with pytest.raises(StoreError, match="expected"):
        read_owner(said)


@given(st.integers(0, 100), st.integers(0, 100))
def test_rows_that_were_counted_up_as_often_or_more_own_it(said: int, ours: int) -> None:
    assert (why_not(Owner("a", said), Owner("a", ours), 0, 9) == "") == (ours >= said)


@pytest.mark.parametrize(("named", "there", "is_ours"), [(0, 0, True), (5, 10, True), (4, 10, False)])
def test_where_nothing_is_said_rows_own_it_that_name_half_of_it(
    named: int, there: int, is_ours: bool
) -> None:
    assert (why_not(None, Owner("a", 0), named, there) == "") == is_ours


@asynccontextmanager
async def opened(folder: Path, access: Access | None) -> AsyncIterator[Archive]:
    archive = await Archive.open(folder, SystemClock(), ArchiveSettings(objects=access, reserve=0))
    try:
        yield archive
    finally:
        await archive.close()


async def stored(archive: Archive) -> str:
    """The study of an image that is stored."""
    async with archive.begin("ae:CT1") as batch:
        incoming = batch.part()
        incoming.write(dicom.ct(study=dicom.uid()))
        await batch.take(incoming)
        [verdict] = await batch.commit()
    return verdict.study


async def whole(archive: Archive, *studies: str) -> bool:
    """Whether each has its bytes."""
    for study in studies:
        [one] = await archive.find(WHOLE, study)
        if archive.files.digest(one.sha256) != one.sha256:
            return False
    return True


async def backed_up(folder: Path, access: Access) -> str:
    """`backup` has an index as it was before the last image was stored. Returns the study that it knows."""
    async with opened(folder / "images", access) as archive:
        old = await stored(archive)
    shutil.copytree(folder / "images", folder / "backup")
    async with opened(folder / "images", access) as archive:
        await stored(archive)
    return old


def objects(bucket: Bucket) -> set[str]:
    return {one.key for some in bucket.all() for one in some} - {KEY}


async def test_the_archive_of_another_controller_is_not_opened_on_the_same_bucket(
    tmp_path: Path, access: Access, bucket: Bucket
) -> None:
    async with opened(tmp_path / "first", access) as first:
        study = await stored(first)
        kept = objects(bucket)
        with pytest.raises(ForeignPlace, match="another site or controller"):
            await Archive.open(tmp_path / "second", SystemClock(), ArchiveSettings(objects=access, reserve=0))
        assert objects(bucket) == kept
        assert await whole(first, study)


async def test_an_index_from_a_backup_shows_what_it_knows_and_takes_nothing_away(
    tmp_path: Path, access: Access, bucket: Bucket
) -> None:
    old = await backed_up(tmp_path, access)
    kept = objects(bucket)
    async with opened(tmp_path / "backup", access) as restored:
        assert "older" in restored.owning.why
        await restored.garbage.sweep(restored.files.all())
        assert objects(bucket) == kept
        assert await whole(restored, old)


async def test_when_a_person_has_said_that_they_are_its_own_what_has_no_row_goes(
    tmp_path: Path, access: Access, bucket: Bucket
) -> None:
    old = await backed_up(tmp_path, access)
    async with opened(tmp_path / "backup", access) as restored:
        await restored.owning.take()
        await look_whose(restored.owning)
        await restored.garbage.sweep(restored.files.all())
        assert len(objects(bucket)) == 1
        assert await whole(restored, old)


async def test_after_a_crash_a_restored_index_takes_no_newer_file_of_the_folder_away(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    async with opened(folder, None) as archive:
        await stored(archive)
    index = (folder / "imaging.sqlite").read_bytes()
    async with opened(folder, None) as archive:
        new = await stored(archive)
        [one] = await archive.find(WHOLE, new)
    (folder / "imaging.sqlite").write_bytes(index)
    (folder / "occupied").touch()
    async with opened(folder, None) as restored:
        assert restored.after_crash
        await restored.garbage.sweep()
        assert restored.files.digest(one.sha256) == one.sha256


async def test_the_same_index_owns_it_again_and_again(tmp_path: Path, access: Access) -> None:
    for turn in range(1, 4):
        async with opened(tmp_path / "images", access) as archive:
            assert archive.owning.why == ""
            assert read_owner(archive.files.place.get(KEY)).turn == turn


async def test_an_archive_from_before_places_had_owners_takes_what_it_names(
    tmp_path: Path, access: Access, bucket: Bucket
) -> None:
    async with opened(tmp_path / "images", access) as archive:
        await stored(archive)
        bucket.delete(KEY)
        await archive.owning.renew()
        assert archive.owning.why == ""
        bucket.delete(KEY)
        for number in range(3):
            bucket.put(f"{number:064x}", b"another's")
        await archive.owning.renew()
        assert "nobody has said whose it is" in archive.owning.why


async def test_what_cannot_be_asked_whose_it_is_keeps_everything(tmp_path: Path, access: Access) -> None:
    async with opened(tmp_path / "images", access) as archive:
        asked = Owning(archive.files.place, archive.store, _never)
        assert asked.why == "it was not looked at yet"


async def _never() -> tuple[int, int]:
    raise AssertionError("nothing is counted before it is looked")
