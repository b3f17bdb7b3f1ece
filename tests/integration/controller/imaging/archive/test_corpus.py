"""The files of pydicom and pydicom-data, good, odd and broken, through the whole archive."""

import warnings
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydicom.encaps import generate_frames

from controller.clock import SystemClock
from controller.imaging.archive.archive import Archive, ArchiveSettings, Stored, Verdict
from controller.imaging.archive.frames import frame_places
from controller.imaging.archive.reconciliation import move
from controller.imaging.archive.rewriting import Patient
from controller.imaging.dicom.part10 import read_instance
from controller.imaging.errors import CannotDecode, CannotSettle, NoSuchImage
from controller.imaging.sight import WHOLE
from tests.support import dicom

LARGEST = 2 << 20
HANS = Patient("0815", "Wang^XiaoMing=王^小明", "19500101", "M")


@pytest.fixture(scope="module")
def contents() -> dict[bytes, Path]:
    """Each once."""
    return {path.read_bytes(): path for path in dicom.corpus() if path.stat().st_size <= LARGEST}


@pytest.fixture
async def archive(tmp_path: Path) -> AsyncIterator[Archive]:
    archive = await Archive.open(tmp_path / "images", SystemClock(), ArchiveSettings(reserve=0))
    yield archive
    await archive.close()


async def store_all(archive: Archive, contents: dict[bytes, Path]) -> list[Verdict]:
    async with archive.begin("ae:CORPUS") as batch:
        for content in contents:
            incoming = batch.part()
            incoming.write(content)
            await batch.take(incoming)
        return await batch.commit()


async def everything(archive: Archive) -> list[Stored]:
    rows = await archive.store.read("SELECT uid FROM study")
    return [one for row in rows for one in await archive.find(WHOLE, row["uid"])]


async def test_each_file_is_stored_as_it_is_or_waits_with_a_reason(
    archive: Archive, contents: dict[bytes, Path]
) -> None:
    verdicts = await store_all(archive, contents)
    stored = [verdict for verdict in verdicts if verdict.outcome.success]
    waits = [verdict for verdict in verdicts if not verdict.outcome.success]
    assert len(stored) > 100
    assert all(verdict.reason and verdict.message and verdict.code for verdict in waits)
    kept = {await archive.files.read(one.sha256) for one in await everything(archive)}
    assert len(kept) == len(stored)
    assert kept <= contents.keys()


async def test_their_frames_are_those_that_pydicom_finds(
    archive: Archive, contents: dict[bytes, Path]
) -> None:
    await store_all(archive, contents)
    compared = 0
    for one in await everything(archive):
        content = await archive.files.read(one.sha256)
        pixels = read_instance(content).pixels
        if pixels is None or pixels.fragments is None:
            continue
        try:
            places = await frame_places(archive, one)
        except CannotDecode:
            continue
        ours = [b"".join(content[at : at + size] for at, size in frame) for frame in places]
        theirs = list(generate_frames(dicom.read(content).PixelData, number_of_frames=one.frames))
        assert ours == theirs, contents[content]
        compared += 1
    assert compared >= 20


async def test_each_can_be_given_to_another_patient_and_keeps_its_pixels(
    archive: Archive, contents: dict[bytes, Path]
) -> None:
    await store_all(archive, contents)
    before = {one.instance: one for one in await everything(archive)}
    pixels = {uid: await _pixels(archive, one) for uid, one in before.items()}
    refused: list[str] = []
    for study in sorted({one.study for one in before.values()}):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                await move(archive, study, HANS, "anna", "corpus")
        except CannotSettle as error:
            refused.append(str(error))
    after = await everything(archive)
    assert len(after) == len(before)
    assert pixels == {one.instance: await _pixels(archive, one) for one in after}
    moved = [one for one in after if one.patient_id == "0815"]
    assert len(moved) > 0.9 * len(after), refused


async def _pixels(archive: Archive, one: Stored) -> list[bytes]:
    try:
        places = await frame_places(archive, one)
    except (CannotDecode, NoSuchImage):
        return []
    read = archive.files.read
    return [b"".join([await read(one.sha256, *part) for part in frame]) for frame in places]
