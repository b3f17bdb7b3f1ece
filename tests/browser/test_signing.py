"""Signing in Chromium with its own authenticator: what is shown is signed, by a key that a passkey opens."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from controller.api.context import CONTEXT
from controller.errors import BadSignature
from controller.identity.files import open_authority
from controller.sections import SigningSection
from controller.security.cookie import COOKIE
from controller.security.permissions import Role
from controller.security.sessions import How
from controller.security.users import find_account
from controller.signing.model import Signed, Unlock
from controller.signing.verify import verify
from tests.browser.conftest import OpenPage
from tests.support.accessible import violations
from tests.support.controller import PASSWORD, RunningController, quick_passwords, running

pytestmark = pytest.mark.asyncio(loop_scope="module")
OPTIONS = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
    "hasPrf": True,
}
PEOPLE = {"anna": Role.PHYSICIAN, "nurse": Role.NURSE, "admin": Role.ADMINISTRATOR}
PHRASE = "correct horse battery staple"
DOCUMENT = {"what": "Morphin 吗啡", "dose": {"unit": "mg", "value": 0.5}, "z": 1e-7, "A": [None, True]}
SIGN = """async (given) => {
  const { sign } = await import("/signing/signing.js");
  const { el } = await import("/screen/dom.js");
  window.jws = sign(given, {
    title: "Prescription",
    show: (one) => el("p", {}, `${one.what}: ${one.dose.value} ${one.dose.unit}`),
  });
}"""


@pytest_asyncio.fixture(loop_scope="module")
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    open_authority(tmp_path / "ca", datetime.now(UTC))
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        started = await stack.enter_async_context(running(tmp_path, **PEOPLE))
        started.signing = SigningSection(unlock=frozenset(Unlock))
        await started.stop()
        await started.start()
        yield started


class Screen:
    """A browser where anna is logged in, with an authenticator."""

    def __init__(self, page: Page, controller: RunningController, has_prf: bool) -> None:
        self.page, self.controller, self.has_prf = page, controller, has_prf
        self.home = f"http://localhost:{controller.port}"

    async def begin(self) -> None:
        devtools = await self.page.context.new_cdp_session(self.page)
        await devtools.send("WebAuthn.enable")
        options = {**OPTIONS, "hasPrf": self.has_prf}
        await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        who = {"user": "anna", "password": PASSWORD}
        headers = {"Origin": self.home}
        answer = await self.page.context.request.post(f"{self.home}/api/login", data=who, headers=headers)
        assert answer.ok

    async def add_passkey(self, name: str) -> None:
        await self.page.goto(f"{self.home}/account/keys")
        await self.page.get_by_label("Name of the passkey").fill(name)
        await self.page.get_by_role("button", name="Add a passkey").click()
        await expect(self.page.get_by_text(f"The passkey {name} is added.")).to_be_visible()

    async def account(self) -> None:
        await self.page.goto(f"{self.home}/account")
        await expect(self.page.get_by_role("heading", name="Key to sign with")).to_be_visible()

    async def make(self, way: str, phrase: str = "", button: str = "Make a key") -> None:
        """A key, as a person makes it."""
        await self.account()
        form = self.page.locator("#signing-make")
        await form.get_by_label("Unlocked by").select_option(way)
        if phrase:
            await form.get_by_label("Passphrase of the key").fill(phrase)
            await form.get_by_label("Passphrase again").fill(phrase)
        await form.get_by_label("Your login password").fill(PASSWORD)
        await form.get_by_role("button", name=button).click()

    async def begins(self, document: dict[str, Any] = DOCUMENT) -> None:
        await self.page.evaluate(SIGN, document)
        await expect(self.page.get_by_role("dialog", name="Prescription")).to_be_visible()

    async def jws(self) -> str | None:
        return await self.page.evaluate("window.jws")

    async def accepted(self, jws: str | None, document: dict[str, Any] = DOCUMENT) -> Signed:
        assert jws is not None
        return await self.controller.app[CONTEXT].signatures.accept("anna", document, jws)


@pytest_asyncio.fixture(loop_scope="module")
async def screen(open_page: OpenPage, controller: RunningController) -> Screen:
    started = Screen(await open_page(), controller, has_prf=True)
    await started.begin()
    return started


async def test_what_is_shown_is_signed_by_passkey_and_holds_with_the_root_alone(screen: Screen) -> None:
    page = screen.page
    await screen.add_passkey("badge")
    await screen.make("passkey")
    await expect(page.get_by_text("The key is made. You can sign with it now.")).to_be_visible()
    await screen.begins()
    await expect(page.get_by_role("dialog")).to_contain_text("Morphin 吗啡: 0.5 mg")
    await expect(page.get_by_role("dialog")).to_contain_text("Signed as anna, with key")
    await page.get_by_role("button", name="Sign with passkey").click()
    jws = await screen.jws()
    signed = await screen.accepted(jws)
    root = open_authority(screen.controller.store.folder / "ca", datetime.now(UTC)).root
    held = verify(signed.file(), [root])
    assert (held.name, held.document) == ("anna", DOCUMENT)
    with pytest.raises(BadSignature, match="was changed"):
        await screen.accepted(jws, {**DOCUMENT, "dose": {"unit": "mg", "value": 5}})
    await expect(page.get_by_role("dialog", name="Prescription")).to_have_count(0)


async def test_the_controller_gets_no_key_that_opens_without_the_passkey(screen: Screen) -> None:
    """Nothing that leaves the browser is a private key: what it sent is searched for its beginning in DER."""
    sent: list[str] = []
    screen.page.on("request", lambda request: sent.append(request.post_data or ""))
    await screen.add_passkey("badge")
    await screen.make("passkey")
    await expect(screen.page.get_by_text("The key is made.")).to_be_visible()
    [body] = [json.loads(one) for one in sent if '"wraps"' in one]
    [wrap] = body["wraps"]
    assert (wrap["kind"], wrap["iterations"]) == ("passkey", None)
    assert "MIGHAgEAMBMGByqGSM49" not in "".join(sent).replace("-", "+").replace("_", "/")
    assert '"d"' not in "".join(sent)


async def test_who_cancels_or_has_a_wrong_passphrase_signs_nothing(screen: Screen) -> None:
    page = screen.page
    await screen.make("passphrase", PHRASE)
    await expect(page.get_by_text("The key is made.")).to_be_visible()
    await screen.begins()
    await page.get_by_role("button", name="Cancel").click()
    assert await screen.jws() is None
    await screen.begins()
    await page.keyboard.press("Escape")
    assert await screen.jws() is None
    await screen.begins()
    dialog = page.get_by_role("dialog", name="Prescription")
    await dialog.get_by_label("Passphrase of the key").fill("another phrase altogether")
    await page.keyboard.press("Enter")
    await expect(dialog.get_by_role("alert")).to_have_text("That does not unlock the key. Try again.")
    await dialog.get_by_label("Passphrase of the key").fill(PHRASE)
    await page.keyboard.press("Enter")
    assert (await screen.accepted(await screen.jws())).document == DOCUMENT


async def test_a_passphrase_that_is_short_or_the_login_password_is_refused(screen: Screen) -> None:
    await screen.make("passphrase", "short")
    await expect(screen.page.locator("#problem")).to_have_text(
        "The passphrase is too short: 12 letters or more."
    )
    await screen.make("passphrase", PASSWORD)
    await expect(screen.page.locator("#problem")).to_contain_text("The controller knows your login password")


async def test_another_passkey_is_added_and_signs_after_the_first_way_is_gone(screen: Screen) -> None:
    page = screen.page
    await screen.make("passphrase", PHRASE)
    await expect(page.get_by_text("The key is made.")).to_be_visible()
    await screen.add_passkey("phone")
    await screen.make("add", button="Add another passkey to the key")
    dialog = page.get_by_role("dialog", name="Add another passkey to the key")
    await dialog.get_by_label("Passphrase of the key").fill(PHRASE)
    await dialog.get_by_role("button", name="Unlock", exact=True).click()
    await expect(page.get_by_text("The passkey unlocks the key now.")).to_be_visible()
    await screen.begins()
    await page.get_by_role("button", name="Sign with passkey").click()
    assert (await screen.accepted(await screen.jws())).document == DOCUMENT


async def test_a_new_key_replaces_the_old_one_and_a_revoked_one_signs_no_more(screen: Screen) -> None:
    page = screen.page
    await screen.make("passphrase", PHRASE)
    await expect(page.get_by_text("The key is made.")).to_be_visible()
    await screen.make("passphrase", PHRASE, button="Make a new key")
    await expect(page.locator("#signing-keys li")).to_have_count(2)
    await expect(page.locator("#signing-keys")).to_contain_text("what it signed before stays good")
    active = page.locator('#signing-keys li[data-state="active"]')
    revoke = active.get_by_role("button", name=re.compile("^Revoke for ever"))
    await expect(revoke).to_be_disabled()
    await active.get_by_label(re.compile("^Why revoke it")).select_option("lost")
    await revoke.click()
    await expect(page.get_by_text("You have no key yet.")).to_be_visible()
    await screen.begins()
    await expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text(
        "You have no key to sign with."
    )


async def test_a_passkey_without_prf_is_told_apart(
    open_page: OpenPage, controller: RunningController
) -> None:
    screen = Screen(await open_page(), controller, has_prf=False)
    await screen.begin()
    await screen.make("passkey")
    await expect(screen.page.locator("#problem")).to_contain_text("You have no passkey yet.")
    await screen.add_passkey("old stick")
    await screen.make("passkey")
    await expect(screen.page.locator("#problem")).to_contain_text("cannot unlock keys (PRF)")


async def test_an_administrator_takes_back_the_key_of_somebody_who_left(
    screen: Screen, controller: RunningController
) -> None:
    page = screen.page
    await screen.make("passphrase", PHRASE)
    await expect(page.get_by_text("The key is made.")).to_be_visible()
    account = await find_account(controller.store, "admin")
    assert account is not None
    token = await controller.app[CONTEXT].sessions.begin(account.user, How.PASSWORD_AND_CODE)
    await page.context.clear_cookies()
    await page.context.add_cookies(
        [{"name": COOKIE, "value": token, "url": "https://localhost/", "secure": True}]
    )
    await page.goto(f"{screen.home}/people")
    await page.get_by_role("button", name="Keys with which anna signs").click()
    dialog = page.get_by_role("dialog", name="Keys of anna")
    await dialog.get_by_label(re.compile("^Why revoke it")).select_option("left")
    await dialog.get_by_role("button", name=re.compile("^Revoke for ever")).click()
    await expect(dialog.locator("li[data-state=revoked]")).to_contain_text("signs no more here")
    [key] = await controller.app[CONTEXT].signatures.keys_of("anna")
    assert (key.state, key.reason) == ("revoked", "left")


async def test_a_nurse_has_no_key(open_page: OpenPage, controller: RunningController) -> None:
    page = await open_page()
    who, home = {"user": "nurse", "password": PASSWORD}, controller.address
    assert (await page.context.request.post(f"{home}/api/login", data=who, headers={"Origin": home})).ok
    await page.goto(f"{home}/account")
    await expect(page.locator("#sessions li").first).to_be_visible()
    await expect(page.locator("#signing")).to_be_hidden()


@pytest.mark.parametrize(("theme", "locale"), [("dark", "en"), ("light", "zh-CN")])
async def test_axe_finds_nothing_on_section_and_dialog(
    open_page: OpenPage, controller: RunningController, theme: str, locale: str
) -> None:
    page = await open_page(color_scheme=theme, locale=locale, width=834, height=1112)
    screen = Screen(page, controller, has_prf=True)
    await screen.begin()
    await page.goto(f"{screen.home}/account")
    await page.locator("#signing-way").select_option("passphrase")
    for field in ("new", "again"):
        await page.locator(f"#signing-{field}").fill(PHRASE)
    await page.locator("#signing-password").fill(PASSWORD)
    await page.locator("#signing-do").click()
    await expect(page.locator("#signing-keys li")).to_have_count(1)
    assert await violations(page) == []
    await page.evaluate(SIGN, DOCUMENT)
    await expect(page.locator("dialog.signing form")).to_be_visible()
    assert await violations(page) == []
    box = await page.locator("dialog.signing button.primary, dialog.signing form button").first.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    text = await page.locator("dialog.signing").inner_text()
    assert bool(re.search("[\u4e00-\u9fff]{2}", text.replace("吗啡", ""))) is (locale == "zh-CN")
