"""Passkeys: a right one opens; a copied, unverified, foreign, replayed or altered answer does not."""

import hashlib
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from copy import deepcopy
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from controller.api.context import CONTEXT
from controller.api.passkey_login import FRESH_MS
from controller.sections import LoginSection
from controller.security.accounts import By
from controller.security.challenges import LIFE_S
from controller.security.cookie import COOKIE
from controller.security.passkeys import MOST
from controller.security.permissions import Role
from tests.support.authenticator import UP, UV, Authenticator, Json, b64, un64
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.http import client, get, refusal, status

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_controller(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningController]:
    people = {"nurse": Role.NURSE, "other": Role.NURSE, "gone": Role.NURSE, "boss": Role.ADMINISTRATOR}
    folder = tmp_path_factory.mktemp("passkeys")
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        started = await stack.enter_async_context(running(folder, **people))
        started.login = LoginSection(address="http://localhost:8080")
        await started.stop()
        await started.start()
        yield started


@pytest.fixture
async def controller(one_controller: RunningController) -> RunningController:
    """One for all tests; nobody has a passkey yet."""
    one_controller.clock.let_pass(60)
    await one_controller.store.write(lambda db: db.execute("DELETE FROM passkey"))
    return one_controller


@pytest.fixture
def authenticator() -> Authenticator:
    return Authenticator("http://localhost:8080")


async def asked(session: aiohttp.ClientSession, path: str) -> Json:
    async with session.post(path) as response:
        assert response.status == 200, await response.text()
        return await response.json()


async def registered(
    controller: RunningController, authenticator: Authenticator, user: str = "nurse", name: str = "phone"
) -> None:
    async with client(controller, user) as person:
        made = authenticator.create(await asked(person, "/api/passkeys/options"))
        body = {"name": name, "credential": made}
        assert await status(person, "POST", "/api/passkeys", json=body) == 204


async def log_in(session: aiohttp.ClientSession, credential: Json) -> str:
    """ "in", or the code of the refusal."""
    async with session.post("/api/login/passkey", json={"credential": credential}) as response:
        if response.status == 204:
            assert COOKIE in response.cookies
            return "in"
        assert response.status in (400, 401)
        assert COOKIE not in response.cookies
        return (await response.json())["error"]["code"]


async def answered(session: aiohttp.ClientSession, authenticator: Authenticator) -> Json:
    return authenticator.get(await asked(session, "/api/login/passkey/options"))


async def test_a_passkey_logs_its_person_in_without_a_name(
    controller: RunningController, authenticator: Authenticator
) -> None:
    await registered(controller, authenticator)
    async with client(controller) as person:
        assert await log_in(person, await answered(person, authenticator)) == "in"
        assert (await get(person, "/api/me"))["user"] == "nurse"
        assert await log_in(person, await answered(person, authenticator)) == "in"
        held = (await get(person, "/api/passkeys"))["passkeys"]
    assert [(one["name"], one["id"]) for one in held] == [("phone", b64(authenticator.id))]
    assert held[0]["used_utc_s"] >= held[0]["made_utc_s"]


async def test_an_administrator_s_passkey_is_both_factors(
    controller: RunningController, authenticator: Authenticator
) -> None:
    await registered(controller, authenticator, "boss")
    async with client(controller) as boss:
        assert await log_in(boss, await answered(boss, authenticator)) == "in"
        assert (await get(boss, "/api/me"))["state"] == "open"
        assert await status(boss, "GET", "/api/people") == 200


async def test_another_person_s_passkey_takes_the_screen_over(
    controller: RunningController, authenticator: Authenticator
) -> None:
    await registered(controller, authenticator, "other")
    async with client(controller, "nurse") as screen, client(controller) as elsewhere:
        old = next(cookie.value for cookie in screen.cookie_jar if cookie.key == COOKIE)
        assert await log_in(screen, await answered(screen, authenticator)) == "in"
        assert (await get(screen, "/api/me"))["user"] == "other"
        assert await status(elsewhere, "GET", "/api/me", cookies={COOKIE: old}) == 401


