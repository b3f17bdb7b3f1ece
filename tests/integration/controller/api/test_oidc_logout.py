"""Back-channel logout: a provider (a process of its own) ends sessions here at once, nobody else does."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from controller.api.context import CONTEXT
from controller.sections import LoginSection, OidcSection
from controller.security.oidc.logout_token import REMEMBERED_S
from controller.security.permissions import Role
from controller.security.sessions import How
from controller.security.users import find_account
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.http import client, events, status
from tests.support.identity_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    Claims,
    IdentityProvider,
    new_key,
    provider_running,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")
PATH = "/api/oidc/backchannel-logout"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def issuer() -> AsyncIterator[str]:
    command = sys.executable, "-m", "tests.support.identity_provider"
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(await process.stdout.readline())}"
    finally:
        process.terminate()
        await process.wait()


async def configured(controller: RunningController, folder: Path, issuer: str) -> None:
    secret = folder / "secret"
    secret.write_text(CLIENT_SECRET)
    secret.chmod(0o600)
    roles = {Role.NURSE: ["ward-staff"]}
    controller.oidc = OidcSection(issuer=issuer, client_id=CLIENT_ID, secret_file=secret, roles=roles)
    controller.login = LoginSection(address=controller.address)
    await controller.stop()
    await controller.start()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_controller(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningController]:
    folder = tmp_path_factory.mktemp("logout")
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        started = await stack.enter_async_context(running(folder, ben=Role.NURSE))
        await started.add_bed("bed-1", "Bed 1", ["ox-1"])
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def controller(one_controller: RunningController, tmp_path: Path, issuer: str) -> RunningController:
    """With the provider that is a process of its own."""
    await one_controller.store.write(lambda db: db.execute("DELETE FROM user WHERE name = 'anna'").rowcount)
    await configured(one_controller, tmp_path, issuer)
    return one_controller


async def log_in(browser: aiohttp.ClientSession) -> None:
    """Out to the provider and back."""
    async with browser.get("/oidc/login", allow_redirects=False) as response:
        away = response.headers["Location"]
    async with aiohttp.ClientSession() as there, there.get(away, allow_redirects=False) as response:
        back = response.headers["Location"]
    assert await status(browser, "GET", back) == 200


async def goodbye(controller: RunningController, **asked: Any) -> tuple[int, Any]:
    """What the controller tells the provider's process, which logs somebody out."""
    assert controller.oidc is not None
    asked = {"to": controller.address + PATH, "claims": {}, **asked}
    async with (
        aiohttp.ClientSession(controller.oidc.issuer) as there,
        there.post("/say-goodbye", json=asked) as response,
    ):
        said = await response.json()
        return said["status"], said["told"]


async def is_in(browser: aiohttp.ClientSession) -> bool:
    return await status(browser, "GET", "/api/me") == 200


async def test_the_provider_ends_all_of_a_person_s_sessions_and_nobody_else_s(
    controller: RunningController,
) -> None:
    async with client(controller) as one, client(controller) as other, client(controller, "ben") as ben:
        await log_in(one)
        await log_in(other)
        assert await is_in(one)
        assert await goodbye(controller) == (200, {"ended": 2})
        assert [await is_in(browser) for browser in (one, other, ben)] == [False, False, True]


async def test_a_named_session_ends_alone(controller: RunningController) -> None:
    async with client(controller) as one, client(controller) as other:
        await log_in(one)
        await log_in(other)
        assert await goodbye(controller, session=-2) == (200, {"ended": 1})
        assert [await is_in(browser) for browser in (one, other)] == [False, True]
        assert await goodbye(controller, session=-1, claims={"sub": None}) == (200, {"ended": 1})
        assert not await is_in(other)


async def test_one_person_s_name_does_not_end_another_s_session(controller: RunningController) -> None:
    async with client(controller) as browser:
        await log_in(browser)
        assert await goodbye(controller, session=-1, claims={"sub": "id-of-ben"}) == (200, {"ended": 0})
        assert await is_in(browser)


async def test_an_open_board_ends_at_once(controller: RunningController) -> None:
    async with client(controller) as browser:
        await log_in(browser)
        async with events(browser) as stream, asyncio.timeout(10):
            assert (await anext(stream))[1] == "snapshot"
            assert await goodbye(controller) == (200, {"ended": 1})
            with pytest.raises((asyncio.IncompleteReadError, aiohttp.ClientError, StopAsyncIteration)):
                while True:
                    await anext(stream)


async def test_a_password_s_session_of_the_person_ends_too_and_the_trail_has_it(
    controller: RunningController,
) -> None:
    async with client(controller) as browser:
        await log_in(browser)
        account = await find_account(controller.store, "anna")
        assert account is not None
        await controller.app[CONTEXT].sessions.begin(account.user, How.PASSWORD)
        assert await goodbye(controller) == (200, {"ended": 2})
    last = "SELECT entry FROM audit WHERE action = 'logout' ORDER BY number DESC LIMIT 1"
    [row] = await controller.store.read(last)
    assert '"entity":"user/anna"' in row["entry"]
    assert "back-channel" in row["entry"]


async def test_the_provider_is_told_where_a_logout_here_goes_on(controller: RunningController) -> None:
    async with client(controller) as browser:
        await log_in(browser)
        async with browser.post("/api/oidc/logout") as response:
            go = (await response.json())["go"]
    assert controller.oidc is not None
    assert go.startswith(f"{controller.oidc.issuer}/logout?client_id=")


