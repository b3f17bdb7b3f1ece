"""A client that never finishes its headers is cut off; one that is slow in any other way is not."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from aiohttp import web

from controller import listening
from controller.identity.files import FOLDER, ROOT
from controller.ports import free_port
from tests.integration.controller.conftest import Site


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    """A server whose answer takes three times as long as headers may."""
    monkeypatch.setattr(listening, "HEADERS_S", 0.3)

    async def slowly(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(3):
            await asyncio.sleep(0.3)
            await response.write(b"tick ")
        return response

    app = web.Application()
    app.router.add_get("/slow", slowly)
    app.router.add_get("/", lambda _: asyncio.sleep(0, web.Response(text="here")))
    free = free_port("127.0.0.1", 0, "HTTP")
    async with listening.listening(web.AppRunner(app), "127.0.0.1", free, None):
        yield free


GET = b"GET %b HTTP/1.1\r\nHost: here\r\n\r\n"


async def until_closed(reader: asyncio.StreamReader) -> bytes:
    """What came before the server hung up."""
    came = bytearray()
    async with asyncio.timeout(20):
        with suppress(ConnectionError):  # it hung up while it was still told things
            while part := await reader.read(4096):
                came += part
    return bytes(came)


@pytest.mark.parametrize(
    "line",
    [b"GET /", b"GET / HTTP/0.9", b"GET / HTTP/2.0", b"GET / HTTP/1.2", b"GET / HTTP/3.0", b"GET / ICE/1.0"],
)
async def test_a_request_of_another_version_of_http_is_refused(port: int, line: bytes) -> None:
    """It needs no Host, and a proxy in front could read another request out of it."""
    headers = b"Host: here\r\n" * (b"." in line)
    for begun in (b"", GET % b"/"):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(begun)
        if begun:
            assert (await reader.readuntil(b"\r\n\r\nhere")).startswith(b"HTTP/1.1 200")
        writer.write(line + b"\r\n" + headers + b"\r\n")
        came = await until_closed(reader)
        assert came.startswith(b"HTTP/1.0 400 Bad Request")
        assert b"here" not in came
        writer.close()


async def test_it_is_refused_behind_a_right_one_in_the_same_packet(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(GET % b"/" + b"GET /\r\n\r\n")
    came = await until_closed(reader)
    assert came.startswith(b"HTTP/1.1 200")
    assert b"HTTP/1.0 400 Bad Request" in came
    assert came.count(b"here") == 1
    writer.close()


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
async def test_both_versions_that_proxies_speak_are_answered(port: int, version: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/%b\r\nHost: here\r\nConnection: close\r\n\r\n" % version)
    assert (await until_closed(reader)).endswith(b"here")
    writer.close()


@pytest.mark.parametrize("begun", [b"", b"G", b"GET / HTTP/1.1\r\nHost: here\r\nX-Slow: "])
async def test_half_sent_headers_end_the_connection(port: int, begun: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(begun)
    assert await until_closed(reader) == b""
    writer.close()


async def test_headers_that_trickle_end_the_connection(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    closed = asyncio.create_task(until_closed(reader))
    for byte in GET % b"/" * 20:
        writer.write(bytes([byte]))
        await asyncio.sleep(0.05)
        if closed.done():
            break
    assert b"here" not in await closed
    writer.close()


async def test_an_answer_may_take_longer_than_headers(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(GET % b"/slow")
    async with asyncio.timeout(20):
        assert (await reader.readuntil(b"0\r\n\r\n")).count(b"tick ") == 3
    writer.close()


async def test_a_second_request_may_come_later_on_the_same_connection(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(2):
        writer.write(GET % b"/")
        async with asyncio.timeout(20):
            assert (await reader.readuntil(b"here")).startswith(b"HTTP/1.1 200")
        await asyncio.sleep(0.5)
    writer.write(b"GET / HT")
    assert await until_closed(reader) == b""
    writer.close()


async def slow_body(port: int, path: bytes) -> bytes:
    """The answer to a body that comes in six parts, each BODY_S / 2 after the one before."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST %b HTTP/1.1\r\nHost: here\r\nConnection: close\r\nContent-Length: 6\r\n\r\n" % path)
    with suppress(ConnectionError):
        for _ in range(6):
            await asyncio.sleep(listening.BODY_S / 2)
            writer.write(b"x")
    came = await until_closed(reader)
    writer.close()
    return came


async def test_a_body_that_is_let_last_may_come_slowly_and_others_may_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listening, "BODY_S", 0.4)

    async def read(request: web.Request) -> web.Response:
        if request.path == "/lasting":
            listening.let_last(request, 1)
        return web.Response(body=await request.read())

    app = web.Application()
    app.router.add_post("/{any}", read)
    free = free_port("127.0.0.1", 0, "HTTP")
    async with listening.listening(web.AppRunner(app), "127.0.0.1", free, None):
        assert (await slow_body(free, b"/lasting")).endswith(b"\r\n\r\nxxxxxx")
        assert await slow_body(free, b"/other") == b""


async def test_the_controllers_own_servers_are_such(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "HEADERS_S", 1)
    async with site.running():
        root = ssl.create_default_context(cafile=str(site.config.data / FOLDER / ROOT))
        for door, tls, honest in (("http", None, b"/login"), ("est", root, b"/.well-known/est/cacerts")):
            port = int(site.addresses()[door].rpartition(":")[2])
            reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
            writer.write(b"GET %b HTTP/1.1\r\nHost: localhost\r\n\r\n" % honest)
            async with asyncio.timeout(20):
                assert (await reader.readline()).startswith(b"HTTP/1.1 200")
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
            writer.write(b"GET %b HTTP/1.1\r\nHost: loc" % honest)
            assert await until_closed(reader) == b""
            writer.close()
