"""C-STORE by dcmtk's storescu and by pynetdicom's SCU, into the real archive."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from pydicom import dcmread
from pydicom.uid import MRImageStorage

from controller.clock import SystemClock
from controller.imaging.archive.objects import ObjectFiles
from controller.imaging.archive.verdicts import CODES
from controller.imaging.dimse.settings import May, Peer
from controller.imaging.sight import WHOLE
from controller.objects.owner import KEY
from controller.objects.settings import Access
from tests.support.dicom import ct, ct_series, edited, uid
from tests.support.dimse import RunningDimse, running_dimse, running_door, send

CT1 = Peer(title="CT1", host="127.0.0.1", may=frozenset({May.STORE}))
WS1 = Peer(title="WS1", host="127.0.0.1", may=frozenset({May.FIND, May.RETRIEVE}))
pytestmark = pytest.mark.asyncio(loop_scope="module")


def files(folder: Path, *contents: bytes) -> list[str]:
    folder.mkdir(exist_ok=True)
    for number, content in enumerate(contents):
        (folder / f"{number}.dcm").write_bytes(content)
    return [str(folder / f"{number}.dcm") for number in range(len(contents))]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def dimse(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningDimse]:
    async with running_dimse(tmp_path_factory.mktemp("store"), CT1, WS1) as running:
        yield running


async def test_a_series_is_kept_and_can_be_found_when_it_is_answered(
    dimse: RunningDimse, tmp_path: Path
) -> None:
    slices = ct_series(5)
    said = await dimse.tool("storescu", "CT1", after=files(tmp_path / "out", *slices))
    assert said.status == 0, said
    study = str(dcmread(io.BytesIO(slices[0])).StudyInstanceUID)
    found = await dimse.archive.find(WHOLE, study)
    assert [one.number for one in found] == [1, 2, 3, 4, 5]


async def test_what_is_kept_is_byte_for_byte_the_data_set_that_was_sent(
    dimse: RunningDimse, tmp_path: Path
) -> None:
    content = ct()
    said = await dimse.tool("storescu", "CT1", after=files(tmp_path / "out", content))
    assert said.status == 0, said
    (one,) = await dimse.archive.find(WHOLE, str(dcmread(io.BytesIO(content)).StudyInstanceUID))
    kept = await dimse.archive.files.read(one.sha256)
    first = b"\x08\x00\x05\x00CS"  # Specific Character Set, of which the data set's first element is
    assert kept[kept.index(first) :] == content[content.index(first) :]
    assert dcmread(io.BytesIO(kept)) == dcmread(io.BytesIO(content))


async def test_peers_send_at_the_same_time(dimse: RunningDimse, tmp_path: Path) -> None:
    studies = [uid() for _ in range(4)]
    sent = [files(tmp_path / study, *ct_series(4, study=study)) for study in studies]
    said = await asyncio.gather(*(dimse.tool("storescu", "CT1", after=one) for one in sent))
    assert [one.status for one in said] == [0] * 4, said
    for study in studies:
        assert len(await dimse.archive.find(WHOLE, study)) == 4


async def test_an_image_that_is_large_is_kept(dimse: RunningDimse) -> None:
    content = ct(rows=2400)
    assert len(content) > 10 * 1024 * 1024
    assert await send(dimse, content) == 0
    (one,) = await dimse.archive.find(WHOLE, str(dcmread(io.BytesIO(content)).StudyInstanceUID))
    assert one.size > 10 * 1024 * 1024


async def test_the_same_image_again_is_a_success(dimse: RunningDimse) -> None:
    content = ct()
    assert await send(dimse, content) == 0
    assert await send(dimse, content) == 0


async def test_another_image_under_the_same_name_is_refused_and_the_first_one_stays(
    dimse: RunningDimse,
) -> None:
    content = ct()
    assert await send(dimse, content) == 0
    assert await send(dimse, edited(content, StudyDescription="another")) == CODES["differs"]


async def test_an_image_other_than_the_announced_one_is_refused(dimse: RunningDimse) -> None:
    assert await send(dimse, ct(), instance=uid()) == CODES["other-instance"]
    assert await send(dimse, ct(), sop_class=MRImageStorage) == CODES["other-class"]
    assert await send(dimse, ct()) == 0


@pytest.mark.parametrize("instance", ["../../etc/passwd", "1.2.3/../../x"])
async def test_a_hostile_name_is_never_a_path(dimse: RunningDimse, tmp_path: Path, instance: str) -> None:
    hostile = edited(ct(), SOPInstanceUID=instance)
    before = set(tmp_path.parent.rglob("*"))
    assert await send(dimse, hostile) == CODES["bad-uid"]
    assert await send(dimse, hostile, instance="1.2.3.4") == CODES["other-instance"]
    new = {path for path in set(tmp_path.parent.rglob("*")) - before if path.is_file() and path.name != KEY}
    assert {path.name for path in new if "archive" not in path.parts} <= {"sent.dcm"}
    assert all(len(path.name) >= 62 for path in new if "archive" in path.parts)  # of a SHA-256


async def test_who_may_not_store_cannot(dimse: RunningDimse) -> None:
    content = ct()
    assert await send(dimse, content, "WS1") != 0
    assert await send(dimse, content, "CT1") == 0


async def test_without_the_imaging_service_the_peer_is_told_to_keep_its_image(tmp_path: Path) -> None:
    async with running_door(tmp_path, CT1) as dimse:
        assert await send(dimse, ct()) == 0xA700


async def test_while_the_bucket_is_away_the_peer_is_told_to_keep_its_image(
    dimse: RunningDimse, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("secret")
    nobody, secret = "http://127.0.0.1:9", tmp_path / "secret"
    away = Access(endpoint=nobody, bucket="images", key_id="key", secret_file=secret)
    dimse.archive.files, folder = ObjectFiles(away, SystemClock()), dimse.archive.files
    assert await send(dimse, ct()) == 0xA700
    dimse.archive.files = folder
    assert await send(dimse, ct()) == 0


async def test_nothing_stays_on_the_way(dimse: RunningDimse) -> None:
    await send(dimse, ct())
    await send(dimse, ct(), instance=uid())
    assert list((dimse.settings.folder / "on-the-way").iterdir()) == []
