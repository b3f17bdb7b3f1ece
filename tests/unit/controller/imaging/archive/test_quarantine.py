"""What was not let in waits for a person, who discards it or has it taken."""

import pytest

from controller.imaging.archive import quarantine
from controller.imaging.errors import CannotSettle, NoSuchImage
from tests.support import dicom
from tests.unit.controller.imaging.archive.conftest import Shelf


async def only(shelf: Shelf) -> quarantine.Waiting:
    [waiting] = await quarantine.waiting(shelf.archive)
    return waiting


async def test_what_waits_is_listed_with_its_reason_and_its_bytes(shelf: Shelf) -> None:
    await shelf.store(b"no dicom", by="dicomweb:anna")
    waiting = await only(shelf)
    assert (waiting.reason, waiting.from_whom, waiting.size) == ("not-dicom", "dicomweb:anna", 8)
    assert await quarantine.content(shelf.archive, waiting.id) == b"no dicom"


async def test_what_is_discarded_is_gone_and_may_be_sent_again(shelf: Shelf) -> None:
    await shelf.store(b"no dicom")
    await quarantine.discard(shelf.archive, (await only(shelf)).id, "anna")
    assert await quarantine.waiting(shelf.archive) == []
    assert not shelf.files()
    assert (shelf.archive.room.used, shelf.archive.room.quarantined) == (0, 0)
    assert await shelf.rows("SELECT settled_by, settled_how FROM quarantine") == [("anna", "discarded")]
    assert await shelf.outcomes(b"no dicom") == ["quarantined"]


async def test_the_second_of_two_that_differ_replaces_the_first(shelf: Shelf) -> None:
    first = dicom.ct(study="1.2")
    second = dicom.edited(first, SeriesDescription="better")
    await shelf.store(first, second)
    verdict = await quarantine.accept(shelf.archive, (await only(shelf)).id, "anna")
    [stored] = await shelf.all()
    assert verdict.outcome.value == "stored"
    assert await shelf.archive.files.read(stored.sha256) == second
    assert shelf.files() == {stored.sha256.hex()}
    assert (shelf.archive.room.used, shelf.archive.room.quarantined) == (len(second), 0)
    assert await shelf.rows("SELECT by, instance FROM deletion") == [("anna", stored.instance)]


async def test_an_instance_of_another_patient_becomes_one_of_the_studys(shelf: Shelf) -> None:
    await shelf.store(dicom.ct("4711", "Muster^Anna", study="1.2", series="1.3"))
    await shelf.store(dicom.ct("4712", "Muster^Hans", study="1.2", series="1.3", InstanceNumber=2))
    await quarantine.accept(shelf.archive, (await only(shelf)).id, "anna")
    [_, taken] = await shelf.all()
    said = dicom.read(await shelf.archive.files.read(taken.sha256))
    assert (said.PatientID, str(said.PatientName)) == ("4711", "Muster^Anna")
    [before] = said.OriginalAttributesSequence[0].ModifiedAttributesSequence
    assert (before.PatientID, str(before.PatientName)) == ("4712", "Muster^Hans")
    assert await quarantine.waiting(shelf.archive) == []


async def test_an_instance_that_moved_to_another_series_replaces_what_is_elsewhere(shelf: Shelf) -> None:
    await shelf.store(dicom.ct(study="1.2", series="1.3", instance="1.4"))
    await shelf.store(dicom.ct(study="1.2", series="1.5", instance="1.4"))
    await quarantine.accept(shelf.archive, (await only(shelf)).id, "anna")
    assert [(one.series, one.instance) for one in await shelf.all()] == [("1.5", "1.4")]


async def test_what_cannot_be_read_cannot_be_taken_and_goes_on_waiting(shelf: Shelf) -> None:
    await shelf.store(b"no dicom")
    waiting = await only(shelf)
    with pytest.raises(CannotSettle, match="DICM"):
        await quarantine.accept(shelf.archive, waiting.id, "anna")
    assert await only(shelf) == waiting
    assert await quarantine.content(shelf.archive, waiting.id) == b"no dicom"


async def test_nobody_settles_twice(shelf: Shelf) -> None:
    await shelf.store(b"no dicom")
    number = (await only(shelf)).id
    await quarantine.discard(shelf.archive, number, "anna")
    for settle in (quarantine.discard, quarantine.accept):
        with pytest.raises(NoSuchImage):
            await settle(shelf.archive, number, "hans")
