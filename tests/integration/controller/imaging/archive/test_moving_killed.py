"""Who moves files to the slow place is killed after each step: nothing is lost, nothing stays twice."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from controller.clock import SystemClock
from controller.imaging.archive.archive import Archive, ArchiveSettings
from controller.imaging.archive.deletion import What, delete
from controller.imaging.archive.moving import move_old
from controller.imaging.archive.slow import MARK
from controller.imaging.sight import WHOLE
from controller.objects.owner import KEY

pytestmark = pytest.mark.xdist_group("moving-killed")

STEPS = ("preparing", "copying", "copied", "checked", "noted", "deleted")
DAYS = 1
LATER_US = 10 * 86_400_000_000
MOVING = """
import asyncio, os, signal, sys
from pathlib import Path
from controller.clock import SystemClock
from controller.imaging.archive import moving, slow
from controller.imaging.archive.archive import Archive, ArchiveSettings
from controller.imaging.archive.files import LocalFiles
from controller.imaging.archive.garbage import Garbage
from controller.imaging.archive.slow import SlowFolder
from tests.support import dicom

STEP, LATER_US = sys.argv[2], int(sys.argv[3])

def kill():
    os.kill(os.getpid(), signal.SIGKILL)

def killed_in(owner, name):
    setattr(owner, name, lambda *_: kill())

def killed_after(owner, name):
    before = getattr(owner, name)
    async def then(*arguments):
        await before(*arguments)
        kill()
    setattr(owner, name, then)

async def main(folder):
    clock = SystemClock()
    (folder / "nas").mkdir()
    settings = ArchiveSettings(reserve=0, slow_folder=folder / "nas", slow_after_days=1)
    archive = await Archive.open(folder / "images", clock, settings)
    async with archive.begin("ae:CT1") as batch:
        for content in dicom.ct_series(3, study="1.2"):
            incoming = batch.part()
            incoming.write(content)
            await batch.take(incoming)
        await batch.commit()
    clock.offset_us += LATER_US
    if STEP == "preparing":
        killed_in(slow.shutil, "copyfileobj")
    else:
        await archive.tiers.slow.prepare(first=True)
    if STEP == "copying":
        killed_in(slow.os, "posix_fadvise")
    elif STEP == "copied":
        killed_after(SlowFolder, "bring")
    elif STEP == "checked":
        killed_in(moving, "_note")
    elif STEP == "noted":
        killed_in(Garbage, "release")
    elif STEP == "deleted":
        killed_after(LocalFiles, "delete")
    await moving.move_old(archive, archive.tiers)

asyncio.run(main(Path(sys.argv[1])))
"""


@pytest.fixture(scope="module", params=STEPS)
def killed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """After which step, and the folder with what was left at both places."""
    folder = tmp_path_factory.mktemp("killed")
    command = [sys.executable, "-c", MOVING, str(folder), request.param, str(LATER_US)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    return request.param, folder


async def opened(folder: Path) -> Archive:
    clock = SystemClock()
    clock.offset_us += 2 * LATER_US
    settings = ArchiveSettings(reserve=0, slow_folder=folder / "nas", slow_after_days=DAYS)
    return await Archive.open(folder / "images", clock, settings)


def files(folder: Path) -> list[str]:
    """Names of all files in `folder`, but for our mark."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != KEY)
    return sorted(path.name for path in found if path.name != MARK)


async def test_after_a_kill_everything_is_read_and_the_next_round_goes_on(
    killed: tuple[str, Path], tmp_path: Path
) -> None:
    step, left = killed
    shutil.copytree(left, tmp_path, dirs_exist_ok=True)
    archive = await opened(tmp_path)
    assert archive.tiers is not None
    stored = await archive.find(WHOLE, "1.2")
    for one in stored:
        assert archive.files.digest(one.sha256) == one.sha256
        assert len(await archive.files.read(one.sha256)) == one.size
    archive.tiers.looked.clear()
    fast = len([one for one in stored if archive.tiers.fast.path(one.sha256).exists()])
    await move_old(archive, archive.tiers)
    assert files(tmp_path / "images" / "files") == []
    assert files(tmp_path / "nas") == sorted(one.sha256.hex() for one in stored)
    assert fast == (2 if step == "deleted" else 3)
    assert (await archive.store.read("SELECT count(*) FROM moved"))[0][0] == 0
    assert archive.room.used == 0
    await archive.close()


async def test_what_is_deleted_after_a_kill_leaves_nothing_anywhere(
    killed: tuple[str, Path], tmp_path: Path
) -> None:
    shutil.copytree(killed[1], tmp_path, dirs_exist_ok=True)
    archive = await opened(tmp_path)
    assert archive.tiers is not None
    await delete(archive, WHOLE, What("1.2"), by="anna", why="")
    await move_old(archive, archive.tiers)
    await archive.garbage.collect()
    assert files(tmp_path / "images" / "files") == files(tmp_path / "nas") == []
    assert (await archive.store.read("SELECT count(*) FROM gone"))[0][0] == 0
    assert archive.room.used == 0
    await archive.close()
