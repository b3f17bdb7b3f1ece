"""What only the controller on duty can answer, asked of another one: it is passed on to that, as it is.

    add_passing(app, peers, parts)                 # alone: nothing is passed on, and nothing is different

Marked so in the route table (`on_duty`). It is passed on once: who gets it and is not on duty says so. While
nobody is, it waits a few seconds. Which address it came from goes with it, under a key that only controllers
have (shards/passed.py); all else (session, Origin, audit) is looked at by the one that answers.
"""

import asyncio
import logging
from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Handler
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from controller.api.context import CONTEXT
from controller.api.events import abort, keep_unsent_short, taken
from controller.api.routes import TABLE
from controller.listening import let_last
from controller.security.gate import Refused
from controller.security.sealing import SECOND_FACTORS, Sealing
from controller.shards.duty import DUTY
from controller.shards.passed import HEADER, Asked, Seal
from controller.shards.peers import Peers

WAIT_S = 6.0
"""So long what nobody is on duty for waits: a takeover takes 4.5 s."""
TRY_S = 0.3
"""Until a controller that could not be reached is tried again."""
CONNECT_S = 2.0
_HOPS = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer"}
    | {"transfer-encoding", "upgrade", "expect", HEADER.lower()}
)
"""Headers of one connection (RFC 9110, section 7.6.1)."""
_NOT_BELIEVED = "not-believed"
"""With HEADER, in an answer to whoever passed a request on."""
_LATER = {"Retry-After": "1"}
_UNREACHED = aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError
_OF_DUTY = frozenset(route.name for route in TABLE if route.on_duty)

log = logging.getLogger(__name__)


def add_passing(app: web.Application, peers: Peers) -> None:
    """Before it serves."""
    app[DUTY] = peers.duty
    if peers.are:
        app[PASSING] = passing = Passing(app, peers)
        app.cleanup_ctx.append(passing.running)


