"""A picture out of a visit as DICOM: bare and as it was drawn upon, the same whenever it is made."""

import hashlib
from dataclasses import asdict, replace
from io import BytesIO
from typing import Any

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import UID

from controller.imaging.dicom.part10 import read_instance
from controller.imaging.errors import BadQuery
from controller.imaging.stills.about import Snapshot, read_snapshot
from controller.imaging.stills.picture import JPEG, read_picture
from controller.imaging.stills.snapshot import make_snapshot, names_of
from tests.support.photos import photo

AT_US = 1_900_000_000_000_000
BARE, DRAWN = photo(), photo(size=(96, 64), quality=60)
SAID = Snapshot(
    visit="TV00000001",
    patient_id="4711",
    patient_name="Muster, Anna",
    by="nina",
    shows="wound 左手",
    which="bare",
    bare="",
    at_us=AT_US,
    study_us=AT_US - 90_000_000,
)
ANNOTATED = replace(SAID, which="annotated", bare=hashlib.sha256(BARE).hexdigest())


async def made(one: Snapshot, data: bytes) -> Dataset:
    content = make_snapshot(one, data, await read_picture(data, JPEG))
    read_instance(content)
    return dcmread(BytesIO(content))


async def test_it_says_whose_it_is_when_by_whom_and_whether_it_was_drawn_upon() -> None:
    bare, drawn = await made(SAID, BARE), await made(ANNOTATED, DRAWN)
    for data in (bare, drawn):
        assert UID(data.SOPClassUID).name == "VL Photographic Image Storage"
        assert (data.PatientID, data.PatientName, data.OperatorsName) == ("4711", "Muster^Anna", "nina")
        assert data.AcquisitionDateTime == "20300317174640.000000+0000"
    assert (list(bare.ImageType), bare.BurnedInAnnotation) == (["ORIGINAL", "PRIMARY"], "NO")
    assert (list(drawn.ImageType), drawn.BurnedInAnnotation) == (["DERIVED", "PRIMARY"], "YES")
    assert drawn.ImageComments == "wound 左手\nAnnotated: yes."


async def test_both_are_of_one_series_and_the_one_says_what_it_was_made_of() -> None:
    bare, drawn = await made(SAID, BARE), await made(ANNOTATED, DRAWN)
    assert bare.SeriesInstanceUID == drawn.SeriesInstanceUID
    assert drawn.SourceImageSequence[0].ReferencedSOPInstanceUID == bare.SOPInstanceUID
    assert (bare.SeriesNumber, bare.InstanceNumber, drawn.InstanceNumber) == (91, 1, 2)


async def test_pictures_of_a_visit_are_one_study_and_of_another_another() -> None:
    assert names_of(SAID, BARE)[0] == names_of(SAID, DRAWN)[0]
    assert names_of(SAID, BARE)[1] != names_of(SAID, DRAWN)[1]
    assert names_of(SAID, BARE)[0] != names_of(replace(SAID, visit="TV00000002"), BARE)[0]


async def test_the_same_picture_is_the_same_instance_whenever_it_is_told() -> None:
    later = replace(SAID, at_us=AT_US + 5_000_000)
    assert (await made(SAID, BARE)).SOPInstanceUID == (await made(later, BARE)).SOPInstanceUID


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"which": "painted"}, "which: expected one of bare, annotated"),
        ({"which": "annotated"}, "SHA-256"),
        ({"bare": "a" * 64}, "SHA-256"),
        ({"patient_id": ""}, "patient_id"),
        ({"by": ""}, "by"),
        ({"at_us": "now"}, "at_us: expected a whole number"),
        ({"more": 1}, "expected exactly"),
    ],
)
def test_what_is_said_of_it_is_checked(change: dict[str, Any], why: str) -> None:
    with pytest.raises(BadQuery, match=why):
        read_snapshot({**asdict(SAID), **change})
