"""Who gets in: deny by default, roles, origin, headers, login, sessions."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request

from controller.api.answers import PAGES
from controller.api.route import Route
from controller.api.routes import TABLE
from controller.security.cookie import COOKIE
from controller.security.limits import HOUR_MS, LIMITS
from controller.security.permissions import GRANTS, OF_NO_ROLE, Permission, Role
from controller.security.users import set_password
from tests.support.controller import PASSWORD, RunningController
from tests.support.http import client, events, get, refusal, status

IDLE_MS = LIMITS[Role.VIEWER].idle_ms
ENDLESS_OR_LAST = ("events", "logout", "oidc-logout", "lock")
GUARDED = [route for route in TABLE if route.permission is not Permission.PUBLIC]


def filled(route: Route) -> str:
    path = route.path.replace("{path:.+}", "main.js")
    for name, value in (("bed", "bed-1"), ("device", "ox-1"), ("journal", "0" * 16), ("id", "1")):
        path = path.replace(f"{{{name}}}", value)
    return re.sub(r"{\w+}", "nothing", path)


async def test_without_a_session_nothing_but_the_way_in_is_open(controller: RunningController) -> None:
    async with client(controller) as stranger:
        for route in GUARDED:
            expected = 302 if route.path in PAGES else 401
            assert await status(stranger, route.method, filled(route)) == expected, route.name


async def test_a_made_up_cookie_opens_nothing(controller: RunningController) -> None:
    async with client(controller) as stranger:
        cookies = {COOKIE: "a" * 43}
        for route in GUARDED:
            code = await status(stranger, route.method, filled(route), cookies=cookies)
            assert code in (302, 401), route.name


@pytest.mark.parametrize("role", Role)
async def test_a_role_can_do_what_it_is_granted_and_nothing_else(
    controller: RunningController, role: Role
) -> None:
    async with client(controller, role.value) as person:
        for route in GUARDED:
            if route.name in ENDLESS_OR_LAST:
                continue
            code = await status(person, route.method, filled(route), json={})
            if route.permission in OF_NO_ROLE:  # a member of staff is no patient there: nobody at all
                assert code in (302, 401), route.name
                continue
            refused = code == 302 if route.path == "/" else code == 403
            assert refused is (route.permission not in GRANTS[role]), route.name


async def test_the_router_has_no_route_without_a_permission(controller: RunningController) -> None:
    served = {(route.method, route.name) for route in controller.app.router.routes()}
    heads = {("HEAD", route.name) for route in TABLE if route.method == "GET"}
    assert served <= {(route.method, route.name) for route in TABLE} | heads


async def test_no_path_takes_a_method_that_the_table_does_not_give_it(controller: RunningController) -> None:
    paths = {filled(route): {one.method for one in TABLE if one.path == route.path} for route in TABLE}
    async with client(controller, "administrator") as admin:
        for path, known in paths.items():
            for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - known:
                resolved = await controller.app.router.resolve(make_mocked_request(method, path))
                if resolved.route.name is not None:  # "/x/options" is also an "/x/{name}"
                    continue
                assert await status(admin, method, path, json={}) == 404, (method, path)


async def test_a_route_outside_the_table_is_refused_even_to_an_engineer(
    controller: RunningController,
) -> None:
    async with client(controller) as stranger:
        assert await status(stranger, "GET", "/api/secret") == 401
        assert await status(stranger, "DELETE", "/api/login") == 401
    async with client(controller, "engineer") as engineer:
        assert await refusal(engineer, "GET", "/api/secret") == (404, "not-found")


@pytest.mark.parametrize("origin", ["", "null", "http://evil.example", "http://127.0.0.1:1"])
async def test_a_change_from_a_foreign_page_is_refused(controller: RunningController, origin: str) -> None:
    async with client(controller, "nurse") as nurse:
        request = "PUT", "/api/devices/ox-1/bed"
        refused = await refusal(nurse, *request, json={"bed": None}, headers={"Origin": origin})
        assert refused == (403, "foreign-origin")
    assert controller.registry.bed_of("ox-1") == "bed-1"


async def test_every_answer_carries_the_security_headers(controller: RunningController) -> None:
    async with client(controller) as stranger:
        for path in ("/login", "/public/login.js", "/api/snapshot", "/nowhere"):
            async with stranger.get(path, allow_redirects=False) as response:
                policy = response.headers["Content-Security-Policy"]
                assert "default-src 'self'" in policy
                assert "unsafe" not in policy
                assert response.headers["X-Content-Type-Options"] == "nosniff"
                assert response.headers["Cache-Control"] in ("no-store", "no-cache")


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(controller: RunningController) -> None:
    body = {"user": "nurse", "password": PASSWORD}
    async with client(controller) as stranger, stranger.post("/api/login", json=body) as response:
        cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


@pytest.mark.parametrize("login", [("nurse", "wrong"), ("nobody", PASSWORD), ("nurse", ""), ("", PASSWORD)])
async def test_a_wrong_login_is_refused_in_one_way(
    controller: RunningController, login: tuple[str, str]
) -> None:
    async with client(controller) as stranger:
        body = {"user": login[0], "password": login[1]}
        assert await refusal(stranger, "POST", "/api/login", json=body) == (401, "wrong-login")


async def test_logins_are_slowed_after_failures_and_open_again(controller: RunningController) -> None:
    async with client(controller) as stranger:
        wrong, right = ({"user": "nurse", "password": text} for text in ("wrong", PASSWORD))
        codes = [await status(stranger, "POST", "/api/login", json=wrong) for _ in range(4)]
        assert codes == [401, 401, 401, 429]
        async with stranger.post("/api/login", json=right) as response:
            assert response.status == 429
            assert response.headers["Retry-After"] == "1"
        controller.clock.let_pass(1)
        assert await status(stranger, "POST", "/api/login", json=right) == 204


async def test_a_logged_out_session_opens_nothing(controller: RunningController) -> None:
    async with client(controller, "nurse") as nurse:
        token = next(cookie.value for cookie in nurse.cookie_jar if cookie.key == COOKIE)
        assert await status(nurse, "POST", "/api/logout") == 204
        assert await status(nurse, "GET", "/api/me", cookies={COOKIE: token}) == 401


async def test_an_unused_session_ends(controller: RunningController) -> None:
    async with client(controller, "viewer") as viewer:
        for _ in range(2):
            controller.clock.let_pass(IDLE_MS / 1000 - 60)
            assert await status(viewer, "GET", "/api/me") == 200
        controller.clock.let_pass(IDLE_MS / 1000 + 60)
        assert await status(viewer, "GET", "/api/me") == 401


async def test_a_session_ends_in_the_end_however_much_it_is_used(controller: RunningController) -> None:
    limits = LIMITS[Role.NURSE]
    async with client(controller, "nurse") as nurse:
        for _ in range(limits.longest_ms // HOUR_MS):
            assert await status(nurse, "GET", "/api/me") == 200
            controller.clock.let_pass(3600)
        controller.clock.let_pass(1)
        assert await status(nurse, "GET", "/api/me") == 401


async def test_a_new_password_ends_the_sessions_of_the_old_one(controller: RunningController) -> None:
    async with client(controller, "nurse") as nurse:
        await set_password(controller.store, controller.clock, "nurse", "another password", Role.NURSE)
        assert await status(nurse, "GET", "/api/me") == 401


async def test_the_open_stream_ends_with_its_session(
    controller: RunningController, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("controller.api.events.CHECK_S", 0.05)
    async with client(controller, "nurse") as nurse, events(nurse) as stream:
        assert (await anext(stream))[1] == "snapshot"
        await set_password(controller.store, controller.clock, "nurse", "another password", Role.NURSE)
        kinds = [kind async for _, kind, _ in ended(stream)]
    assert set(kinds) <= {"time"}


async def ended(stream: AsyncIterator[Any]) -> AsyncIterator[Any]:
    """The rest of a stream that must come to its end."""
    try:
        async for event in stream:
            yield event
    except EOFError:
        return


async def test_the_database_holds_neither_password_nor_token(controller: RunningController) -> None:
    async with client(controller, "nurse") as nurse:
        token = next(cookie.value for cookie in nurse.cookie_jar if cookie.key == COOKIE)
    files = [path.read_bytes() for path in controller.store.folder.glob("controller.db*")]
    assert all(PASSWORD.encode() not in data and token.encode() not in data for data in files)


async def test_me_says_who_is_logged_in(controller: RunningController) -> None:
    async with client(controller, "viewer") as viewer:
        me = await get(viewer, "/api/me")
    assert me == {
        "user": "viewer",
        "roles": ["viewer"],
        "wards": None,
        "permissions": [
            *("arrivals:watch", "logged-in", "own:account"),
            *("robots:read", "ward:read", "ward:watch"),
        ],
        "state": "open",
        "lock_ms": None,
        "password": True,
        "second_factor": False,
        "imaging": False,
        "robots": False,
        "partners": False,
    }
