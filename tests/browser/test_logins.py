"""Passkeys with Chromium's own authenticator, the identity provider's login, the page of keys and tokens."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import CDPSession, Page, expect

from controller.sections import OidcSection
from controller.security.permissions import Role
from tests.browser.conftest import OpenPage
from tests.support.accessible import violations
from tests.support.controller import PASSWORD, RunningController, quick_passwords, running
from tests.support.identity_provider import CLIENT_ID, CLIENT_SECRET, IdentityProvider, provider_running

pytestmark = pytest.mark.asyncio(loop_scope="module")
OPTIONS = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest_asyncio.fixture(loop_scope="module")
async def provider() -> AsyncIterator[IdentityProvider]:
    async with provider_running() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def controller(tmp_path: Path, provider: IdentityProvider) -> AsyncIterator[RunningController]:
    people = {"nurse": Role.NURSE, "other": Role.NURSE, "engineer": Role.ENGINEER}
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        started = await stack.enter_async_context(running(tmp_path, **people))
        await started.add_bed("bed-1", "Bed 1", ["ox-1"])
        secret = tmp_path / "secret"
        secret.write_text(CLIENT_SECRET)
        secret.chmod(0o600)
        started.oidc = OidcSection(
            issuer=provider.issuer,
            client_id=CLIENT_ID,
            secret_file=secret,
            roles={Role.NURSE: ["ward-staff"]},
            wards={"ward-a": ["ward-staff"]},
        )
        await started.stop()
        await started.start()
        yield started


class Screen:
    """A browser at the controller's own name, with an authenticator."""

    def __init__(self, page: Page, devtools: CDPSession, authenticator: str, home: str) -> None:
        self.page = page
        self.devtools = devtools
        self.authenticator = authenticator
        self.home = home

    async def verifies(self, verified: bool) -> None:
        """Whether the authenticator knows its person the next time."""
        told = {"authenticatorId": self.authenticator, "isUserVerified": verified}
        await self.devtools.send("WebAuthn.setUserVerified", told)

    async def go(self, path: str) -> None:
        await self.page.goto(self.home + path)


@pytest_asyncio.fixture(loop_scope="module")
async def screen(open_page: OpenPage, controller: RunningController) -> Screen:
    page = await open_page()
    return await at_screen(page, controller)


async def at_screen(page: Page, controller: RunningController) -> Screen:
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    made = await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": OPTIONS})
    started = Screen(page, devtools, made["authenticatorId"], f"http://localhost:{controller.port}")
    await started.go("/login")
    return started


POST = """([path, body]) => fetch(path, {
  method: "POST", headers: { "Content-Type": "application/json" }, body: body && JSON.stringify(body),
}).then((answer) => answer.status)"""


async def enter(screen: Screen, user: str) -> None:
    """Logged in by password, without the board's page."""
    body = {"user": user, "password": PASSWORD}
    assert await screen.page.evaluate(POST, ["/api/login", body]) == 204


async def add_passkey(screen: Screen, user: str, name: str) -> None:
    """As a person does it; at the end nobody is logged in."""
    page = screen.page
    await enter(screen, user)
    await screen.go("/account/keys")
    await page.get_by_label("Name of the passkey").fill(name)
    await page.get_by_role("button", name="Add a passkey").click()
    await expect(page.get_by_text(f"The passkey {name} is added.")).to_be_visible()
    assert await page.evaluate(POST, ["/api/logout", None]) == 204
    await screen.go("/login")


async def test_a_passkey_is_added_opens_the_board_and_its_answer_opens_once(screen: Screen) -> None:
    page = screen.page
    await add_passkey(screen, "nurse", "my phone")
    sent = page.expect_request("**/api/login/passkey")
    async with sent as request:
        await page.get_by_role("button", name="Log in with a passkey").click()
    await page.wait_for_url(screen.home + "/")
    assert await who(page) == "nurse"
    body = (await request.value).post_data
    headers = {"Origin": screen.home, "Content-Type": "application/json"}
    replayed = await page.request.post(screen.home + "/api/login/passkey", data=body, headers=headers)
    assert (replayed.status, (await replayed.json())["error"]["code"]) == (401, "login-challenge")


async def who(page: Page) -> str:
    return await page.evaluate("fetch('/api/me').then((answer) => answer.json()).then((me) => me.user)")


async def test_a_passkey_that_does_not_know_its_person_is_refused(screen: Screen) -> None:
    page = screen.page
    await add_passkey(screen, "nurse", "my phone")
    await screen.verifies(False)
    await page.get_by_role("button", name="Log in with a passkey").click()
    await expect(page.get_by_role("alert")).to_have_text("No passkey was used.")
    # The browser refused; so does the controller, for a browser that would not.
    assert await page.evaluate(ASK, {"userVerification": "discouraged"}) == "login-passkey"
    await screen.verifies(True)
    await page.get_by_role("button", name="Log in with a passkey").click()
    await page.wait_for_url(screen.home + "/")


ASK = """async (change) => {
  const headers = { "Content-Type": "application/json" };
  const send = (path, body) => fetch(path, { method: "POST", headers, body });
  const options = { ...await (await send("/api/login/passkey/options")).json(), ...change };
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  try {
    const credential = await navigator.credentials.get({ publicKey });
    const answer = await send("/api/login/passkey", JSON.stringify({ credential: credential.toJSON() }));
    return (await answer.json()).error.code;
  } catch (error) {
    return error.name;
  }
}"""


