"""Registration authorities for a gateway's tests: the controller's own, and strangers that say anything.

async with controller_est(folder, clock) as est:      # the real one, on real TLS
    await enrol(identity, await est.claim("ward-a"), "ward-a", clock)
async with stranger(certificate_and_key, answer) as other: ...   # other.heard: all that anyone told it
"""

import asyncio
import secrets
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from controller.clock import SystemClock as ControllerClock
from controller.identity import claims
from controller.identity.authority import Authority, PrivateKey, new_key
from controller.identity.certificates import By, revoke
from controller.identity.est import est_context, make_est_app, renew_est_context
from controller.identity.files import Lives, held_authority, keep_server, open_authority
from controller.store import Store
from devices.model.claim import Claim
from gateway.clock import KernelSync
from gateway.clock import SystemClock as GatewayClock
from tests.support.succession import succeed

LIFE = timedelta(days=30)
DAY_S = 86_400
MQTT = "mqtts://127.0.0.1:8883"


def now() -> datetime:
    return datetime.now(UTC)


class Times:
    """The clocks of both sides, which a test lets pass; a gateway's own may be unset."""

    def __init__(self) -> None:
        self.passed_s = 0.0
        self.unset = False
        self.looks = 0
        """How often the gateway's clock was read."""

    def let_pass(self, seconds: float) -> None:
        self.passed_s += seconds

    def controller(self) -> ControllerClock:
        times = self

        class Shifted(ControllerClock):
            def utc_us(self) -> int:
                return super().utc_us() + int(times.passed_s * 1e6)

        return Shifted()

    def gateway(self) -> GatewayClock:
        real = GatewayClock()

        def mono_ns() -> int:
            self.looks += 1
            return real.mono_ns() + int(self.passed_s * 1e9)

        return GatewayClock(
            mono_ns=mono_ns,
            utc_ns=lambda: 0 if self.unset else real.utc_ns() + int(self.passed_s * 1e9),
            sync=lambda: KernelSync(False, 0),
        )


@dataclass(slots=True)
class Est:
    """A running authority. `lose`: how many more answers are lost on the way back."""

    store: Store
    authority: Authority
    times: Times
    folder: Path
    """The authority's."""
    address: str = ""
    lose: int = 0
    tokens: list[str] = field(default_factory=list[str])
    """The Authorization of each request."""
    alerts: list[str] = field(default_factory=list[str])
    tls: ssl.SSLContext = field(init=False)

    def __post_init__(self) -> None:
        self.tls = est_context(self.folder)

    async def claim(self, gateway: str, **changes: object) -> Claim:
        """A claim as an engineer makes it; `changes` of what it says."""
        token = secrets.token_urlsafe(16)
        utc_s = int(now().timestamp() + self.times.passed_s)
        known = await self.store.read("SELECT 1 FROM gateway WHERE id = ?", (gateway,))
        if not known:
            row = "INSERT INTO gateway (id, name, added_ms, provisioned) VALUES (?, ?, 0, 1)"
            await self.store.write(lambda db: db.execute(row, (gateway, gateway)))
        expires = await self.store.write(lambda db: claims.make(db, gateway, token, utc_s))
        made = Claim(gateway, self.address, MQTT, token, self.authority.fingerprint, expires)
        return replace(made, **changes)  # type: ignore[arg-type]

    async def revoke(self, gateway: str) -> None:
        utc_us = int(now().timestamp() * 1e6)
        await self.store.write(lambda db: revoke(db, gateway, By("engineer"), utc_us))

    def succeed(self, *, root: bool = False) -> None:
        """The next issuing certificate, or a new root, takes over while this runs, as in a controller."""
        at = now() + timedelta(seconds=self.times.passed_s)
        succeed(self.folder, at, root=root)
        self.authority.follow(held_authority(self.folder, at))
        keep_server(self.folder, self.authority, ("127.0.0.1",), at, 2 * LIFE)
        renew_est_context(self.tls, self.folder)

    async def issued(self, gateway: str) -> int:
        """How many certificates it was given."""
        return len(await self.store.read("SELECT 1 FROM certificate WHERE gateway = ?", (gateway,)))


@asynccontextmanager
async def controller_est(
    folder: Path, times: Times, *, names: Sequence[str] = ("127.0.0.1",), server_life: timedelta = 2 * LIFE
) -> AsyncIterator[Est]:
    """The controller's authority, served as the controller serves it, on a free port."""
    authority = open_authority(folder / "ca", now() - timedelta(days=1))
    keep_server(folder / "ca", authority, names, now(), server_life)
    store = await Store.open(folder / "controller.db")
    est = Est(store, authority, times, folder / "ca")

    async def changed() -> None:
        """The broker would be configured now."""

    app = make_est_app(
        store,
        authority,
        times.controller(),
        life=Lives().gateway,
        alert=lambda code, *_: est.alerts.append(code),
        changed=changed,
    )

    @web.middleware
    async def listened(request: web.Request, handler: Callable) -> web.StreamResponse:  # type: ignore[type-arg]
        est.tokens += request.headers.getall("Authorization", [])
        answer = await handler(request)
        if request.method == "POST" and est.lose:
            est.lose -= 1
            assert request.transport
            request.transport.abort()
        return answer

    app.middlewares.insert(0, listened)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=est.tls).start()
    est.address = f"https://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield est
    finally:
        await runner.cleanup()
        await store.close()


Shown = tuple[PrivateKey, list[x509.Certificate]]
"""A key, and the certificates that a server shows with it."""


def server_identity(authority: Authority, *names: str, age: timedelta = timedelta(0)) -> Shown:
    """What a server of `authority` shows that was made so long ago."""
    key = new_key()
    return key, [authority.server(names, key.public_key(), now() - age, LIFE), authority.issuing]


def server_context(folder: Path, shown: Shown) -> ssl.SSLContext:
    """TLS for a server that shows it."""
    key, certificates = shown
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + b"".join(one.public_bytes(Encoding.PEM) for one in certificates)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


@dataclass(slots=True)
class Stranger:
    """A TLS server that is not the controller's, and everything that anyone told it."""

    address: str = ""
    heard: bytearray = field(default_factory=bytearray)


@asynccontextmanager
async def stranger(
    folder: Path,
    shown: Shown,
    answer: Callable[[bytes], bytes],
) -> AsyncIterator[Stranger]:
    """A server that shows `shown`, and gives `answer` of each request."""
    context = server_context(folder, shown)
    it = Stranger()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            said = await reader.readuntil(b"\r\n\r\n")
            length = int(said.lower().partition(b"content-length: ")[2].partition(b"\r")[0] or 0)
            said += await reader.readexactly(length)
            it.heard += said
            writer.write(answer(said))
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    it.address = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield it
