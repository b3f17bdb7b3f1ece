"""Bytes that no browser sends: each attack gets nothing, the honest request beside it what it asks for."""

import asyncio
import gzip
import json
import re
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import suppress
from importlib import resources
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web

from controller import listening
from controller.api.app import make_app
from controller.api.context import CONTEXT
from controller.api.routes import TABLE
from controller.clock import SystemClock
from controller.hub import Hub
from controller.ports import free_port
from controller.registry import Registry
from controller.security.accounts import By
from controller.security.cookie import COOKIE
from controller.security.permissions import Role
from controller.security.sessions import How
from controller.security.users import User
from controller.store import Store
from tests.support.controller import PASSWORD, quick_passwords

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAME = "wardlink.hospital.example"
LOGIN = json.dumps({"user": "anna", "password": PASSWORD}).encode()
FOLDERS = sorted(route.path.split("/")[1] for route in TABLE if route.path.endswith("{path:.+}"))
WAITS_S = 1.0


class Door:
    """The server's port, and a client with a bare socket. `anna` has every role."""

    def __init__(self, port: int, token: str) -> None:
        self.port = port
        self.cookie = f"Cookie: {COOKIE}={token}".encode()
        self.host = b"Host: localhost:%d" % port
        self.origin = b"Origin: http://localhost:%d" % port

    def get(self, target: bytes, *headers: bytes) -> bytes:
        """A request by somebody who is logged in."""
        return request(b"GET " + target, self.host, self.cookie, *headers)

    def post(self, body: bytes, *headers: bytes) -> bytes:
        """A login; its headers have to say how long the body is."""
        media = b"Content-Type: application/json"
        return request(b"POST /api/login", self.host, self.origin, media, *headers) + body

    async def ask(self, sent: bytes) -> bytes:
        """All that comes back until the server hangs up."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        async with asyncio.timeout(30):
            with suppress(ConnectionError):
                writer.write(sent)
                await writer.drain()
            came = await rest(reader)
        writer.close()
        return came


async def rest(reader: asyncio.StreamReader) -> bytes:
    """What comes until the server hangs up, if need be while it is still told things."""
    came = bytearray()
    with suppress(ConnectionError):
        while part := await reader.read(65_536):
            came += part
    return bytes(came)


def request(what: bytes, *headers: bytes, version: bytes = b"HTTP/1.1") -> bytes:
    """Its line and its headers."""
    return b"\r\n".join((what + b" " + version, *headers, b"", b""))


def length(body: bytes) -> bytes:
    return b"Content-Length: %d" % len(body)


def statuses(came: bytes) -> list[int]:
    """Of each answer in a stream of them."""
    return [int(status) for status in re.findall(rb"HTTP/\d\.\d (\d{3}) ", came)]


CLOSE = b"Connection: close"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def door(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Door]:
    """The controller's application on its own server, less patient with late requests."""
    clock, folder = SystemClock(), tmp_path_factory.mktemp("raw")
    store = await Store.open(folder / "controller.db")
    hub = Hub(clock, "session")
    app = make_app(hub, Registry(store, hub, clock), store, clock, names=[NAME])
    parts, port = app[CONTEXT], free_port("127.0.0.1", 0, "HTTP")
    with quick_passwords(), pytest.MonkeyPatch.context() as patch:
        for limit in ("HEADERS_S", "BODY_S", "IDLE_S"):
            patch.setattr(listening, limit, WAITS_S)
        await parts.accounts.create("anna", list(Role), None, By("test"))
        await parts.accounts.choose_password("anna", PASSWORD, By("test"))
        token = await parts.sessions.begin(User("anna", frozenset(Role), None), How.PASSWORD_AND_CODE)
        async with listening.listening(web.AppRunner(app, shutdown_timeout=1), "127.0.0.1", port, None):
            yield Door(port, token)
    await store.close()


UP = b"../../"  # from a folder of pages to the program itself
TRAVERSALS = {
    "plain": UP + b"app.py",
    "encoded dots": b"%2e%2e/%2e%2e/app.py",
    "encoded slashes": b"..%2f..%2fapp.py",
    "all encoded": b"%2e%2e%2f%2e%2e%2fapp.py",
    "encoded twice": b"%252e%252e%252f%252e%252e%252fapp.py",
    "backslashes": b"..\\..\\app.py",
    "encoded backslashes": b"..%5c..%5capp.py",
    "overlong UTF-8": b"..%c0%af..%c0%afapp.py",
    "doubled": b"....//....//app.py",
    "an end that is cut off": UP + b"app.py%00.js",
    "a NUL": UP + b"app.py\x00.js",
    "a parameter": b"..;/..;/app.py",
    "from the root": b"/etc/passwd",
    "from the root, encoded": b"%2fetc%2fpasswd",
    "a URL": b"file:///etc/passwd",
}


