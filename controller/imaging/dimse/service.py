"""The imaging service, as the threads of associations ask it: DICOMweb by its inner door.

pynetdicom gives each association threads of its own; the connections to the service live in the event loop of
the main thread, and a thread waits for what that has asked.

service = Service(path, asyncio.get_running_loop())
told = service.store(speaker, file)                       # in a thread
for page in service.search(speaker, "studies", {"PatientID": "4711"}): ...
service.fetch(speaker, reference, syntax, into)
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import aiohttp
import orjson

from controller.imaging.dicomweb.query import LARGEST_PAGE
from controller.imaging.errors import ServiceRefused, ServiceSilent
from controller.imaging.speaker import Speaker

HOST = "http://imaging"
BASE = f"{HOST}/dicom-web"
CONNECT_S, SILENT_S = 5.0, 60.0
LARGEST_ANSWER = 64 << 20
"""Bytes of an answer in JSON."""
_PIECE = 1 << 20
_FAILED, _OTHER_FAILED, _REASON, _STORED = "00081198", "0008119A", "00081197", "00081199"
_UNKNOWN_FAILURE = 0x0110
ANY_SYNTAX = "*"

Answer = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reference:
    """One instance of the archive."""

    study: str
    series: str
    instance: str
    sop_class: str
    syntax: str
    """In which it is stored; "": not told."""

    @property
    def path(self) -> str:
        """Below `/dicom-web`."""
        study, series, instance = (quote(uid, safe="") for uid in (self.study, self.series, self.instance))
        return f"studies/{study}/series/{series}/instances/{instance}"


class Service:
    """Asks one imaging service, which may start later and may stop and come again."""

    def __init__(self, socket: Path, loop: asyncio.AbstractEventLoop) -> None:
        self._socket = socket
        self._loop = loop
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Let go of the connections. To be awaited in the loop."""
        if self._session is not None:
            await self._session.close()

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """What `work` returns in the loop. To be called in another thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def store(self, speaker: Speaker, file: Path) -> int:
        """Hand over the DICOM file at `file`: a status of C-STORE (PS3.4, B.2.3), 0 when it is kept for good.

        Raises ServiceSilent, ServiceRefused, OSError.
        """
        return self.wait(self._store(speaker, file, file.stat().st_size))

    def search(self, speaker: Speaker, path: str, query: Mapping[str, str]) -> Iterator[list[Answer]]:
        """What QIDO-RS finds, page by page. Raises ServiceSilent, ServiceRefused."""
        offset = 0
        while page := self.wait(self.page(speaker, path, {**query, "offset": str(offset)})):
            yield page
            if len(page) < LARGEST_PAGE:
                break
            offset += len(page)

    def worklist(self, speaker: Speaker, keys: Mapping[str, Any]) -> list[Answer]:
        """The orders that meet `keys`, a data set in DICOM JSON. Raises ServiceSilent, ServiceRefused."""
        return self.wait(self._worklist(speaker, {"keys": orjson.dumps(keys).decode()}))

    def fetch(self, speaker: Speaker, reference: Reference, syntax: str, into: Path) -> None:
        """Write the instance to `into`, in the transfer syntax `syntax` or as it is stored (ANY_SYNTAX).

        Raises ServiceSilent, ServiceRefused (406: it cannot be given so), OSError.
        """
        self.wait(self._fetch(speaker, reference, syntax, into))

    async def page(self, speaker: Speaker, path: str, query: Mapping[str, str]) -> list[Answer]:
        """At most LARGEST_PAGE results of QIDO-RS. Raises ServiceSilent, ServiceRefused."""
        asked = {"limit": str(LARGEST_PAGE), **query}
        headers = {"Accept": "application/dicom+json"}
        async with self._request(speaker, "GET", path, params=asked, headers=headers) as response:
            if response.status >= 400:
                raise await _refusal(response)
            content = await _read(response)
        return _json(content) if content else []

    async def _worklist(self, speaker: Speaker, query: Mapping[str, str]) -> list[Answer]:
        async with self._request(speaker, "GET", "/worklist", headers={}, params=query) as response:
            if response.status >= 400:
                raise await _refusal(response)
            return _json(await _read(response))

    async def holds(self, speaker: Speaker, reference: Reference) -> bool:
        """Whether all of the instance can be read at this moment. Raises ServiceSilent, ServiceRefused."""
        headers = {"Accept": f"application/dicom; transfer-syntax={ANY_SYNTAX}"}
        async with self._request(speaker, "GET", reference.path, headers=headers) as response:
            if response.status in (406, 422):  # it was read, and cannot be converted
                return True
            if response.status in (404, 500):  # it is damaged, or was deleted
                return False
            if response.status >= 400:
                raise await _refusal(response)
            async for _ in response.content.iter_any():
                pass
        return True

    async def _store(self, speaker: Speaker, file: Path, size: int) -> int:
        headers = {
            "Content-Type": "application/dicom",
            "Content-Length": str(size),
            "Accept": "application/dicom+json",
        }
        async with self._request(speaker, "POST", "studies", headers=headers, data=_pieces(file)) as response:
            if response.status in (200, 202, 409):
                return status_of(_json(await _read(response)))
            raise await _refusal(response)

    async def _fetch(self, speaker: Speaker, reference: Reference, syntax: str, into: Path) -> None:
        headers = {"Accept": f"application/dicom; transfer-syntax={syntax}"}
        async with self._request(speaker, "GET", reference.path, headers=headers) as response:
            if response.status >= 400:
                raise await _refusal(response)
            with into.open("wb") as file:
                async for piece in response.content.iter_chunked(_PIECE):
                    file.write(piece)

    @asynccontextmanager
    async def _request(
        self, speaker: Speaker, method: str, path: str, headers: Mapping[str, str], **more: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """`path`: below BASE; with a stroke in front, of the inner door itself."""
        told = {**headers, **speaker.headers()}
        url = f"{HOST}{path}" if path.startswith("/") else f"{BASE}/{path}"
        try:
            async with self._opened().request(method, url, headers=told, **more) as response:
                yield response
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ServiceSilent(f"the imaging service does not answer ({type(error).__name__})") from error

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=None, connect=CONNECT_S, sock_read=SILENT_S)
            connector = aiohttp.UnixConnector(str(self._socket), limit=0)
            self._session = aiohttp.ClientSession(connector=connector, timeout=timeout)
        return self._session


def status_of(answer: Answer) -> int:
    """The status of C-STORE for the one instance of an answer of STOW-RS (PS3.18, I.2). That its patient is
    in doubt is nothing that a device can help with: it is kept."""
    for sequence in (_FAILED, _OTHER_FAILED):
        for item in answer.get(sequence, {}).get("Value", []):
            return int((item.get(_REASON, {}).get("Value") or [_UNKNOWN_FAILURE])[0])
    return 0 if _STORED in answer else _UNKNOWN_FAILURE


async def _pieces(file: Path) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(file.open, "rb") as content:
        while piece := content.read(_PIECE):
            yield piece


async def _read(response: aiohttp.ClientResponse) -> bytes:
    content = bytearray()
    async for piece in response.content.iter_any():
        content += piece
        if len(content) > LARGEST_ANSWER:
            raise ServiceSilent(f"expected an answer of at most {LARGEST_ANSWER} bytes, got more")
    return bytes(content)


def _json(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except ValueError as error:
        raise ServiceSilent(f"expected JSON from the imaging service: {error}") from error


async def _refusal(response: aiohttp.ClientResponse) -> ServiceRefused:
    """Without the words of the answer, which may name a patient."""
    code = response.reason or "refused"
    return ServiceRefused(response.status, code, f"the imaging service answered {response.status} {code}")
