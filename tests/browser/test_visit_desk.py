"""The clinical side of a visit in real browsers: notes, a prescription and the summary, beside the room."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from controller.identity.files import open_authority
from controller.sections import SigningSection
from controller.security.permissions import Role
from controller.signing.model import Unlock
from controller.stays import Patient
from tests.browser.conftest import CHROMIUM, FILMS, FLAGS, OpenPage, enter
from tests.browser.test_visits import PHONE, come_in, linked, measuring
from tests.support.accessible import violations
from tests.support.controller import PASSWORD, RunningController, quick_passwords, running
from tests.support.people import add_person

pytestmark = pytest.mark.asyncio(loop_scope="module")
PHRASE = "correct horse battery staple"
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *FILMS])
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="module")
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    open_authority(tmp_path / "ca", datetime.now(UTC))
    with quick_passwords():
        async with running(tmp_path) as started:
            started.signing = SigningSection(unlock=frozenset(Unlock))
            await started.stop()
            await started.start()
            await started.add_bed("bed-1", "Bed 1")
            for name, role in (("anna", Role.PHYSICIAN), ("nina", Role.NURSE)):
                await add_person(started, name, role, ["ward-a"])
            await started.add_device("ox-1")
            await started.registry.assign("ox-1", "bed-1", "test")
            await started.registry.admit("bed-1", Patient("4711", "Muster, Anna"), "nina")
            started.hub.device("ox-1", {"connected": True, "since_ms": 0})
            yield started


async def at_localhost(open_page: OpenPage, user: str) -> Page:
    """Logged in; where a browser lets a page sign."""
    page = await open_page("/public/icon.svg")
    origin = page.url.removesuffix("/public/icon.svg").replace("127.0.0.1", "localhost")
    who = {"user": user, "password": PASSWORD}
    assert (await page.context.request.post(f"{origin}/api/login", data=who, headers={"Origin": origin})).ok
    await page.goto(f"{origin}/account")
    return page


async def with_key(open_page: OpenPage) -> Page:
    page = await at_localhost(open_page, "anna")
    await page.locator("#signing-way").select_option("passphrase")
    for field in ("new", "again"):
        await page.locator(f"#signing-{field}").fill(PHRASE)
    await page.locator("#signing-password").fill(PASSWORD)
    await page.locator("#signing-do").click()
    await expect(page.locator("#signing-keys li")).to_have_count(1)
    return page


async def begun(page: Page) -> None:
    """A visit of 4711 at the bedside, whose room is open."""
    await page.goto(page.url.partition("/account")[0] + "/visits")
    await page.get_by_text("Agree upon a visit").click()
    await page.locator("#find").fill("muster")
    await page.keyboard.press("Enter")
    await page.locator("#patient").select_option("4711")
    await page.locator("#reason").fill("cough")
    await page.locator("#now").click()
    await expect(page.locator("#notes-title")).to_be_visible()


async def phone_of(page: Page, open_page: OpenPage) -> Page:
    phone = await come_in(open_page, *await linked(page))
    await phone.get_by_role("button", name="I agree").click()
    await expect(phone.locator(".tile:not(.me)")).to_have_attribute("data-state", "up")
    return phone


async def kept(page: Page, version: str = "") -> None:
    await expect(page.locator("#notes .kept")).to_have_text(re.compile(f"Kept: version {version}"))


async def sign_by_phrase(page: Page) -> None:
    await page.locator("#signing-phrase").fill(PHRASE)
    await page.locator("dialog.signing form .primary").click()
    await expect(page.locator("dialog.signing")).to_have_count(0)


async def prescribe(page: Page) -> None:
    await page.locator("#prescribe").click()
    await page.locator("#rx-medicine").fill("amox 250")
    await expect(page.locator("#rx-found li").first).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    choices = {"dose-unit": "{capsule}", "rhythm": "per-day", "setting": "community", "delivery": "home"}
    await page.locator("#rx-dose").fill("1")
    for field, value in choices.items():
        await page.locator(f"#rx-{field}").select_option(value)
    for field in ("route", "quantity-unit"):
        await page.locator(f"#rx-{field}").select_option(index=1)
    for field, value in {"times": "3", "quantity": "30", "days": "10"}.items():
        await page.locator(f"#rx-{field}").fill(value)
    await page.locator("#sign").click()
    await sign_by_phrase(page)


async def test_a_physician_writes_prescribes_and_signs_without_leaving_the_room_and_the_patient_reads_it(
    controller: RunningController, open_page: OpenPage
) -> None:
    page = await with_key(open_page)
    await begun(page)
    phone = await phone_of(page, open_page)
    await page.locator("#note-assessment").fill("acute bronchitis")
    await page.locator("#note-plan").fill("drink enough")
    async with measuring(controller):
        await expect(page.locator(".vitals [data-vital=spo2] .number")).to_have_text("97")
        await page.locator("#notes .take").click()
    await expect(page.locator("#notes .taken")).to_contain_text(re.compile(r"SpO₂ 97 %.*ox-1"))
    await page.locator("#notes .add").click()
    await kept(page)
    await prescribe(page)
    await expect(phone.locator("#told")).to_contain_text(
        "anna has signed a prescription for you: Amoxicillin"
    )
    await expect(page.locator(".tile:not(.me)")).to_have_attribute("data-state", "up")
    await page.locator("#sum .begin").click()
    await expect(page.locator("#sum-found")).to_have_value("acute bronchitis")
    await page.locator("#sum-found").fill("You have bronchitis")
    await page.locator("#sum .sign").click()
    await expect(page.locator("dialog.signing .document")).to_contain_text("You have bronchitis")
    await sign_by_phrase(page)
    await expect(page.locator("#sum .kept")).to_have_text("Signed: the patient sees it.")
    await page.get_by_role("button", name="End the visit").click()
    await page.locator("dialog.confirm .danger").click()
    await expect(phone.locator("#over-title")).to_contain_text("The visit is over")
    for words in ("You have bronchitis", "drink enough", "Amoxicillin", "2 times a day for 14 days"):
        await expect(phone.locator("#summary")).to_contain_text(words)
    for one in (page, phone):
        found = await violations(one, options=WCAG)
        assert found == []


async def test_of_two_who_write_and_of_a_controller_that_is_gone_no_word_is_lost(
    controller: RunningController, open_page: OpenPage
) -> None:
    anna = await at_localhost(open_page, "anna")
    await begun(anna)
    nina = await enter(open_page, "/visits", "nina", **PHONE)
    await nina.get_by_role("button", name="Open the visit of").click()
    await nina.locator("[data-do=enter]").click()
    await anna.locator("#note-history").fill("since Monday")
    await expect(nina.locator("#note-history")).to_have_value("since Monday")
    await expect(nina.locator("#notes .kept")).to_contain_text("anna wrote")
    await controller.stop()
    await anna.locator("#note-history").fill("since Monday, worse at night")
    await nina.locator("#note-history").fill("Son says: since Monday")
    await nina.locator("#note-plan").fill("weigh daily")
    for page in (anna, nina):
        await expect(page.locator("#notes .kept")).to_contain_text("NOT KEPT")
    await controller.start()
    both = "Son says: since Monday, worse at night"
    for page in (anna, nina):
        await expect(page.locator("#note-history")).to_have_value(both)
        await expect(page.locator("#note-plan")).to_have_value("weigh daily")
        await kept(page)
