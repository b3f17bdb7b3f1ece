"""Asking by the inner door: answers, refusals in the service's words, and a service that is not there."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from controller.imaging.client import ImagingClient
from controller.imaging.errors import ServiceRefused, ServiceSilent
from controller.imaging.sight import WHOLE, Sight
from controller.imaging.speaker import Speaker, spoken_for

CT1 = Speaker("ae:CT1", "10.1.2.3", frozenset({"imaging:read"}), WHOLE)


@asynccontextmanager
async def serving(socket: Path) -> AsyncIterator[None]:
    """A service that says what it heard, refuses, breaks off in the middle, and sends without end."""
    app = web.Application()
    app.router.add_route("*", "/heard", _heard)
    app.router.add_get("/refused", _refused)
    app.router.add_get("/broken", _broken)
    app.router.add_get("/html", _html)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.UnixSite(runner, str(socket)).start()
    try:
        yield
    finally:
        await runner.cleanup()


async def _heard(request: web.Request) -> web.Response:
    speaker = spoken_for(request.headers)
    told = [speaker.actor, speaker.address, sorted(speaker.permissions), speaker.sight.held]
    return web.json_response({"speaker": told, "query": dict(request.query), "body": await request.text()})


async def _refused(request: web.Request) -> web.Response:
    error = {"code": "no-such-image", "message": "there is no such study"}
    return web.json_response({"error": error}, status=404)


async def _broken(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b"begun")
    assert request.transport
    request.transport.abort()
    return response


async def _html(request: web.Request) -> web.Response:
    return web.Response(text="<p>oops", status=502 if "bad" in request.query else 200)


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[ImagingClient]:
    opened = ImagingClient(tmp_path / "internal.sock")
    yield opened
    await opened.close()


async def test_the_service_hears_for_whom_is_asked_the_question_and_the_body(
    tmp_path: Path, client: ImagingClient
) -> None:
    async with serving(tmp_path / "internal.sock"):
        told = await client.json(CT1, "POST", "/heard", params={"PatientID": "47 11"}, body={"why": "wrong"})
    assert told["speaker"] == ["ae:CT1", "10.1.2.3", ["imaging:read"], True]
    assert told["query"] == {"PatientID": "47 11"}
    assert json.loads(told["body"]) == {"why": "wrong"}


async def test_nobody_speaks_for_another_by_a_header_of_their_own(
    tmp_path: Path, client: ImagingClient
) -> None:
    anna = Speaker("anna", sight=Sight(frozenset({"4711"})))
    async with serving(tmp_path / "internal.sock"):
        told = await client.json(anna, "GET", "/heard", headers={"Wardlink-Actor": "root"})
    assert told["speaker"][0] == "anna"


async def test_a_body_is_sent_as_it_comes(tmp_path: Path, client: ImagingClient) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"one "
        yield b"two"

    asked = client.request(CT1, "POST", "/heard", data=parts())
    async with serving(tmp_path / "internal.sock"), asked as response:
        assert (await response.json())["body"] == "one two"


async def test_a_refusal_is_told_in_the_services_words(tmp_path: Path, client: ImagingClient) -> None:
    async with serving(tmp_path / "internal.sock"):
        with pytest.raises(ServiceRefused, match="there is no such study") as caught:
            await client.json(CT1, "GET", "/refused")
        assert (caught.value.status, caught.value.code) == (404, "no-such-image")
        with pytest.raises(ServiceRefused, match="<p>oops") as caught:
            await client.json(CT1, "GET", "/html", params={"bad": "1"})
        assert (caught.value.status, caught.value.code) == (502, "imaging")


@pytest.mark.parametrize("path", ["/broken", "/html"])
async def test_what_is_no_whole_answer_is_silence(tmp_path: Path, client: ImagingClient, path: str) -> None:
    async with serving(tmp_path / "internal.sock"):
        with pytest.raises(ServiceSilent, match="the imaging service"):
            await client.json(CT1, "GET", path)


async def test_a_service_that_starts_later_or_comes_again_is_found(
    tmp_path: Path, client: ImagingClient
) -> None:
    socket = tmp_path / "internal.sock"
    with pytest.raises(ServiceSilent, match="does not answer"):
        await client.json(CT1, "GET", "/heard")
    for _ in range(2):
        async with serving(socket):
            assert await client.json(CT1, "GET", "/heard")
        socket.unlink(missing_ok=True)
        with pytest.raises(ServiceSilent):
            await client.json(CT1, "GET", "/heard")
