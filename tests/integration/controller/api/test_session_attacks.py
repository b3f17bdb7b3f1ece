"""Attacks on sessions: each fails, and the same by the right person works."""

import asyncio
from http.cookies import SimpleCookie

import aiohttp
import pytest
from yarl import URL

from controller.security.cookie import COOKIE
from controller.security.limits import LIMITS
from controller.security.permissions import Role
from tests.support.controller import PASSWORD, RunningController
from tests.support.http import client, events, get, refusal, status
from tests.support.people import TEST, accounts, add_person

LOGIN = {"user": "nurse", "password": PASSWORD}
LOCK_S = (LIMITS[Role.NURSE].lock_ms or 0) / 1000


def token(session: aiohttp.ClientSession) -> str:
    return next(cookie.value for cookie in session.cookie_jar if cookie.key == COOKIE)


async def opens(controller: RunningController, value: str, name: str = COOKIE) -> bool:
    """Whether a stranger with this cookie is let in."""
    async with client(controller) as stranger:
        return await status(stranger, "GET", "/api/me", cookies={name: value}) == 200


async def test_a_token_that_was_planted_before_the_login_opens_nothing_after_it(
    controller: RunningController,
) -> None:
    async with client(controller, "viewer") as attacker, client(controller) as victim:
        planted = token(attacker)
        victim.cookie_jar.update_cookies({COOKIE: planted}, URL(controller.address))
        assert await status(victim, "POST", "/api/login", json=LOGIN) == 204
        assert token(victim) != planted
        assert (await get(victim, "/api/me"))["user"] == "nurse"
    assert not await opens(controller, planted)


async def test_a_token_that_is_made_up_is_not_adopted(controller: RunningController) -> None:
    async with client(controller) as victim:
        victim.cookie_jar.update_cookies({COOKIE: "known-to-the-attacker"}, URL(controller.address))
        assert await status(victim, "POST", "/api/login", json=LOGIN) == 204
    assert not await opens(controller, "known-to-the-attacker")


async def test_the_token_changes_whenever_rights_rise(controller: RunningController) -> None:
    async with client(controller, "nurse") as nurse:
        tokens = [token(nurse)]
        await status(nurse, "POST", "/api/lock")
        assert await status(nurse, "POST", "/api/unlock", json={"password": PASSWORD}) == 204
        tokens.append(token(nurse))
        change = {"password": PASSWORD, "new": "another long password"}
        assert await status(nurse, "PUT", "/api/account/password", json=change) == 204
        tokens.append(token(nurse))
        assert len(set(tokens)) == 3
        assert [await opens(controller, one) for one in tokens] == [False, False, True]


async def test_a_cookie_without_its_prefix_opens_nothing(controller: RunningController) -> None:
    async with client(controller, "nurse") as nurse:
        value = token(nurse)
    assert await opens(controller, value)
    assert not await opens(controller, value, "wardlink")
    assert not await opens(controller, value, "wardlink_session")
    assert not await opens(controller, value, "__Secure-wardlink")


async def test_the_cookie_is_bound_to_this_host_alone(controller: RunningController) -> None:
    async with client(controller) as stranger, stranger.post("/api/login", json=LOGIN) as response:
        [cookie] = SimpleCookie(response.headers["Set-Cookie"]).values()
    assert cookie.key.startswith("__Host-")
    assert (cookie["secure"], cookie["httponly"]) == (True, True)
    assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("Strict", "/", "")
    assert (cookie["max-age"], cookie["expires"]) == ("", "")


@pytest.mark.parametrize(
    "path", ["/api/login", "/api/unlock", "/api/logout", "/api/people", "/api/break-glass"]
)
@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "https://{host}.evil.example"])
async def test_a_forged_request_of_another_site_is_refused_although_the_cookie_comes_along(
    controller: RunningController, path: str, origin: str | None
) -> None:
    host = controller.address.removeprefix("http://")
    async with client(controller, "nurse") as nurse:
        cookies = {COOKIE: token(nurse)}
    headers = {} if origin is None else {"Origin": origin.format(host=host)}
    async with aiohttp.ClientSession(controller.address, cookies=cookies, headers=headers) as forger:
        assert await refusal(forger, "POST", path, json={}) == (403, "foreign-origin")
        assert await status(forger, "GET", "/api/me") == 200


async def test_who_is_disabled_is_out_at_once_and_their_open_stream_ends(
    controller: RunningController, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("controller.api.events.CHECK_S", 3600)  # it is told, not found by looking
    async with client(controller, "nurse") as nurse, events(nurse) as stream:
        assert (await anext(stream))[1] == "snapshot"
        await accounts(controller).set_disabled("nurse", TEST, disabled=True)
        rest = [kind async for _, kind, _ in stream]
        assert set(rest) <= {"time"}
        assert await status(nurse, "GET", "/api/me") == 401
        assert await refusal(nurse, "POST", "/api/login", json=LOGIN) == (401, "wrong-login")


async def test_who_is_given_other_roles_logs_in_again(controller: RunningController) -> None:
    async with client(controller, "nurse") as nurse:
        await accounts(controller).change("nurse", [Role.VIEWER], None, TEST)
        assert await status(nurse, "GET", "/api/me") == 401
    async with client(controller, "nurse") as viewer:
        assert (await get(viewer, "/api/me"))["roles"] == ["viewer"]


async def test_unknown_disabled_and_wrong_are_told_in_the_same_words(controller: RunningController) -> None:
    await accounts(controller).set_disabled("viewer", TEST, disabled=True)
    tries = [("nobody", PASSWORD), ("viewer", PASSWORD), ("nurse", "wrong")]
    answers = set()
    for user, password in tries:
        async with client(controller) as stranger:
            body = {"user": user, "password": password}
            async with stranger.post("/api/login", json=body) as response:
                answers.add((response.status, await response.text(), frozenset(response.headers)))
    assert len(answers) == 1


async def test_a_hijacked_screen_cannot_guess_the_password_by_unlocking(
    controller: RunningController,
) -> None:
    async with client(controller, "nurse") as nurse:
        await status(nurse, "POST", "/api/lock")
        codes = [await status(nurse, "POST", "/api/unlock", json={"password": "wrong"}) for _ in range(4)]
        assert codes == [401, 401, 401, 429]
        assert await status(nurse, "POST", "/api/unlock", json={"password": PASSWORD}) == 429
        controller.clock.let_pass(60)
        assert await status(nurse, "POST", "/api/unlock", json={"password": PASSWORD}) == 204


async def test_a_screen_that_nobody_touches_locks_and_only_its_board_goes_on(
    controller: RunningController,
) -> None:
    async with client(controller, "nurse") as nurse, events(nurse) as stream:
        await anext(stream)
        controller.clock.let_pass(LOCK_S + 1)
        assert await refusal(nurse, "PUT", "/api/devices/ox-1/bed", json={"bed": None}) == (423, "locked")
        assert await refusal(nurse, "GET", "/api/beds/bed-1") == (423, "locked")
        assert await refusal(nurse, "POST", "/api/touched") == (423, "locked")
        assert (await get(nurse, "/api/me"))["state"] == "locked"
        assert await status(nurse, "GET", "/api/snapshot") == 200
        controller.say("ox-1", spo2=96)
        async with asyncio.timeout(5):
            while (await anext(stream))[1] != "values":
                pass
        assert await status(nurse, "POST", "/api/unlock", json={"password": PASSWORD}) == 204
        assert await status(nurse, "GET", "/api/beds/bed-1") == 200


async def test_touching_the_screen_keeps_it_open(controller: RunningController) -> None:
    async with client(controller, "nurse") as nurse:
        for _ in range(3):
            controller.clock.let_pass(LOCK_S - 1)
            assert await status(nurse, "POST", "/api/touched") == 204
        assert await status(nurse, "GET", "/api/beds/bed-1") == 200


async def test_a_wall_screen_never_locks(controller: RunningController) -> None:
    async with client(controller, "viewer") as viewer:
        controller.clock.let_pass(7 * 86_400)
        assert (await get(viewer, "/api/me"))["state"] == "open"


async def test_another_person_takes_the_screen_over_and_the_first_is_logged_out(
    controller: RunningController,
) -> None:
    await add_person(controller, "anna", Role.NURSE, ["ward-a"])
    async with client(controller, "nurse") as screen:
        before = token(screen)
        await status(screen, "POST", "/api/lock")
        body = {"user": "anna", "password": PASSWORD}
        assert await status(screen, "POST", "/api/login", json=body) == 204
        assert (await get(screen, "/api/me"))["user"] == "anna"
    assert not await opens(controller, before)
