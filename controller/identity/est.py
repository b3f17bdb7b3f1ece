"""Enrolment over secure transport (RFC 7030): how gateways get and renew their certificates.

GET  /.well-known/est/cacerts         root and issuing certificate; what leads from a former root to this one
POST /.well-known/est/simpleenroll    HTTP Basic, the gateway's id and its claim's token
POST /.well-known/est/simplereenroll  TLS with the certificate that is to be renewed, expired or not

It listens on a port of its own, for its TLS lets expired certificates in (`est_context`): only here, where
renewal.py judges their dates.
"""

import asyncio
import base64
import logging
import ssl
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from controller.clock import Clock
from controller.errors import AuthorityError, ClockNotSet, EnrolmentRefused, StoreError
from controller.identity import claims, renewal
from controller.identity.authority import Authority
from controller.identity.certificates import moment, serial_of
from controller.identity.claims import Attempt
from controller.identity.files import SERVER
from controller.identity.renewal import Renewal
from controller.identity.requests import LARGEST
from controller.identity.takeover import ISSUING, RETIRED, ROOT
from controller.security.hosts import is_ours
from controller.security.throttle import Throttle
from controller.store import Store
from devices.errors import BadIdentity
from devices.model.identity import gateway_id

BASE = "/.well-known/est"
BODY_S = 10
"""A request's body has to be there in so many seconds."""
NO_CHECK_TIME = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME, which Python's `ssl` does not name."""
_ASK = {"WWW-Authenticate": 'Basic realm="Wardlink", charset="UTF-8"'}
_STATUS = {
    **dict.fromkeys(("bad-encoding", "bad-key", "bad-possession"), 400),
    **dict.fromkeys(("unknown-token", "foreign-token", "ended-token", "expired-token"), 401),
    "too-many": 429,
}
"""By the code of a refusal; every other is 403."""

Alert = Callable[[str, str, dict[str, str | int]], None]
"""Raises an alert: its code, the gateway, what more there is to say."""

log = logging.getLogger(__name__)


def make_est_app(
    store: Store,
    authority: Authority,
    clock: Clock,
    *,
    life: timedelta,
    alert: Alert,
    changed: Callable[[], Awaitable[None]],
    names: Collection[str] = (),
) -> web.Application:
    """The application; serve it with `est_context`.

    `life` is that of a gateway's certificate; `names` are those by which it is reached, beside addresses and
    localhost (controller/security/hosts.py says why no other is answered). `changed` is awaited before a new
    certificate is sent: when it returns, the broker should know it, for the gateway will be there at once.
    """
    est = _Est(store, authority, clock, life, alert, changed, Throttle(clock))
    known = frozenset(name.lower().rstrip(".") for name in (*names, "localhost"))
    app = web.Application(middlewares=[_only_ours(known), _refusals], client_max_size=LARGEST)
    app.router.add_get(f"{BASE}/cacerts", est.cacerts)
    app.router.add_post(f"{BASE}/simpleenroll", est.enroll)
    app.router.add_post(f"{BASE}/simplereenroll", est.reenroll)
    return app


