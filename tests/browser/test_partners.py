"""Two hospitals in real browsers: cards and a fingerprint, a referral, and a conference at the partner's."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.browser.conftest import CHROMIUM, FILMS, FLAGS, PATIENCE_MS
from tests.integration.controller.api.test_partners_documents import concluded
from tests.support.controller import PASSWORD
from tests.support.hospitals import PARTNERS_PATH, REFERRALS, Hospital, Two, hospitals
from tests.support.http import get
from tests.support.prescribed import send

pytestmark = pytest.mark.asyncio(loop_scope="module")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"], "preload": False}
PHONE = {"width": 390, "height": 844}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *FILMS])
        yield launched
        await launched.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def two(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Two]:
    folder: Path = tmp_path_factory.mktemp("hospitals")
    async with hospitals(folder) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def faults() -> AsyncIterator[list[str]]:
    """What is wrong with a page, or against its policy, fails the test."""
    found: list[str] = []
    yield found
    assert found == []


async def opened(
    browser: Browser, at: Hospital, faults: list[str], path: str, user: str = "anna", **look: Any
) -> Page:
    """On localhost, as the way in from a partner leads there."""
    context = await browser.new_context(**{"locale": "en", **look})
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: "Policy" in said.text and faults.append(said.text))
    origin = at.home.controller.address.replace("127.0.0.1", "localhost")
    if user == "ada":
        [cookie] = [one for one in at.ada.cookie_jar if one.key.startswith("__Host-")]
        told = {"name": cookie.key, "value": cookie.value, "url": origin.replace("http:", "https:")}
        await context.add_cookies([{**told, "secure": True}])  # type: ignore[list-item]
    else:
        who = {"user": user, "password": PASSWORD}
        assert (await context.request.post(f"{origin}/api/login", data=who, headers={"Origin": origin})).ok
    await page.goto(origin + path)
    return page


async def is_accessible(page: Page) -> None:
    await page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert (await Axe().run(page, options=RULES)).response["violations"] == []
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    await page.set_viewport_size({"width": 1280, "height": 800})


async def test_administrators_exchange_cards_and_compare_the_fingerprint(
    two: Two, browser: Browser, faults: list[str]
) -> None:
    a = await opened(browser, two.a, faults, "/partners", "ada")
    theirs = await two.b.listed()
    await a.locator("#card").fill(theirs.card)
    await a.locator("#add button").click()
    row = a.locator('#list [data-site="hospital-b"]')
    await expect(row).to_contain_text("fingerprint not compared yet")
    await row.locator('[data-to="active"]').click()
    await a.locator("#asked").fill("1234 " * 8)
    await a.locator(".asked .primary").click()
    await expect(a.locator("#problem")).to_contain_text("not that of this card")
    await row.locator('[data-to="active"]').click()
    await a.locator("#asked").fill(theirs.fingerprint)
    await a.locator(".asked .primary").click()
    await expect(row).to_have_attribute("data-state", "active")
    ours = await two.a.listed()
    await expect(a.locator("#fingerprint")).to_have_text(ours.fingerprint)
    added = await send(two.b.ada, "POST", PARTNERS_PATH, card=ours.card)
    over, body = added["partner"]["revision"], {"state": "active", "heard": ours.fingerprint}
    await send(two.b.ada, "PUT", f"{PARTNERS_PATH}/hospital-a/state", over, **body)
    await expect(row).to_contain_text("We reached them", timeout=30_000)
    await is_accessible(a)


async def test_a_physician_reads_the_consent_out_refers_and_reads_the_letter(
    two: Two, browser: Browser, faults: list[str]
) -> None:
    await concluded(two)
    a = await opened(browser, two.a, faults, "/referrals")
    await a.locator("#asking summary").click()
    await a.locator("#find").fill("Bach")
    await a.keyboard.press("Enter")
    await a.locator("#patient").select_option("4713")
    await a.locator("#site").select_option("hospital-b")
    await expect(a.locator("#words")).to_contain_text("sends what is needed for my treatment to Hospital B")
    await a.locator("#permit").click()
    await expect(a.locator("#stands")).to_contain_text("The patient agrees")
    await a.locator("#documents").get_by_label("operate?").check()
    await a.locator("#reason").fill("stroke")
    await a.locator("#ask > button").click()
    await expect(a.locator("#one")).to_contain_text("asked, no answer yet")
    await two.a.deliver(two.b)
    b = await opened(browser, two.b, faults, "/referrals", locale="zh-CN")
    await b.locator("#list button").click()
    await expect(b.locator("#one")).to_contain_text("Bach, Carla")
    await b.locator("#one details summary").click()
    await expect(b.locator("#one details")).to_contain_text("next week")
    await is_accessible(b)
    await b.locator('#one [data-to="accepted"]').click()
    await b.locator('#one [data-to="completed"]').click()
    await b.locator("#asked").fill("Thrombectomy <well>.\nHome soon.")
    await b.locator(".asked .primary").click()
    await expect(b.locator("#one .letter")).to_contain_text("Home soon.")
    await two.b.deliver(two.a)
    await expect(a.locator("#list li")).to_have_attribute("data-state", "completed")
    await a.locator("#list button").click()
    await expect(a.locator("#one .letter")).to_contain_text("Thrombectomy <well>.")
    assert len((await get(two.a.anna, REFERRALS))["referrals"]) == 1


async def test_an_expert_answers_at_home_and_enters_the_room_at_the_partner(
    two: Two, browser: Browser, faults: list[str]
) -> None:
    await two.b.is_expert("Dr. Anna of B")
    await two.b.deliver(two.a)
    await two.a.is_expert()
    members = [{"actor": "anna", "part": "chair"}, {"actor": "site:hospital-b/anna", "required": True}]
    start_ms = two.a.parts.book.utc_ms() + 60_000
    cases = [{"patient": "4713", "question": "operate?"}]
    body = {"title": "Heart team", "start_ms": start_ms, "members": members, "cases": cases}
    made = (await send(two.a.anna, "POST", "/api/conferences", **body))["conference"]
    await two.a.deliver(two.b)
    b = await opened(browser, two.b, faults, "/referrals")
    meeting = b.locator(f'#meetings [data-number="{made["number"]}"]')
    await expect(meeting).to_contain_text("Heart team")
    async with b.expect_response(lambda answer: answer.request.method != "GET") as answered:
        await meeting.locator('[data-do="accept"]').click()
    assert (await answered.value).ok
    await two.b.deliver(two.a)
    path = f"/api/conferences/{made['number']}"
    made = (await get(two.a.anna, path))["conference"]
    await send(two.a.anna, "PUT", f"{path}/state", made["revision"], state="in-progress")
    await two.a.deliver(two.b)
    await meeting.locator('[data-do="enter"]').click()
    await expect(b.locator("#who")).to_have_text("You are here as Dr. Anna of B (Hospital B).")
    assert "#" not in b.url
    await expect(b.locator("#cases")).to_contain_text("consent for your hospital is missing")
    consents = f"{path}/cases/{made['cases'][0]['id']}/consents"
    await send(two.a.anna, "POST", consents, said="permit", sites=["hospital-b"])
    await expect(b.locator("#cases")).to_contain_text("Bach, Carla")
    await expect(b.locator("#room")).to_be_visible()
    await is_accessible(b)
    await b.locator("#leave").click()
    await expect(b.locator("#who")).to_contain_text("You have left")
