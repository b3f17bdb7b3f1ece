"""What only the controller on duty can answer is passed on to it, and its answer back, as they are."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from controller.api import elsewhere
from controller.api.answers import refusals
from controller.api.context import CONTEXT
from controller.api.elsewhere import add_passing, passed_on
from controller.clock import SystemClock
from controller.config import load
from controller.listening import listening
from controller.ports import free_port
from controller.shards.duty import Duty
from controller.shards.passed import HEADER
from controller.shards.peers import Peers
from tests.support.controller import eventually

LARGE = bytes(range(256)) * 8192
OF_DUTY, OF_ALL = "robots", "me"
"""Names of routes, as the table has them."""


class Beside(Peers):
    """Of one controller, without leases: `duty` is told by the test."""

    here = ""

    @property
    def address(self) -> str:
        return self.here


@dataclass
class One:
    """A controller that answers as `answering` does."""

    peers: Beside
    session: aiohttp.ClientSession
    answering: Callable[[web.Request], Awaitable[web.StreamResponse]]
    seen: list[web.Request]

    @property
    def duty(self) -> Duty:
        return self.peers.duty


async def nothing(_request: web.Request) -> web.StreamResponse:
    return web.Response(text="here")


@asynccontextmanager
async def controller(folder: Path) -> AsyncIterator[One]:
    file = folder / "c.toml"
    file.write_text('[mqtt]\nurl = "mqtts://b.example:8883"\n[cluster]\nreplicas = true\n')
    peers, port = Beside(load(file), Duty(is_shared=True)), free_port("127.0.0.1", 0, "a test")
    peers.here = f"http://127.0.0.1:{port}"
    app = web.Application(middlewares=[refusals, passed_on], client_max_size=2**24)
    parts: Any = SimpleNamespace(store=SimpleNamespace(folder=folder), clock=SystemClock())
    app[CONTEXT] = parts
    add_passing(app, peers)
    async with aiohttp.ClientSession(peers.address, auto_decompress=False) as session:
        one = One(peers, session, nothing, [])

        async def answer(request: web.Request) -> web.StreamResponse:
            one.seen.append(request)
            return await one.answering(request)

        app.router.add_route("*", "/robots/{rest:.*}", answer, name=OF_DUTY)
        app.router.add_route("*", "/me", answer, name=OF_ALL)
        async with listening(
            web.AppRunner(app, access_log=None, shutdown_timeout=0.1), "127.0.0.1", port, None
        ):
            yield one


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[tuple[One, One]]:
    """The one on duty, and the other."""
    async with AsyncExitStack() as stack:
        duty, other = [await stack.enter_async_context(controller(tmp_path)) for _ in range(2)]
        duty.duty.turn(mine=True)
        other.duty.at(duty.peers.address)
        yield duty, other


async def test_a_request_and_its_answer_go_through_as_they_are(two: tuple[One, One]) -> None:
    duty, other = two

    async def answering(request: web.Request) -> web.StreamResponse:
        assert await request.read() == LARGE
        headers = {"Content-Encoding": "zstd", "ETag": '"7"', "X-Raw": request.rel_url.raw_path_qs}
        response = web.Response(status=207, body=b"not really packed", headers=headers)
        response.set_cookie("a", "1")
        response.set_cookie("b", "2")
        return response

    duty.answering = answering
    sent = {"If-Match": '"6"', "Origin": "http://c.example", "Host": "c.example", "Cookie": "x=y"}
    path = "/robots/a%2Fb?q=%E4%BD%A0+c"
    async with other.session.patch(
        URL(other.peers.address + path, encoded=True), data=LARGE, headers=sent
    ) as answer:
        assert (answer.status, await answer.read()) == (207, b"not really packed")
        assert answer.headers["Content-Encoding"] == "zstd"
        assert answer.headers["X-Raw"] == path
        assert [one.partition(";")[0] for one in answer.headers.getall("Set-Cookie")] == ["a=1", "b=2"]
    [seen] = duty.seen
    assert {name: seen.headers[name] for name in sent} == sent
    assert (seen.method, seen.remote) == ("PATCH", "127.0.0.1")
    assert other.seen == []


async def test_what_was_answered_holds_up_nothing_that_is_asked_next_on_its_connection(
    two: tuple[One, One], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elsewhere, "TRY_S", 5.0)
    browser = aiohttp.ClientSession(two[1].peers.address, connector=aiohttp.TCPConnector(limit=1))
    async with asyncio.timeout(4), browser:
        for _ in range(2):
            async with browser.get("/robots/x") as answer:
                assert await answer.text() == "here"


async def test_what_any_can_answer_is_not_passed_on(two: tuple[One, One]) -> None:
    duty, other = two
    async with other.session.get("/me") as answer:
        assert await answer.text() == "here"
    assert (len(duty.seen), len(other.seen)) == (0, 1)


async def test_a_part_of_a_file_and_no_body_at_all_go_through(two: tuple[One, One]) -> None:
    duty, other = two

    async def answering(request: web.Request) -> web.StreamResponse:
        part = LARGE[request.http_range]
        return web.Response(status=206, body=part, headers={"Content-Range": f"bytes 0-9/{len(LARGE)}"})

    duty.answering = answering
    for method, length in ("GET", 10), ("HEAD", 0):
        async with other.session.request(method, "/robots/x", headers={"Range": "bytes=0-9"}) as answer:
            assert (answer.status, answer.headers["Content-Length"]) == (206, "10")
            assert len(await answer.read()) == length


async def test_a_stream_is_passed_on_as_it_comes_and_ends_when_another_is_on_duty(
    two: tuple[One, One],
) -> None:
    duty, other = two
    more = asyncio.Event()

    async def answering(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"data: 1\n\n")
        await more.wait()
        return response

    duty.answering = answering
    async with other.session.get("/robots/events") as answer:
        assert await answer.content.readuntil(b"\n\n") == b"data: 1\n\n"
        other.duty.at("http://127.0.0.1:9")
        with pytest.raises(aiohttp.ClientError):
            await answer.content.read()
    more.set()


async def test_what_breaks_off_is_cut_off_so_that_it_does_not_look_whole(two: tuple[One, One]) -> None:
    duty, other = two

    async def answering(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        await response.write(b"half of it")
        assert request.transport is not None
        request.transport.abort()
        return response

    duty.answering = answering
    with pytest.raises(aiohttp.ClientError):
        async with other.session.get("/robots/file") as answer:
            await answer.read()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST"])
async def test_what_breaks_off_unanswered_is_not_done_once_more(two: tuple[One, One], method: str) -> None:
    duty, other = two

    async def answering(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    duty.answering = answering
    async with other.session.request(method, "/robots/stop") as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (503, "duty-moved")
    assert len(duty.seen) == 1


async def test_one_that_was_under_way_when_its_controller_went_away_is_in_doubt(
    two: tuple[One, One],
) -> None:
    duty, other = two
    asked, never = asyncio.Event(), asyncio.Event()

    async def answering(_request: web.Request) -> web.StreamResponse:
        asked.set()
        await never.wait()
        return web.Response()

    duty.answering = answering
    asking = asyncio.ensure_future(other.session.put("/robots/stop"))
    await asked.wait()
    other.duty.at("")
    async with await asking as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
        assert (await answer.json())["error"]["code"] == "duty-moved"
    never.set()


async def test_what_nobody_is_on_duty_for_waits_for_whoever_is_next(two: tuple[One, One]) -> None:
    duty, other = two
    other.duty.at("http://127.0.0.1:9")  # it is gone, and nobody has followed it yet
    asking = asyncio.ensure_future(other.session.post("/robots/stop", data=b"all"))
    await asyncio.sleep(0)
    other.duty.turn(mine=True)
    async with await asking as answer:
        assert await answer.text() == "here"
    assert (len(duty.seen), len(other.seen)) == (0, 1)


async def test_what_nobody_is_on_duty_for_is_told_to_come_again(
    two: tuple[One, One], monkeypatch: pytest.MonkeyPatch
) -> None:
    duty, other = two
    monkeypatch.setattr(elsewhere, "WAIT_S", 0.1)
    other.duty.at("")
    async with other.session.get("/robots/x") as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
        assert (await answer.json())["error"]["code"] == "nobody-on-duty"
    assert duty.seen == []


async def test_what_was_passed_on_is_never_passed_on_again(two: tuple[One, One]) -> None:
    duty, other = two
    duty.duty.turn(mine=False)
    duty.duty.at(other.peers.address)  # each takes the other for the one on duty
    async with other.session.get("/robots/x") as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (503, "nobody-on-duty")
    assert (duty.seen, other.seen) == ([], [])


@pytest.mark.parametrize("path", ["/robots/x", "/me"])
async def test_nobody_else_says_for_whom_it_asks(two: tuple[One, One], path: str) -> None:
    for one in two:
        async with one.session.get(path, headers={HEADER: f"1 10.0.0.1 {'0' * 64}"}) as answer:
            assert (answer.status, (await answer.json())["error"]["code"]) == (403, "not-a-controller")
        assert one.seen == []


async def test_who_is_no_controller_does_not_blame_who_asks(tmp_path_factory: pytest.TempPathFactory) -> None:
    async with AsyncExitStack() as stack:
        made = [controller(tmp_path_factory.mktemp("key")) for _ in range(2)]  # each has another
        duty, other = [await stack.enter_async_context(one) for one in made]
        duty.duty.turn(mine=True)
        other.duty.at(duty.peers.address)
        async with other.session.get("/robots/x") as answer:
            assert (answer.status, (await answer.json())["error"]["code"]) == (503, "not-believed")
    assert duty.seen == []


async def test_it_is_not_answered_before_all_is_known_that_there_is_to_know(two: tuple[One, One]) -> None:
    _, other = two
    let = asyncio.Event()
    task = asyncio.ensure_future(other.duty.only(asyncio.Event().wait, let.wait)())
    await asyncio.sleep(0)
    other.duty.at("")
    other.duty.turn(mine=True)
    asking = asyncio.ensure_future(other.session.get("/robots/x"))
    async with other.session.get("/me") as answer:
        assert answer.status == 200
    assert not asking.done()
    let.set()
    async with await asking as answer:
        assert answer.status == 200
    await eventually(lambda: other.duty.is_ready)
    task.cancel()
    await asyncio.wait((task,))