def est_context(folder: Path) -> ssl.SSLContext:
    """TLS for the application, from the authority's folder.

    A client's certificate is asked for, not demanded. One that is shown has to be of this authority and for
    clients; its dates are left to renewal.py. When the folder has changed, `renew_est_context`.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_OPTIONAL
    context.verify_flags |= NO_CHECK_TIME
    renew_est_context(context, folder)
    return context


def renew_est_context(context: ssl.SSLContext, folder: Path) -> None:
    """The next connections have what is in the folder now; those of retired authorities can still renew."""
    context.load_cert_chain(folder / SERVER)
    for path in (folder / ROOT, folder / ISSUING, *(folder / RETIRED).glob("*.pem")):
        context.load_verify_locations(path)


@dataclass(frozen=True, slots=True)
class _Est:
    store: Store
    authority: Authority
    clock: Clock
    life: timedelta
    alert: Alert
    changed: Callable[[], Awaitable[None]]
    throttle: Throttle

    async def cacerts(self, request: web.Request) -> web.Response:
        """RFC 7030, 4.1; with a former root, the certificates of its key's update (4.1.3)."""
        held = self.authority.held
        return _certificates(held.issuing, held.root, *held.links)

    async def enroll(self, request: web.Request) -> web.Response:
        """RFC 7030, 4.2.1."""
        gateway, token = _credentials(request)
        where = self._begin(request, gateway)
        attempt = Attempt(gateway, token, await _body(request), where)
        given = await self.store.write(
            lambda db: claims.spend(db, self.authority, attempt, self.clock.utc_us(), self.life)
        )
        if isinstance(given, EnrolmentRefused) and given.code == "used-token":
            self.alert(claims.USED_TWICE, gateway, {"where": where})
        return await self._answer(given, gateway, where)

    async def reenroll(self, request: web.Request) -> web.Response:
        """RFC 7030, 4.2.2."""
        certificate = _shown(request)
        serial = serial_of(certificate)
        where = self._begin(request, serial)
        wanted = Renewal(certificate, await _body(request), where)
        given = await self.store.write(
            lambda db: renewal.renew(db, self.authority, wanted, self.clock.utc_us(), self.life)
        )
        return await self._answer(given, serial, where)

    def _begin(self, request: web.Request, who: str) -> str:
        """The address that the request comes from, unless too much came from there."""
        self.authority.check_clock(moment(self.clock.utc_us() // 1_000_000))
        where = request.remote or ""
        if (wait_s := self.throttle.wait_s(who, where)) > 0:
            raise web.HTTPTooManyRequests(
                text=f"too many requests that failed: try again in {wait_s} s\n",
                headers={"Retry-After": str(wait_s)},
            )
        self.throttle.tried(who, where)
        return where

    async def _answer(self, given: x509.Certificate | EnrolmentRefused, who: str, where: str) -> web.Response:
        if isinstance(given, EnrolmentRefused):
            raise given
        self.throttle.succeeded(who, where)
        await self.changed()
        return _certificates(given)


@web.middleware
async def _refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except EnrolmentRefused as refused:
        status = _STATUS.get(refused.code, 403)
        headers = _ASK if status == 401 else None
        return web.Response(status=status, text=f"{refused.code}: {refused}\n", headers=headers)
    except (StoreError, AuthorityError) as error:
        log.error("%s %s: %s", request.method, request.path, error)
        why = str(error) if isinstance(error, ClockNotSet) else "this cannot be done now: try again later"
        return web.Response(status=503, text=f"{why}\n")


def _only_ours(known: Collection[str]) -> Middleware:
    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if all(is_ours(named, known) for named in (request.host, *request.headers.getall("Host", []))):
            return await handler(request)
        text = f"this is not {request.host!r:.80}: ask at the address of the claim\n"
        return web.Response(status=421, text=text)

    return check


def _credentials(request: web.Request) -> tuple[str, str]:
    """Gateway and token (RFC 7617)."""
    try:
        scheme, _, coded = request.headers.get("Authorization", "").partition(" ")
        gateway, _, token = base64.b64decode(coded, validate=True).decode().partition(":")
        if scheme.lower() == "basic":
            return gateway_id(gateway), token
    except (ValueError, BadIdentity):
        log.debug("no credentials that can be read, from %s", request.remote)
    text = "expected HTTP Basic with the gateway's id and its claim's token: take them from the claim\n"
    raise web.HTTPUnauthorized(text=text, headers=_ASK)


def _shown(request: web.Request) -> x509.Certificate:
    """The certificate of the TLS connection, whose key the client has proved to hold."""
    connection: ssl.SSLObject | None = request.get_extra_info("ssl_object")
    der = connection.getpeercert(binary_form=True) if connection else None
    if der is None:
        text = "expected a TLS client certificate, there is none: show the one that is to be renewed\n"
        raise web.HTTPForbidden(text=text)
    return x509.load_der_x509_certificate(der)


async def _body(request: web.Request) -> bytes:
    if request.content_type != "application/pkcs10":
        text = f"expected Content-Type application/pkcs10, got {request.content_type!r:.60}\n"
        raise web.HTTPUnsupportedMediaType(text=text)
    try:
        async with asyncio.timeout(BODY_S):
            return await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout(text="the request did not come in time: send it again\n") from None


def _certificates(*given: x509.Certificate) -> web.Response:
    """A certs-only answer (RFC 7030, 4.1.3). Some clients cannot read base64 with line breaks."""
    body = base64.b64encode(pkcs7.serialize_certificates(list(given), Encoding.DER))
    headers = {
        "Content-Type": "application/pkcs7-mime; smime-type=certs-only",
        "Content-Transfer-Encoding": "base64",
    }
    return web.Response(body=body, headers=headers)
