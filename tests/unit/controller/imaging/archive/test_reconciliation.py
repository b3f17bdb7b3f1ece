"""A study whose patient is in doubt is held, until a person confirms, moves or deletes it."""

import warnings

import pytest
from pydicom.config import WARN, settings

from controller.errors import StoreError
from controller.imaging.archive import reconciliation
from controller.imaging.archive.deletion import What, delete
from controller.imaging.archive.reconciliation import confirm, doubts, move
from controller.imaging.archive.rewriting import Patient
from controller.imaging.errors import CannotSettle, NoSuchImage
from controller.imaging.sight import WHOLE, Sight
from tests.support import dicom
from tests.unit.controller.imaging.archive.conftest import Shelf

HANS = Patient("0815", "Beispiel^Hans", "19500101", "M")
EVERYBODY = Sight(None)


async def held(shelf: Shelf) -> list[tuple[str, str]]:
    return [(doubt.study, doubt.reason) for doubt in await doubts(shelf.archive)]


async def test_a_study_of_nobody_is_held(shelf: Shelf) -> None:
    [verdict] = await shelf.store(dicom.ct("", study="1.2"))
    assert verdict.outcome.value == "held"
    assert await held(shelf) == [("1.2", "no-patient-id")]
    with pytest.raises(NoSuchImage):
        await shelf.archive.find(EVERYBODY, "1.2")
    assert await shelf.archive.find(WHOLE, "1.2")


async def test_what_comes_later_for_a_held_study_is_held_too(shelf: Shelf) -> None:
    await shelf.store(dicom.ct("", study="1.2"))
    assert await shelf.outcomes(dicom.ct("", study="1.2")) == ["held"]
    assert len(await held(shelf)) == 1


@pytest.mark.parametrize(
    "name, birth_date, reason",
    [
        ("Beispiel^Hans", "19800214", "name-differs"),
        ("MUSTER^ANNA^MARIA", "19800214", ""),
        ("Müster^Anna", "19800214", ""),
        ("Heirat^Anna", "19800214", ""),
        ("", "19800214", ""),
        ("Muster^Anna", "19810214", "birth-date-differs"),
        ("Muster^Anna", "", ""),
    ],
)
async def test_a_study_is_compared_with_the_others_of_its_patient(
    shelf: Shelf, name: str, birth_date: str, reason: str
) -> None:
    await shelf.store(dicom.ct("4711", "Muster^Anna", study="1.1"))
    await shelf.store(dicom.ct("4711", name, study="1.2", PatientBirthDate=birth_date))
    assert await held(shelf) == ([("1.2", reason)] if reason else [])


async def test_a_doubt_says_what_was_expected(shelf: Shelf) -> None:
    await shelf.store(dicom.ct("4711", "Muster^Anna"), dicom.ct("4711", "Beispiel^Hans"))
    [doubt] = await doubts(shelf.archive)
    assert (doubt.patient_name, doubt.expected) == ("Beispiel^Hans", "Muster^Anna")


@pytest.mark.parametrize(
    "patient, name, known_only, reason",
    [
        *(("4711", "Muster^Anna", True, ""), ("4711", "Müster^ANNA", True, ""), ("4711", "", True, "")),
        *(("4711", "Beispiel^Hans", False, "name-differs"), ("0815", "Beispiel^Hans", False, "")),
        ("0815", "Beispiel^Hans", True, "unknown-patient"),
    ],
)
async def test_a_study_is_compared_with_whom_the_hospital_knows(
    shelf: Shelf, patient: str, name: str, reason: str, *, known_only: bool
) -> None:
    asked: list[frozenset[str]] = []

    async def hospital(patients: frozenset[str]) -> dict[str, str]:
        asked.append(patients)
        return {one: "Anna Muster" for one in patients if one == "4711"}

    shelf.archive.hospital = hospital
    shelf.archive.settings = shelf.archive.settings.model_copy(update={"known_only": known_only})
    await shelf.store(dicom.ct(patient, name, study="1.2"))
    await shelf.store(dicom.ct(patient, name, study="1.2"))
    assert [reason for _, reason in await held(shelf)] == [reason] * bool(reason)
    assert asked == [frozenset({patient})]  # once: the study is not new the second time


async def test_while_the_hospital_does_not_answer_no_new_study_is_taken(shelf: Shelf) -> None:
    async def silent(_: frozenset[str]) -> dict[str, str]:
        raise StoreError("no answer")

    await shelf.store(dicom.ct(study="1.1"))
    shelf.archive.hospital = silent
    assert await shelf.outcomes(dicom.ct(study="1.1")) == ["stored"]
    with pytest.raises(StoreError):
        await shelf.store(dicom.ct(study="1.2"))
    assert len(shelf.files()) == 2


async def test_a_confirmed_study_is_seen_by_all_who_see_the_patient(shelf: Shelf) -> None:
    await shelf.store(dicom.ct("4711", "Muster^Anna"), dicom.ct("4711", "Beispiel^Hans", study="1.2"))
    await confirm(shelf.archive, "1.2", "anna")
    assert await shelf.archive.find(Sight(frozenset({"4711"})), "1.2")
    assert await held(shelf) == []
    assert await shelf.outcomes(dicom.ct("4711", "Beispiel^Hans", study="1.2")) == ["stored"]
    with pytest.raises(NoSuchImage):
        await confirm(shelf.archive, "1.2", "hans")


