"""The imaging service as the controller starts it: settings in files, children that are kept running.

imaging = ImagingChild(data, config.imaging, names, identity)
async with imaging.running(app, "http://127.0.0.1:8080", clock): …
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from aiohttp import web

from controller.api.context import CONTEXT
from controller.api.imaging_context import Imaging
from controller.api.logins import LOGINS
from controller.child import Child, guarded
from controller.clock import Clock, SystemClock
from controller.files import write_private
from controller.identity.files import CONTROLLER, ROOT, SERVER
from controller.imaging.archive.settings import ArchiveSettings
from controller.imaging.client import ImagingClient
from controller.imaging.desk import Desk
from controller.imaging.dimse.settings import DimseSettings, DimseTls
from controller.imaging.one_index import only_with
from controller.imaging.plugins.settings import PluginSettings
from controller.imaging.settings import ServiceSettings
from controller.kept import kept
from controller.ports import free_port
from controller.sections import DimseSection, ImagingSection
from controller.shards.duty import DUTY, only
from controller.store.where import Where

DESK, INSIDE = "imaging-desk.sock", "imaging.sock"
"""Sockets, in the folder `run` of the controller's data."""
SERVICE, DIMSE, PLUGINS = "imaging.json", "dimse.json", "plugins.json"
"""Settings, there."""
RENEWED_S = 60.0
"""How soon a certificate that was renewed is shown."""
VIEWER = Path(sys.prefix) / "ohif"
"""Where `./run` prepares the viewer."""


class ImagingChild:
    """The processes, and where they are: the service, the plug-ins, the door for DICOM's own protocol."""

    def __init__(self, data: Path, section: ImagingSection, names: tuple[str, ...], identity: Path) -> None:
        """`data`: the controller's folder; `identity`: that of its certificates. Raises ControllerError."""
        self._run = (data / "run").absolute()
        self._folder = (data / "imaging").absolute()
        self._section = section
        self._names = (*names, section.host)
        self._identity = identity.absolute()
        self.port = free_port(section.host, section.port, "imaging")
        self.service = Imaging(
            ImagingClient(self.inside), self.port, self._folder / "plugins" / "plugins.sqlite"
        )
        """How the controller asks it."""
        self._service = Child("the imaging service", lambda: self._command("controller.imaging", SERVICE))
        self._plugins = Child("the plug-ins", lambda: self._command("controller.imaging.plugins", PLUGINS))
        self._dimse = Child("DICOM's door", lambda: self._command("controller.imaging.dimse", DIMSE))

    @property
    def inside(self) -> Path:
        """The socket on which it answers our own processes."""
        return self._run / INSIDE

    @property
    def address(self) -> str:
        """As browsers reach it."""
        return f"{'http' if self._section.is_local else 'https'}://{self._section.host}:{self.port}"

    @asynccontextmanager
    async def running(self, app: web.Application, pages: str, clock: Clock) -> AsyncIterator[None]:
        """Keep them running inside the block, and answer them; `app`: the controller's own; `pages`: where it
        is for browsers (settings.py). Raises OSError.
        """
        parts = app[CONTEXT]
        desk = Desk(self._run / DESK, parts, app[LOGINS].tokens)
        write_private(self._run / SERVICE, self._service_settings(pages, clock).model_dump_json(indent=2))
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(desk.open())
            service = self._service.run
            if app[DUTY].is_shared:  # others may have had the turn before
                service = only_with(parts.store, self._folder.parent, service)
            await stack.enter_async_context(kept("imaging", only(app, service)))
            look = self._plugin_settings(parts.store.where, clock)
            write_private(self._run / PLUGINS, look.model_dump_json(indent=2))
            await stack.enter_async_context(kept("plug-ins", only(app, self._plugins.run)))
            if self._section.dimse is not None:
                told = self._dimse_settings(self._section.dimse)
                write_private(self._run / DIMSE, told.model_dump_json(indent=2))
                await stack.enter_async_context(kept("dimse", only(app, self._dimse.run)))
            await stack.enter_async_context(kept("imaging-certificate", self._renew))
            yield

    def _service_settings(self, pages: str, clock: Clock) -> ServiceSettings:
        section = self._section
        return ServiceSettings(
            folder=self._folder,
            host=section.host,
            port=self.port,
            inside=self.inside,
            desk=self._run / DESK,
            pages=pages,
            names=self._names,
            certificate=None if section.is_local else self._identity / SERVER,
            viewer=VIEWER if VIEWER.is_dir() else None,
            archive=self.archive_settings(),
            offset_us=_offset_us(clock),
        )

    def _plugin_settings(self, database: Where, clock: Clock) -> PluginSettings:
        return PluginSettings(
            folder=self._folder / "plugins",
            inside=self.inside,
            database=str(database if isinstance(database, str) else database.absolute()),
            offset_us=_offset_us(clock),
        )

    def archive_settings(self) -> ArchiveSettings:
        """Of the archive, by the section of the configuration."""
        section = self._section
        return ArchiveSettings(
            quota=None if section.quota_gb is None else int(section.quota_gb * 1e9),
            retention_days=section.retention_days,
            known_only=section.known_patients_only,
            scrub_rate=int(section.scrub_mb_s * 1e6),
            objects=section.objects,
            slow_folder=section.slow_folder and section.slow_folder.absolute(),
            slow_after_days=section.slow_after_days,
        )

    def _dimse_settings(self, section: DimseSection) -> DimseSettings:
        server, client = self._identity / SERVER, self._identity / CONTROLLER
        ca = section.peers_ca or self._identity / ROOT
        paths = {"certificate": server, "key": server, "client": client, "ca": ca}
        tls = section.tls_port and DimseTls(port=section.tls_port, **paths)
        return DimseSettings(
            title=section.title,
            host=section.host,
            port=section.port,
            tls=tls or None,
            peers=section.peers,
            socket=self.inside,
            folder=self._folder / "dimse",
        )

    async def _renew(self) -> None:
        """Both read their certificate again when the controller has renewed it."""
        certificate = self._identity / SERVER
        seen = _changed(certificate)
        while True:
            await asyncio.sleep(RENEWED_S)
            if (now := _changed(certificate)) != seen:
                seen = now
                for child in (self._service, self._dimse):
                    if child.pid is not None:
                        os.kill(child.pid, signal.SIGHUP)

    def _command(self, module: str, settings: str) -> list[str]:
        return guarded([sys.executable, "-m", module, str(self._run / settings)])


def _offset_us(clock: Clock) -> int:
    """Of the controller's time scale, as the children's SystemClock takes it."""
    return clock.now_us() - SystemClock().since_boot_us()


def _changed(path: Path) -> int:
    return path.stat().st_mtime_ns
