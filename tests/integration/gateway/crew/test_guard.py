"""Who is let in at the crew's page: nobody without a PIN, no other site's page, and no guesser."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from gateway.crew.people import People
from gateway.crew.throttle import FREE
from tests.integration.gateway.crew.rig import (
    PERSON,
    PIN,
    Box,
    box_folder,
    browser,
    crew_member,
    live,
    log_in,
    post,
    running,
)
from tests.support.waiting import until

GETS = ("/api/me", "/api/live", "/api/trends?metrics=hr")
POSTS = ("/api/logout", "/api/case/mark", "/api/alarms/1/seen", "/api/alarms/pause")


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    async with running(box_folder(tmp_path)) as made:
        yield made


async def status(session: aiohttp.ClientSession, method: str, path: str, **options: object) -> int:
    async with session.request(method, path, **options) as response:  # type: ignore[arg-type]
        return response.status


async def test_without_a_session_nothing_is_told_and_nothing_is_done(box: Box) -> None:
    async with browser(box) as stranger:
        assert {await status(stranger, "GET", path) for path in GETS} == {401}
        assert {await status(stranger, "POST", path, json={}) for path in POSTS} == {401}
    async with crew_member(box) as kim:
        assert {await status(kim, "GET", path) for path in GETS} == {200}
        assert 401 not in {await status(kim, "POST", path, json={}) for path in POSTS[1:]}


async def test_whoever_guesses_has_to_wait_and_the_right_pin_too(box: Box) -> None:
    async with browser(box) as session:
        assert {await log_in(session, "582046") for _ in range(FREE)} == {401}
        for _ in range(10):  # and goes on, which would take a quarter of an hour here
            box.crew.throttle.tried(PERSON, box.gateway.clock.now())
        async with session.post("/api/login", json={"name": PERSON, "pin": PIN}) as response:
            assert response.status == 429
            assert int(response.headers["Retry-After"]) > 1
        box.crew.throttle.succeeded(PERSON)
        assert await log_in(session) == 204


async def test_whoever_is_logged_in_is_not_disturbed_by_a_guesser(box: Box) -> None:
    async with crew_member(box) as kim, browser(box) as guesser:
        while await log_in(guesser, "582046") != 429:
            pass
        assert await status(kim, "GET", "/api/me") == 200


async def test_a_login_that_makes_no_sense_is_refused(box: Box) -> None:
    bodies = [], "x", {}, {"name": PERSON}, {"name": PERSON, "pin": 739105}, {"name": "", "pin": PIN}
    async with browser(box) as session:
        for body in bodies:
            async with session.post("/api/login", json=body) as response:
                assert response.status in (400, 422)
                assert (await response.json())["error"]


async def test_a_page_of_another_site_can_do_nothing(box: Box) -> None:
    async with crew_member(box) as kim:
        for origin in ("https://evil.example", "null", f"{box.address}0", ""):
            headers = {"Origin": origin}
            assert await status(kim, "POST", "/api/alarms/pause", json={"seconds": 0}, headers=headers) == 403
        form = {"Content-Type": "text/plain"}
        assert await status(kim, "POST", "/api/alarms/pause", data='{"seconds": 0}', headers=form) == 415
        assert await status(kim, "POST", "/api/alarms/pause", json={"seconds": 0}) == 204
        async with kim.get("/api/me", headers={"Origin": "https://evil.example"}) as response:
            assert "Access-Control-Allow-Origin" not in response.headers


async def test_a_name_that_was_made_to_point_here_gets_nothing(box: Box) -> None:
    async with crew_member(box) as kim:
        for host in ("evil.example", "evil.example:8090", "10.0.0.1", "crew.lan.evil.example", "[::1"):
            assert await status(kim, "GET", "/api/me", headers={"Host": host}) == 421
            assert await status(kim, "GET", "/", headers={"Host": host}) == 421
        for host in ("crew.lan", "CREW.LAN:8090", "localhost", "127.0.0.1:1"):
            assert await status(kim, "GET", "/", headers={"Host": host}) == 200


async def test_who_is_taken_off_the_list_is_out_and_sees_nothing_more(box: Box) -> None:
    folder = box.gateway.config.gateway.data / "crew"
    async with crew_member(box) as kim, live(kim) as events:
        await events.next("snapshot")
        await asyncio.to_thread(People(folder).remove, PERSON)
        with pytest.raises((EOFError, asyncio.IncompleteReadError)):
            await events.next("nothing of this kind")
        assert await status(kim, "GET", "/api/me") == 401


async def test_whoever_logs_out_is_out(box: Box) -> None:
    async with crew_member(box) as kim:
        token = {one.key: one.value for one in kim.cookie_jar}
        assert (await post(kim, "/api/logout"))[0] == 204
        assert await status(kim, "GET", "/api/me", cookies=token) == 401


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(box: Box) -> None:
    async with (
        browser(box) as session,
        session.post("/api/login", json={"name": PERSON, "pin": PIN}) as response,
    ):
        cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Path=/" in cookie


async def test_pages_that_are_closed_leave_nothing_behind(box: Box) -> None:
    async with crew_member(box) as kim:
        async with live(kim) as events:
            await events.next("snapshot")
            assert box.crew.live.readers == 1
        await until(lambda: box.crew.live.readers == 0, "the closed page is gone")


async def test_on_a_private_address_a_tablet_that_trusts_the_box_logs_in_by_tls(tmp_path: Path) -> None:
    """127.0.0.1 is made to count as such an address: this machine may have no other."""
    config = box_folder(tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gateway.crew.config.CrewConfig.is_local", False)
        async with running(config) as box:
            unknown = aiohttp.TCPConnector(ssl=False)
            async with aiohttp.ClientSession(box.address, connector=unknown) as session:
                ca = await (await session.get("/ca.crt")).read()
            trusting = ssl.create_default_context(cadata=ca)
            jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=box.address)
            connector = aiohttp.TCPConnector(ssl=trusting)
            options = {"connector": connector, "cookie_jar": jar, "headers": {"Origin": box.address}}
            async with aiohttp.ClientSession(box.address, **options) as kim:
                async with kim.post("/api/login", json={"name": PERSON, "pin": PIN}) as response:
                    assert response.status == 204
                    assert response.headers["Set-Cookie"].startswith("__Host-wardlink-crew=")
                    assert "Secure" in response.headers["Set-Cookie"]
                assert await status(kim, "GET", "/api/me") == 200
            with pytest.raises(aiohttp.ClientConnectorCertificateError):
                async with aiohttp.ClientSession(box.address) as stranger:
                    await stranger.get("/")
