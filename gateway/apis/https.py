"""One HTTP request over TLS, after which the server closes."""

import asyncio
import io
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

from gateway.errors import Unreachable

LARGEST = 65_536
"""Bytes of an answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def retry_after_s(self) -> float:
        """`Retry-After` in seconds (RFC 9110, 10.2.3); 0: it says none, or a date."""
        text = self.headers.get("Retry-After", "")
        return float(text) if text.isascii() and text.isdecimal() else 0.0


async def ask(
    method: str,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    tls: ssl.SSLContext,
    timeout_s: float,
    most: int = LARGEST,
) -> Answer:
    """`timeout_s` is for all of it, `most` the answer's bytes; no redirection is followed.

    Raises Unreachable.
    """
    where = urlsplit(url)
    host = where.hostname or ""
    try:
        async with asyncio.timeout(timeout_s):
            said = _request(method, where, body, headers)
            heard = await _exchange(host, where.port or 443, said, tls, most)
        return _answer(heard)
    except TimeoutError as error:
        raise Unreachable(f"{host} did not answer within {timeout_s:g} s") from error
    except OSError as error:  # ssl.SSLError is one
        raise Unreachable(f"{host}: {error}") from error


def _request(method: str, where: Any, body: bytes, headers: Mapping[str, str]) -> bytes:
    head = {"Host": where.netloc, "Connection": "close", "Accept": "application/json", **headers}
    if method == "POST":
        head["Content-Length"] = str(len(body))
    target = f"{where.path or '/'}?{where.query}" if where.query else where.path or "/"
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {text}" for name, text in head.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


async def _exchange(host: str, port: int, said: bytes, tls: ssl.SSLContext, most: int) -> bytes:
    reader, writer = await asyncio.open_connection(host, port, ssl=tls, server_hostname=host)
    try:
        writer.write(said)
        heard = bytearray()
        while data := await reader.read(LARGEST):
            heard += data
            if len(heard) > most:
                raise Unreachable(f"{host}: expected an answer of at most {most} bytes, got more")
        return bytes(heard)
    finally:
        writer.transport.abort()


class _Received:
    """Bytes as http.client wants them."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)

    def makefile(self, *_: object) -> io.BytesIO:
        """What it reads from."""
        return self._file


def _answer(heard: bytes) -> Answer:
    source: Any = _Received(heard)
    try:
        response = HTTPResponse(source)
        response.begin()
        return Answer(response.status, response.headers, response.read())
    except (HTTPException, ValueError, OverflowError) as error:
        raise Unreachable(f"expected HTTP, got {error!r:.100}") from error
