"""Accounts over HTTP: one-time passwords, second factors, and what only an administrator may."""

import json
from typing import Any

import aiohttp
import pytest
from pyotp.totp import TOTP

from controller.api.people_schemas import People
from controller.api.routes import TABLE
from controller.security.badges import Held
from controller.security.permissions import GRANTS, Permission, Role
from tests.integration.controller.api.test_access import filled
from tests.support.controller import PASSWORD, RunningController
from tests.support.http import client, get, refusal, status
from tests.support.people import add_person

OWN = "a password of my own"
ENGINEERS = [
    route
    for route in TABLE
    if route.permission in GRANTS[Role.ENGINEER] and route.permission not in GRANTS[Role.NURSE]
]


async def posted(session: aiohttp.ClientSession, path: str, body: Any = None, method: str = "POST") -> Any:
    """The answer to a change that must succeed."""
    async with session.request(method, path, json=body) as response:
        assert response.status == 200, await response.text()
        return await response.json()


async def once(controller: RunningController, **body: Any) -> dict[str, str]:
    """The login of a person whom an administrator has just let in."""
    async with client(controller, "administrator") as admin:
        answer = await posted(admin, "/api/people", body)
    return {"user": body["name"], "password": answer["password"]}


def code(controller: RunningController, secret: str, steps: int = 0) -> str:
    return TOTP(secret).at(controller.clock.utc_us() // 1_000_000 + 30 * steps)


async def with_second_factor(session: aiohttp.ClientSession, controller: RunningController) -> str:
    """Sets it up for who is logged in; returns the secret. The login has the next step's code then: both are
    good even if a step ends meanwhile."""
    offer = await posted(session, "/api/account/second-factor", {"password": PASSWORD})
    answer = await posted(
        session, "/api/account/second-factor", {"code": code(controller, offer["secret"])}, "PUT"
    )
    assert len(answer["recovery_codes"]) == 8
    return offer["secret"]


@pytest.mark.parametrize("route", ENGINEERS, ids=lambda route: route.name)
async def test_a_nurse_is_refused_each_of_the_engineer_s_routes(
    controller: RunningController, route: Any
) -> None:
    async with client(controller, "nurse") as nurse, client(controller, "engineer") as engineer:
        assert await refusal(nurse, route.method, filled(route), json={}) == (403, "not-allowed")
        assert await status(engineer, route.method, filled(route), json={}) != 403


async def test_a_one_time_password_opens_nothing_but_the_choice_of_another(
    controller: RunningController,
) -> None:
    login = await once(controller, name="anna", roles=["nurse"], wards=["ward-a"])
    async with client(controller) as anna:
        assert await status(anna, "POST", "/api/login", json=login) == 204
        assert (await get(anna, "/api/me"))["permissions"] == ["own:account"]
        for path in ("/api/snapshot", "/api/events", "/api/beds/bed-1"):
            assert await refusal(anna, "GET", path) == (403, "change-password")
        async with anna.get("/", allow_redirects=False) as response:
            assert response.headers["Location"] == "/account"
        change = {"password": login["password"], "new": OWN}
        assert await status(anna, "PUT", "/api/account/password", json=change) == 204
        assert await status(anna, "GET", "/api/snapshot") == 200
        assert await refusal(anna, "POST", "/api/login", json=login) == (401, "wrong-login")
        assert await status(anna, "POST", "/api/login", json={"user": "anna", "password": OWN}) == 204


async def test_the_chosen_password_must_be_another_and_the_present_one_known(
    controller: RunningController,
) -> None:
    async with client(controller, "nurse") as nurse:
        path = "/api/account/password"
        same = {"password": PASSWORD, "new": PASSWORD}
        assert await refusal(nurse, "PUT", path, json=same) == (400, "bad-request")
        short = {"password": PASSWORD, "new": "short"}
        assert await refusal(nurse, "PUT", path, json=short) == (400, "bad-request")
        stolen = {"password": "a guess", "new": OWN}
        assert await refusal(nurse, "PUT", path, json=stolen) == (401, "wrong-login")
        assert await status(nurse, "GET", "/api/me") == 200


async def test_an_administrator_without_a_second_factor_sets_one_up_first(
    controller: RunningController,
) -> None:
    login = {"user": "administrator", "password": PASSWORD}
    async with client(controller) as admin:
        assert await status(admin, "POST", "/api/login", json=login) == 204
        assert await refusal(admin, "GET", "/api/people") == (403, "set-up-second-factor")
        secret = await with_second_factor(admin, controller)
        assert await status(admin, "GET", "/api/people") == 200
    async with client(controller) as thief:
        assert await refusal(thief, "POST", "/api/login", json=login) == (401, "code-needed")
        wrong = {**login, "code": "000000"}
        assert await refusal(thief, "POST", "/api/login", json=wrong) == (401, "wrong-code")
    async with client(controller) as admin:
        right = {**login, "code": code(controller, secret, 1)}
        assert await status(admin, "POST", "/api/login", json=right) == 204
        assert await status(admin, "GET", "/api/people") == 200


async def test_a_code_that_was_overheard_opens_nothing(controller: RunningController) -> None:
    async with client(controller, "nurse") as nurse:
        secret = await with_second_factor(nurse, controller)
    login = {"user": "nurse", "password": PASSWORD, "code": code(controller, secret, 1)}
    async with client(controller) as nurse, client(controller) as thief:
        assert await status(nurse, "POST", "/api/login", json=login) == 204
        assert await refusal(thief, "POST", "/api/login", json=login) == (401, "wrong-code")


async def test_codes_cannot_be_tried_fast_by_one_who_knows_the_password(
    controller: RunningController,
) -> None:
    async with client(controller, "nurse") as nurse:
        await with_second_factor(nurse, controller)
    login = {"user": "nurse", "password": PASSWORD}
    async with client(controller) as thief:
        tries = ({**login, "code": f"00000{n}"} if n % 2 else login for n in range(4))
        codes = [await status(thief, "POST", "/api/login", json=body) for body in tries]
    assert codes == [401, 401, 401, 429]


async def test_setting_up_a_second_factor_ends_the_sessions_that_had_none(
    controller: RunningController,
) -> None:
    async with client(controller, "nurse") as elsewhere, client(controller, "nurse") as here:
        await with_second_factor(here, controller)
        assert await status(here, "GET", "/api/me") == 200
        assert await status(elsewhere, "GET", "/api/me") == 401


async def test_a_stolen_session_cannot_set_up_another_second_factor(controller: RunningController) -> None:
    async with client(controller, "nurse") as nurse:
        path = "/api/account/second-factor"
        assert await refusal(nurse, "POST", path, json={"password": "a guess"}) == (401, "wrong-login")
        assert await refusal(nurse, "PUT", path, json={"code": "000000"}) == (400, "wrong-code")


async def test_an_administrator_lets_in_changes_resets_and_shuts_out(controller: RunningController) -> None:
    await once(controller, name="anna", roles=["nurse", "crew"], wards=["ward-a"])
    async with client(controller, "administrator") as admin:
        rights = {"roles": ["pharmacist"], "wards": []}
        assert await status(admin, "PUT", "/api/people/anna", json=rights) == 204
        assert (await posted(admin, "/api/people/anna/password"))["password"]
        assert await status(admin, "PUT", "/api/people/anna/disabled", json={"disabled": True}) == 204
        assert await status(admin, "DELETE", "/api/people/anna/second-factor") == 204
        people = (await get(admin, "/api/people"))["people"]
    assert next(one for one in people if one["name"] == "anna") == {
        "name": "anna",
        "roles": ["pharmacist"],
        "wards": None,
        "disabled": True,
        "one_time_password": True,
        "password": True,
        "second_factor": False,
        "sessions": 0,
        "held": Held()._asdict(),
    }


async def test_an_administrator_sees_who_has_a_badge_and_a_pin_takes_them_back_and_never_sees_them(
    controller: RunningController,
) -> None:
    await add_person(controller, "anna", Role.NURSE, ["ward-a"])
    async with client(controller, "administrator") as admin, client(controller, "anna") as anna:
        mine, theirs = {"badge": "04A2F1C9", "password": PASSWORD}, "/api/people/anna"
        assert await status(anna, "PUT", "/api/account/badge", json=mine) == 204
        assert (
            await status(anna, "PUT", "/api/account/pin", json={"pin": "4713", "password": PASSWORD}) == 204
        )
        told = await get(admin, "/api/people")
        [held] = [one.held for one in People.model_validate(told).people if one.name == "anna"]
        assert (held.badge_by, held.badge_used_ms, held.pin_ms is None) == ("anna", None, False)
        assert "04A2F1C9" not in str(told)
        assert await status(anna, "DELETE", f"{theirs}/pin") == 403
        for part in ("pin", "badge"):
            assert await status(admin, "DELETE", f"{theirs}/{part}") == 204
            assert await status(admin, "DELETE", f"/api/people/nobody/{part}") == 404
        assert await get(anna, "/api/account/badge") == Held()._asdict()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"name": "x", "roles": ["nurse"]}, 400),
        ({"name": "x", "roles": []}, 400),
        ({"name": "x", "roles": ["surgeon"]}, 400),
        ({"name": "x", "roles": ["nurse"], "wards": ["ward-9"]}, 404),
        ({"name": "x", "roles": ["nurse"], "wards": ["ward-a"], "all_wards": True}, 400),
        ({"name": "nurse", "roles": ["nurse"], "all_wards": True}, 409),
        ({"name": " ", "roles": ["nurse"], "all_wards": True}, 400),
    ],
)
async def test_an_account_that_cannot_be_is_refused(
    controller: RunningController, body: dict[str, Any], expected: int
) -> None:
    async with client(controller, "administrator") as admin:
        assert await status(admin, "POST", "/api/people", json=body) == expected


