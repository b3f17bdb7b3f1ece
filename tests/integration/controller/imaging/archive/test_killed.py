"""A process that stores is killed again and again: what it said was stored is there, nothing else is left."""

import asyncio
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from controller.clock import SystemClock
from controller.imaging.archive.archive import Archive
from controller.imaging.archive.keeping import keep
from controller.imaging.errors import CannotRead
from controller.imaging.sight import WHOLE
from controller.store.beside import reading
from tests.support.waiting import until

STORING = """
import asyncio, sys
from pathlib import Path
from controller.clock import SystemClock
from controller.imaging.archive.archive import Archive, ArchiveSettings
from tests.support import dicom

async def main(folder):
    archive = await Archive.open(folder, SystemClock(), ArchiveSettings(reserve=0))
    contents = dicom.ct_series(4, rows=32)
    while True:
        contents = [dicom.edited(one, SOPInstanceUID=dicom.uid()) for one in contents]
        async with archive.begin("ae:CT1") as batch:
            for content in contents:
                incoming = batch.part()
                incoming.write(content)
                await batch.take(incoming)
            for verdict in await batch.commit():
                print(verdict.study, verdict.sop_instance, flush=True)

asyncio.run(main(Path(sys.argv[1])))
"""
KILLS = 4
UNSYNCED = """
import asyncio, os, sys, time
from pathlib import Path
from controller.clock import SystemClock
from controller.imaging.archive.archive import Archive, ArchiveSettings
from tests.support import dicom

async def store(archive):
    async with archive.begin("ae:CT1") as batch:
        incoming = batch.part()
        incoming.write(dicom.ct())
        await batch.take(incoming)
        [verdict] = await batch.commit()
    print("stored", verdict.study, flush=True)

def hanging(file):
    if "/files/" in os.readlink(f"/proc/self/fd/{file}"):
        print("syncs", flush=True)
        time.sleep(3600)
    return fsync(file)

async def main(folder):
    global fsync
    archive = await Archive.open(folder, SystemClock(), ArchiveSettings(reserve=0))
    await store(archive)
    fsync, os.fsync = os.fsync, hanging
    await store(archive)

asyncio.run(main(Path(sys.argv[1])))
"""


async def test_what_was_answered_survives_and_what_was_not_leaves_no_file(tmp_path: Path) -> None:
    chance, answered = random.Random(20261126), set[tuple[str, str]]()
    for _ in range(KILLS):
        answered |= _stored_until_killed(tmp_path / "images", answers=chance.randint(5, 40))
    assert len(answered) > KILLS
    archive = await Archive.open(tmp_path / "images", SystemClock())
    assert archive.after_crash
    there = set[tuple[str, str]]()
    for study in {study for study, _ in answered}:
        for one in await archive.find(WHOLE, study):
            assert len(await archive.files.read(one.sha256)) == one.size
            assert archive.files.digest(one.sha256) == one.sha256
            there.add((one.study, one.instance))
    assert answered <= there
    await _only_what_is_named_stays(archive)
    await archive.close()


async def test_killed_between_the_commit_and_the_sync_of_a_file_it_gives_out_no_other_bytes(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "images"
    acknowledged = _killed_before_a_sync(folder)
    [unsynced] = _studies(folder) - {acknowledged}
    archive = await _opened_after_the_power_went(folder, unsynced)
    try:
        [first], [second] = [await archive.find(WHOLE, one) for one in (acknowledged, unsynced)]
        assert (first.damaged, second.damaged) == ("", "changed")
        assert len(await archive.files.read(first.sha256)) == first.size
        with pytest.raises(CannotRead):
            await archive.files.read(second.sha256)
    finally:
        await archive.close()


def _killed_before_a_sync(folder: Path) -> str:
    """The study that was acknowledged before; another is in the index, and its file is not on the disk."""
    command = [sys.executable, "-c", UNSYNCED, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [process.stdout.readline().split() for _ in range(2)]
        while len(_studies(folder)) < 2:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        said += [line.split() for line in process.stdout]
    acknowledged = said[0][1]
    assert said == [["stored", acknowledged], ["syncs"]]
    return acknowledged


def _studies(folder: Path) -> set[str]:
    with reading(folder / "imaging.sqlite") as db:
        return {row[0] for row in db.execute("SELECT uid FROM study")}


async def _opened_after_the_power_went(folder: Path, unsynced: str) -> Archive:
    """A kill leaves the page cache, so its bytes are taken away here: the name and the size stay."""
    query = """SELECT file FROM instance JOIN series ON series.id = instance.series
    JOIN study ON study.id = series.study WHERE study.uid = ?"""
    with reading(folder / "imaging.sqlite") as db:
        name = db.execute(query, (unsynced,)).fetchone()[0].hex()
    path = folder / "files" / name[:2] / name
    path.write_bytes(bytes(path.stat().st_size))
    return await Archive.open(folder, SystemClock())


def _stored_until_killed(folder: Path, answers: int) -> set[tuple[str, str]]:
    """What the process said that it stored, after `answers` lines, in the middle of the next batch."""
    command = [sys.executable, "-c", STORING, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(answers)]
        time.sleep(answers / 5000)  # some milliseconds into what comes next
        process.send_signal(signal.SIGKILL)
        lines += process.stdout.readlines()
    said = [tuple(line.split()) for line in lines if line.endswith("\n")]
    return {(study, instance) for study, instance in said}


async def _only_what_is_named_stays(archive: Archive) -> None:
    rows = await archive.store.read("SELECT sha256 FROM file")
    named = {row["sha256"] for row in rows}
    keeping = asyncio.create_task(keep(archive))
    await until(lambda: {one for some in archive.files.all() for one in some} == named, "the rest is gone")
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping
