"""An HTTP server on one address, which closes a connection whose request is not there in time.

async with listening(runner, "127.0.0.1", 8080, tls=None): ...
"""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from aiohttp import EMPTY_PAYLOAD, StreamReader, web
from aiohttp.http import HttpVersion10, HttpVersion11, RawRequestMessage
from aiohttp.http_exceptions import BadHttpMessage
from aiohttp.web_protocol import RequestHandler, _ErrInfo  # pyright: ignore[reportPrivateUsage]

HEADERS_S = 10.0
"""How long a client may take for the line and the headers of a request: half-sent ones fill no table."""


BODY_S = 60.0
"""How long a client may take for the body, once its headers are there: a photo of 8 MB at 1.1 Mbit/s.
Where bodies have no such end, in each such time so much of it must come as the server asks for."""
IDLE_S = 75.0
"""How long a connection is kept without a request."""

_OPTIONS: dict[str, Any] = {
    "access_log": None,  # addresses of requests name patients
    "auto_decompress": False,  # a body is read as it came: nobody packs one, and a packed one may be a bomb
}
_VERSIONS = (HttpVersion10, HttpVersion11)
_NO_REQUEST = "expected a request of HTTP/1.1 (RFC 9112), got something else\n"

log = logging.getLogger(__name__)


class PromptHandler(RequestHandler):
    """A connection, closed when headers or a body are late. `aiohttp` has no such limits of its own."""

    slowest: int | None = None
    """Bytes of a body that must come in BODY_S, if bodies may take longer than that as a whole."""
    lasting: int | None = None
    """The same of the request that is being answered: see `let_last`."""
    _late: asyncio.TimerHandle | None = None
    _slow: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        super().connection_made(transport)
        self._wait_for_headers(transport)

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        begun = self._request_count
        super().data_received(data)
        self._refuse_other_versions()
        if self._request_count > begun:
            self._stop_waiting()
            self.lasting = None
            # Only the body of the newest request can be incomplete.
            self._wait_for_body(self._messages[-1][1])
        elif self._late is None and self._current_request is None and not self._messages:
            self._wait_for_headers(self.transport)

    def connection_lost(self, exc: BaseException | None) -> None:
        """See asyncio.Protocol."""
        self._stop_waiting()
        super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Bytes that are no request are repeated neither in the log nor in the answer.

        Cookies and names of patients may be among them, and strangers could fill the log.
        """
        if status != HTTPStatus.BAD_REQUEST:
            return super().handle_error(request, status, exc, message)
        log.debug("bytes from %s that are no HTTP request: refused", request.remote)
        response = web.Response(status=status, text=_NO_REQUEST, headers={"Server": "wardlink"})
        response.force_close()
        return response

    def _refuse_other_versions(self) -> None:
        """The parser takes HTTP/0.9, whose requests have no headers, and HTTP/2.0 for HTTP/1.1."""
        for place, (message, _) in enumerate(self._messages):
            if isinstance(message, RawRequestMessage) and message.version not in _VERSIONS:
                wrong = BadHttpMessage("another version of HTTP")
                self._messages[place] = _ErrInfo(400, wrong, wrong.message), EMPTY_PAYLOAD

    def _wait_for_headers(self, transport: asyncio.BaseTransport | None) -> None:
        if transport is not None:
            self._late = asyncio.get_running_loop().call_later(HEADERS_S, transport.close)

    def _wait_for_body(self, body: StreamReader) -> None:
        if not body.is_eof():
            loop = asyncio.get_running_loop()
            self._slow = loop.call_later(BODY_S, self._close_without, body, body.total_bytes)

    def _close_without(self, body: StreamReader, before: int) -> None:
        if body.is_eof() or self.transport is None:
            return
        slowest = self.lasting or self.slowest
        if slowest is not None and body.total_bytes - before >= slowest:
            self._wait_for_body(body)
        else:
            self.transport.close()

    def _stop_waiting(self) -> None:
        for timer in (self._late, self._slow):
            if timer is not None:
                timer.cancel()
        self._late = self._slow = None


def let_last(request: web.Request, slowest: int) -> None:
    """Let the body of this one request take longer than BODY_S, while `slowest` bytes come in each BODY_S."""
    if isinstance(request.protocol, PromptHandler):
        request.protocol.lasting = slowest


@asynccontextmanager
async def listening(
    runner: web.AppRunner, host: str, port: int, tls: ssl.SSLContext | None, slowest: int | None = None
) -> AsyncIterator[None]:
    """Serve the runner's application at `host` and `port` inside the block; `slowest`: of PromptHandler.

    Raises OSError.
    """
    await runner.setup()
    server, loop = runner.server, asyncio.get_running_loop()
    assert server is not None

    def connection() -> PromptHandler:
        handler = PromptHandler(server, loop=loop, keepalive_timeout=IDLE_S, **_OPTIONS)
        handler.slowest = slowest
        return handler

    listener = await loop.create_server(
        connection,
        *(host, port),
        ssl=tls,
        ssl_handshake_timeout=HEADERS_S if tls else None,
    )
    try:
        yield
    finally:
        listener.close()
        await runner.cleanup()
