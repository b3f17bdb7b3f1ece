"""The doors of a running site: those that are listed and no other, none without a lock but on loopback."""

import asyncio
import json
import os
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import aiohttp
import aiomqtt
import pytest

from controller.clock import SystemClock
from controller.config import Config, load
from controller.hub import Hub
from controller.identity.files import FOLDER, ROOT
from controller.registry import Registry
from controller.security.users import set_password
from controller.store import Store
from hil.faults.namespace import in_namespace, interface_up, open_tun
from hil.identities import given
from hil.processes import Kept
from hil.stack import Stack
from hil.ward import Folder, six_kinds
from tests.support.controller import PASSWORD
from tests.support.doors import Door, open_doors

pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.timeout(240)]

MDNS = {("itself", "udp", "0.0.0.0", 5353), ("itself", "udp", "127.0.0.1", 5353)}
"""Where the controller says its address to gateways that look for it (RFC 6762): [discovery] interfaces. It
answers with nothing else, and believes nothing but that a box waits."""
HERE = "10.77.0.1"


def ports(data: Path) -> dict[str, int]:
    """Of http, est, mqtt, as the controller says them."""
    told = json.loads((data / "run" / "addresses.json").read_text(encoding="utf-8"))
    return {door: int(told[door].rpartition(":")[2]) for door in ("http", "est", "mqtt")}


def inner(doors: set[Door]) -> Door:
    """The broker's own protocol, which it cannot be without: on loopback, at a port of its choice."""
    [found] = (door for door in doors if door[:3] == ("nats-server", "tcp", "127.0.0.1"))
    return found


async def said_by_the_inner_door(port: int, user: str) -> bytes:
    """What the broker answers to a client of its own protocol with that name and no password."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    async with asyncio.timeout(20):
        assert (await reader.readline()).startswith(b"INFO ")
        hello = json.dumps({"verbose": True, "user": user, "pass": ""}).encode()
        writer.write(b"CONNECT " + hello + b"\r\nSUB wl.1.> 1\r\nPING\r\n")
        answer = await reader.read()
    writer.close()
    return answer


async def test_a_site_listens_at_its_three_doors_and_nowhere_else(tmp_path: Path) -> None:
    async with Stack(Folder(tmp_path / "site"), ward=six_kinds(1), port=0, tell=print) as stack:
        controller, gateway = stack.controller.pid, stack.gateway.pid
        assert controller
        assert gateway
        at = ports(stack.folder.controller)
        doors = await open_doors(controller)
        mqtt = ("nats-server", "tcp", "127.0.0.1", at["mqtt"])
        assert mqtt in doors
        own = inner(doors - {mqtt})
        assert doors - MDNS == {
            ("itself", "tcp", "127.0.0.1", at["http"]),
            ("itself", "tcp", "127.0.0.1", at["est"]),
            *(mqtt, own),
        }
        assert await open_doors(gateway) == set()
        config = (stack.folder.controller / "broker" / "nats.conf").read_text(encoding="utf-8")
        named = [line.split('"')[3] for line in config.splitlines() if '"user"' in line]
        assert named
        for user in ("", *named):
            assert b"-ERR 'Authorization Violation'" in await said_by_the_inner_door(own[3], user)


@dataclass(frozen=True, slots=True)
class Outside:
    """A controller at an address that others can reach."""

    config: Config
    pid: int
    root: ssl.SSLContext
    """Believes its authority."""
    member: ssl.SSLContext
    """Shows a gateway's certificate, too."""

    def url(self, door: str) -> str:
        return f"https://{HERE}:{ports(self.config.data)[door]}"


