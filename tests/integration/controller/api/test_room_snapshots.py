"""Pictures kept out of a visit: an out-patient's are seen by who sees the visit; none is lost by a kill."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from controller.api.imaging_context import Imaging
from controller.api.room_marks_schemas import SnapshotAnswer, SnapshotsAnswer, SnapshotView
from controller.api.snapshots_context import SNAPSHOTS
from controller.identity.files import open_authority
from controller.imaging.client import ImagingClient
from controller.imaging.sight import WHOLE
from controller.security.permissions import Role
from tests.integration.controller.api.test_room_marks import PICTURE, both, kept
from tests.support.archive import BesideController, beside
from tests.support.controller import quick_passwords, running
from tests.support.home import Home, at_home
from tests.support.http import client, get, status
from tests.support.photos import photo
from tests.support.visits import VISITS, Sitting, booked


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    open_authority(tmp_path / "ca", datetime.now(UTC))
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        controller = await stack.enter_async_context(running(tmp_path, pia=Role.PHARMACIST))
        yield await at_home(controller, stack)


@pytest.fixture
async def archive(home: Home, tmp_path: Path) -> AsyncIterator[BesideController]:
    async with beside(home.controller, tmp_path) as started:
        yield started


async def listed(one: Sitting) -> list[SnapshotView]:
    answered = await get(one.session, one.base.removesuffix("room") + "snapshots")
    return SnapshotsAnswer.model_validate(answered).snapshots


async def trail(home: Home) -> list[str]:
    rows = await home.controller.store.read("SELECT entry ->> 'action' AS action FROM audit ORDER BY number")
    return [row["action"] for row in rows if row["action"].startswith("visit-picture-")]


async def brought(home: Home) -> None:
    """Waits until the archive has what waited for it."""
    async with asyncio.timeout(20):
        while await trail(home) != ["visit-picture-taken", "visit-picture-kept"]:  # noqa: ASYNC110 - a row
            await asyncio.sleep(0.02)


async def test_an_out_patients_picture_is_seen_by_who_sees_the_visit_and_by_nobody_else(
    home: Home, archive: BesideController
) -> None:
    nurse, phone = await both(home)
    async with await kept(nurse, bare=PICTURE, annotated=photo(size=(320, 180), quality=60)) as response:
        told = SnapshotAnswer.model_validate(await response.json())
    assert told.state == "kept" and told.annotated
    [one] = await listed(nurse)
    assert (one.actor, one.state, one.study, one.annotated) == ("nina", "kept", told.study, True)
    path = nurse.base.removesuffix("room") + f"snapshots/{one.id}"
    for person in (home.nina, home.anna.session):
        for which in ("bare", "annotated"):
            async with person.get(f"{path}/{which}") as response:
                assert (response.status, response.content_type) == (200, "image/jpeg")
                assert Image.open(BytesIO(await response.read())).size == (320, 180)
    async with client(home.controller, "other") as other:
        assert await status(other, "GET", f"{path}/bare") == 404
        assert await status(other, "GET", nurse.base.removesuffix("room") + "snapshots") == 404
    assert await status(phone.session, "GET", f"{path}/bare") == 401
    assert await status(home.nina, "GET", f"{path}/other") == 404
    assert await trail(home) == ["visit-picture-taken", "visit-picture-kept"]


async def test_a_picture_waits_for_an_archive_that_is_silent_and_is_brought_when_it_is_there(
    home: Home, tmp_path: Path
) -> None:
    await home.controller.stop()
    home.controller.imaging = Imaging(ImagingClient(tmp_path / "imaging.sock"), 1)
    await home.controller.start()
    nurse, _ = await both(home)
    async with await kept(nurse, bare=PICTURE) as response:
        assert response.status == 200
        assert SnapshotAnswer.model_validate(await response.json()).state == "waiting"
    assert await trail(home) == ["visit-picture-taken"]
    async with beside(home.controller, tmp_path) as archive:
        await home.controller.app[SNAPSHOTS].settle()
        await brought(home)
        [one] = await listed(nurse)
        assert len(await archive.archive.find(WHOLE, one.study)) == 1


async def test_the_trail_and_the_archive_agree_after_a_kill_between_the_two_commits(
    home: Home, archive: BesideController, tmp_path: Path
) -> None:
    visit = await booked(home, way="bedside", start_ms=None)
    (tmp_path / "picture.jpg").write_bytes(PICTURE)
    socket, database = tmp_path / "imaging.sock", home.controller.store.where
    argv = [database, socket, visit.visit.number, tmp_path / "picture.jpg"]
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.snapshot_killed", *map(str, argv)
    )
    assert await child.wait() == -signal.SIGKILL
    assert await trail(home) == ["visit-picture-taken"]
    waiting = await home.controller.store.read("SELECT state, study FROM visit_snapshot")
    assert [tuple(row) for row in waiting] == [("waiting", "")]
    [before] = await archive.archive.store.read("SELECT count(*) AS n FROM instance")
    assert before["n"] == 1  # the archive has it, and the controller does not know
    await home.controller.stop()
    await home.controller.start()
    await brought(home)
    answered = await get(home.nina, f"{VISITS}/{visit.visit.number}/snapshots")
    [one] = SnapshotsAnswer.model_validate(answered).snapshots
    assert [stored.number for stored in await archive.archive.find(WHOLE, one.study)] == [1]
    [bytes_left] = await home.controller.store.read("SELECT bare FROM visit_snapshot")
    assert bytes_left["bare"] is None
