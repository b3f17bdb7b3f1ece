"""A registration authority on real TLS, and whoever asks it for something."""

import base64
import sqlite3
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs7

from controller.clock import SystemClock
from controller.identity.authority import Authority
from controller.identity.certificates import By, moment
from controller.identity.est import BASE, est_context, make_est_app
from controller.identity.files import FOLDER, Lives, keep_controller, keep_server, open_authority
from controller.identity.provisioning import Addresses, GatewayClass, Provisioning, Record
from controller.store import Store
from devices.model.claim import Claim
from tests.support.signing import p256, pem, signing_request

NAMES = ("localhost", "127.0.0.1")
BY = By("engineer")


class ShiftedClock(SystemClock):
    """The host's clocks, and the time that a test has let pass without waiting for it."""

    passed_us = 0

    def now_us(self) -> int:
        return super().now_us() + self.passed_us

    def utc_us(self) -> int:
        return super().utc_us() + self.passed_us

    def let_pass(self, **time: float) -> None:
        """Days, hours, seconds, … later, at once."""
        self.passed_us += int(timedelta(**time).total_seconds() * 1_000_000)


@dataclass(slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def certificates(self) -> list[x509.Certificate]:
        assert self.status == 200, self.text
        return pkcs7.load_der_pkcs7_certificates(base64.b64decode(self.body))


@dataclass(slots=True)
class Est:
    """The running authority. Nothing in it is replaced but the clock."""

    folder: Path
    store: Store
    clock: ShiftedClock
    authority: Authority
    port: int = 0
    alerts: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    known: list[int] = field(default_factory=list[int])
    """How many certificates the broker could see each time it was told to look."""

    @property
    def root(self) -> Path:
        return self.folder / "ca" / "root.pem"

    @property
    def address(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def utc_s(self) -> int:
        return self.clock.utc_us() // 1_000_000

    @property
    def service(self) -> Provisioning:
        return Provisioning(
            self.store,
            self.clock,
            authority=self.authority,
            folder=self.folder / "ca",
            addresses=lambda: Addresses(self.address, "mqtts://localhost:8883"),
        )

    async def claim(self, gateway: str = "ward-a") -> Claim:
        """As the engineer makes it."""
        return await self.service.provision(Record(gateway, "", "", "w-1", GatewayClass.WARD), BY)

    async def write(self, work: Any) -> Any:
        return await self.store.write(work)

    async def trail(self) -> list[str]:
        """Action, outcome and code of what the authority did, without what engineers did."""
        rows = await self.store.read(
            "SELECT action, entry ->> '$.outcome', entry ->> '$.detail.code' FROM audit "
            "WHERE actor <> 'engineer' ORDER BY number"
        )
        return [" ".join(filter(None, row)) for row in rows]

    async def certificates(self) -> list[sqlite3.Row]:
        return await self.store.read("SELECT * FROM certificate ORDER BY issued_utc_s")

    def client(self, shown: Path | None = None) -> ssl.SSLContext:
        """A client that trusts the root, and shows a certificate."""
        context = ssl.create_default_context(cafile=self.root)
        if shown is not None:
            context.load_cert_chain(shown)
        return context

    async def ask(
        self,
        what: str,
        body: bytes | None = None,
        *,
        login: tuple[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        **headers: str,
    ) -> Answer:
        """GET, or POST when there is a body."""
        sent = {"Content-Type": "application/pkcs10"} if body is not None else {}
        if login:
            sent["Authorization"] = aiohttp.encode_basic_auth(*login)
        async with (
            aiohttp.ClientSession() as session,
            session.request(
                "GET" if body is None else "POST",
                f"{self.address}{BASE}/{what}",
                data=body,
                headers=sent | headers,
                ssl=tls or self.client(),
            ) as answer,
        ):
            return Answer(answer.status, dict(answer.headers), await answer.read())

    async def enrol(self, claim: Claim, body: bytes | None = None) -> Answer:
        """As a gateway does with its claim."""
        request = body or signing_request(p256(), claim.gateway)
        return await self.ask("simpleenroll", request, login=(claim.gateway, claim.token))

    async def identity(self, gateway: str = "ward-a") -> Path:
        """A gateway that has been enrolled: its key, certificate and chain in one file."""
        key = p256()
        [given] = (await self.enrol(await self.claim(gateway), signing_request(key, gateway))).certificates
        file = self.folder / f"{gateway}-{given.serial_number:x}.pem"
        file.write_bytes(pem(key, given, self.authority.issuing))
        return file


@asynccontextmanager
async def running(est: Est) -> AsyncIterator[Est]:
    def alert(code: str, gateway: str, detail: dict[str, str | int]) -> None:
        est.alerts.append((code, gateway))

    async def changed() -> None:
        est.known.append(len(await est.certificates()))

    life = Lives().gateway
    told, names = {"alert": alert, "changed": changed}, ("est.ward.example",)
    app = make_est_app(est.store, est.authority, est.clock, life=life, names=names, **told)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=est_context(est.folder / "ca")).start()
    est.port = runner.addresses[0][1]
    try:
        yield est
    finally:
        await runner.cleanup()


@asynccontextmanager
async def started(folder: Path) -> AsyncIterator[Est]:
    """As the controller starts it in its folder, with ward w-1 and no gateway."""
    clock = ShiftedClock()
    now = moment(clock.utc_us() // 1_000_000)
    authority = open_authority(folder / FOLDER, now)
    keep_server(folder / FOLDER, authority, NAMES, now, Lives().server)
    keep_controller(folder / FOLDER, authority, "controller", now, Lives().controller)
    store = await Store.open(folder / "wardlink.sqlite")
    await store.write(lambda db: db.execute("INSERT INTO ward VALUES ('w-1', 'Ward 1')"))
    async with running(Est(folder, store, clock, authority)) as est:
        yield est
    await store.close()


@pytest.fixture
async def est(tmp_path: Path) -> AsyncIterator[Est]:
    """Running, with an authority of its own."""
    async with started(tmp_path) as est:
        yield est
