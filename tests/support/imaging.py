"""The imaging service as it really is, in the test's loop: archive, decoder and routes on a free port.

async with running_imaging(tmp_path) as imaging:
    await imaging.store(dicom.ct())                     # by STOW-RS
    async with imaging.client() as session:
        async with session.get("/dicom-web/studies") as response: ...
    imaging.seen_by("anna", Sight(frozenset({"4711"})))  # from now on, every request is hers
"""

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from controller.clock import SystemClock
from controller.imaging.app import make_imaging_app
from controller.imaging.archive.archive import Archive, ArchiveSettings
from controller.imaging.decode.decoder import Decoder
from controller.imaging.parts import Parts
from controller.imaging.sight import WHOLE, Sight
from controller.security.gate import Access
from controller.security.permissions import Permission
from controller.security.sessions import State
from controller.security.users import User
from controller.view import WHOLE as EVERY_WARD
from controller.view import View

ALL = frozenset({Permission.READ_IMAGES, Permission.ADD_IMAGES, Permission.MANAGE_IMAGES})


@dataclass(frozen=True)
class Asking:
    """Who asks, and whose images this one may see: what the controller would answer."""

    user: User
    sight: Sight = WHOLE
    permissions: frozenset[Permission] = ALL
    view: View = EVERY_WARD
    state: State = State.OPEN


_ASKED = web.RequestKey("asked", Asking)


@dataclass(frozen=True)
class Shown:
    """An entry of the audit trail."""

    by: str
    patients: frozenset[str]
    entity: str
    action: str


class Written:
    """A trail that keeps its entries in memory."""

    def __init__(self) -> None:
        self.entries: list[Shown] = []

    async def saw(self, request: web.Request, patients: Iterable[str], entity: str, action: str) -> None:
        by = request[_ASKED].user.name
        self.entries.append(Shown(by, frozenset(patients), entity, action))

    async def refused(
        self, request: web.Request, code: str, entity: str = "", patients: Iterable[str] = ()
    ) -> None:
        by = request[_ASKED].user.name
        self.entries.append(Shown(by, frozenset(patients), entity, code))


@dataclass
class RunningImaging:
    """One running service, and who asks it."""

    archive: Archive
    decoder: Decoder
    folder: Path
    trail: Written = field(default_factory=Written)
    asking: Asking | None = field(default_factory=lambda: Asking(User("anna", frozenset())))
    """Who asks from now on; None: somebody whom nobody knows."""
    port: int = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def dicomweb(self) -> str:
        """The address of everything of PS3.18."""
        return f"{self.address}/dicom-web"

    def seen_by(
        self, name: str, sight: Sight = WHOLE, permissions: frozenset[Permission] = ALL, roles: Any = ()
    ) -> None:
        """Every request from now on is that of `name`, who may see `sight`."""
        self.asking = Asking(User(name, frozenset(roles)), sight, permissions)

    async def find(self, request: web.Request) -> Access | None:
        """What the gate asks."""
        if self.asking is not None:
            request[_ASKED] = self.asking
        return self.asking

    @asynccontextmanager
    async def client(self, **headers: str) -> AsyncIterator[aiohttp.ClientSession]:
        """A client that sends what our own pages send."""
        headers = {"Origin": self.address, **headers}
        async with aiohttp.ClientSession(self.address, headers=headers) as session:
            yield session

    async def store(self, *instances: bytes, study: str | None = None) -> tuple[int, dict[str, Any]]:
        """Send `instances` in one STOW-RS request: its status and its answer."""
        body, content_type = related(instances)
        path = "/dicom-web/studies" + (f"/{study}" if study else "")
        headers = {"Content-Type": content_type, "Accept": "application/dicom+json"}
        async with self.client(**headers) as session, session.post(path, data=body) as response:
            return response.status, json.loads(await response.read() or b"{}")

    async def search(self, path: str, **query: str) -> list[dict[str, Any]]:
        """What QIDO-RS finds at `path` ("studies", "studies/1.2/series"); nothing is an empty list."""
        status, body, _ = await self.get(path, "application/dicom+json", **query)
        assert status in (200, 204), body
        return json.loads(body or b"[]")

    async def get(self, path: str, accept: str = "*/*", **query: str) -> tuple[int, bytes, Mapping[str, str]]:
        """The status, body and headers that GET `path` gives."""
        async with (
            self.client(Accept=accept) as session,
            session.get(f"/dicom-web/{path}", params=query) as response,
        ):
            return response.status, await response.read(), response.headers


def related(parts: Iterable[bytes], kind: str = "application/dicom") -> tuple[bytes, str]:
    """A body of multipart/related with `parts`, and its Content-Type."""
    boundary = "part-of-a-test"
    head = f"--{boundary}\r\nContent-Type: {kind}\r\n\r\n".encode()
    body = b"".join(head + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()
    return body, f'multipart/related; type="{kind}"; boundary={boundary}'


def parts_of(body: bytes, headers: Mapping[str, str]) -> list[tuple[str, bytes]]:
    """Content-Type and bytes of each part of an answer of multipart/related."""
    message = Message()
    message["Content-Type"] = headers["Content-Type"]
    assert message.get_content_type() == "multipart/related"
    before, *pieces, after = body.split(b"--" + str(message.get_boundary()).encode())
    assert (before, after) == (b"", b"--\r\n")
    found: list[tuple[str, bytes]] = []
    for piece in pieces:
        head, _, content = piece.partition(b"\r\n\r\n")
        described = message_from_bytes(head.lstrip())
        content = content.removesuffix(b"\r\n")
        assert described["Content-Length"] == str(len(content))
        found.append((described["Content-Type"], content))
    return found


@asynccontextmanager
async def running_imaging(
    folder: Path, *, settings: ArchiveSettings | None = None, workers: int = 1, port: int = 0
) -> AsyncIterator[RunningImaging]:
    """A running imaging service whose archive is `folder`; anna asks, who may see and do everything."""
    clock = SystemClock()
    archive = await Archive.open(folder, clock, settings or ArchiveSettings())
    try:
        async with Decoder.running(workers) as decoder:
            imaging = RunningImaging(archive, decoder, folder)
            app = make_imaging_app(Parts(archive, decoder, imaging.trail, clock), imaging.find)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
            await runner.setup()
            try:
                await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()
                imaging.port = runner.addresses[0][1]
                yield imaging
            finally:
                await runner.cleanup()
    finally:
        await archive.close()
