"""C-GET and C-MOVE by dcmtk's getscu, movescu and storescp, over the real archive."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from pydicom import Dataset, dcmread
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEGBaseline8Bit

from controller.imaging.dimse.settings import May, Peer
from tests.support.dicom import ct, ct_series, uid, us_cine
from tests.support.dimse import RunningDimse, free_port, running_dimse

CT1 = Peer(title="CT1", host="127.0.0.1", may=frozenset({May.STORE}))
WS1 = Peer(title="WS1", host="127.0.0.1", port=free_port(), may=frozenset({May.RETRIEVE}))
AWAY = Peer(title="AWAY", host="127.0.0.1", port=free_port())
STUDY, CINE = uid(), uid()
SLICES = ct_series(3, study=STUDY)
ANOTHER = ct(study=STUDY, InstanceNumber=7)
MOVIE = us_cine(frames=4, study=CINE)
pytestmark = [pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def dimse(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningDimse]:
    folder = tmp_path_factory.mktemp("retrieve")
    out = folder / "out"
    out.mkdir()
    for number, image in enumerate((*SLICES, ANOTHER, MOVIE)):
        (out / f"{number}.dcm").write_bytes(image)
    async with running_dimse(folder, CT1, WS1, AWAY) as running:
        for syntax in ("-xy", "-xe"):  # JPEG baseline is proposed by -xy alone
            await running.tool("storescu", "CT1", syntax, "+sd", after=[str(out)])
        yield running


@asynccontextmanager
async def receiving(folder: Path, *options: str, peer: Peer = WS1) -> AsyncIterator[Path]:
    """dcmtk's storescp as `peer`."""
    into = folder / "taken"
    into.mkdir()
    process = await asyncio.create_subprocess_exec(
        *("storescp", "-aet", peer.title, "-od", str(into), *options, str(peer.port)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        for _ in range(100):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", peer.port)
                writer.close()
                break
            except OSError:
                await asyncio.sleep(0.05)
        yield into
    finally:
        process.kill()
        await process.wait()


def keys(level: str, **told: str) -> list[str]:
    pairs = {"QueryRetrieveLevel": level, **told}
    return [argument for name, value in pairs.items() for argument in ("-k", f"{name}={value}")]


def taken(folder: Path) -> list[Dataset]:
    return sorted(
        (dcmread(io.BytesIO(path.read_bytes())) for path in folder.iterdir()),
        key=lambda one: one.InstanceNumber,
    )


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def same(found: Dataset, sent: bytes) -> bool:
    return found == dcmread(io.BytesIO(sent))


async def test_a_study_is_got(dimse: RunningDimse, tmp_path: Path) -> None:
    said = await dimse.tool(
        "getscu", "WS1", "-S", *keys("STUDY", StudyInstanceUID=STUDY), "-od", str(tmp_path)
    )
    assert said.status == 0, said
    found = taken(tmp_path)
    assert len(found) == 4
    assert all(same(*pair) for pair in zip(found, (*SLICES, ANOTHER), strict=True))


async def test_one_image_is_got_by_its_names(dimse: RunningDimse, tmp_path: Path) -> None:
    image = dcmread(io.BytesIO(SLICES[1]))
    told = keys(
        "IMAGE",
        StudyInstanceUID=STUDY,
        SeriesInstanceUID=image.SeriesInstanceUID,
        SOPInstanceUID=image.SOPInstanceUID,
    )
    told = ("-S", *told, "-od", str(tmp_path))
    said = await dimse.tool("getscu", "WS1", *told)
    assert said.status == 0, said
    assert [one.SOPInstanceUID for one in taken(tmp_path)] == [image.SOPInstanceUID]


async def test_everything_of_a_patient_is_got_in_the_patient_root(
    dimse: RunningDimse, tmp_path: Path
) -> None:
    told = ("-P", *keys("PATIENT", PatientID="4711"), "-od", str(tmp_path))
    said = await dimse.tool("getscu", "WS1", *told)
    assert said.status == 0, said
    assert len(names(tmp_path)) == 5


async def test_a_study_is_moved_to_a_peer_that_is_known(dimse: RunningDimse, tmp_path: Path) -> None:
    async with receiving(tmp_path) as into:
        told = ("-S", "-aem", "WS1", *keys("STUDY", StudyInstanceUID=STUDY))
        said = await dimse.tool("movescu", "WS1", *told)
        assert said.status == 0, said
        assert all(same(*pair) for pair in zip(taken(into), (*SLICES, ANOTHER), strict=True))


async def test_a_receiver_of_implicit_vr_alone_gets_that(dimse: RunningDimse, tmp_path: Path) -> None:
    async with receiving(tmp_path, "+xi") as into:
        told = ("-S", "-aem", "WS1", *keys("STUDY", StudyInstanceUID=STUDY))
        said = await dimse.tool("movescu", "WS1", *told)
        assert said.status == 0, said
        found = taken(into)
        assert {one.file_meta.TransferSyntaxUID for one in found} == {ImplicitVRLittleEndian}
        assert found[0].PixelData == dcmread(io.BytesIO(SLICES[0])).PixelData


async def test_compressed_frames_are_sent_as_they_are_to_who_takes_them(
    dimse: RunningDimse, tmp_path: Path
) -> None:
    async with receiving(tmp_path, "+xa") as into:
        told = ("-S", "-aem", "WS1", *keys("STUDY", StudyInstanceUID=CINE))
        said = await dimse.tool("movescu", "WS1", *told)
        assert said.status == 0, said
        (found,) = taken(into)
        assert found.file_meta.TransferSyntaxUID == JPEGBaseline8Bit
        assert found.PixelData == dcmread(io.BytesIO(MOVIE)).PixelData


async def test_compressed_frames_are_decoded_for_who_does_not_take_them(
    dimse: RunningDimse, tmp_path: Path
) -> None:
    async with receiving(tmp_path, "+xe") as into:
        told = ("-S", "-aem", "WS1", *keys("STUDY", StudyInstanceUID=CINE))
        said = await dimse.tool("movescu", "WS1", *told)
        assert said.status == 0, said
        (found,) = taken(into)
        assert found.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
        assert found.pixel_array.shape == dcmread(io.BytesIO(MOVIE)).pixel_array.shape


async def test_nothing_is_moved_to_a_title_that_is_not_known(dimse: RunningDimse) -> None:
    told = ("-S", "-d", "-aem", "THIEF", *keys("STUDY", StudyInstanceUID=STUDY))
    said = await dimse.tool("movescu", "WS1", *told)
    assert said.status != 0
    assert "0xa801" in said.text.lower()


async def test_a_receiver_that_is_not_there_is_told_as_such(dimse: RunningDimse) -> None:
    told = ("-S", "-d", "-aem", "AWAY", *keys("STUDY", StudyInstanceUID=STUDY))
    said = await dimse.tool("movescu", "WS1", *told)
    assert "0xa801" in said.text.lower()


async def test_a_study_that_is_not_there_is_nothing_to_send(dimse: RunningDimse, tmp_path: Path) -> None:
    said = await dimse.tool(
        "getscu", "WS1", "-S", *keys("STUDY", StudyInstanceUID="1.2.3"), "-od", str(tmp_path)
    )
    assert said.status == 0
    assert names(tmp_path) == []


@pytest.mark.parametrize("told", [{}, {"StudyInstanceUID": "*"}, {"StudyInstanceUID": ""}])
async def test_all_studies_at_once_cannot_be_had(
    dimse: RunningDimse, tmp_path: Path, told: dict[str, str]
) -> None:
    told = ("-S", "-d", *keys("STUDY", **told), "-od", str(tmp_path))
    said = await dimse.tool("getscu", "WS1", *told)
    assert "0xa900" in said.text.lower()
    assert names(tmp_path) == []


async def test_who_may_not_retrieve_gets_nothing(dimse: RunningDimse, tmp_path: Path) -> None:
    told = ("-S", *keys("STUDY", StudyInstanceUID=STUDY), "-od", str(tmp_path))
    assert (await dimse.tool("getscu", "CT1", *told)).status != 0
    assert names(tmp_path) == []


async def test_the_trail_says_who_was_given_whose_images(dimse: RunningDimse, tmp_path: Path) -> None:
    dimse.shown.clear()
    await dimse.tool("getscu", "WS1", "-S", *keys("STUDY", StudyInstanceUID=STUDY), "-od", str(tmp_path))
    assert ("ae:WS1", frozenset({"4711"})) in dimse.shown


async def test_nothing_stays_on_the_way(dimse: RunningDimse) -> None:
    assert names(dimse.settings.folder / "on-the-way") == []


async def test_the_trail_says_to_whom_images_were_moved(dimse: RunningDimse, tmp_path: Path) -> None:
    dimse.shown.clear()
    async with receiving(tmp_path, peer=AWAY) as into:
        told = ("-S", "-aem", "AWAY", *keys("STUDY", StudyInstanceUID=STUDY))
        said = await dimse.tool("movescu", "WS1", *told)
        assert said.status == 0, said
        assert len(names(into)) == 4
    assert ("ae:WS1>AWAY", frozenset({"4711"})) in dimse.shown