@web.middleware
async def passed_on(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Around the gate: who may ask is found out where it is answered."""
    passing = request.config_dict.get(PASSING)
    return await (handler(request) if passing is None else passing.serve(request, handler))


class Passing:
    """Of one of several controllers."""

    def __init__(self, app: web.Application, peers: Peers) -> None:
        parts = app[CONTEXT]
        self._peers, self._duty = peers, peers.duty
        self._seal = Seal(Sealing(parts.store.folder / SECOND_FACTORS), parts.clock)

    async def running(self, _app: web.Application) -> AsyncIterator[None]:
        """A context of `Application.cleanup_ctx`."""
        limits = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S)
        async with aiohttp.ClientSession(
            timeout=limits,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            connector=aiohttp.TCPConnector(limit=0),
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        ) as self._session:
            # aiohttp would send a PUT or DELETE that was not answered once more: it may have been done.
            self._session._retry_connection = False  # pyright: ignore[reportPrivateUsage]
            yield

    async def serve(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Here, or where the duty is. Raises Refused."""
        is_of_duty = request.match_info.route.name in _OF_DUTY
        if HEADER in request.headers:
            request = self._passed(request)
            if is_of_duty and not self._duty.is_ready:
                raise _nobody()
        elif is_of_duty:
            return await self._on_duty(request, handler)
        return await handler(request)

    def _passed(self, request: web.Request) -> web.Request:
        """The request as if it had come here by itself."""
        client = self._seal.opened(_asked(request, self._peers.address), request.headers[HEADER])
        if client is None:
            log.warning("%s says that it passes a request on, and is no controller of ours", request.remote)
            message = f"expected no {HEADER}: only controllers pass requests on"
            raise Refused(403, "not-a-controller", message, {HEADER: _NOT_BELIEVED})
        return request.clone(remote=client)

    async def _on_duty(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        loop = asyncio.get_running_loop()
        until = loop.time() + WAIT_S
        while not self._duty.is_ready:
            news, where = asyncio.ensure_future(self._duty.news()), self._duty.where
            try:
                is_theirs = where and not self._duty.is_mine
                if is_theirs and (answered := await self._tried(request, where)) is not None:
                    return answered
                if loop.time() < until:
                    await asyncio.wait((news,), timeout=TRY_S)
            finally:
                news.cancel()
            if loop.time() >= until:
                raise _nobody()
        return await handler(request)

    async def _tried(self, request: web.Request, where: str) -> web.StreamResponse | None:
        """None: nobody is there, and nobody has seen it yet. Raises Refused."""
        try:
            return await self._pass(request, where)
        except _UNREACHED as error:
            log.warning("the controller on duty is not reached at %s: %s", where, error)
            return None

    async def _pass(self, request: web.Request, where: str) -> web.StreamResponse:
        """Until it is answered, or another is on duty. Raises _UNREACHED: nobody has seen it yet; Refused."""
        begun = list[web.StreamResponse]()
        carrying = asyncio.ensure_future(self._carry(request, where, begun))
        moved = asyncio.ensure_future(self._moved(where))
        try:
            await asyncio.wait((carrying, moved), return_when=asyncio.FIRST_COMPLETED)
            if carrying.done():
                return carrying.result()
        except _UNREACHED:
            raise
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.info("what was passed on to %s broke off: %s", where, error)
        finally:
            for task in (carrying, moved):
                task.cancel()
            await asyncio.wait((carrying, moved))
        if not begun:
            raise _gone()
        abort(request)  # what is cut off must not look whole
        return begun[0]

    async def _moved(self, where: str) -> None:
        while self._duty.where == where:
            await self._duty.news()

    async def _carry(
        self, request: web.Request, where: str, begun: list[web.StreamResponse]
    ) -> web.StreamResponse:
        headers = _kept(request.headers)
        headers[HEADER] = self._seal.of(_asked(request, where), request.remote or "")
        let_last(request, 1)  # how slowly it may come is up to the one that reads it
        async with self._session.request(
            request.method,
            URL(where + request.rel_url.raw_path_qs, encoded=True),
            headers=headers,
            data=request.content if request.can_read_body else None,
            allow_redirects=False,
            **self._peers.trust(),
        ) as answer:
            if answer.headers.get(HEADER) == _NOT_BELIEVED:
                log.error("%s does not believe that this is a controller: see clocks, and `keys`", where)
                raise _not_believed()
            response = web.StreamResponse(
                status=answer.status, reason=answer.reason, headers=_kept(answer.headers)
            )
            begun.append(response)
            await response.prepare(request)
            await _copy(request, answer, response)
        return response


async def _copy(request: web.Request, answer: aiohttp.ClientResponse, response: web.StreamResponse) -> None:
    is_stream = answer.content_type == "text/event-stream"
    if is_stream:
        keep_unsent_short(request)
    async for piece in answer.content.iter_any():
        writing = response.write(piece)
        await (taken(request, writing) if is_stream else writing)
    await response.write_eof()


def _kept(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    """Without those of the connection, and those that it names."""
    named = {one.strip().lower() for line in headers.getall("Connection", []) for one in line.split(",")}
    return CIMultiDict((name, text) for name, text in headers.items() if name.lower() not in _HOPS | named)


def _asked(request: web.Request, to: str) -> Asked:
    return Asked(to, request.method, request.rel_url.raw_path_qs, request.host)


def _nobody() -> Refused:
    message = "no controller is on duty for this at the moment: try again in a few seconds"
    return Refused(503, "nobody-on-duty", message, _LATER)


def _gone() -> Refused:
    message = "the controller that does this went away meanwhile: look whether it was done, then try again"
    return Refused(503, "duty-moved", message, _LATER)


def _not_believed() -> Refused:
    message = "the controller on duty does not take this one for a controller: their clocks or keys differ"
    return Refused(503, "not-believed", message, _LATER)


PASSING: web.AppKey[Passing] = web.AppKey("passing", Passing)
"""Of an application whose controller is one of several."""