async def test_an_answer_opens_once_and_soon(
    controller: RunningController, authenticator: Authenticator
) -> None:
    authenticator.counts = False  # the counter would stop a replay too
    await registered(controller, authenticator)
    async with client(controller) as person, client(controller) as thief:
        answer = await answered(person, authenticator)
        assert await log_in(person, answer) == "in"
        assert await log_in(thief, answer) == "login-challenge"
        late = await answered(person, authenticator)
        controller.clock.let_pass(LIFE_S)
        assert await log_in(person, late) == "login-challenge"


LIES: dict[str, tuple[str, dict[str, Any]]] = {
    "the person was not verified": ("login-passkey", {"flags": UP}),
    "nobody was there": ("login-passkey", {"flags": UV}),
    "a foreign page": ("login-passkey", {"origin": "https://wardlink.evil.example"}),
    "our host, another port": ("login-passkey", {"origin": "http://localhost:8081"}),
    "our host without TLS's scheme": ("login-passkey", {"origin": "https://localhost:8080"}),
    "another site's key": ("login-passkey", {"rp_id": "evil.example"}),
    "a key that is not known": ("login-unknown", {"id": b"x" * 32}),
    "another account": ("login-owner", {"handle": b64(b"y" * 64)}),
    "no account": ("login-owner", {"handle": None}),
    "a counter that went back": ("login-sign-count", {"count": 3}),
    "a counter that stands": ("login-sign-count", {"count": 9}),
    "a counter that is gone": ("login-sign-count", {"count": 0, "counts": False}),
}


@pytest.mark.parametrize("lie", LIES)
async def test_what_does_not_hold_is_refused_and_the_truth_beside_it_is_not(
    controller: RunningController, authenticator: Authenticator, lie: str
) -> None:
    authenticator.count = 9
    await registered(controller, authenticator)  # at 10
    truth = dict(vars(authenticator))
    code, lies = LIES[lie]
    async with client(controller) as person:
        vars(authenticator).update(lies)
        assert await log_in(person, await answered(person, authenticator)) == code
        assert await status(person, "GET", "/api/me") == 401
        vars(authenticator).update(truth)
        assert await log_in(person, await answered(person, authenticator)) == "in"


async def test_a_key_that_signs_in_the_other_s_name_is_refused(
    controller: RunningController, authenticator: Authenticator
) -> None:
    await registered(controller, authenticator)
    stranger = Authenticator(authenticator.origin, id=authenticator.id, handle=authenticator.handle, count=50)
    async with client(controller) as person:
        assert await log_in(person, await answered(person, stranger)) == "login-passkey"


async def test_every_altered_byte_of_what_is_signed_is_noticed(
    controller: RunningController, authenticator: Authenticator
) -> None:
    authenticator.counts = False
    await registered(controller, authenticator)
    async with client(controller) as person:
        for place in range(0, 37, 4):
            answer = await answered(person, authenticator)
            data = bytearray(un64(answer["response"]["authenticatorData"]))
            data[place] ^= 0x80
            answer["response"]["authenticatorData"] = b64(bytes(data))
            assert await log_in(person, answer) in ("login-passkey", "login-sign-count"), place


async def test_a_registration_is_no_login_and_the_other_way_round(
    controller: RunningController, authenticator: Authenticator
) -> None:
    await registered(controller, authenticator)
    async with client(controller, "nurse") as nurse:
        options = await asked(nurse, "/api/passkeys/options")
        assert await log_in(nurse, authenticator.get(options)) == "login-challenge"
        options = await asked(nurse, "/api/login/passkey/options")
        assert await log_in(nurse, authenticator.get(options, "webauthn.create")) == "login-passkey"


