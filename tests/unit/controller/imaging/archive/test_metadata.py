"""Headers as JSON come back as they went in, and are small."""

import json

from hypothesis import given
from hypothesis import strategies as st

from controller.imaging.archive.metadata import dictionary, packed, unpacked
from tests.support import dicom
from tests.unit.controller.imaging.archive.conftest import Shelf


@given(st.binary(), st.binary())
def test_whatever_is_packed_comes_back(first: bytes, metadata: bytes) -> None:
    known = dictionary(first)
    assert unpacked(packed(metadata, known), known) == metadata


async def test_metadata_come_in_the_order_asked_for(shelf: Shelf) -> None:
    await shelf.store(*dicom.ct_series(5))
    stored = list(reversed(await shelf.all()))
    told = [json.loads(one) for one in await shelf.archive.metadata(stored)]
    assert [one["00080018"]["Value"][0] for one in told] == [one.instance for one in stored]
    assert told[0]["7FE00010"] == {"vr": "OW", "BulkDataURI": "bulkdata/7FE00010"}


async def test_the_slices_of_a_series_take_little(shelf: Shelf) -> None:
    await shelf.store(*dicom.ct_series(20))
    sizes = [size for (size,) in await shelf.rows("SELECT length(metadata) FROM instance")]
    [metadata, *_] = await shelf.archive.metadata(await shelf.all())
    assert sum(sizes) / len(sizes) < len(metadata) / 8


async def test_a_header_longer_than_zlib_looks_back_comes_back(shelf: Shelf) -> None:
    comments = "".join(f"{n} " for n in range(9000))
    await shelf.store(dicom.ct(ImageComments=comments[:10000], PatientComments=comments))
    [metadata] = await shelf.archive.metadata(await shelf.all())
    assert json.loads(metadata)["00104000"]["Value"] == [comments.rstrip()]
