"""Rendered pictures and thumbnails over HTTP, asked for by dicomweb-client and by hand."""

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from dicomweb_client import DICOMwebClient
from PIL import Image
from pydicom import Dataset

from controller.imaging.decode import syntaxes
from controller.imaging.decode.transcode import transcoded
from controller.imaging.sight import Sight
from tests.support import dicom
from tests.support.imaging import RunningImaging, running_imaging

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningImaging]:
    async with running_imaging(tmp_path_factory.mktemp("imaging")) as running:
        yield running


@pytest.fixture
def imaging(service: RunningImaging) -> RunningImaging:
    service.seen_by("anna")
    service.trail.entries.clear()
    return service


def address(content: bytes, rest: str = "rendered") -> str:
    data = dicom.read(content)
    series = f"/dicom-web/studies/{data.StudyInstanceUID}/series/{data.SeriesInstanceUID}"
    return f"{series}/instances/{data.SOPInstanceUID}/{rest}"


def series(content: bytes, rest: str) -> str:
    return address(content, rest).split("/instances/")[0] + f"/{rest}"


async def get(imaging: RunningImaging, path: str, accept: str = "image/png", **query: str) -> tuple[int, Any]:
    """Status, and the picture, or the words of the refusal."""
    async with imaging.client(Accept=accept) as session, session.get(path, params=query) as response:
        body = await response.read()
        if response.status != 200:
            return response.status, body.decode()
        assert response.content_type == accept or accept == "*/*"
        return 200, np.asarray(Image.open(io.BytesIO(body)))


async def test_a_slice_is_rendered_with_its_own_window(imaging: RunningImaging) -> None:
    content = dicom.ct(rows=32)
    await imaging.store(content)
    _, picture = await get(imaging, address(content))
    stored = dicom.read(content).pixel_array.astype(float) - 1024
    expected = np.clip(np.rint(((stored - 39.5) / 399 + 0.5) * 255), 0, 255)
    assert np.array_equal(picture, expected)


async def test_a_window_of_the_clients_is_used_instead(imaging: RunningImaging) -> None:
    content = dicom.ct(rows=32)
    await imaging.store(content)
    _, picture = await get(imaging, address(content), window="-1000,2,linear-exact")
    assert picture[0, 0] == 128
    assert picture[16, 16] == 255


async def test_the_viewport_cuts_out_and_enlarges(imaging: RunningImaging) -> None:
    content = dicom.rgb(rows=32, columns=48)
    await imaging.store(content)
    _, whole = await get(imaging, address(content), viewport="96,96")
    assert whole.shape == (64, 96, 3)
    _, part = await get(imaging, address(content), viewport="8,8,40,24,8,8")
    assert np.array_equal(part, dicom.read(content).pixel_array[24:, 40:])


async def test_dicomweb_client_gets_instances_and_frames(imaging: RunningImaging) -> None:
    content = dicom.us_cine(frames=3)
    await imaging.store(content)
    data = dicom.read(content)
    uids = data.StudyInstanceUID, data.SeriesInstanceUID, data.SOPInstanceUID
    client = DICOMwebClient(imaging.dicomweb)
    instance = await asyncio.to_thread(
        client.retrieve_instance_rendered, *uids, media_types=("image/jpeg",), params={"quality": 95}
    )
    assert Image.open(io.BytesIO(instance)).size == (64, 48)
    frame = await asyncio.to_thread(
        client.retrieve_instance_frames_rendered, *uids, [3], media_types=("image/png",)
    )
    decoded = np.asarray(Image.open(io.BytesIO(frame)))
    assert decoded[20, 60, 0] > 150  # the bar is at the right edge
    assert decoded[20, 10, 0] < 60


@pytest.mark.parametrize("syntax", sorted(syntaxes.ENCODES - syntaxes.LOSSY))
async def test_whatever_the_transfer_syntax_the_picture_is_the_same(
    imaging: RunningImaging, syntax: str
) -> None:
    for content in (dicom.ct(rows=32), dicom.rgb()):
        other = dicom.edited(content, SOPInstanceUID=dicom.uid())
        await imaging.store(content, transcoded(other, syntax))
        one, two = await get(imaging, address(content)), await get(imaging, address(other))
        assert one[0] == two[0] == 200
        assert np.array_equal(one[1], two[1])


async def test_a_series_comes_as_parts_in_order_and_not_as_one_picture(imaging: RunningImaging) -> None:
    slices = dicom.ct_series(3, rows=16)
    await imaging.store(*slices)
    path = series(slices[0], "rendered")
    async with (
        imaging.client(Accept='multipart/related; type="image/png"') as session,
        session.get(path) as response,
    ):
        assert response.status == 200
        body = await response.read()
    places = [body.index(dicom.read(one).SOPInstanceUID.encode()) for one in slices]
    assert places == sorted(places)
    assert body.count(b"\x89PNG") == 3
    assert (await get(imaging, path))[0] == 406