@asynccontextmanager
async def outside(folder: Path) -> AsyncIterator[Outside]:
    """Run it inside the block: a process in this network namespace, with `nurse` and a gateway `box`."""
    tun = open_tun("site0")
    interface_up("site0", HERE, "255.255.255.0")
    file = folder / "controller.toml"
    doors = "".join(f'[{door}]\nhost = "{HERE}"\nport = 0\n' for door in ("http", "est", "mqtt"))
    file.write_text(f"{doors}[discovery]\ninterfaces = []\n", encoding="utf-8")
    config, clock = load(file), SystemClock()
    store = await Store.open(config.database)
    registry = Registry(store, Hub(clock, "setup"), clock)
    await registry.load()
    await registry.add_gateway("box", "Box")
    await set_password(store, clock, "nurse", PASSWORD)
    box = await given(store, config.data / FOLDER, "box", folder / "box", f"mqtts://{HERE}:1")
    await store.close()
    argv = [sys.executable, "-m", "wardlink", "controller", "run", str(file)]
    deaths: list[object] = []
    kept = Kept(
        "controller", argv, log=folder / "log", died=lambda *told: deaths.append(told), cwd=Path.cwd()
    )
    await kept.start()
    try:
        async with asyncio.timeout(60):
            while not (config.data / "run" / "addresses.json").exists():
                assert not deaths, kept.last_lines()
                await asyncio.sleep(0.1)
        assert kept.pid
        root = ssl.create_default_context(cafile=str(config.data / FOLDER / ROOT))
        yield Outside(config, kept.pid, root, box.context())
    finally:
        await kept.stop()
        os.close(tun)


async def plain(port: int, sent: bytes) -> bytes:
    """What comes back to somebody who does not speak TLS."""
    reader, writer = await asyncio.open_connection(HERE, port)
    came = b""
    async with asyncio.timeout(30):
        with suppress(ConnectionError):
            writer.write(sent)
            came = await reader.read()
    writer.close()
    return came


async def look_from_outside(folder: Path) -> None:
    async with outside(folder) as site:
        at = ports(site.config.data)
        doors = await open_doors(site.pid)
        far = {door for door in doors if not ip_address(door[2]).is_loopback}
        assert far == {
            ("itself", "tcp", HERE, at["http"]),
            ("itself", "tcp", HERE, at["est"]),
            ("nats-server", "tcp", HERE, at["mqtt"]),
        }
        assert doors - far == {inner(doors)}
        await nothing_without_tls(at)
        await nothing_without_being_let_in(site)
        await those_who_belong_are_let_in(site)


async def nothing_without_tls(at: dict[str, int]) -> None:
    get = b"GET /login HTTP/1.1\r\nHost: " + HERE.encode() + b"\r\nConnection: close\r\n\r\n"
    connect = b"\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04evil"
    for door, sent in (("http", get), ("est", get), ("mqtt", connect), ("mqtt", get)):
        came = await plain(at[door], sent)
        assert came == b"" or came.startswith(b"\x15\x03"), door  # nothing, or TLS's own alert
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    for port in at.values():
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.open_connection(HERE, port, ssl=old)


async def nothing_without_being_let_in(site: Outside) -> None:
    connector = aiohttp.TCPConnector(ssl=site.root)
    async with aiohttp.ClientSession(connector=connector) as stranger:
        for path in ("/api/snapshot", "/api/events", "/api/openapi.json", "/board/main.js", "/api/people"):
            async with stranger.get(site.url("http") + path) as answer:
                assert answer.status == 401, path
        est = site.url("est") + "/.well-known/est"
        csr = {"Content-Type": "application/pkcs10"}
        async with stranger.post(f"{est}/simpleenroll", data=b"x", headers=csr) as answer:
            assert answer.status == 401
        async with stranger.post(f"{est}/simplereenroll", data=b"x", headers=csr) as answer:
            assert answer.status == 403
    with pytest.raises(aiomqtt.MqttError):
        async with aiomqtt.Client(HERE, ports(site.config.data)["mqtt"], tls_context=site.root, timeout=5):
            pass


async def those_who_belong_are_let_in(site: Outside) -> None:
    web = site.url("http")
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=site.root),
        cookie_jar=aiohttp.CookieJar(unsafe=True),
        headers={"Origin": web},
    ) as nurse:
        async with nurse.post(f"{web}/api/login", json={"user": "nurse", "password": PASSWORD}) as answer:
            assert answer.status == 204
        async with nurse.get(f"{web}/api/snapshot") as answer:
            assert answer.status == 200
        async with nurse.get(site.url("est") + "/.well-known/est/cacerts") as answer:
            assert answer.status == 200
    async with aiomqtt.Client(
        HERE, ports(site.config.data)["mqtt"], tls_context=site.member, timeout=20
    ) as box:
        await box.publish("wl/1/box/up/vital", b"x", qos=1)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
@pytest.mark.skipif(os.geteuid() != 0, reason="a network of its own needs root")
async def test_at_an_address_of_the_house_every_door_speaks_tls_and_asks_who_it_is(tmp_path: Path) -> None:
    await in_namespace(lambda: look_from_outside(tmp_path))
