"""Asking the imaging service from another process of ours, by its inner door (`internal.sock`).

client = ImagingClient(Path("data/run/internal.sock"))
speaker = Speaker("ae:CT1", "10.1.2.3", frozenset({"imaging:read"}), WHOLE)
found = await client.json(speaker, "GET", "/dicom-web/studies", params={"PatientID": "4711"})
async with client.request(speaker, "GET", f"/dicom-web/studies/{uid}") as response:
    async for chunk in response.content.iter_any(): ...
await client.close()
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from controller.imaging.errors import ServiceRefused, ServiceSilent
from controller.imaging.speaker import Speaker
from controller.sockets import reachable

HOST = "http://imaging"
"""What stands before paths; nobody resolves it."""
CONNECT_S, SILENT_S = 5.0, 60.0
"""The service is not there after so long without a connection, and hangs after so long without a byte."""
AT_ONCE = 32
LARGEST_JSON = 64 * 1024 * 1024
"""Bytes of an answer that is kept whole."""

Params = Mapping[str, str] | list[tuple[str, str]]


class ImagingClient:
    """Connections to one imaging service, which may start later and may stop and come again."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Let go of every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    @asynccontextmanager
    async def request(
        self,
        speaker: Speaker,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        data: Any = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer, of which the body has not been read.

        `data`: the body, whatever aiohttp takes, an asynchronous iterator of bytes too.
        Raises ServiceRefused (any status from 400 on), ServiceSilent.
        """
        told = {**(headers or {}), **speaker.headers()}
        try:
            async with self._opened().request(
                method, HOST + path, params=params, headers=told, data=data, allow_redirects=False
            ) as response:
                if response.status >= 400:
                    raise await _refusal(response)
                yield response
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise ServiceSilent(f"the imaging service does not answer ({type(error).__name__})") from error

    async def json(
        self,
        speaker: Speaker,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> Any:
        """The answer's JSON; None for an empty answer. `body` is sent as JSON. Raises as `request`."""
        content = await self.read(speaker, method, path, params=params, headers=headers, body=body)
        try:
            return json.loads(content) if content else None
        except ValueError as error:
            raise ServiceSilent(f"the imaging service's answer to {method} is no JSON: {error}") from error

    async def read(
        self,
        speaker: Speaker,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> bytes:
        """The answer's body, at most LARGEST_JSON bytes. Raises as `request`."""
        asked = {"Accept": "application/dicom+json, application/json;q=0.9", **(headers or {})}
        data = None if body is None else aiohttp.JsonPayload(body)
        async with self.request(speaker, method, path, params=params, headers=asked, data=data) as response:
            content = bytearray()
            async for chunk in response.content.iter_any():
                content += chunk
                if len(content) > LARGEST_JSON:
                    raise ServiceSilent(f"the imaging service sends more than {LARGEST_JSON} bytes")
            return bytes(content)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=None, connect=CONNECT_S, sock_read=SILENT_S)
            connector = aiohttp.UnixConnector(reachable(self._socket), limit=AT_ONCE)
            self._session = aiohttp.ClientSession(connector=connector, timeout=timeout)
        return self._session


async def _refusal(response: aiohttp.ClientResponse) -> ServiceRefused:
    """In the shape of our own refusals, or of whatever came instead."""
    text = (await response.content.read(64 * 1024)).decode(errors="replace")
    try:
        error: Any = json.loads(text)["error"]
        return ServiceRefused(response.status, str(error["code"]), str(error["message"]))
    except (ValueError, KeyError, TypeError):
        return ServiceRefused(response.status, "imaging", text.strip()[:300] or response.reason or "refused")