async def test_an_administrator_sees_no_patient_and_an_auditor_changes_nobody(
    controller: RunningController,
) -> None:
    async with client(controller, "administrator") as admin, client(controller, "auditor") as auditor:
        assert await refusal(admin, "GET", "/api/snapshot") == (403, "not-allowed")
        assert await refusal(auditor, "GET", "/api/snapshot") == (403, "not-allowed")
        assert await refusal(auditor, "POST", "/api/people", json={}) == (403, "not-allowed")


async def test_logins_are_in_the_audit_trail_and_no_password_is_wherever_it_was_typed(
    controller: RunningController,
) -> None:
    mistaken = "my-secret-typed-as-a-name"
    async with client(controller) as stranger:
        for user, password in (("nurse", "wrong-secret"), (mistaken, "x"), ("nurse", PASSWORD)):
            await status(stranger, "POST", "/api/login", json={"user": user, "password": password})
        await status(stranger, "POST", "/api/logout")
    await controller.stop()  # what waits is written
    rows = await controller.store.read("SELECT entry FROM audit ORDER BY number")
    entries = [json.loads(row["entry"]) for row in rows]
    told = [
        (one["action"], one["actor"], one["outcome"])
        for one in entries
        if one["action"] in ("login", "logout")
    ]
    assert sorted(told) == [
        ("login", "", "refused"),
        ("login", "nurse", "done"),
        ("login", "nurse", "refused"),
        ("logout", "nurse", "done"),
    ]
    assert not any(secret in str(entries) for secret in ("wrong-secret", mistaken, PASSWORD))
    await controller.start()


