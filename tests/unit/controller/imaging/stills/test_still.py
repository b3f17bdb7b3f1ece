"""A crew's picture as DICOM: read by pydicom, of the right patient and time, the same whenever it is made."""

from dataclasses import replace
from io import BytesIO

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import UID

from controller.imaging.dicom.part10 import read_instance
from controller.imaging.stills.about import Still
from controller.imaging.stills.picture import JPEG, PNG, read_picture
from controller.imaging.stills.still import UTC, instance_of, make_still, study_of
from tests.support.photos import photo

AT_US = 1_900_000_000_123_456
STILL = Still(
    gateway="box-1",
    vehicle="amb-1",
    stay="a" * 16,
    patient_id="4711",
    patient_name="Muster, Anna",
    by="Mei Lin",
    kind="camera",
    media=JPEG,
    shows="左手",
    number=3,
    at_us=AT_US,
    study_us=AT_US - 600_000_000,
    clock="network",
    error_ms=20,
)


async def made(still: Still = STILL, data: bytes = b"") -> Dataset:
    data = data or photo()
    content = make_still(still, data, await read_picture(data, still.media))
    return dcmread(BytesIO(content))


@pytest.mark.parametrize(
    ("kind", "name", "modality"),
    [("camera", "VL Photographic Image Storage", "XC"), ("ultrasound", "Ultrasound Image Storage", "US")],
)
async def test_each_kind_is_its_own_object(kind: str, name: str, modality: str) -> None:
    data = await made(replace(STILL, kind=kind))
    assert (UID(data.SOPClassUID).name, data.Modality) == (name, modality)
    assert data.file_meta.MediaStorageSOPClassUID == data.SOPClassUID
    assert data.file_meta.MediaStorageSOPInstanceUID == data.SOPInstanceUID


async def test_it_says_whose_it_is_when_where_and_by_whom() -> None:
    data = await made()
    assert (data.PatientID, data.PatientName) == ("4711", "Muster^Anna")
    assert data.AcquisitionDateTime == "20300317174640.123456+0000"
    assert (data.StudyDate, data.StudyTime) == ("20300317", "173640.123456")
    assert (data.StationName, data.DeviceSerialNumber, data.OperatorsName) == ("amb-1", "box-1", "Mei Lin")
    assert data.InstanceNumber == 3
    assert data.ImageComments == "左手\nClock of the box: network, error about 20 ms."


@pytest.mark.parametrize(
    ("clock", "synchronised"), [("network", "Y"), ("satellite", "Y"), ("free", "N"), ("unset", "N")]
)
async def test_it_says_what_its_time_is_worth(clock: str, synchronised: str) -> None:
    data = await made(replace(STILL, clock=clock, error_ms=-1))
    assert data.AcquisitionTimeSynchronized == synchronised
    assert (data.SynchronizationFrameOfReferenceUID == UTC) == (synchronised == "Y")
    assert f"{clock}, unknown error" in data.ImageComments


async def test_pixels_are_those_of_the_picture() -> None:
    source = photo("PNG")
    data = await made(replace(STILL, media=PNG), source)
    assert data.pixel_array.shape == (64, 96, 3)
    assert list(data.pixel_array[0, 0]) == [250, 10, 10]
    assert (data.LossyImageCompression, data.file_meta.TransferSyntaxUID.name) == (
        "00",
        "Explicit VR Little Endian",
    )
    lossy = await made()
    assert abs(lossy.pixel_array.astype(int) - data.pixel_array).mean() < 20
    assert (lossy.LossyImageCompression, lossy.LossyImageCompressionMethod) == ("01", "ISO_10918_1")
    assert float(lossy.LossyImageCompressionRatio) > 1


async def test_twice_is_the_same_instance_and_another_picture_stay_or_box_another() -> None:
    one, same = await made(), await made()
    assert one.SOPInstanceUID == same.SOPInstanceUID == instance_of(STILL, photo())
    assert one.StudyInstanceUID == study_of("box-1", "a" * 16)
    others = [
        await made(data=photo(mode="L")),
        await made(replace(STILL, stay="b" * 16)),
        await made(replace(STILL, gateway="box-2")),
    ]
    assert len({one.SOPInstanceUID, *(other.SOPInstanceUID for other in others)}) == 4
    assert [other.StudyInstanceUID == one.StudyInstanceUID for other in others] == [True, False, False]


async def test_who_it_is_of_changes_no_uid() -> None:
    before = await made(replace(STILL, patient_id="UNKNOWN-a", patient_name="unknown"))
    after = await made()
    for name in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        assert before[name].value == after[name].value


async def test_our_own_reader_takes_it() -> None:
    data = photo()
    content = make_still(STILL, data, await read_picture(data, JPEG))
    parsed = read_instance(content)
    assert parsed.data_set["00100020"]["Value"] == ["4711"]
