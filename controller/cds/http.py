"""Services over HTTP: discovery, a call, feedback. Late, cut, too long or wrong is NotChecked, with a code.

    caller = Caller(keys, clock)
    offered = await caller.discovery(service)
    cards = await caller.call(service, offered.id, body)

Nothing is followed (no redirects), nothing unpacked, nothing read beyond wire.LARGEST.
"""

import asyncio
from http import HTTPStatus
from uuid import uuid4

import aiohttp

from controller.cds.errors import NotChecked
from controller.cds.keys import CdsKeys
from controller.cds.model import Card, Discovery
from controller.cds.section import CdsService
from controller.cds.wire import LARGEST, read_cards, read_discovery
from controller.clock import Clock


class Caller:
    """Asks services, each call with a JWT of its own."""

    def __init__(self, keys: CdsKeys, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None

    async def discovery(self, service: CdsService) -> Discovery:
        """What it offers. Raises NotChecked."""
        return read_discovery(await self._ask(service, "GET", f"{service.url}/cds-services", None))

    async def call(self, service: CdsService, name: str, body: bytes) -> list[Card]:
        """The cards of its service `name`. Raises NotChecked."""
        return read_cards(await self._ask(service, "POST", f"{service.url}/cds-services/{name}", body))

    async def feedback(self, service: CdsService, name: str, body: bytes) -> None:
        """What became of cards. Raises NotChecked."""
        await self._ask(service, "POST", f"{service.url}/cds-services/{name}/feedback", body)

    async def close(self) -> None:
        """Let go of connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _ask(self, service: CdsService, method: str, url: str, body: bytes | None) -> bytes:
        told = self._keys.headers(url, self._clock.utc_us() // 1_000_000, str(uuid4()))
        headers = {**told, "Accept": "application/json", "Content-Type": "application/json"}
        try:
            async with (
                asyncio.timeout(service.timeout_ms / 1000),
                self._opened().request(
                    method, url, data=body, headers=headers, allow_redirects=False
                ) as response,
            ):
                _check(response.status)
                return await _read(response)
        except TimeoutError:
            raise NotChecked("late", f"it did not answer within {service.timeout_ms} ms") from None
        except aiohttp.ClientError as error:
            raise NotChecked("down", f"it cannot be reached ({type(error).__name__})") from None

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            plain = {"Accept-Encoding": "identity"}
            self._session = aiohttp.ClientSession(
                headers=plain, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
            )
        return self._session


def _check(status: int) -> None:
    if status == HTTPStatus.PRECONDITION_FAILED:
        raise NotChecked("no-data", "it lacks data of the patient that it needs (412)")
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        raise NotChecked("refused", f"it answered {status}, not 200")


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for part in response.content.iter_chunked(16_384):
        body += part
        if len(body) > LARGEST:
            raise NotChecked("too-large", f"its answer is larger than {LARGEST} bytes: it is not read on")
    return bytes(body)
