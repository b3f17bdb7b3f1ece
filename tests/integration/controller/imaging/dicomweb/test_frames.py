"""Frames and bulk data: out of the middle of a file, in the form that a viewer takes; what OHIF asks for."""

import pytest
from pydicom import Dataset
from pydicom.encaps import generate_frames
from pydicom.uid import DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian

from tests.support.dicom import corpus, ct, ct_series, read, rgb, us_cine
from tests.support.imaging import RunningImaging, parts_of

OCTETS = 'multipart/related; type="application/octet-stream"'
AS_STORED = f"{OCTETS}; transfer-syntax=*"


def path_of(content: bytes) -> str:
    one = read(content)
    return f"studies/{one.StudyInstanceUID}/series/{one.SeriesInstanceUID}/instances/{one.SOPInstanceUID}"


def jpegs(content: bytes) -> list[bytes]:
    one = read(content)
    return list(generate_frames(one.PixelData, number_of_frames=one.NumberOfFrames))


async def test_frames_of_a_cine_come_as_they_are_stored(imaging: RunningImaging) -> None:
    content = us_cine(frames=5)
    await imaging.store(content)
    status, body, headers = await imaging.get(f"{path_of(content)}/frames/5,1,3", AS_STORED)
    found = parts_of(body, headers)
    expected = jpegs(content)
    assert status == 200
    assert {kind for kind, _ in found} == {"image/jpeg; transfer-syntax=1.2.840.10008.1.2.4.50"}
    assert [frame for _, frame in found] == [expected[4], expected[0], expected[2]]


async def test_frames_are_decoded_for_who_takes_only_pixels(imaging: RunningImaging) -> None:
    content = us_cine(frames=3)
    await imaging.store(content)
    explicit = f"{OCTETS}; transfer-syntax=1.2.840.10008.1.2.1"
    _, body, headers = await imaging.get(f"{path_of(content)}/frames/1,2", explicit)
    found = parts_of(body, headers)
    assert [len(frame) for _, frame in found] == [48 * 64 * 3] * 2
    assert found[0][1] != found[1][1]


async def test_native_pixels_come_out_of_the_file(imaging: RunningImaging) -> None:
    content = ct()
    await imaging.store(content)
    _, body, headers = await imaging.get(f"{path_of(content)}/frames/1", AS_STORED)
    assert parts_of(body, headers) == [
        ("application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1", read(content).PixelData)
    ]
    _, alone, _ = await imaging.get(f"{path_of(content)}/frames/1", "application/octet-stream")
    assert alone == read(content).PixelData


async def test_a_frame_is_encoded_for_who_asks_for_that(imaging: RunningImaging) -> None:
    content = ct()
    await imaging.store(content)
    status, body, headers = await imaging.get(f"{path_of(content)}/frames/1", "image/jls")
    assert (status, headers["Content-Type"]) == (200, "image/jls; transfer-syntax=1.2.840.10008.1.2.4.80")
    assert body.startswith(b"\xff\xd8") and len(body) < len(read(content).PixelData)


@pytest.mark.parametrize(
    ("frames", "expected"), [("4", 404), ("0", 404), ("1,9", 404), ("a", 400), ("1,,2", 400), ("-1", 400)]
)
async def test_frames_that_are_not_there_are_told(
    imaging: RunningImaging, frames: str, expected: int
) -> None:
    content = us_cine(frames=3)
    await imaging.store(content)
    assert (await imaging.get(f"{path_of(content)}/frames/{frames}", AS_STORED))[0] == expected


async def test_an_instance_without_pixels_has_no_frames(imaging: RunningImaging) -> None:
    content = next(path.read_bytes() for path in corpus() if path.name == "reportsi.dcm")
    await imaging.store(content)
    assert (await imaging.get(f"{path_of(content)}/frames/1", AS_STORED))[0] == 404


@pytest.mark.parametrize("syntax", [DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian])
async def test_frames_of_every_native_syntax_are_the_same_pixels(
    imaging: RunningImaging, syntax: str
) -> None:
    content = ct()
    other = await imaging.decoder.transcode(content, syntax)
    assert read(other).file_meta.TransferSyntaxUID == syntax
    await imaging.store(other)
    _, body, headers = await imaging.get(f"{path_of(other)}/frames/1", OCTETS)
    assert parts_of(body, headers)[0][1] == read(content).PixelData