MISSHAPEN: list[Any] = [
    {},
    {"id": "a", "response": {}},
    {"id": "a", "response": []},
    {"id": 3, "response": {"clientDataJSON": b64(b'{"type":"t","challenge":"YQ","origin":"o"}')}},
    {"id": "a", "response": {"clientDataJSON": b64(b'{"type":1,"challenge":2,"origin":3}')}},
    {"id": "a", "response": {"clientDataJSON": b64(b"\xff")}},
    {"id": "a", "response": {"clientDataJSON": b64(b"[]")}},
    {"id": "é", "response": {"clientDataJSON": "a" * 20_000}},
]


@pytest.mark.parametrize("credential", MISSHAPEN, ids=lambda one: b64encode(repr(one).encode())[:12].decode())
async def test_what_is_no_credential_is_refused_in_words(
    controller: RunningController, credential: Json
) -> None:
    async with client(controller) as person:
        assert (await log_in(person, credential)).startswith("login-")
        body = {"credential": credential, "more": 1}
        assert await status(person, "POST", "/api/login/passkey", json=body) == 400


@pytest.mark.parametrize("member", ["rawId", "type", "authenticatorData", "signature", "clientDataJSON"])
async def test_a_credential_without_a_part_is_refused(
    controller: RunningController, authenticator: Authenticator, member: str
) -> None:
    await registered(controller, authenticator)
    async with client(controller) as person:
        for value in (None, 3, "", "!", {}):
            answer = deepcopy(await answered(person, authenticator))
            (answer if member in answer else answer["response"])[member] = value
            assert (await log_in(person, answer)).startswith("login-")
        controller.clock.let_pass(60)


