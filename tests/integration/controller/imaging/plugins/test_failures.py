"""What plug-ins could not look at: kept with the reason, told without a name, and tried again when asked."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from controller.api.findings_schemas import PluginFailures
from controller.api.imaging_context import Imaging
from controller.clock import SystemClock
from controller.imaging.client import ImagingClient
from controller.imaging.errors import PluginFailed
from controller.imaging.plugins.failures import Failures
from controller.imaging.plugins.findings import FILE
from controller.imaging.plugins.queue import Job, New, Queue
from controller.imaging.plugins.running import Runner
from controller.security.permissions import Role
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.http import client, get, status

LIST = "/api/imaging/failures"
STUDY = "1.2.3"
HOSTILE = Path(__file__).parents[4] / "support" / "hostile_plugin.py"


@pytest.fixture
async def queue(tmp_path: Path) -> AsyncIterator[Queue]:
    """A plug-in crashed twice at one thing."""
    queue = await Queue.open(tmp_path / FILE, SystemClock())
    await queue.add("archive", 1, [New("ecg", "1.0", "1.2.840.1", {"study": STUDY, "n": 1})])
    await fail(queue, tmp_path)
    yield queue
    await queue.close()


async def fail(queue: Queue, folder: Path) -> None:
    """As Looking does, with a worker that crashes."""
    runner = Runner((sys.executable, "-P", str(HOSTILE), "crash", str(folder / "began")))
    again = True
    while again:
        job = await queue.next()
        assert job
        again = await queue.failed(job, await crashed(runner, job))


async def crashed(runner: Runner, job: Job) -> str:
    with pytest.raises(PluginFailed) as caught:
        await runner.look(job, b"x")
    return str(caught.value)


@pytest.fixture
async def controller(queue: Queue, tmp_path: Path) -> AsyncIterator[RunningController]:
    users = {"radiology": Role.RADIOLOGY, "engineer": Role.ENGINEER, "nurse": Role.NURSE}
    with quick_passwords():
        async with running(tmp_path, **users) as started:
            await started.stop()
            started.imaging = Imaging(ImagingClient(tmp_path / "nobody.sock"), 1, tmp_path / FILE)
            await started.start()
            yield started


@pytest.mark.parametrize("person", ["radiology", "engineer"])
async def test_a_failed_look_is_told_with_its_reason_and_tried_again(
    controller: RunningController, queue: Queue, tmp_path: Path, person: str
) -> None:
    async with client(controller, person) as session:
        [failure] = PluginFailures.model_validate(await get(session, LIST)).failures
        assert (failure.plugin, failure.study, failure.attempts) == ("ecg", STUDY, 2)
        assert failure.reason
        path = f"{LIST}/{failure.id}/again"
        assert await status(session, "POST", path) == 204
        assert (await get(session, LIST))["failures"] == []
        assert await status(session, "POST", path) == 404
        assert await status(session, "POST", f"{LIST}/x/again") == 400
        await fail(queue, tmp_path)
        assert [one["id"] for one in (await get(session, LIST))["failures"]] == [failure.id]
    asked = "SELECT actor, entity FROM audit WHERE action = 'plugin-again' LIMIT 1"
    [entry] = await controller.store.read(asked)
    assert tuple(entry) == (person, f"plugin-job/{failure.id}")


async def test_nobody_else_is_told(controller: RunningController) -> None:
    async with client(controller, "nurse") as nurse:
        assert await status(nurse, "GET", LIST) == 403
        assert await status(nurse, "POST", f"{LIST}/1/again") == 403


async def test_before_there_is_a_queue_nothing_has_failed(tmp_path: Path) -> None:
    assert await Failures(tmp_path / "none.sqlite").listed() == []