async def test_frames_of_big_endian_are_little_endian_on_the_web(imaging: RunningImaging) -> None:
    content = next(path.read_bytes() for path in corpus() if path.name == "MR_small_bigendian.dcm")
    await imaging.store(content)
    _, body, headers = await imaging.get(f"{path_of(content)}/frames/1", OCTETS)
    assert parts_of(body, headers)[0][1] == read(content).pixel_array.astype("<i2").tobytes()


async def test_pixel_data_are_bulk_data_too(imaging: RunningImaging) -> None:
    native, encapsulated = rgb(), us_cine(frames=3)
    await imaging.store(native, encapsulated)
    _, body, headers = await imaging.get(f"{path_of(native)}/bulkdata/7FE00010", OCTETS)
    assert parts_of(body, headers)[0][1] == read(native).PixelData
    _, body, headers = await imaging.get(f"{path_of(encapsulated)}/bulkdata/7FE00010", AS_STORED)
    assert [frame for _, frame in parts_of(body, headers)] == jpegs(encapsulated)


async def test_every_value_that_metadata_name_is_there(imaging: RunningImaging) -> None:
    item = Dataset()
    item.WaveformBitsAllocated, item.WaveformData = 16, bytes(range(250)) * 20
    content = ct(WaveformSequence=[Dataset(), item])
    await imaging.store(content)
    (metadata,) = await imaging.search(f"{path_of(content)}/metadata")
    address = metadata["54000100"]["Value"][1]["54001010"]["BulkDataURI"]
    path = address.removeprefix(f"{imaging.dicomweb}/")
    status, body, _ = await imaging.get(path, "application/octet-stream")
    assert (status, body) == (200, item.WaveformData)


@pytest.mark.parametrize(
    "path", ["00100010", "7FE00010/1/00080018", "..%2F..%2Fimaging.sqlite", "x", "7fe00010"]
)
async def test_no_other_path_gives_anything(imaging: RunningImaging, path: str) -> None:
    content = ct()
    await imaging.store(content)
    async with (
        imaging.client() as session,
        session.get(f"{imaging.dicomweb}/{path_of(content)}/bulkdata/{path}") as response,
    ):
        assert response.status == 404


async def test_what_ohif_asks_for_is_answered_as_it_needs(imaging: RunningImaging) -> None:
    """The requests that OHIF 3.12 makes from its list of studies to the first image."""
    slices, cine = ct_series(3), us_cine(patient_id="4712")
    await imaging.store(*slices, cine)
    study = read(slices[0]).StudyInstanceUID
    listed = await imaging.search(
        "studies", limit="101", offset="0", fuzzymatching="true", includefield="00081030,00080060"
    )
    assert {one["00100020"]["Value"][0] for one in listed} == {"4711", "4712"}
    for name in ("StudyInstanceUID", "00100020"):
        value = study if name == "StudyInstanceUID" else "4711"
        (one,) = await imaging.search("studies", **{"limit": "101", "fuzzymatching": "true", name: value})
        assert one["00080061"]["Value"] == ["CT"]
    (series,) = await imaging.search(f"studies/{study}/series", includefield="0008103E,00080021")
    assert series["00201209"]["Value"] == [3]
    uid = series["0020000E"]["Value"][0]
    metadata = await imaging.search(f"studies/{study}/series/{uid}/metadata")
    first = Dataset.from_json(metadata[0], bulk_data_uri_handler=lambda *_: b"")
    assert (first.Rows, first.PixelSpacing, first.RescaleIntercept) == (64, [0.7, 0.7], -1024)
    for content, kind in ((slices[0], "application/octet-stream"), (cine, "image/jpeg")):
        status, body, headers = await imaging.get(f"{path_of(content)}/frames/1", AS_STORED)
        assert status == 200
        assert parts_of(body, headers)[0][0].startswith(f"{kind}; transfer-syntax=")
