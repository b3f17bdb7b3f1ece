"""Files that people add on a page: through the controller to the real service, for patients whom they see."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from controller.api.imaging_context import Imaging
from controller.api.imaging_imports import LARGEST_FORM
from controller.api.imaging_schemas import Added, Statement
from controller.imaging.client import ImagingClient
from controller.imaging.stills.about import CONSENT
from controller.security.permissions import Role
from controller.stays import Patient
from tests.support.archive import BesideController, beside
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.http import client, get, refusal
from tests.support.people import add_person
from tests.support.photos import photo
from tests.unit.controller.imaging.stills.test_imported import ONE

IMPORTS, STUDIES = "/api/imaging/imports", "/api/imaging/studies"
PNG = photo("PNG")


@pytest.fixture
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    with quick_passwords():
        async with running(tmp_path, radiology=Role.RADIOLOGY) as started:
            await started.add_bed("bed-1", "Bed 1")
            for name, role in (("nurse", Role.NURSE), ("physician", Role.PHYSICIAN)):
                await add_person(started, name, role, ["ward-a"])
            await started.registry.admit("bed-1", Patient("4711", "Muster, Anna"), "nurse")
            yield started


@pytest.fixture
async def archive(controller: RunningController, tmp_path: Path) -> AsyncIterator[BesideController]:
    async with beside(controller, tmp_path) as started:
        yield started


def form(data: bytes = PNG, **change: str) -> aiohttp.FormData:
    made = aiohttp.FormData()
    made.add_field("about", json.dumps({**asdict(ONE), **change}))
    made.add_field("file", data, filename="file")
    return made


async def added(session: aiohttp.ClientSession, data: bytes = PNG, **change: str) -> dict[str, Any]:
    async with session.post(IMPORTS, data=form(data, **change)) as response:
        assert response.status == 200, await response.text()
        told = await response.json()
        Added.model_validate(told)
        return told


async def refused(session: aiohttp.ClientSession, data: bytes = PNG, **change: str) -> tuple[int, str]:
    return await refusal(session, "POST", IMPORTS, data=form(data, **change))


async def trail(controller: RunningController, action: str) -> list[tuple[str, str | None, str]]:
    rows = await controller.store.read("SELECT entry FROM audit WHERE action = ? ORDER BY number", (action,))
    entries = [json.loads(entry) for (entry,) in rows]
    return [(one["actor"], one["patient"], one["outcome"]) for one in entries]


async def test_the_statement_is_the_services_own(
    controller: RunningController, archive: BesideController
) -> None:
    async with client(controller, "physician") as session:
        told = await get(session, f"{IMPORTS}/consent")
    Statement.model_validate(told)
    assert told == CONSENT


async def test_what_a_physician_adds_is_her_patients_and_in_the_trail_and_there_once(
    controller: RunningController, archive: BesideController
) -> None:
    async with client(controller, "physician") as session:
        assert (await added(session))["outcome"] == "stored"
        assert (await added(session))["outcome"] == "already"
        [study] = (await get(session, STUDIES))["studies"]
    assert (study["patient"]["identifier"], study["description"]) == ("4711", ONE.description)
    assert await trail(controller, "images-add-consented") == [("physician", "4711", "done")] * 2


async def test_nothing_is_added_to_a_patient_whom_one_may_not_see(
    controller: RunningController, archive: BesideController
) -> None:
    async with client(controller, "physician") as session:
        assert await refused(session, patient_id="4712") == (404, "not-found")
    async with client(controller, "radiology") as session:
        assert (await get(session, STUDIES))["studies"] == []
        assert (await added(session, patient_id="4712"))["outcome"] == "stored", "everybody's"
    assert await trail(controller, "imaging-add") == [("physician", None, "refused")]


async def test_who_may_not_add_images_and_another_sites_page_add_nothing(
    controller: RunningController, archive: BesideController
) -> None:
    async with client(controller, "nurse") as session:
        assert await refused(session) == (403, "not-allowed")
    async with client(controller, "physician") as session:
        session.headers["Origin"] = "https://elsewhere.example"
        assert await refused(session) == (403, "foreign-origin")
        session.headers["Origin"] = controller.address
        assert (await added(session))["outcome"] == "stored"


@pytest.mark.parametrize(
    ("data", "change", "expected"),
    [
        (PNG[:-100], {}, (422, "cannot-decode")),
        (PNG, {"consent": "yes"}, (400, "bad-request")),
        (PNG, {"media": "image/gif"}, (400, "bad-request")),
    ],
)
async def test_why_the_service_refuses_is_told(
    controller: RunningController,
    archive: BesideController,
    data: bytes,
    change: dict[str, str],
    expected: tuple[int, str],
) -> None:
    async with client(controller, "physician") as session:
        assert await refused(session, data, **change) == expected
        assert (await get(session, STUDIES))["studies"] == []


async def test_what_is_no_form_says_no_length_or_is_too_large_is_refused_unread(
    controller: RunningController, archive: BesideController
) -> None:
    async def unmeasured() -> AsyncIterator[bytes]:
        yield b"--b--\r\n"

    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    async with client(controller, "physician") as session:
        for asked in (
            {"json": {}},
            {"data": unmeasured(), "headers": kind},
            {"data": b"", "headers": {**kind, "Content-Length": str(LARGEST_FORM + 1)}},
        ):
            assert await refusal(session, "POST", IMPORTS, **asked) == (400, "bad-request")


async def test_a_service_that_does_not_run_is_told(controller: RunningController, tmp_path: Path) -> None:
    await controller.stop()
    controller.imaging = Imaging(ImagingClient(tmp_path / "nobody.sock"), 0)
    await controller.start()
    async with client(controller, "physician") as session:
        assert await refused(session) == (503, "imaging")
        assert await refusal(session, "GET", f"{IMPORTS}/consent") == (503, "imaging")


async def test_a_file_is_passed_on_while_it_still_comes(
    controller: RunningController, tmp_path: Path
) -> None:
    """Before the second half is sent the first is with the service: it is not kept in the controller."""
    half, came = bytes(4 << 20), asyncio.Event()
    seen = 0

    async def imports(request: web.Request) -> web.Response:
        nonlocal seen
        async for chunk in request.content.iter_any():
            seen += len(chunk)
            if seen >= len(half):
                came.set()
        return web.json_response({"outcome": "stored"})

    async def halves() -> AsyncIterator[bytes]:
        yield half
        async with asyncio.timeout(20):
            await came.wait()
        yield half

    app = web.Application()
    app.router.add_post("/imports", imports)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.UnixSite(runner, str(tmp_path / "service.sock")).start()
    await controller.stop()
    controller.imaging = Imaging(ImagingClient(tmp_path / "service.sock"), 0)
    await controller.start()
    headers = {
        "Content-Type": "multipart/form-data; boundary=b",
        "Content-Length": str(2 * len(half)),
    }
    try:
        async with (
            client(controller, "physician") as session,
            session.post(IMPORTS, data=halves(), headers=headers) as response,
        ):
            assert response.status == 200
    finally:
        await runner.cleanup()
    assert seen == 2 * len(half)
