"""The archive of images beside a running controller, in the test's loop: both doors, the desk, the viewer.

async with beside(controller, tmp_path) as archive:       # the controller is started anew with it
    await archive.put(dicom.ct(patient_id="4711"))
    archive.address                                       # where browsers reach the viewer and DICOMweb
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from aiohttp import web

from controller.api.context import CONTEXT
from controller.api.imaging_context import Imaging
from controller.api.logins import LOGINS
from controller.imaging.annotate.routes import QUICK
from controller.imaging.app import make_imaging_app, make_inside_app
from controller.imaging.archive.archive import Archive
from controller.imaging.archive.verdicts import Verdict
from controller.imaging.asking import Asking
from controller.imaging.client import ImagingClient
from controller.imaging.decode.decoder import Decoder
from controller.imaging.desk import Desk
from controller.imaging.manage.ways import MANAGE
from controller.imaging.ordered import ordered
from controller.imaging.parts import Parts
from controller.imaging.stills.intake import Intake
from controller.imaging.viewer.site import Viewer, pages_of
from controller.ports import free_port
from tests.support.controller import RunningController


class BesideController:
    """The running service."""

    def __init__(self, archive: Archive, port: int) -> None:
        self.archive = archive
        self.port = port

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def put(self, *instances: bytes, by: str = "ae:CT1") -> list[Verdict]:
        """As if a modality had sent them."""
        async with self.archive.begin(by) as batch:
            for content in instances:
                incoming = batch.part()
                incoming.write(content)
                await batch.take(incoming)
            return await batch.commit()


@asynccontextmanager
async def beside(
    controller: RunningController, folder: Path, viewer: Path | None = None
) -> AsyncIterator[BesideController]:
    """`viewer`: the folder that viewer/install.py made."""
    inside, port = folder / "imaging.sock", free_port("127.0.0.1", 0, "imaging")
    await controller.stop()
    controller.imaging = Imaging(ImagingClient(inside), port)
    await controller.start()
    async with AsyncExitStack() as stack:
        archive = await Archive.open(folder / "imaging", controller.clock)
        stack.push_async_callback(archive.close)
        decoder = await stack.enter_async_context(Decoder.running(1))
        await stack.enter_async_context(_desk(controller, folder / "desk.sock").open())
        asking = Asking(folder / "desk.sock", controller.clock)
        stack.push_async_callback(asking.close)
        parts = Parts(archive, decoder, asking, controller.clock)
        pages = viewer and pages_of(Viewer(viewer, controller.address), asking.find)
        more = (*MANAGE, *QUICK, *Intake().inside(), *ordered(asking))
        inner = await _run(stack, make_inside_app(parts, more=more))
        await web.UnixSite(inner, str(inside)).start()
        outer = await _run(stack, make_imaging_app(parts, asking.find, asking=asking, viewer=pages))
        await web.TCPSite(outer, "127.0.0.1", port, reuse_address=True).start()
        yield BesideController(archive, port)


def _desk(controller: RunningController, path: Path) -> Desk:
    parts = controller.app[CONTEXT]
    return Desk(path, parts, controller.app[LOGINS].tokens)


async def _run(stack: AsyncExitStack, app: web.Application) -> web.AppRunner:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    return runner