async def test_a_thumbnail_of_a_series_is_its_middle_slice_and_small(imaging: RunningImaging) -> None:
    slices = [
        dicom.ct(rows=300, WindowCenter=n, study="1.2.3", series="1.2.4", InstanceNumber=n) for n in (1, 2, 3)
    ]
    await imaging.store(*slices)
    _, small = await get(imaging, series(slices[0], "thumbnail"))
    assert small.shape == (256, 256)
    _, middle = await get(imaging, address(slices[1], "thumbnail"))
    _, first = await get(imaging, address(slices[0], "thumbnail"))
    assert np.array_equal(small, middle)
    assert not np.array_equal(small, first)
    status, _ = await get(imaging, "/dicom-web/studies/1.2.3/thumbnail")
    assert status == 200


async def test_each_frame_of_an_enhanced_image_has_the_window_of_its_own_group(
    imaging: RunningImaging,
) -> None:
    content = dicom.edited(dicom.ct(rows=8), NumberOfFrames=2, WindowCenter=None, WindowWidth=None)
    data = dicom.read(content)
    data.PixelData *= 2
    data.SharedFunctionalGroupsSequence = [Dataset()]
    data.PerFrameFunctionalGroupsSequence = [grouped(-1000.0), grouped(3000.0)]
    file = io.BytesIO()
    data.save_as(file)
    await imaging.store(file.getvalue())
    (_, first), (_, second) = [await get(imaging, address(content, f"frames/{n}/rendered")) for n in (1, 2)]
    assert first[4, 4] == 255  # tissue is above the first frame's window, and below the second's
    assert second.max() == 0


def grouped(center: float) -> Dataset:
    """Functional groups of a frame, with a window (PS3.3, C.7.6.16.2.10)."""
    window, groups = Dataset(), Dataset()
    window.WindowCenter, window.WindowWidth = center, 2
    groups.FrameVOILUTSequence = [window]
    return groups


async def test_what_a_browser_accepts_is_answered_with_jpeg(imaging: RunningImaging) -> None:
    content = dicom.ct()
    await imaging.store(content)
    async with (
        imaging.client(Accept="image/avif,image/webp,*/*;q=0.8") as session,
        session.get(address(content)) as response,
    ):
        assert response.content_type == "image/jpeg"


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ({"window": "a,b"}, 400, "window"),
        ({"viewport": "0,0"}, 400, "viewport"),
        ({"quality": "0"}, 400, "quality"),
        ({"viewport": "8,8,500,500,8,8"}, 422, "viewport"),
    ],
)
async def test_what_cannot_be_done_is_refused_with_words(
    imaging: RunningImaging, query: dict[str, str], status: int, words: str
) -> None:
    content = dicom.ct(rows=16)
    await imaging.store(content)
    got, said = await get(imaging, address(content), **query)
    assert got == status
    assert words in said


async def test_names_in_pictures_are_not_drawn_and_the_answer_says_so(imaging: RunningImaging) -> None:
    content = dicom.ct(rows=16)
    await imaging.store(content)
    async with (
        imaging.client(Accept="image/png") as session,
        session.get(address(content), params={"annotation": "patient"}) as response,
    ):
        assert response.status == 200
        assert "annotation" in response.headers["Warning"]


async def test_an_instance_without_pixels_and_a_frame_that_is_not_there(imaging: RunningImaging) -> None:
    report, picture = dicom.edited(dicom.ct(), PixelData=None), dicom.ct()
    await imaging.store(report, picture)
    assert (await get(imaging, address(report)))[0] == 406
    assert (await get(imaging, address(picture, "frames/2/rendered")))[0] == 404


async def test_a_broken_frame_is_refused_and_the_next_picture_is_shown(imaging: RunningImaging) -> None:
    broken = transcoded(dicom.ct(), syntaxes.JPEG_2000_LOSSLESS)
    at = broken.rindex(b"\xff\x93") + 2
    broken = broken[:at] + bytes(200) + broken[at + 200 :]
    cut = broken.replace(b"\xff\x4f\xff\x51", b"\xff\x4f\xff\x00")
    good = dicom.ct()
    await imaging.store(cut, good)
    status, words = await get(imaging, address(cut))
    assert (status, "codestream" in words) == (422, True)
    assert (await get(imaging, address(good)))[0] == 200


async def test_who_may_not_see_the_patient_gets_the_words_of_what_does_not_exist(
    imaging: RunningImaging,
) -> None:
    content, unknown = dicom.ct(patient_id="4711"), dicom.ct()
    await imaging.store(content)
    imaging.seen_by("bea", Sight(frozenset({"4712"})))
    for rest in ("rendered", "thumbnail", "frames/1/rendered"):
        hidden, nothing = (
            await get(imaging, address(content, rest)),
            await get(imaging, address(unknown, rest)),
        )
        assert hidden == nothing
        assert hidden[0] == 404
    assert not [entry for entry in imaging.trail.entries if entry.by == "bea"]


async def test_each_picture_shown_is_in_the_trail(imaging: RunningImaging) -> None:
    content = dicom.ct(patient_id="4711")
    await imaging.store(content)
    imaging.seen_by("bea")
    await get(imaging, address(content))
    [entry] = [entry for entry in imaging.trail.entries if entry.by == "bea"]
    assert entry.patients == {"4711"}
    assert entry.entity == f"study/{dicom.read(content).StudyInstanceUID}"