def test_every_permission_has_somebody_and_every_role_an_account() -> None:
    for role in Role:
        assert Permission.OWN_ACCOUNT in GRANTS[role]
        assert Permission.PUBLIC not in GRANTS[role]


async def test_a_screen_that_was_left_behind_is_logged_out_from_another(
    controller: RunningController,
) -> None:
    async with client(controller, "nurse") as desk, client(controller, "nurse") as phone:
        held = (await get(phone, "/api/account/sessions"))["sessions"]
        assert [one["here"] for one in held].count(True) == 1
        left = next(one for one in held if not one["here"])
        assert (left["how"], left["address"]) == ("password", "127.0.0.1")
        assert await status(desk, "GET", "/api/me") == 200
        assert await status(phone, "DELETE", f"/api/account/sessions/{left['id']}") == 204
        assert await status(desk, "GET", "/api/me") == 401
        assert await status(phone, "GET", "/api/me") == 200


async def test_nobody_sees_or_ends_another_s_session_nor_on_a_locked_screen(
    controller: RunningController,
) -> None:
    async with client(controller, "nurse") as nurse, client(controller, "physician") as physician:
        [theirs] = (await get(nurse, "/api/account/sessions"))["sessions"]
        [own] = (await get(physician, "/api/account/sessions"))["sessions"]
        path = f"/api/account/sessions/{theirs['id']}"
        assert await refusal(physician, "DELETE", path) == (404, "not-found")
        assert own["id"] != theirs["id"]
        assert await status(nurse, "POST", "/api/lock") == 204
        assert await refusal(nurse, "DELETE", path) == (423, "locked")
        assert await status(nurse, "POST", "/api/unlock", json={"password": PASSWORD}) == 204
        assert await status(nurse, "DELETE", path) == 204


async def test_a_second_factor_whose_key_is_lost_is_told_apart_from_a_wrong_code(
    controller: RunningController,
) -> None:
    """And names no file to whoever knows the password."""
    async with client(controller, "engineer") as engineer:
        secret = await with_second_factor(engineer, controller)
    key = controller.store.folder / "keys" / "second-factor.key"
    key.unlink()
    await controller.stop()
    await controller.start()
    login = {"user": "engineer", "password": PASSWORD, "code": code(controller, secret)}
    async with client(controller) as page, page.post("/api/login", json=login) as response:
        error = (await response.json())["error"]
    assert (response.status, error["code"]) == (503, "second-factor-broken")
    assert "administrator" in error["message"]
    assert "keys" not in error["message"]
