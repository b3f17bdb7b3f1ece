"""A partner's listener, asked over mutual TLS. Its answers are a stranger's: small, in time, as documented.

async with Line(folder, partner) as line:
    status, told = await line.post("/partners/1/hello", b"{}")     # PartnerSilent
"""

from pathlib import Path
from typing import Any, Self

import aiohttp
import orjson

from controller.errors import PartnerSilent
from controller.identity.sites import partner_context
from controller.partners.model import Partner

TIMEOUT_S = 30.0
LARGEST = 64 * 1024
"""Bytes of an answer."""


class Line:
    """Connections to one partner, inside the block. Raises AuthorityError."""

    def __init__(self, folder: Path, partner: Partner, timeout_s: float = TIMEOUT_S) -> None:
        self._base = f"https://{partner.address}"
        self._tls = partner_context(folder, partner.root)
        self._timeout = aiohttp.ClientTimeout(total=timeout_s, connect=10)

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(ssl=self._tls, limit=2)
        plain = {"Accept-Encoding": "identity"}
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=self._timeout,
            headers=plain,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def post(self, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """Status and JSON object. Raises PartnerSilent."""
        headers = {"Content-Type": "application/json"}
        try:
            async with self._session.post(
                self._base + path, data=body, headers=headers, allow_redirects=False
            ) as response:
                return response.status, await _read(response)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise PartnerSilent(f"the partner does not answer ({_why(error)}): tried again later") from error


async def _read(response: aiohttp.ClientResponse) -> dict[str, Any]:
    body = bytearray()
    async for part in response.content.iter_chunked(16_384):
        body += part
        if len(body) > LARGEST:
            raise PartnerSilent(f"the partner answers more than {LARGEST} bytes: ask who runs it")
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        told = None
    if not isinstance(told, dict):
        raise PartnerSilent(f"expected JSON from the partner, got something else ({response.status})")
    return told


def _why(error: BaseException) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        return "its certificate, or ours, is not believed"
    return "no time left" if isinstance(error, TimeoutError) else type(error).__name__
