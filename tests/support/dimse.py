"""DICOM's network protocol in tests: our door, the service behind it, and dcmtk's tools as peers.

async with running_dimse(tmp_path, CT1, WS1) as dimse:
    said = await dimse.tool("echoscu", "-aet", "CT1")
    assert said.status == 0, said
"""

import asyncio
import datetime as dt
import hashlib
import io
import socket
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydicom import dcmread
from pynetdicom import AE

from controller.clock import SystemClock
from controller.imaging.app import make_inside_app
from controller.imaging.archive.archive import Archive
from controller.imaging.decode.decoder import Decoder
from controller.imaging.dimse.door import Door, opened
from controller.imaging.dimse.settings import DimseSettings, DimseTls, May, Peer
from controller.imaging.parts import Parts
from controller.security.gate import ACCESS

EVERYTHING = frozenset(May)


@dataclass(frozen=True)
class Said:
    """What a tool said when it ended."""

    status: int
    text: str


@dataclass
class RunningDimse:
    """A door that is open."""

    door: Door
    settings: DimseSettings
    archive: Archive = field(init=False)
    shown: list[tuple[str, frozenset[str]]] = field(default_factory=list)
    """Who was shown which patients, as the trail has it."""

    @property
    def port(self) -> int:
        return self.door.ports["plain"]

    async def tool(
        self, name: str, title: str, *arguments: str, port: int | None = None, after: Any = ()
    ) -> Said:
        """Run one of dcmtk's as the peer `title`; `after`: what follows the address."""
        host = ("127.0.0.1", str(port or self.port))
        return await run(name, "-aet", title, "-aec", self.settings.title, *arguments, *host, *after)


async def run(*command: str, cwd: Path | None = None) -> Said:
    """Run `command` to its end."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    text, _ = await process.communicate()
    assert process.returncode is not None
    return Said(process.returncode, text.decode(errors="replace"))


async def send(dimse: RunningDimse, content: bytes, title: str = "CT1", **announced: str) -> int:
    """The status that C-STORE is answered by; `announced`: what the command says instead of the truth."""
    data = dcmread(io.BytesIO(content))
    entity = AE(title)
    sop_class = announced.get("sop_class", data.SOPClassUID)
    entity.add_requested_context(sop_class, data.file_meta.TransferSyntaxUID)
    association = await asyncio.to_thread(entity.associate, "127.0.0.1", dimse.port, ae_title="WARDLINK")
    if not association.is_established:
        return -1
    path = dimse.settings.folder.parent / "sent.dcm"
    data.file_meta.MediaStorageSOPClassUID = sop_class
    data.file_meta.MediaStorageSOPInstanceUID = announced.get("instance", data.SOPInstanceUID)
    data.save_as(path)
    status = await asyncio.to_thread(association.send_c_store, path)
    association.release()
    return status.Status


class Trail:
    """Keeps in memory what the trail would have."""

    def __init__(self, shown: list[tuple[str, frozenset[str]]]) -> None:
        self._shown = shown

    async def saw(self, request: web.Request, patients: Iterable[str], entity: str, action: str) -> None:
        self._shown.append((request[ACCESS].user.name, frozenset(patients)))

    async def refused(self, *_: object) -> None:
        raise AssertionError("a modality sends for anybody")


@asynccontextmanager
async def running_door(folder: Path, *peers: Peer, **more: Any) -> AsyncIterator[RunningDimse]:
    """The door alone: there is no imaging service behind it."""
    given = {"port": 0, "peers": peers, "socket": folder / "inside.sock", "folder": folder / "dimse", **more}
    settings = DimseSettings(**given)
    async with opened(settings, SystemClock()) as (door, _):
        yield RunningDimse(door, settings)


@asynccontextmanager
async def running_dimse(folder: Path, *peers: Peer, **more: Any) -> AsyncIterator[RunningDimse]:
    """The door, and the real service behind it."""
    async with AsyncExitStack() as stack:
        dimse = await stack.enter_async_context(running_door(folder, *peers, **more))
        dimse.archive = await stack.enter_async_context(_service(folder, dimse))
        yield dimse


@asynccontextmanager
async def _service(folder: Path, dimse: RunningDimse) -> AsyncIterator[Archive]:
    clock = SystemClock()
    archive = await Archive.open(folder / "archive", clock)
    try:
        async with Decoder.running(1) as decoder:
            app = make_inside_app(Parts(archive, decoder, Trail(dimse.shown), clock))
            runner = web.AppRunner(app, access_log=None, auto_decompress=False, shutdown_timeout=1)
            await runner.setup()
            try:
                await web.UnixSite(runner, str(dimse.settings.socket)).start()
                yield archive
            finally:
                await runner.cleanup()
    finally:
        await archive.close()


@dataclass(frozen=True)
class Identity:
    """A self-signed certificate, with its key."""

    certificate: Path
    key: Path
    fingerprint: str


def identity(folder: Path, name: str) -> Identity:
    """Make one."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    made = Identity(
        folder / f"{name}.pem",
        folder / f"{name}.key",
        hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest(),
    )
    made.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    made.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return made


def tls_of(folder: Path, ours: Identity, *known: Identity) -> DimseTls:
    """TLS settings of a door that shows `ours` and takes the certificates `known`."""
    ca = folder / "known.pem"
    ca.write_text("".join(one.certificate.read_text() for one in (ours, *known)))
    return DimseTls(certificate=ours.certificate, key=ours.key, ca=ca, port=0)


def client_tls(mine: Identity, theirs: Identity) -> ssl.SSLContext:
    """Of a peer that shows `mine` and takes the door's certificate."""
    context = ssl.create_default_context(cafile=str(theirs.certificate))
    context.check_hostname = False
    context.load_cert_chain(mine.certificate, mine.key)
    return context


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
