"""The box's own page: a form for its claim, while it has no identity, and only to whoever is beside it.

It is plain HTTP, so it listens on the loopback or on one address of the network that the box is set up in,
never on all; its packets end at the first router. A page of another site can neither read it nor post to it
(Host and Origin are its own), so nobody's browser can be made to enrol the box elsewhere.
"""

import asyncio
import ipaddress
import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus

from devices.errors import BadClaim
from devices.model.claim import Claim
from gateway.enrolment import page_http
from gateway.enrolment.enrol import Enrol
from gateway.enrolment.identity import Identity
from gateway.enrolment.page_html import Done, State, Waiting, Working, page
from gateway.enrolment.page_http import BadRequest, Head
from gateway.enrolment.page_photo import can_read, claim_in_photo
from gateway.enrolment.page_words import chosen
from gateway.errors import ConfigError, EnrolmentError, IdentityError, Unreachable
from gateway.links.network import Endpoint, endpoint, network_errors

_PORT = 8080
_REQUEST_S = 10.0
_PHOTO_S = 60.0
_FAREWELL_S = 30.0
"""How long the page waits to be seen once more when all is done."""
_MOST_AT_ONCE = 16
_HOPS = 1
_LARGE, _BUSY = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.SERVICE_UNAVAILABLE

log = logging.getLogger(__name__)


def local_address(text: str) -> Endpoint:
    """HOST:PORT as where the page may listen; port 8080 if left out. Raises ConfigError."""
    try:
        where = endpoint(text, _PORT)
        address = ipaddress.ip_address("127.0.0.1" if where.host == "localhost" else where.host)
    except ValueError as error:
        raise ConfigError(f"--page: expected ADDRESS:PORT of this box, got {text!r:.60}: {error}") from error
    if address.is_unspecified or not (address.is_private or address.is_link_local):
        raise ConfigError(
            f"--page: expected 127.0.0.1, or this box's address in the network where it is set up, got "
            f"{text!r:.60}: the page is not for everyone"
        )
    return Endpoint(str(address), where.port)


