"""Controllers that are reached from elsewhere pass on by TLS, to a controller of ours only.

In a network namespace, where an address that is not the machine's own loopback can be listened at.
"""

import os
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from controller.identity.files import FOLDER
from controller.identity.takeover import ROOT
from hil.faults.namespace import in_namespace, interface_up
from tests.integration.controller.conftest import Site
from tests.integration.controller.test_any_replica import MAP, log_in, on_duty, with_nina
from tests.support.controller import PASSWORD
from tests.support.http import get
from tests.support.replicas import Replica, Two, both_running

pytestmark = [
    pytest.mark.sqlite_only("processes that open the file"),
    pytest.mark.skipif(os.geteuid() != 0, reason="a network namespace needs root"),
]
HERE = "10.9.0.1"
NAME = "wardlink.hospital.example"
"""What all controllers of the site are called, wherever they are."""
ROBOTS = f'[robots]\nmap = "{MAP}"\n'


def reached_from_elsewhere(site: Site) -> None:
    interface_up("lo:1", HERE, "255.255.255.255")
    file = site.folder / "controller.toml"
    text = file.read_text(encoding="utf-8").replace("[http]\n", f'[http]\nhost = "{HERE}"\n')
    file.write_text(f'[controller]\nnames = ["{NAME}"]\n{text}', encoding="utf-8")


class Names(AbstractResolver):
    """The hospital's name service."""

    async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_INET) -> list[ResolveResult]:
        assert host == NAME
        return [ResolveResult(hostname=host, host=HERE, port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing is open."""


@asynccontextmanager
async def browser(replica: Replica) -> AsyncIterator[aiohttp.ClientSession]:
    """One that trusts the site's authority, and knows the controller by its name."""
    address = replica.site.addresses()["http"]
    assert address.startswith(f"https://{HERE}:")
    address = address.replace(HERE, NAME)
    trust = ssl.create_default_context(cafile=replica.site.config.data / FOLDER / ROOT)
    connector = aiohttp.TCPConnector(ssl=trust, resolver=Names())
    async with aiohttp.ClientSession(address, headers={"Origin": address}, connector=connector) as session:
        yield session


async def other_than_on_duty(two: Two) -> Replica:
    return two.other if await on_duty(two) is two.holds else two.holds


async def test_what_only_the_other_can_answer_is_fetched_by_tls(site: Site) -> None:
    async def work() -> tuple[int, str, bool]:
        reached_from_elsewhere(site)
        await with_nina(site)
        async with both_running(site, ROBOTS) as two, browser(await other_than_on_duty(two)) as there:
            logged_in = await log_in(there)
            return (
                logged_in,
                (await get(there, "/api/me"))["user"],
                "stopped" in await get(there, "/api/robots"),
            )

    assert await in_namespace(work) == (204, "nina", True)


async def test_whoever_else_is_at_its_address_gets_neither_a_cookie_nor_a_password(
    site: Site, tmp_path: Path
) -> None:
    """A server with a certificate for the right name, by another authority."""

    async def work() -> tuple[int, str, int, int]:
        reached_from_elsewhere(site)
        await with_nina(site)
        async with impostor(tmp_path) as other:
            elsewhere = f'address = "https://{HERE}:{other.port}"\n'
            async with both_running(site, elsewhere) as two, browser(await other_than_on_duty(two)) as there:
                body = {"user": "nina", "password": PASSWORD}
                async with there.post("/api/login", json=body) as answer:
                    why = (await answer.json())["error"]["code"]
                    return answer.status, why, other.connections, other.requests

    status, why, connections, requests = await in_namespace(work)
    assert (status, why) == (503, "nobody-on-duty")
    assert connections >= 1
    assert requests == 0


@dataclass(slots=True)
class Impostor:
    port: int = 0
    connections: int = 0
    requests: int = 0


@asynccontextmanager
async def impostor(folder: Path) -> AsyncIterator[Impostor]:
    """Who it hears from is counted: connections, and what was said inside TLS."""
    seen = Impostor()

    async def asked(_request: web.BaseRequest) -> web.Response:
        seen.requests += 1
        return web.Response(status=204)

    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate(folder))

    def hello(*_: object) -> None:
        seen.connections += 1

    tls.sni_callback = hello
    runner = web.ServerRunner(web.Server(asked))
    await runner.setup()
    await (web.TCPSite(runner, HERE, 0, ssl_context=tls)).start()
    seen.port = runner.addresses[0][1]
    yield seen
    await runner.cleanup()


def certificate(folder: Path) -> Path:
    """Self-signed, for the controllers' name; with its key."""
    now, key = datetime.now(UTC), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, SHA256())
    )
    path = folder / "impostor.pem"
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + made.public_bytes(Encoding.PEM)
    )
    return path