async def test_a_passkey_is_added_only_soon_after_the_login_and_by_the_session_that_asked(
    controller: RunningController, authenticator: Authenticator
) -> None:
    async with client(controller, "nurse") as nurse, client(controller, "other") as other:
        options = await asked(nurse, "/api/passkeys/options")
        body = {"name": "stolen", "credential": authenticator.create(options)}
        assert await refusal(other, "POST", "/api/passkeys", json=body) == (401, "login-challenge")
        assert await status(nurse, "POST", "/api/passkeys", json=body) == 204
        assert await refusal(nurse, "POST", "/api/passkeys", json=body) == (401, "login-challenge")
        for _ in range(FRESH_MS // 60_000):
            controller.clock.let_pass(60)
            await status(nurse, "POST", "/api/touched")
        controller.clock.let_pass(5)
        assert await refusal(nurse, "POST", "/api/passkeys/options") == (403, "login-again")
        assert await refusal(nurse, "POST", "/api/passkeys", json=body) == (403, "login-again")


@pytest.mark.parametrize(
    "lies", [{"flags": UP}, {"origin": "http://evil.example"}, {"rp_id": "evil.example"}]
)
async def test_an_unverified_or_foreign_passkey_is_not_added(
    controller: RunningController, authenticator: Authenticator, lies: Json
) -> None:
    vars(authenticator).update(lies)
    async with client(controller, "nurse") as nurse:
        made = authenticator.create(await asked(nurse, "/api/passkeys/options"))
        body = {"name": "phone", "credential": made}
        assert await refusal(nurse, "POST", "/api/passkeys", json=body) == (401, "login-passkey")


async def test_people_have_several_passkeys_name_them_and_remove_them(
    controller: RunningController, authenticator: Authenticator
) -> None:
    second = Authenticator(authenticator.origin)
    await registered(controller, authenticator, name="phone")
    await registered(controller, second, name="key")
    path = f"/api/passkeys/{b64(authenticator.id)}"
    async with client(controller, "nurse") as nurse, client(controller, "other") as other:
        assert await status(nurse, "PUT", path, json={"name": "old phone"}) == 204
        names = {one["name"] for one in (await get(nurse, "/api/passkeys"))["passkeys"]}
        assert names == {"old phone", "key"}
        assert await refusal(other, "DELETE", path) == (404, "not-found")  # somebody else's
        assert await refusal(other, "PUT", path, json={"name": "mine"}) == (404, "not-found")
        for odd in ("!", "a", "%C3%A9", "YQ"):
            assert await refusal(nurse, "DELETE", f"/api/passkeys/{odd}") == (404, "not-found")
        assert await status(nurse, "DELETE", path) == 204
        assert await log_in(other, await answered(other, authenticator)) == "login-unknown"
        assert await log_in(other, await answered(other, second)) == "in"


async def test_a_passkey_is_registered_once_and_not_endlessly_many(
    controller: RunningController, authenticator: Authenticator
) -> None:
    await registered(controller, authenticator)
    async with client(controller, "nurse") as nurse:
        options = await asked(nurse, "/api/passkeys/options")
        assert [one["id"] for one in options["excludeCredentials"]] == [b64(authenticator.id)]
        again = {"name": "again", "credential": authenticator.create(options)}
        assert await refusal(nurse, "POST", "/api/passkeys", json=again) == (409, "conflict")
        for number in range(MOST):
            more = Authenticator(authenticator.origin)
            made = more.create(await asked(nurse, "/api/passkeys/options"))
            body = {"name": f"key {number}", "credential": made}
            code = await status(nurse, "POST", "/api/passkeys", json=body)
            assert code == (204 if number < MOST - 1 else 409)


async def test_a_disabled_person_s_passkey_opens_nothing(
    controller: RunningController, authenticator: Authenticator
) -> None:
    await registered(controller, authenticator, "gone")
    await controller.app[CONTEXT].accounts.set_disabled("gone", By("boss"), disabled=True)
    async with client(controller) as person:
        assert await log_in(person, await answered(person, authenticator)) == "login-disabled"


async def test_what_the_authenticator_keeps_of_a_person_says_nothing_of_them(
    controller: RunningController, authenticator: Authenticator
) -> None:
    await registered(controller, authenticator)
    handle = un64(authenticator.handle or "")
    assert len(handle) == 64
    assert b"nurse" not in handle
    assert hashlib.sha512(b"nurse").digest() != handle


async def test_registrations_logins_and_a_copied_key_are_in_the_audit_trail(
    controller: RunningController, authenticator: Authenticator
) -> None:
    authenticator.count = 5
    await registered(controller, authenticator)
    async with client(controller) as person:
        assert await log_in(person, await answered(person, authenticator)) == "in"
        authenticator.count = 2
        assert await log_in(person, await answered(person, authenticator)) == "login-sign-count"
    trail: list[str] = []
    while not any("sign-count" in entry for entry in trail):  # a refusal is written soon
        trail = [row["entry"] for row in await controller.store.read("SELECT entry FROM audit")]
    assert any('"action":"passkey-added","actor":"nurse"' in entry for entry in trail)
    assert any('"actor":"nurse","detail":{"how":"passkey"}' in entry for entry in trail)
    copied = next(entry for entry in trail if "sign-count" in entry)
    assert '"actor":"nurse"' in copied
    assert '"outcome":"refused"' in copied


async def test_without_a_configured_address_passkeys_are_bound_to_localhost_and_the_port(
    controller: RunningController, tmp_path: Path
) -> None:
    assert controller.login is not None
    async with running(tmp_path, nurse=Role.NURSE) as unconfigured, client(unconfigured) as person:
        options = await asked(person, "/api/login/passkey/options")
        assert (options["rpId"], options["userVerification"]) == ("localhost", "required")
        right = Authenticator(f"http://localhost:{unconfigured.port}")
        await registered(unconfigured, right)
        assert await log_in(person, await answered(person, right)) == "in"
        right.origin = unconfigured.address  # 127.0.0.1, whatever the request's Host says
        assert await log_in(person, await answered(person, right)) == "login-passkey"