@dataclass(slots=True)
class ClaimPage:
    """The page at `where`; `serial` tells boxes apart; `enrol` is given each claim."""

    where: Endpoint
    serial: str
    enrol: Enrol
    state: State = field(default_factory=Waiting)
    _done: asyncio.Event = field(default_factory=asyncio.Event)
    _seen: asyncio.Event = field(default_factory=asyncio.Event)
    _identity: Identity | None = None
    _attempt: asyncio.Task[None] | None = None
    _open: int = 0
    _looking: bool = False
    _photos: bool = field(default_factory=can_read)
    _hosts: frozenset[str] = frozenset()

    async def run(self, opened: Callable[[str], None]) -> Identity:
        """Serve until the box is enrolled; `opened` is told the address. Raises LinkError."""
        with network_errors(f"{self.where}: cannot serve the page"):
            server = await asyncio.start_server(
                self._serve, self.where.host, self.where.port, limit=page_http.MOST_HEAD
            )
        async with server:
            here = Endpoint(self.where.host, server.sockets[0].getsockname()[1])
            self._hosts = _names(here)
            for sock in server.sockets:
                stay_near(sock)
            opened(f"http://{here}/")
            await self._done.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(_FAREWELL_S):
                    await self._seen.wait()
        assert self._identity is not None
        return self._identity

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            if self._open <= _MOST_AT_ONCE:
                async with asyncio.timeout(_REQUEST_S) as deadline:
                    said = await self._answer(reader, deadline)
                    last = isinstance(self.state, Done)
                    writer.write(said)
                    await writer.drain()
                    writer.close()
                    await writer.wait_closed()
                if last:
                    self._seen.set()
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            log.debug("a request to the page broke off: %r", error)
        finally:
            self._open -= 1
            writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader, deadline: asyncio.Timeout) -> bytes:
        try:
            head = page_http.head(await reader.readuntil(b"\r\n\r\n"))
            return await self._respond(head, reader, deadline)
        except asyncio.LimitOverrunError:
            return page_http.response(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        except BadRequest as bad:
            return page_http.response(bad.status)

    async def _respond(self, head: Head, reader: asyncio.StreamReader, deadline: asyncio.Timeout) -> bytes:
        self._check(head)
        language = chosen(head.query, head.headers.get("accept-language", ""))
        if head.method == "GET":
            return self._shown(HTTPStatus.OK, self.state, language)
        if head.boundary is None:
            self._take(page_http.claim_in(await reader.readexactly(head.length)))
        else:
            deadline.reschedule(asyncio.get_running_loop().time() + _PHOTO_S)
            if (refused := await self._photo(head.size, head.boundary, reader)) is not None:
                status, problem = refused
                return self._shown(status, Waiting(problem), language)
        return page_http.response(HTTPStatus.SEE_OTHER, Location=f"/?lang={language}")

    def _check(self, head: Head) -> None:
        """It is for this page and from it, before a byte of its body is read. Raises BadRequest."""
        if head.headers.get("host") not in self._hosts:
            raise BadRequest(HTTPStatus.MISDIRECTED_REQUEST)
        if head.path != "/":
            raise BadRequest(HTTPStatus.NOT_FOUND)
        ours = {f"http://{host}" for host in self._hosts}
        if head.method != "GET" and head.headers.get("origin") not in ours:
            raise BadRequest(HTTPStatus.FORBIDDEN)
        if head.boundary is not None and not self._photos:
            raise BadRequest(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)

    def _shown(self, status: HTTPStatus, state: State, language: str) -> bytes:
        return page_http.response(status, page(state, self.serial, language, photos=self._photos))

    async def _photo(
        self, size: int, boundary: bytes, reader: asyncio.StreamReader
    ) -> tuple[HTTPStatus, str] | None:
        """Try the claim in a photo: one photo at a time. The status and code when it is not looked at."""
        if size > page_http.MOST_PHOTO or self._looking:
            await _pass_over(reader, size)  # a browser reads no answer before it has sent all
            large = size > page_http.MOST_PHOTO
            return (_LARGE, "photo-large") if large else (_BUSY, "photo-busy")
        self._looking = True
        try:
            photo = page_http.photo_in(await reader.readexactly(size), boundary)
            claim = await asyncio.to_thread(claim_in_photo, photo)
        finally:
            self._looking = False
        if claim is not None:
            self._begin(claim)
        elif isinstance(self.state, Waiting):
            self.state = Waiting("no-claim-seen")
        return None

    def _take(self, text: str) -> None:
        """Try the claim that `text` is."""
        try:
            self._begin(Claim.from_text(text))
        except BadClaim:
            if isinstance(self.state, Waiting):
                self.state = Waiting("bad-claim")

    def _begin(self, claim: Claim) -> None:
        """Try a claim, unless one is being tried or was good."""
        if isinstance(self.state, Waiting):
            self.state = Working()
            self._attempt = asyncio.create_task(self._try(claim))

    async def _try(self, claim: Claim) -> None:
        self.state = Waiting(await self._problem(claim))
        if self._identity is not None:
            self.state = Done(self._identity.gateway, self._identity.until)
            self._done.set()

    async def _problem(self, claim: Claim) -> str:
        """The code of what was wrong; "" when nothing was."""
        try:
            self._identity = await self.enrol(claim)
        except EnrolmentError as error:
            log.warning("not enrolled: %s", error)
            return error.why
        except Unreachable as error:
            log.warning("not enrolled: %s", error)
            return "unreachable"
        except (IdentityError, OSError) as error:
            log.error("the identity cannot be kept: %s", error)
            return "failed"
        return ""


async def _pass_over(reader: asyncio.StreamReader, size: int) -> None:
    """Read `size` bytes and keep none."""
    while size > 0 and (part := await reader.read(min(size, 65_536))):
        size -= len(part)


def _names(here: Endpoint) -> frozenset[str]:
    """What a browser may call the page in Host and Origin; port 80 is left out there."""
    hosts = [f"[{here.host}]" if ":" in here.host else here.host]
    if ipaddress.ip_address(here.host).is_loopback:
        hosts.append("localhost")
    return frozenset(host if here.port == 80 else f"{host}:{here.port}" for host in hosts)


def stay_near(sock: socket.socket) -> None:
    """Its packets, and those of the connections that it accepts, end at the first router."""
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, _HOPS)
    else:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, _HOPS)
