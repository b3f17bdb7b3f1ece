"""The imaging service as the controller starts it: settings in a file, a child that is kept running.

imaging = ImagingChild(data, config.imaging, names, identity)
async with imaging.running(app, "http://127.0.0.1:8080", clock): …
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from controller.api.context import CONTEXT
from controller.api.logins import LOGINS
from controller.child import Child, guarded
from controller.clock import SystemClock
from controller.files import write_private
from controller.identity.files import SERVER
from controller.imaging.desk import Desk
from controller.imaging.settings import ServiceSettings
from controller.kept import kept
from controller.ports import free_port
from controller.sections import ImagingSection

DESK, INSIDE = "imaging-desk.sock", "imaging.sock"
"""Sockets, in the folder `run` of the controller's data."""
VIEWER = Path(sys.prefix) / "ohif"
"""Where `./run` prepares the viewer."""
_GB = 10**9


class ImagingChild:
    """The child, and where it is."""

    def __init__(self, data: Path, section: ImagingSection, names: tuple[str, ...], identity: Path) -> None:
        """`data`: the controller's folder; `identity`: that of its certificates. Raises ControllerError."""
        self._data = data
        self._section = section
        self._names = (*names, section.host)
        self._identity = identity
        self.port = free_port(section.host, section.port, "imaging")
        self.child = Child("the imaging service", lambda: guarded(self._command()))

    @asynccontextmanager
    async def running(self, app: web.Application, pages: str, clock: SystemClock) -> AsyncIterator[None]:
        """Keep it running inside the block, and answer it; `app` and `pages`: the controller's own, and where
        they are. Raises OSError.
        """
        parts = app[CONTEXT]
        desk = Desk(
            self.desk,
            sessions=parts.sessions,
            tokens=app[LOGINS].tokens,
            registry=parts.registry,
            trail=parts.trail,
            clock=parts.clock,
        )
        self._prepare(pages, clock.offset_us)
        async with desk.open(), kept("imaging", self.child.run):
            yield

    @property
    def desk(self) -> Path:
        """The socket on which the controller answers it."""
        return self._data / "run" / DESK

    @property
    def inside(self) -> Path:
        """The socket on which it answers our own processes."""
        return self._data / "run" / INSIDE

    @property
    def address(self) -> str:
        """As browsers reach it."""
        return f"{'http' if self._section.is_local else 'https'}://{self._section.host}:{self.port}"

    def _prepare(self, pages: str, offset_us: int) -> None:
        section = self._section
        settings = ServiceSettings(
            folder=(self._data / "imaging").absolute(),
            host=section.host,
            port=self.port,
            inside=self.inside.absolute(),
            desk=self.desk.absolute(),
            pages=pages,
            names=self._names,
            certificate=None if section.is_local else (self._identity / SERVER).absolute(),
            viewer=VIEWER if VIEWER.is_dir() else None,
            quota=None if section.quota_gb is None else int(section.quota_gb * _GB),
            offset_us=offset_us,
        )
        write_private(self._settings, settings.model_dump_json(indent=2) + "\n")

    @property
    def _settings(self) -> Path:
        return (self._data / "run" / "imaging.json").absolute()

    def _command(self) -> list[str]:
        return [sys.executable, "-m", "controller.imaging", str(self._settings)]
