"""Where each frame is in its file."""

import io
import struct

import pytest
from pydicom import dcmread
from pydicom.encaps import encapsulate_extended, generate_frames
from pydicom.uid import MPEG4HP41, DeflatedExplicitVRLittleEndian

from controller.imaging.archive.archive import Outcome
from controller.imaging.archive.frames import Known, frame_places
from controller.imaging.errors import CannotDecode, NoSuchImage
from tests.support import dicom
from tests.unit.controller.imaging.archive.conftest import Shelf


async def frames(shelf: Shelf, content: bytes) -> list[bytes]:
    """The bytes of each frame, fragments joined."""
    await shelf.store(content)
    [stored] = await shelf.all()
    places = await frame_places(shelf.archive, stored)
    read = shelf.archive.files.read
    return [b"".join([await read(stored.sha256, *part) for part in frame]) for frame in places]


@pytest.mark.parametrize("offsets", [True, False])
@pytest.mark.parametrize("count", [1, 5])
async def test_frames_of_a_cine_are_those_that_pydicom_finds(shelf: Shelf, offsets: bool, count: int) -> None:
    content = dicom.us_cine(frames=count, offsets=offsets)
    theirs = list(generate_frames(dicom.read(content).PixelData, number_of_frames=count))
    assert await frames(shelf, content) == theirs


async def test_an_extended_offset_table_is_read(shelf: Shelf) -> None:
    data = dicom.read(dicom.us_cine(frames=3))
    theirs = list(generate_frames(data.PixelData, number_of_frames=3))
    data.PixelData, data.ExtendedOffsetTable, data.ExtendedOffsetTableLengths = encapsulate_extended(theirs)
    assert await frames(shelf, _file(data)) == theirs


async def test_frames_of_many_fragments_are_found_by_the_offset_table(shelf: Shelf) -> None:
    parts = [[b"aa", b"bbbb"], [b"cc"], [b"dddd", b"ee", b"ff"]]
    content = dicom.us_cine(frames=3)
    data = dicom.read(content)
    data.PixelData = _encapsulated(parts, offsets=True)
    assert await frames(shelf, _file(data)) == [b"aabbbb", b"cc", b"ddddeeff"]


async def test_frames_that_nothing_tells_apart_are_said_to_be_so(shelf: Shelf) -> None:
    data = dicom.read(dicom.us_cine(frames=3))
    data.PixelData = _encapsulated([[b"aa", b"bb"], [b"cc"], [b"dd"]], offsets=False)
    with pytest.raises(CannotDecode, match="offset table"):
        await frames(shelf, _file(data))


async def test_native_frames_lie_one_after_the_other(shelf: Shelf) -> None:
    data = dicom.read(dicom.rgb(rows=32, columns=16))
    pixels = bytes(range(256)) * 24
    data.NumberOfFrames, data["PixelData"].value = 4, pixels
    assert await frames(shelf, _file(data)) == [pixels[at : at + 1536] for at in range(0, 6144, 1536)]


async def test_pixel_data_that_are_too_short_are_said_to_be_so(shelf: Shelf) -> None:
    data = dicom.read(dicom.ct())
    data["PixelData"].value = bytes(100)
    with pytest.raises(CannotDecode, match="expected 8192 bytes"):
        await frames(shelf, _file(data))


async def test_what_has_no_pixels_has_no_frames(shelf: Shelf) -> None:
    with pytest.raises(NoSuchImage):
        await frames(shelf, dicom.edited(dicom.ct(), PixelData=None))


async def test_a_deflated_file_has_no_frames_in_it(shelf: Shelf) -> None:
    data = dicom.read(dicom.ct())
    data.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    with pytest.raises(CannotDecode, match="deflated"):
        await frames(shelf, _file(data))


async def test_asking_again_asks_no_file_and_no_index(shelf: Shelf) -> None:
    await shelf.store(dicom.us_cine(frames=3))
    [stored] = await shelf.all()
    places = await frame_places(shelf.archive, stored)
    await shelf.archive.store.write(lambda db: db.execute("UPDATE instance SET places = NULL"))
    assert await frame_places(shelf.archive, stored) == places


def _counting(content: bytes, frames: int) -> bytes:
    return dicom.edited(content, NumberOfFrames=frames)


@pytest.mark.parametrize("frames", [2, 2**31 - 1])
@pytest.mark.parametrize(
    "content",
    [dicom.ct(), dicom.us_cine(frames=1), dicom.edited(dicom.ct(), Rows=0)],
    ids=["native", "encapsulated", "of no size"],
)
async def test_more_frames_than_the_pixel_data_can_hold_are_kept_for_a_person(
    shelf: Shelf, content: bytes, frames: int
) -> None:
    if frames == 2 and dicom.read(content).Rows == 0:
        frames = 8 * len(content)  # of no size: each is a bit at least
    [verdict] = await shelf.store(_counting(content, frames))
    assert (verdict.outcome, verdict.reason) == (Outcome.QUARANTINED, "frames")
    assert str(frames) in verdict.message
    assert await shelf.outcomes(_counting(content, 1)) == ["stored"]


async def test_a_video_has_many_frames_in_one_fragment(shelf: Shelf) -> None:
    data = dicom.read(dicom.us_cine(frames=1))
    data.NumberOfFrames, data.file_meta.TransferSyntaxUID = 250, MPEG4HP41
    assert await shelf.outcomes(_file(data)) == ["stored"]
    data.NumberOfFrames, data.SOPInstanceUID = 2**31 - 1, dicom.uid()
    assert await shelf.outcomes(_file(data)) == ["quarantined"]


async def test_places_are_kept_of_so_many_frames_only() -> None:
    known, one = Known(), [[(0, 1)]]
    for number in range(3):
        known.put(bytes([number]), one * 150_000)
    assert known.get(b"\1") is None
    assert known.get(b"\2") is not None  # the newest, however large


def _encapsulated(frames: list[list[bytes]], *, offsets: bool) -> bytes:
    items, table, at = b"", b"", 0
    for frame in frames:
        table += struct.pack("<L", at)
        for part in frame:
            item = b"\xfe\xff\x00\xe0" + struct.pack("<L", len(part)) + part
            items, at = items + item, at + len(item)
    table = table if offsets else b""
    return b"\xfe\xff\x00\xe0" + struct.pack("<L", len(table)) + table + items


def _file(data: object) -> bytes:
    out = io.BytesIO()
    data.save_as(out)  # type: ignore[attr-defined]
    assert dcmread(io.BytesIO(out.getvalue()))
    return out.getvalue()
