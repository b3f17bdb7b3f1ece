"""Deleting takes rows and files away, and leaves a note."""

import pytest

from controller.imaging.archive.deletion import What, delete
from controller.imaging.errors import NoSuchImage
from controller.imaging.sight import WHOLE, Sight
from tests.support import dicom
from tests.unit.controller.imaging.archive.conftest import Shelf


async def test_a_deleted_study_is_gone_with_its_files_and_a_note_stays(shelf: Shelf) -> None:
    contents = dicom.ct_series(3, study="1.2")
    await shelf.store(*contents, dicom.ct(study="1.9"))
    deleted = await delete(shelf.archive, WHOLE, What("1.2"), by="anna", why="consent withdrawn")
    assert (deleted.patient_id, deleted.instances, deleted.bytes) == ("4711", 3, sum(map(len, contents)))
    with pytest.raises(NoSuchImage):
        await shelf.archive.find(WHOLE, "1.2")
    assert len(shelf.files()) == 1
    assert await shelf.rows("SELECT by, why, patient_id, study, instances, bytes FROM deletion") == [
        ("anna", "consent withdrawn", "4711", "1.2", 3, deleted.bytes)
    ]
    assert await shelf.rows("SELECT count(*) FROM name") == [(1,)]


async def test_what_remains_of_a_study_is_counted_anew(shelf: Shelf) -> None:
    ct = dicom.ct_series(2, study="1.2", series="1.3")
    await shelf.store(*ct, dicom.rgb(study="1.2", series="1.4"))
    query = "SELECT series, instances, modalities FROM study"
    assert await shelf.rows(query) == [(2, 3, "\\CT\\OT\\")]
    await delete(shelf.archive, WHOLE, What("1.2", "1.4"), by="anna", why="")
    assert await shelf.rows(query) == [(1, 2, "\\CT\\")]
    [one, _] = await shelf.all()
    await delete(shelf.archive, WHOLE, What("1.2", "1.3", one.instance), by="anna", why="")
    assert await shelf.rows(query) == [(1, 1, "\\CT\\")]
    assert await shelf.rows("SELECT instances FROM series") == [(1,)]


async def test_a_deleted_instance_can_be_stored_again(shelf: Shelf) -> None:
    content = dicom.ct(study="1.2")
    await shelf.store(content)
    await delete(shelf.archive, WHOLE, What("1.2"), by="anna", why="")
    assert await shelf.outcomes(content) == ["stored"]
    [stored] = await shelf.all()
    assert await shelf.archive.files.read(stored.sha256) == content


async def test_bytes_that_quarantine_names_too_stay(shelf: Shelf) -> None:
    content = dicom.ct(study="1.2")
    other = dicom.edited(content, SeriesDescription="other")
    await shelf.store(content, other)
    await delete(shelf.archive, WHOLE, What("1.2"), by="anna", why="")
    assert await shelf.outcomes(other) == ["stored"]  # its file is quarantine's, too
    await delete(shelf.archive, WHOLE, What("1.2"), by="anna", why="")
    assert len(shelf.files()) == 1


async def test_a_file_stays_while_a_batch_brings_it_again(shelf: Shelf) -> None:
    content = dicom.ct(study="1.2")
    await shelf.store(content)
    async with shelf.archive.begin("ae:CT1") as batch:
        incoming = batch.part()
        incoming.write(content)
        await batch.take(incoming)
        await delete(shelf.archive, WHOLE, What("1.2"), by="anna", why="")
        [verdict] = await batch.commit()
    [stored] = await shelf.all()
    assert verdict.outcome.value == "stored"
    assert await shelf.archive.files.read(stored.sha256) == content


async def test_a_file_that_could_not_go_goes_at_the_next_start(shelf: Shelf) -> None:
    await shelf.store(dicom.ct())
    [stored] = await shelf.all()
    await shelf.archive.garbage.hold(stored.sha256)  # as a batch does that the end of the process cuts off
    await delete(shelf.archive, WHOLE, What(stored.study), by="anna", why="")
    assert shelf.files() == {stored.sha256.hex()}
    await shelf.archive.close()
    await shelf.open()
    assert not shelf.files()
    assert shelf.archive.room.used == 0


async def test_what_is_not_seen_cannot_be_deleted(shelf: Shelf) -> None:
    await shelf.store(dicom.ct("4711", study="1.2"))
    with pytest.raises(NoSuchImage):
        await delete(shelf.archive, Sight(frozenset({"0815"})), What("1.2"), by="anna", why="")
    assert await shelf.all()


async def test_room_is_given_back(shelf: Shelf) -> None:
    await shelf.store(dicom.ct(study="1.2"))
    assert shelf.archive.room.used > 0
    await delete(shelf.archive, WHOLE, What("1.2"), by="anna", why="")
    assert shelf.archive.room.used == 0
