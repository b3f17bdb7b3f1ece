"""Both servers as processes of this machine, on loopback without TLS, without compression.

Ours is the controller with its imaging service as it is installed: a token is asked for at each request, what
is shown is in the audit trail, everything is indexed and on the disk before it is acknowledged. Orthanc is
Debian's, without authentication; it does not wait for the disk.
"""

import asyncio
import json
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil

from controller.clock import SystemClock
from controller.config import load
from controller.ports import free_port
from controller.security.scopes import parse_scopes
from controller.security.tokens import Tokens, Wanted
from controller.store import Store
from hil.bench.imaging.client import Connection
from hil.errors import NotReady
from hil.processes import Kept

ORTHANC: Final = "Orthanc"
PLUGIN: Final = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
PACKAGES: Final = "orthanc orthanc-dicomweb"
_START_S: Final = 60.0
_JSON: Final = {"Accept": "application/dicom+json"}
_CONFIG: Final = """[controller]
id = "bench"
[http]
port = {http}
[mqtt]
port = {mqtt}
[est]
port = {est}
[imaging]
port = {imaging}
"""


@dataclass(frozen=True, slots=True)
class Side:
    """A server that answers under /dicom-web of `port`; `pid` is its first process."""

    name: str
    version: str
    """As it says itself; "" of ours, which is this tree."""
    port: int
    pid: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    def connection(self) -> Connection:
        """A new one."""
        return Connection(self.port, self.headers)

    def cpu_s(self) -> float:
        """Processor time of all its processes so far."""
        first = psutil.Process(self.pid)
        times = (one.cpu_times() for one in (first, *first.children(recursive=True)))
        return sum(one.user + one.system for one in times)


@asynccontextmanager
async def ours(folder: Path) -> AsyncIterator[Side]:
    """Our server. Raises NotReady."""
    ports = {name: free_port("127.0.0.1", 0, name) for name in ("http", "mqtt", "est", "imaging")}
    path = _written(folder, "controller.toml", _CONFIG.format(**ports))
    config = load(path)
    token = await _token(config.database)
    kept = Kept(
        "controller",
        [sys.executable, "-m", "wardlink", "controller", "run", str(path)],
        log=folder / "controller.log",
        died=_died,
        cwd=Path(__file__).parents[3],
    )
    headers = {"Authorization": f"Bearer {token}"}
    async with _running(kept):
        addresses = config.data / "run" / "addresses.json"
        await _until(kept, addresses.exists)
        port = int(json.loads(addresses.read_text(encoding="utf-8"))["imaging"].rsplit(":", 1)[1])
        await _until(kept, lambda: _answers(port, headers))
        assert kept.pid is not None
        yield Side("Wardlink", "", port, kept.pid, headers)


async def _token(database: Path) -> str:
    store, clock = await Store.open(database), SystemClock()
    try:
        scopes = frozenset(parse_scopes("system/ImagingStudy.crs"))
        return await Tokens(store, clock, lambda: None).make(Wanted("bench", scopes, 1), "bench", "bench")
    finally:
        await store.close()


@asynccontextmanager
async def orthanc(folder: Path) -> AsyncIterator[Side]:
    """Orthanc, where it is installed. Raises NotReady."""
    version = orthanc_version()
    http, dicom = (free_port("127.0.0.1", 0, name) for name in ("Orthanc", "Orthanc's DICOM"))
    path = _written(folder, "orthanc.json", json.dumps(_orthanc(folder, http, dicom), indent=1))
    kept = Kept("Orthanc", [ORTHANC, str(path)], log=folder / "orthanc.log", died=_died)
    async with _running(kept):
        await _until(kept, lambda: _answers(http, {}))
        with Connection(http, {}) as connection:
            plugin = json.loads(connection.ask("GET", "/plugins/dicom-web", {}))["Version"]
        assert kept.pid is not None
        yield Side("Orthanc", f"{version}, DICOMweb plug-in {plugin}", http, kept.pid)


def orthanc_version() -> str:
    """Raises NotReady: it is not installed."""
    if shutil.which(ORTHANC) is None or not PLUGIN.exists():
        raise NotReady(f"Orthanc is not here: apt-get install --no-install-recommends {PACKAGES}")
    told = subprocess.run([ORTHANC, "--version"], capture_output=True, text=True, check=False).stdout
    return told.split("\n")[0].removeprefix("Orthanc").strip()


def _orthanc(folder: Path, http: int, dicom: int) -> Mapping[str, object]:
    return {
        "Name": "bench",
        "StorageDirectory": str(folder / "files"),
        "IndexDirectory": str(folder / "files"),
        "StorageCompression": False,
        "HttpPort": http,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "HttpCompressionEnabled": False,
        "KeepAlive": True,
        "TcpNoDelay": True,
        "DicomPort": dicom,
        "Plugins": [str(PLUGIN)],
        "DicomWeb": {
            "Enable": True,
            "Root": "/dicom-web/",
            "StudiesMetadata": "Full",
            "SeriesMetadata": "Full",
        },
        "OverwriteInstances": False,
        "SaveJobs": False,
        "LimitFindResults": 0,
    }


def _written(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _died(name: str, status: int, lines: Sequence[str]) -> None:
    raise NotReady(f"{name} ended with {status}: {list(lines)}")


@asynccontextmanager
async def _running(kept: Kept) -> AsyncIterator[None]:
    await kept.start()
    try:
        yield
    finally:
        await kept.stop()


async def _until(kept: Kept, ready: Callable[[], bool]) -> None:
    began = time.monotonic()
    while not await asyncio.to_thread(ready):
        if kept.pid is None or time.monotonic() - began > _START_S:
            raise NotReady(f"{kept.name} does not answer: {kept.last_lines()}")
        await asyncio.sleep(0.2)


def _answers(port: int, headers: Mapping[str, str]) -> bool:
    try:
        with Connection(port, headers) as connection:
            connection.ask("GET", "/dicom-web/studies?limit=1", _JSON)
    except (NotReady, OSError):
        return False
    return True
