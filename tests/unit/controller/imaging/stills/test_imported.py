"""What somebody adds: with express consent, which the instance itself tells, and once."""

from dataclasses import replace
from io import BytesIO

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import UID

from controller.imaging.errors import CannotDecode
from controller.imaging.stills.about import CONSENT, PDF, Import
from controller.imaging.stills.imported import Added, make_import, names_of
from controller.imaging.stills.picture import PNG, read_picture
from tests.support.photos import photo

ONE = Import("4711", "Muster, Anna", "19800214", "F", PNG, "Wound, left hand", "20261101", CONSENT["en"])
LETTER = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
ADDED = Added("anna", 1_900_000_000_000_000)


async def made(one: Import, data: bytes) -> Dataset:
    picture = None if one.media == PDF else await read_picture(data, one.media)
    return dcmread(BytesIO(make_import(one, data, picture, ADDED)))


@pytest.mark.parametrize(
    ("one", "data", "name"),
    [
        (ONE, photo("PNG"), "Secondary Capture Image Storage"),
        (replace(ONE, media=PDF), LETTER, "Encapsulated PDF Storage"),
    ],
)
@pytest.mark.parametrize("language", CONSENT)
async def test_who_agreed_to_what_and_when_is_in_the_instance(
    one: Import, data: bytes, name: str, language: str
) -> None:
    instance = await made(replace(one, consent=CONSENT[language]), data)
    assert UID(instance.SOPClassUID).name == name
    [item] = instance.ContributingEquipmentSequence
    assert (item.ContributionDescription, item.OperatorsName) == (CONSENT[language], "anna")
    assert item.ContributionDateTime == "20300317174640.000000+0000"
    assert item.PurposeOfReferenceCodeSequence[0].CodeValue == "MEDIM"
    assert (instance.PatientID, instance.PatientBirthDate, instance.PatientSex) == ("4711", "19800214", "F")


async def test_a_letter_is_in_it_byte_for_byte() -> None:
    instance = await made(replace(ONE, media=PDF), LETTER)
    assert instance.EncapsulatedDocument[: instance.EncapsulatedDocumentLength] == LETTER
    assert (instance.MIMETypeOfEncapsulatedDocument, instance.BurnedInAnnotation) == (PDF, "YES")
    assert instance.DocumentTitle == "Wound, left hand"


@pytest.mark.parametrize("data", [b"", b"<html>", LETTER[1:], LETTER[:-6], photo("PNG")])
async def test_what_is_no_pdf_is_refused(data: bytes) -> None:
    with pytest.raises(CannotDecode, match="expected a PDF"):
        await made(replace(ONE, media=PDF), data)


def test_the_same_file_of_the_same_patient_is_one_and_of_another_another() -> None:
    assert names_of(ONE, LETTER) == names_of(replace(ONE, description="again"), LETTER)
    assert set(names_of(ONE, LETTER)).isdisjoint(names_of(replace(ONE, patient_id="4712"), LETTER))
