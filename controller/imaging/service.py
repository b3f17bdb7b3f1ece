"""The imaging service as a process: archive, decoder and the two doors, until it is told to end."""

import asyncio
import logging
import signal
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

from aiohttp import web

from controller.clock import SystemClock
from controller.imaging.annotate.routes import QUICK
from controller.imaging.app import make_imaging_app, make_inside_app
from controller.imaging.archive.archive import Archive
from controller.imaging.archive.keeping import keep
from controller.imaging.asking import Asking
from controller.imaging.decode.decoder import Decoder
from controller.imaging.manage.ways import MANAGE
from controller.imaging.ordered import ordered
from controller.imaging.parts import Parts
from controller.imaging.plugins.ways import PLUGINS
from controller.imaging.settings import ServiceSettings
from controller.imaging.stills.intake import Intake
from controller.imaging.telling import tell
from controller.imaging.viewer.site import Viewer, pages_of
from controller.kept import kept
from controller.listening import BODY_S, listening
from controller.sockets import reachable

SLOWEST = int(BODY_S) * 8 * 1024
"""Bytes in BODY_S: 64 kbit/s, an ambulance at the edge of the network."""
WORKERS = 2
"""Decoders: a picture that takes one for seconds leaves the other."""

log = logging.getLogger(__name__)


async def run(settings: ServiceSettings) -> None:
    """Serve until SIGTERM or SIGINT. Raises ControllerError, OSError when it cannot start."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with serving(settings):
        await stopped.wait()


@asynccontextmanager
async def serving(settings: ServiceSettings) -> AsyncIterator[None]:
    """Serve inside the block."""
    clock = SystemClock()
    clock.offset_us = settings.offset_us
    asking = Asking(settings.desk, clock)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(asking.close)
        archive = await Archive.open(settings.folder, clock, settings.archive, asking.names)
        stack.push_async_callback(archive.close)
        await stack.enter_async_context(kept("archive", lambda: keep(archive)))
        await stack.enter_async_context(kept("arrived", lambda: tell(archive, asking)))
        decoder = await stack.enter_async_context(Decoder.running(WORKERS))
        parts, intake = Parts(archive, decoder, asking, clock), Intake()
        inside = make_inside_app(parts, more=(*MANAGE, *QUICK, *intake.inside(), *ordered(asking), *PLUGINS))
        await stack.enter_async_context(_inside(inside, settings.inside))
        viewer = settings.viewer and pages_of(Viewer(settings.viewer, settings.pages), asking.find)
        named = {"names": settings.names, "asking": asking, "viewer": viewer}
        outside = make_imaging_app(parts, asking.find, more=intake.outside(), **named)
        await stack.enter_async_context(_outside(outside, settings))
        log.info("images are at port %d of %s", settings.port, settings.host)
        yield


@asynccontextmanager
async def _outside(app: web.Application, settings: ServiceSettings) -> AsyncIterator[None]:
    """For browsers and programs; SIGHUP: the certificate is another."""
    tls = None
    if settings.certificate is not None:
        tls, loop = _tls(settings.certificate), asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, tls.load_cert_chain, settings.certificate)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2)
    async with listening(runner, settings.host, settings.port, tls, SLOWEST):
        yield


@asynccontextmanager
async def _inside(app: web.Application, path: Path) -> AsyncIterator[None]:
    """For our own processes."""
    runner = web.AppRunner(app, access_log=None, auto_decompress=False, shutdown_timeout=2)
    await runner.setup()
    with _private(path) as listener:
        await web.SockSite(runner, listener).start()
        try:
            yield
        finally:
            await runner.cleanup()


@contextmanager
def _private(path: Path) -> Iterator[socket.socket]:
    """A listening socket at `path`, of mode 0600 before anybody can connect."""
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(reachable(path))
        path.chmod(0o600)
        try:
            yield listener
        finally:
            path.unlink(missing_ok=True)


def _tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate)
    return context