@pytest_asyncio.fixture(loop_scope="module")
async def provider() -> AsyncIterator[IdentityProvider]:
    """One in this process, whose every word a test can change."""
    async with provider_running() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def hunted(
    one_controller: RunningController, provider: IdentityProvider, tmp_path: Path
) -> AsyncIterator[tuple[RunningController, aiohttp.ClientSession]]:
    """A controller, and the browser of anna, who is logged in."""
    await one_controller.store.write(lambda db: db.execute("DELETE FROM user WHERE name = 'anna'").rowcount)
    await configured(one_controller, tmp_path, provider.issuer)
    async with client(one_controller) as browser:
        await log_in(browser)
        yield one_controller, browser


async def posted(controller: RunningController, token: str, **headers: str) -> tuple[int, str, str]:
    """(status, code, Cache-Control) for a token, as any server can send it."""
    async with (
        aiohttp.ClientSession(controller.address, headers=headers) as stranger,
        stranger.post(PATH, data={"logout_token": token}) as response,
    ):
        told = await response.json()
        code = told.get("error", {}).get("code", "")
        return response.status, code, response.headers["Cache-Control"]


def id_token(claims: Claims) -> Claims:
    return {name: value for name, value in claims.items() if name != "events"} | {"nonce": "n"}


LIES: dict[str, tuple[Claims, str]] = {
    "another issuer": ({"iss": "https://elsewhere.example"}, "logout-iss"),
    "another client": ({"aud": "another"}, "logout-aud"),
    "an event that is no logout": (
        {"events": {"http://schemas.openid.net/event/other": {}}},
        "logout-events",
    ),
    "an ID token": ({"nonce": "n"}, "logout-nonce"),
    "an old one": ({"iat": 1_600_000_000}, "logout-claims"),
    "an expired one": ({"exp": 1_600_000_000}, "logout-claims"),
    "without an id": ({"jti": None}, "logout-claims"),
    "for nobody": ({"sub": None}, "logout-sub"),
}


@pytest.mark.parametrize(("said", "code"), LIES.values(), ids=LIES)
async def test_a_token_that_is_wrong_in_one_thing_ends_nothing(
    hunted: tuple[RunningController, aiohttp.ClientSession],
    provider: IdentityProvider,
    said: Claims,
    code: str,
) -> None:
    controller, browser = hunted
    assert await posted(controller, provider.signed(provider.logout_claims(**said))) == (
        400,
        code,
        "no-store",
    )
    assert await is_in(browser)
    right = provider.signed(provider.logout_claims())
    assert await posted(controller, right) == (200, "", "no-store")
    assert not await is_in(browser)


async def test_another_s_signature_ends_nothing(
    hunted: tuple[RunningController, aiohttp.ClientSession], provider: IdentityProvider
) -> None:
    controller, browser = hunted
    provider.key = new_key("first")  # of the same name, and not published
    token = provider.signed(provider.logout_claims())
    assert (await posted(controller, token))[:2] == (400, "logout-signature")
    provider.key = new_key("unheard-of")
    token = provider.signed(provider.logout_claims())
    assert (await posted(controller, token))[:2] == (400, "logout-key")
    assert await is_in(browser)


async def test_a_captured_token_is_good_once_and_after_a_restart_too(
    hunted: tuple[RunningController, aiohttp.ClientSession], provider: IdentityProvider
) -> None:
    """Who can send it again could keep a nurse out for minutes."""
    controller, browser = hunted
    token = provider.signed(provider.logout_claims())
    assert (await posted(controller, token))[0] == 200
    await log_in(browser)
    assert (await posted(controller, token))[:2] == (400, "logout-jti")
    await controller.stop()
    await controller.start()
    assert (await posted(controller, token))[:2] == (400, "logout-jti")
    assert await is_in(browser)


async def test_used_ids_are_forgotten_when_no_token_of_them_can_be_good(
    hunted: tuple[RunningController, aiohttp.ClientSession], provider: IdentityProvider
) -> None:
    controller, _ = hunted
    assert (await posted(controller, provider.signed(provider.logout_claims())))[0] == 200
    past = controller.clock.utc_us() // 1_000_000 - REMEMBERED_S
    sql = "UPDATE oidc_logout SET until_utc_s = ?"
    await controller.store.write(lambda db: db.execute(sql, (past,)).rowcount)
    assert (await posted(controller, provider.signed(provider.logout_claims())))[0] == 200
    assert len(await controller.store.read("SELECT * FROM oidc_logout")) == 1


async def test_keys_that_changed_meanwhile_are_fetched(
    hunted: tuple[RunningController, aiohttp.ClientSession], provider: IdentityProvider
) -> None:
    controller, browser = hunted
    provider.rotate("second")
    controller.clock.let_pass(10)
    assert (await posted(controller, provider.signed(provider.logout_claims())))[0] == 200
    assert not await is_in(browser)


async def test_a_browser_s_cookie_does_not_matter_and_a_form_is_needed(
    hunted: tuple[RunningController, aiohttp.ClientSession], provider: IdentityProvider
) -> None:
    _, browser = hunted
    token = provider.signed(provider.logout_claims())
    elsewhere = {"Origin": "https://elsewhere.example"}
    assert await status(browser, "POST", PATH, headers=elsewhere) == 400
    assert await status(browser, "POST", PATH, json={"logout_token": token}) == 400
    twice = f"logout_token={token}&logout_token={token}".encode()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert await status(browser, "POST", PATH, data=twice, headers=form) == 400
    assert await status(browser, "POST", PATH, data=b"logout_token=%ff\xff", headers=form) == 400
    assert await is_in(browser)


async def test_without_a_provider_there_is_no_such_thing(tmp_path: Path) -> None:
    async with running(tmp_path) as controller, aiohttp.ClientSession(controller.address) as stranger:
        assert await status(stranger, "POST", PATH, data={"logout_token": "x"}) == 404