@pytest.mark.parametrize("folder", FOLDERS)
async def test_no_path_leads_out_of_a_folder_of_pages(door: Door, folder: str) -> None:
    controller = Path(str(resources.files("controller")))
    pages = Path(str(resources.files("screen"))) if folder == "screen" else controller / "web" / folder
    beside = b"../controller/" if folder == "screen" else UP
    assert (pages / beside.decode() / "app.py").is_file()  # so a server of files would have it
    honest = next(file for file in sorted(pages.rglob("*.js")) if file.is_file())
    target = f"/{folder}/{honest.relative_to(pages)}".encode()
    came = await door.ask(door.get(target, CLOSE))
    assert statuses(came) == [200]
    assert came.endswith(honest.read_bytes())
    for name, path in {**TRAVERSALS, "beside": beside + b"app.py"}.items():
        came = await door.ask(door.get(b"/%b/%b" % (folder.encode(), path), CLOSE))
        assert statuses(came) in ([400], [404]), name
        assert b"import asyncio" not in came
        assert b"root:" not in came


SMUGGLED = b"GET /api/me HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%b\r\n\r\n"
SHAPES = {
    "a length and chunks": (b"Content-Length: 4", b"Transfer-Encoding: chunked"),
    "chunks and a length": (b"Transfer-Encoding: chunked", b"Content-Length: 4"),
    "two lengths": (b"Content-Length: 0", b"Content-Length: 4"),
    "the same length twice": (b"Content-Length: 0", b"Content-Length: 0"),
    "a list of lengths": (b"Content-Length: 0, 4",),
    "a length with a sign": (b"Content-Length: +0",),
    "a negative length": (b"Content-Length: -1",),
    "a length in base 16": (b"Content-Length: 0x0",),
    "a length of two words": (b"Content-Length: 0 4",),
    "a length beyond 64 bits": (b"Content-Length: 18446744073709551616",),
    "a space before the colon": (b"Content-Length : 0",),
    "a space before the colon of chunks": (b"Transfer-Encoding : chunked",),
    "chunks that are not the last coding": (b"Transfer-Encoding: chunked, identity",),
    "a coding nobody knows": (b"Transfer-Encoding: xchunked",),
    "chunks twice": (b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"),
    "chunks after a control character": (b"Transfer-Encoding: \x0bchunked",),
    "a folded line": (b"Transfer-Encoding:\r\n chunked",),
    "a folded header": (b"X-Long: a\r\n b", b"Content-Length: 0"),
    "a bare LF": (b"X-One: a\nContent-Length: 0",),
    "a bare CR": (b"X-One: a\rContent-Length: 0",),
    "a NUL in a header": (b"X-One: a\x00b", b"Content-Length: 0"),
    "a name with a space": (b"X One: a", b"Content-Length: 0"),
    "a header without a colon": (b"Content-Length 0",),
    "a header before all others that begins with a space": (b" Content-Length: 0",),
}


@pytest.mark.parametrize("shape", SHAPES)
async def test_no_request_hides_in_another(door: Door, shape: str) -> None:
    """Were it read in two ways, a proxy before us would let pass what it never saw."""
    hidden = SMUGGLED % door.cookie
    came = await door.ask(door.post(b"0\r\n\r\n" + hidden, *SHAPES[shape]))
    assert statuses(came) == [400]
    assert b'"error"' not in came  # refused before the application saw it


async def test_what_is_framed_rightly_is_read_rightly(door: Door) -> None:
    """The same bytes as a body are a body, and after it they are the next request."""
    hidden = SMUGGLED % door.cookie
    assert statuses(await door.ask(door.post(hidden, length(hidden), CLOSE))) == [400]
    came = await door.ask(door.post(LOGIN, length(LOGIN)) + hidden)
    assert statuses(came) == [204, 200]
    assert b'"anna"' in came


@pytest.mark.parametrize("extension", [b"", b";name=value", b';name="a, b"', b";" + b"x" * 1000])
async def test_a_chunk_may_have_extensions_which_say_nothing(door: Door, extension: bytes) -> None:
    chunk = b"%x%b\r\n%b\r\n0%b\r\n\r\n" % (len(LOGIN), extension, LOGIN, extension)
    came = await door.ask(door.post(chunk, b"Transfer-Encoding: chunked", CLOSE))
    assert statuses(came) == [204]


CHUNKS = {
    "a length that is none": b"xyz\r\nabc\r\n0\r\n\r\n",
    "a length with 0x": b"0x5\r\nabcde\r\n0\r\n\r\n",
    "a length beyond 64 bits": b"fffffffffffffffff\r\nabc",
    "a length with a sign": b"-5\r\nabcde\r\n0\r\n\r\n",
    "a bare LF after the length": b"5\nabcde\r\n0\r\n\r\n",
    "more bytes than it says": b"2\r\nabcde\r\n0\r\n\r\n",
    "a space before the extension's end": b"5;\n\r\nabcde\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("chunk", CHUNKS)
async def test_a_chunk_that_can_be_read_in_two_ways_ends_the_connection(door: Door, chunk: str) -> None:
    body = CHUNKS[chunk] + SMUGGLED % door.cookie
    came = await door.ask(door.post(body, b"Transfer-Encoding: chunked"))
    assert statuses(came) in ([], [400])
    assert b'"anna"' not in came


FLOODS = {
    "a long value": lambda size: b"X-Long: " + b"a" * size,
    "a long name": lambda size: b"X" * size + b": a",
    "many headers": lambda size: b"\r\n".join(b"X-%d: a" % number for number in range(size // 40)),
    "many cookies": lambda size: b"Cookie: " + b"; ".join(b"c%d=1" % number for number in range(size // 4)),
}


@pytest.mark.parametrize("flood", FLOODS)
async def test_headers_without_measure_are_refused(door: Door, flood: str) -> None:
    for size, expected in ((9_000, 400), (900, 200)):
        came = await door.ask(door.get(b"/api/me", FLOODS[flood](size), CLOSE))
        assert statuses(came) == [expected]


async def test_bytes_that_are_no_request_are_repeated_nowhere(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    """A cookie or a patient's name may be among them."""
    caplog.set_level("INFO")
    for bad in (
        door.get(b"/api/me", b"X-Long: canary-" + b"a" * 9_000),
        b"GET /canary-1 HTTP/1.1\r\n canary-2\r\n\r\n",
    ):
        came = await door.ask(bad)
        assert statuses(came) == [400]
        assert b"canary" not in came
        assert b"aiohttp" not in came
    assert not caplog.records


async def test_an_address_without_measure_is_refused(door: Door) -> None:
    assert statuses(await door.ask(door.get(b"/api/me?" + b"a" * 9_000, CLOSE))) == [400]
    assert statuses(await door.ask(door.get(b"/api/me?" + b"a" * 900, CLOSE))) == [200]


@pytest.mark.parametrize("says_so", [True, False], ids=["whose length is told", "in chunks"])
async def test_a_body_without_measure_is_not_read_to_its_end(door: Door, says_so: bool) -> None:
    """A gigabyte is told, or goes on for ever; what is kept of it is little."""
    piece = b"8000\r\n" + b" " * 0x8000 + b"\r\n"
    sent = b" " * 1_000_000 if says_so else piece * 30
    framed = b"Content-Length: 1000000000" if says_so else b"Transfer-Encoding: chunked"
    assert statuses(await door.ask(door.post(sent, framed))) == [413]


async def test_a_packed_body_is_not_unpacked(door: Door) -> None:
    """Whoever wants to pack one: 64 kB would be 64 MB, and nobody's client does it."""
    bomb = gzip.compress(bytes(60_000_000))
    assert len(bomb) < 64 * 1024
    packed = b"Content-Encoding: gzip"
    tracemalloc.start()
    came = await door.ask(door.post(bomb, length(bomb), packed, CLOSE))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert statuses(came) == [400]
    assert peak < 10_000_000
    small = gzip.compress(LOGIN)
    assert statuses(await door.ask(door.post(small, length(small), packed, CLOSE))) == [400]
    assert statuses(await door.ask(door.post(LOGIN, length(LOGIN), CLOSE))) == [204]


@pytest.mark.parametrize("every_s", [0.05, 0.3])
async def test_a_body_that_trickles_ends_the_connection(door: Door, every_s: float) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    writer.write(door.post(b"{", b"Content-Length: 1000"))
    closed = asyncio.create_task(rest(reader))
    async with asyncio.timeout(30):
        while not closed.done():
            with suppress(ConnectionError):
                writer.write(b" ")
            await asyncio.sleep(every_s)
        assert await closed == b""
    writer.close()


async def test_a_body_that_nobody_wants_may_not_trickle_either(door: Door) -> None:
    """Who has no session is refused before the body is there, and is not listened to for longer."""
    ask = request(b"PUT /api/people/x", door.host, door.origin, b"Content-Length: 1000")
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    writer.write(ask)
    came = asyncio.create_task(rest(reader))
    async with asyncio.timeout(30):
        while not came.done():
            with suppress(ConnectionError):
                writer.write(b" ")
            await asyncio.sleep(0.05)
        assert statuses(await came) == [401]
    writer.close()


async def test_a_body_in_pieces_is_taken(door: Door) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    for part in (door.post(b"", length(LOGIN), CLOSE), LOGIN[:9], LOGIN[9:]):
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(0.1)
    async with asyncio.timeout(30):
        assert statuses(await rest(reader)) == [204]
    writer.close()


async def test_a_half_request_behind_a_whole_one_ends_the_connection_too(door: Door) -> None:
    came = await door.ask(door.get(b"/api/me") + b"GET /api/me HTTP/1.1\r\nHost: ")
    assert statuses(came) == [200]


FOREIGN = [
    b"evil.example",
    b"evil.example:80",
    b"localhost.evil.example",
    b"127.0.0.1.evil.example",
    b"LOCALHOST1",
]
FOREIGN += [b"", b"a b", b"[::1", b"user@localhost", b"localhost/", b"%6cocalhost", b"0x7f.1.evil"]


@pytest.mark.parametrize("host", FOREIGN)
async def test_under_a_foreign_name_nobody_gets_anything(door: Door, host: bytes) -> None:
    """DNS rebinding: a stranger's page whose name leads to us. Even its Origin is then that of the Host."""
    named, origin = b"Host: " + host, b"Origin: http://" + host
    for ask in (
        request(b"GET /login", named, CLOSE),
        request(b"GET /public/login.js", named, CLOSE),
        request(b"GET /api/me", named, door.cookie, CLOSE),
        request(b"POST /api/login", named, origin, b"Content-Type: application/json", length(LOGIN), CLOSE)
        + LOGIN,
    ):
        came = await door.ask(ask)
        assert statuses(came) in ([421], [400])
        assert b"anna" not in came
        assert b"<html" not in came


OURS = [
    b"localhost",
    b"LocalHost:8080",
    b"localhost.",
    b"127.0.0.1",
    b"127.0.0.1:8080",
    b"10.0.0.7",
    b"[::1]:8080",
]


@pytest.mark.parametrize("host", [*OURS, NAME.encode(), NAME.encode() + b":8443"])
async def test_under_its_own_names_and_addresses_the_controller_answers(door: Door, host: bytes) -> None:
    ask = request(b"GET /api/me", b"Host: " + host, door.cookie, CLOSE)
    assert statuses(await door.ask(ask)) == [200]


async def test_two_hosts_are_none(door: Door) -> None:
    for hosts in ((door.host, b"Host: evil.example"), (b"Host: evil.example", door.host)):
        came = await door.ask(request(b"GET /login", *hosts, CLOSE))
        assert statuses(came) in ([400], [421])


async def test_the_host_of_an_absolute_address_counts_too(door: Door) -> None:
    foreign = request(b"GET http://evil.example/api/me", door.host, door.cookie, CLOSE)
    assert statuses(await door.ask(foreign)) == [421]
    behind = request(b"GET http://localhost/api/me", b"Host: evil.example", door.cookie, CLOSE)
    assert statuses(await door.ask(behind)) == [421]
    ours = request(b"GET http://localhost/api/me", door.host, door.cookie, CLOSE)
    assert statuses(await door.ask(ours)) == [200]


@pytest.mark.parametrize(
    "what", [b"CONNECT evil.example:443", b"OPTIONS *", b"TRACE /api/me", b"PRI *", b"GET api/me"]
)
async def test_no_proxy_is_here(door: Door, what: bytes) -> None:
    came = await door.ask(request(what, door.host, door.origin, door.cookie, b"X-Echo: marked", CLOSE))
    assert statuses(came)
    assert set(statuses(came)) <= {400, 404, 405, 421}
    assert b"marked" not in came


async def test_http_1_0_gets_one_answer_and_the_end(door: Door) -> None:
    ask = request(b"GET /api/me", door.host, door.cookie, version=b"HTTP/1.0")
    assert statuses(await door.ask(ask)) == [200]
    assert statuses(await door.ask(ask + ask)) in ([200], [400])
    chunked = request(b"POST /api/login", door.host, b"Transfer-Encoding: chunked", version=b"HTTP/1.0")
    assert 204 not in statuses(await door.ask(chunked + b"0\r\n\r\n"))


@pytest.mark.parametrize("version", [b"HTTP/1.9", b"HTTP/3.0", b"http/1.1", b"ICE/1.0", b""])
async def test_other_versions_are_refused(door: Door, version: bytes) -> None:
    came = await door.ask(request(b"GET /api/me", door.host, door.cookie, CLOSE, version=version))
    assert statuses(came) == [400]


async def test_requests_in_a_row_are_answered_in_their_order(door: Door) -> None:
    paths = [b"/api/me", b"/public/nothing.js", b"/api/login/ways"] * 30
    row = b"".join(door.get(path) for path in paths) + door.get(b"/api/people", CLOSE)
    assert statuses(await door.ask(row)) == [200, 404, 200] * 30 + [200]


async def test_bytes_of_another_protocol_are_refused(door: Door) -> None:
    for greeting in (
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\x10\x0f\x00\x04MQTT",
        b"SSH-2.0-x\r\n",
    ):
        assert statuses(await door.ask(greeting)) in ([], [400])
