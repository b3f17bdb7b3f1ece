"""Files with more of something than anybody expects: they take their time, but not that of others."""

import asyncio
import struct
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from controller.imaging.archive.archive import ArchiveSettings
from controller.imaging.dicom.elements import Limits
from controller.imaging.dicom.part10 import read_instance
from hil.faults.bad_images import private, whole
from tests.support import dicom
from tests.support.imaging import RunningImaging, running_imaging

pytestmark = pytest.mark.asyncio(loop_scope="module")

FRAMES = 2_000_000


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def imaging(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningImaging]:
    folder = tmp_path_factory.mktemp("archive")
    async with running_imaging(folder, settings=ArchiveSettings(largest=32 << 20, reserve=0)) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def film(imaging: RunningImaging) -> str:
    """The path of an instance that really has two million frames, of one pixel."""
    pixel = {"Rows": 1, "Columns": 1, "BitsAllocated": 8, "BitsStored": 8, "HighBit": 7}
    small = dicom.edited(dicom.ct(), **pixel, NumberOfFrames=FRAMES)
    head = small[: small.rindex(b"\xe0\x7f\x10\0OW") + 8]
    content = head + struct.pack("<L", FRAMES) + bytes(range(250)) * (FRAMES // 250)
    assert (await imaging.store(content))[0] == 200
    return path_of(content)


def path_of(content: bytes) -> str:
    """Of an instance, below the service's address."""
    uids = [read_instance(content).text(key) for key in ("0020000D", "0020000E", "00080018")]
    return "/dicom-web/studies/{}/series/{}/instances/{}".format(*uids)


async def between_answers(imaging: RunningImaging, work: asyncio.Task[object]) -> list[float]:
    """While `work` goes on somebody searches: seconds of the loop's processor for each answer."""
    used: list[float] = []
    async with imaging.client(Accept="application/dicom+json") as session:
        while not work.done():
            began = time.thread_time()
            async with session.get("/dicom-web/studies", params={"limit": "1"}) as response:
                assert response.status in (200, 204)
                await response.read()
            used.append(time.thread_time() - began)
    return used


async def test_a_file_of_as_many_elements_as_are_read_stops_nobody(imaging: RunningImaging) -> None:
    content = whole(seed=2000)
    flood = private(Limits().elements - 1000, b"")
    work = asyncio.create_task(imaging.store(content + flood))
    used = await between_answers(imaging, work)
    assert (await work)[0] == 409  # its JSON is larger than anybody should have to read
    assert len(used) > 3
    assert max(used) < sum(used) / 2  # read in the loop, one answer would wait for nearly all of it


async def test_two_million_frames_are_shown_one_at_a_time(imaging: RunningImaging, film: str) -> None:
    async with imaging.client(Accept="image/png") as session:
        for suffix in ("/thumbnail", "/rendered", f"/frames/{FRAMES}/rendered"):
            async with session.get(film + suffix) as response:
                assert (response.status, (await response.read())[:4]) == (200, b"\x89PNG")
        async with session.get(f"{film}/frames/{FRAMES + 1}/rendered") as response:
            assert response.status == 404


async def test_the_last_of_two_million_frames_is_found(imaging: RunningImaging, film: str) -> None:
    accept = "application/octet-stream"
    async with (
        imaging.client(Accept=accept) as session,
        session.get(f"{film}/frames/{FRAMES}") as response,
    ):
        assert (response.status, await response.read()) == (200, b"\xf9")


async def test_two_million_pictures_in_one_answer_are_refused_before_one_is_made(
    imaging: RunningImaging, film: str
) -> None:
    accept = 'multipart/related; type="image/png"'
    async with imaging.client(Accept=accept) as session, session.get(f"{film}/rendered") as response:
        assert response.status == 406
        assert "2000000 pictures are too many" in await response.text()


async def test_compressed_pixels_of_too_many_frames_are_asked_for_in_parts(imaging: RunningImaging) -> None:
    content = dicom.us_cine(frames=10_001, rows=8)
    assert (await imaging.store(content))[0] == 200
    raw = {"Accept": 'multipart/related; type="image/jpeg"; transfer-syntax=*'}
    async with imaging.client(**raw) as session:
        async with session.get(f"{path_of(content)}/bulkdata/7FE00010") as response:
            assert response.status == 406
        async with session.get(f"{path_of(content)}/frames/10001,1") as response:
            assert response.status == 200
