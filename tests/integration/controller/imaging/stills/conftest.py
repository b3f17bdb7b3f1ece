"""The imaging service at its inner door as it really is, and a controller that follows a vehicle's crew."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydicom import Dataset, dcmread

from controller.clock import SystemClock
from controller.imaging.app import make_inside_app
from controller.imaging.archive.archive import Archive
from controller.imaging.archive.stored import Stored
from controller.imaging.client import ImagingClient
from controller.imaging.decode.decoder import Decoder
from controller.imaging.errors import NoSuchImage
from controller.imaging.parts import Parts
from controller.imaging.sight import WHOLE, Sight
from controller.imaging.stills.intake import Intake
from controller.imaging.stills.still import study_of
from tests.support.crew import ANN
from tests.unit.controller.conftest import desk
from tests.unit.controller.crew.conftest import following

__all__ = ["desk", "following"]


class Unwritten:
    """Nothing of this way is shown to anybody."""

    async def saw(self, request: web.Request, patients: Iterable[str], entity: str, action: str) -> None:
        raise AssertionError(f"{action} {entity}")

    async def refused(self, *_: object) -> None:
        raise AssertionError("nothing of this way is refused for its patient")


class Service:
    """The imaging service at `socket`, while it runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "internal.sock"
        self.client = ImagingClient(self.socket)
        self.archive: Archive | None = None
        self.lose: int = 0
        """How many of the next answers do not arrive: the archive has done what it was asked."""

    @asynccontextmanager
    async def running(self, decoder: Decoder) -> AsyncIterator[None]:
        clock = SystemClock()
        self.archive = await Archive.open(self.folder / "images", clock)
        parts = Parts(self.archive, decoder, Unwritten(), clock)
        app = make_inside_app(parts, more=Intake().inside())
        app.middlewares.insert(0, self._losing())
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.UnixSite(runner, str(self.socket)).start()
            yield
        finally:
            await runner.cleanup()
            await self.archive.close()
            self.socket.unlink(missing_ok=True)

    def _losing(self) -> Any:
        @web.middleware
        async def losing(request: web.Request, handler: Any) -> web.StreamResponse:
            response = await handler(request)
            if self.lose and request.path == "/stills":
                self.lose -= 1
                assert request.transport is not None
                request.transport.abort()
            return response

        return losing

    async def found(self, stay: str = ANN, gateway: str = "amb-1", *, sight: Sight = WHOLE) -> list[Stored]:
        assert self.archive is not None
        try:
            return await self.archive.find(sight, study_of(gateway, stay))
        except NoSuchImage:
            return []

    async def data_set(self, stored: Stored) -> Dataset:
        assert self.archive is not None
        return dcmread(BytesIO(await self.archive.files.read(stored.sha256)))


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    (tmp_path / "imaging").mkdir()
    made = Service(tmp_path / "imaging")
    yield made
    await made.client.close()


@pytest.fixture
async def decoder() -> AsyncIterator[Decoder]:
    async with Decoder.running(1) as running:
        yield running