async def test_another_person_takes_a_locked_screen_over_with_a_passkey(screen: Screen) -> None:
    page = screen.page
    await add_passkey(screen, "other", "badge")
    await enter(screen, "nurse")
    await screen.go("/account/keys")
    await page.get_by_role("button", name="Lock", exact=True).click()
    await expect(page.get_by_text("nurse is logged in. Unlock it")).to_be_visible()
    await page.get_by_role("button", name="Log in with a passkey").click()
    await expect(page.locator("#cover")).to_be_hidden()
    assert await who(page) == "other"


async def test_under_another_name_no_passkey_is_offered_and_none_is_taken(
    screen: Screen, controller: RunningController
) -> None:
    """A page at another address, here the same one under 127.0.0.1, cannot use the keys of this one."""
    await add_passkey(screen, "nurse", "my phone")
    await screen.page.goto(controller.address + "/login")
    await expect(screen.page.locator("#oidc")).to_be_visible()
    await expect(screen.page.get_by_role("button", name="Log in with a passkey")).to_be_hidden()
    assert await screen.page.evaluate(ASK, {}) == "SecurityError"


async def test_the_identity_provider_leads_to_the_board_and_its_logout(
    screen: Screen, provider: IdentityProvider
) -> None:
    """The provider is of another site than the controller: the session's strict cookie survives that."""
    page = screen.page
    await page.get_by_role("link", name="Hospital login").click()
    await expect(page.get_by_role("button", name="Bed 1: open trends and devices")).to_be_visible()
    assert await who(page) == "anna"
    async with page.expect_request(f"{provider.issuer}/logout?**") as asked:
        await page.get_by_role("button", name="Log out").click()
    assert "post_logout_redirect_uri=http%3A%2F%2Flocalhost" in (await asked.value).url


async def test_a_refused_login_of_the_provider_is_said_in_words(
    screen: Screen, provider: IdentityProvider
) -> None:
    provider.people["anna"] = {}
    await screen.page.get_by_role("link", name="Hospital login").click()
    await expect(screen.page.get_by_role("alert")).to_contain_text("none of your groups has a role")
    provider.people["anna"] = {"groups": ["ward-staff"]}
    provider.lie = lambda claims: claims | {"aud": "another"}
    await screen.page.get_by_role("link", name="Hospital login").click()
    await expect(screen.page.get_by_role("alert")).to_contain_text("was not accepted (aud)")


async def test_passkeys_are_renamed_and_removed_after_a_question(screen: Screen) -> None:
    page = screen.page
    await add_passkey(screen, "nurse", "old")
    await enter(screen, "nurse")
    await screen.go("/account/keys")
    await page.get_by_role("button", name="Rename old").click()
    await page.keyboard.type("new phone")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("new phone")).to_be_visible()
    remove = page.get_by_role("button", name="Remove new phone")
    await remove.click()
    await expect(remove).to_have_text("Remove: are you sure?")
    await remove.click()
    await expect(page.get_by_text("You have no passkey yet.")).to_be_visible()
    await expect(page.get_by_role("heading", name="API tokens")).to_be_hidden()  # a nurse makes none


async def make_token(page: Page, name: str, scopes: str) -> None:
    await page.get_by_label("Name", exact=True).fill(name)
    await page.get_by_label("Scopes", exact=True).fill(scopes)
    await page.get_by_role("button", name="Make a token").click()


async def test_a_token_is_made_shown_once_and_revoked(screen: Screen) -> None:
    page = screen.page
    await enter(screen, "engineer")
    await screen.go("/account/keys")
    await make_token(page, "cmms", "system/Patient.r")
    await expect(page.get_by_role("alert")).to_contain_text("ask an administrator")
    await make_token(page, "cmms", "system/Device.rs")
    await expect(page.locator("#token")).to_have_text(re.compile(r"^wl_[A-Za-z0-9_-]{43}$"))
    token = await page.locator("#token").text_content()
    headers = {"Authorization": f"Bearer {token}"}
    assert (await page.request.get(screen.home + "/api/devices", headers=headers)).status == 200
    await page.reload()
    await expect(page.get_by_role("row", name=re.compile("cmms"))).to_contain_text("valid")
    await expect(page.locator("#token")).to_be_hidden()
    revoke = page.get_by_role("button", name="Revoke cmms")
    await revoke.click()
    await revoke.click()
    await expect(page.get_by_role("row", name=re.compile("cmms"))).to_contain_text("revoked by engineer")
    assert (await page.request.get(screen.home + "/api/devices", headers=headers)).status == 401


@pytest.mark.parametrize(("theme", "locale"), [("dark", "en"), ("light", "zh-CN")])
async def test_axe_finds_nothing_on_login_and_keys(
    open_page: OpenPage, controller: RunningController, theme: str, locale: str
) -> None:
    page = await open_page(color_scheme=theme, locale=locale, width=834, height=1112)
    screen = await at_screen(page, controller)
    await expect(page.locator("#passkey")).to_be_visible()
    assert await violations(page) == []
    await enter(screen, "engineer")
    await screen.go("/account/keys")
    await page.locator("#passkey-name").fill("badge")
    await page.locator("#add button").click()
    await expect(page.locator("#passkeys li")).to_have_count(1)
    await page.locator("#token-name").fill("cmms")
    await page.locator("#token-scopes").fill("system/Device.rs system/Provenance.rs")
    await page.locator("#make button").click()
    await expect(page.locator("#token")).to_be_visible()
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