async def test_a_moved_study_says_itself_whose_it_is_and_was(shelf: Shelf) -> None:
    contents = dicom.ct_series(3, study="1.2", patient_id="", patient_name="")
    await shelf.store(*contents)
    assert await move(shelf.archive, "1.2", HANS, "anna", "asked the patient") == 3
    stored = await shelf.archive.find(Sight(frozenset({"0815"})), "1.2")
    assert [one.number for one in stored] == [1, 2, 3]
    for one, content in zip(stored, contents, strict=True):
        now, before = dicom.read(await shelf.archive.files.read(one.sha256)), dicom.read(content)
        assert (now.PatientID, now.PatientName, now.PatientSex) == ("0815", "Beispiel^Hans", "M")
        assert now.PixelData == before.PixelData
        [note] = now.OriginalAttributesSequence
        assert (note.ReasonForTheAttributeModification, note.ModifyingSystem) == ("CORRECT", "Wardlink")
        assert note.ModifiedAttributesSequence[0].PatientSex == "F"
    assert await held(shelf) == []
    assert await shelf.rows("SELECT settled_how FROM reconciliation") == [("moved",)]
    assert shelf.files() == {one.sha256.hex() for one in stored}
    [metadata, *_] = await shelf.archive.metadata(stored)
    assert b'"0815"' in metadata


async def test_a_study_that_was_never_in_doubt_can_be_moved(shelf: Shelf) -> None:
    await shelf.store(dicom.ct("4711", study="1.2"))
    await move(shelf.archive, "1.2", HANS, "anna", "wrong wristband")
    assert await shelf.archive.find(Sight(frozenset({"0815"})), "1.2")
    with pytest.raises(NoSuchImage):
        await shelf.archive.find(Sight(frozenset({"4711"})), "1.2")


async def test_a_name_in_another_script_makes_the_text_utf_8(shelf: Shelf) -> None:
    latin = dicom.ct(study="1.2", SpecificCharacterSet="ISO_IR 100", StudyDescription="Schädel")
    await shelf.store(latin)
    await move(shelf.archive, "1.2", Patient("0815", "Wang^XiaoMing=王^小明"), "anna", "wrong wristband")
    [stored] = await shelf.all()
    now = dicom.read(await shelf.archive.files.read(stored.sha256))
    assert (str(now.PatientName), now.StudyDescription) == ("Wang^XiaoMing=王^小明", "Schädel")


async def test_a_study_that_cannot_be_moved_stays_as_it_was(shelf: Shelf) -> None:
    await shelf.store(*dicom.ct_series(2, study="1.2"))
    before = shelf.files()
    for patient in (
        *(Patient("x" * 70, "Beispiel^Hans"), Patient("", "Beispiel^Hans"), Patient("1\\2", "Beispiel^Hans")),
        *(Patient("1", "a=b=c=d"), Patient("1", "Beispiel", "1980-02-14"), Patient("1", "Beispiel", "", "W")),
    ):
        with pytest.raises(CannotSettle, match="expected"):
            await move(shelf.archive, "1.2", patient, "anna", "")
    assert shelf.files() == before
    assert await shelf.archive.find(Sight(frozenset({"4711"})), "1.2")


async def test_a_study_that_grew_while_it_was_moved_stays_as_it_was(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shelf.store(*dicom.ct_series(2, study="1.2"))
    find = shelf.archive.find

    async def find_and_grow(*asked: object) -> object:
        found = await find(*asked)  # type: ignore[arg-type]
        await shelf.store(dicom.ct("4711", study="1.2"))
        return found

    monkeypatch.setattr(shelf.archive, "find", find_and_grow)
    with pytest.raises(CannotSettle, match="changed"):
        await move(shelf.archive, "1.2", HANS, "anna", "")
    monkeypatch.undo()
    assert len(shelf.files()) == 3
    assert len(await shelf.archive.find(Sight(frozenset({"4711"})), "1.2")) == 3


async def test_moving_tells_the_log_nothing_of_what_was_odd_before(
    shelf: Shelf, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "reading_validation_mode", WARN)  # a door of DIMSE turns it off
    with pytest.warns(UserWarning, match="length"):
        odd = dicom.ct("9" * 70, study="1.2")
    with pytest.warns(UserWarning, match="length"):
        assert dicom.read(odd).PatientID  # pydicom by itself does tell
    caplog.clear()
    await shelf.store(odd)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        await move(shelf.archive, "1.2", Patient("0815", "王^小明"), "anna", "")
    assert caplog.text == ""


async def test_the_doubt_about_a_deleted_study_is_settled(shelf: Shelf) -> None:
    await shelf.store(dicom.ct("", study="1.2"))
    await delete(shelf.archive, WHOLE, What("1.2"), by="anna", why="nobody's")
    assert await reconciliation.doubts(shelf.archive) == []
    assert await shelf.rows("SELECT settled_by, settled_how FROM reconciliation") == [("anna", "deleted")]
