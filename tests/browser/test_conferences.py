"""A conference in real browsers: asked for, answered, held in its room, concluded, signed."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect

from controller.identity.files import open_authority
from controller.security.permissions import Role
from tests.browser.conftest import CHROMIUM, FILMS, FLAGS, OpenPage, enter
from tests.support.conferences import Board, board_at
from tests.support.controller import PASSWORD, RunningController, quick_passwords, running
from tests.support.home import at_home
from tests.support.http import get
from tests.support.prescribed import send

pytestmark = pytest.mark.asyncio(loop_scope="module")
PHRASE = "correct horse battery staple"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"], "preload": False}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *FILMS])
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="module")
async def board(tmp_path: Path) -> AsyncIterator[Board]:
    open_authority(tmp_path / "ca", datetime.now(UTC))
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        home = await at_home(await stack.enter_async_context(running(tmp_path, pia=Role.PHARMACIST)), stack)
        yield await board_at(home)


@pytest_asyncio.fixture(loop_scope="module")
async def controller(board: Board) -> RunningController:
    return board.home.controller


async def with_key(open_page: OpenPage) -> Page:
    """Anna, with a key by a passphrase; on localhost, where a browser lets a page sign."""
    page = await open_page("/public/icon.svg")
    origin = page.url.removesuffix("/public/icon.svg").replace("127.0.0.1", "localhost")
    who = {"user": "anna", "password": PASSWORD}
    assert (await page.context.request.post(f"{origin}/api/login", data=who, headers={"Origin": origin})).ok
    await page.goto(f"{origin}/account")
    await page.locator("#signing-way").select_option("passphrase")
    for field in ("new", "again"):
        await page.locator(f"#signing-{field}").fill(PHRASE)
    await page.locator("#signing-password").fill(PASSWORD)
    await page.locator("#signing-do").click()
    await expect(page.locator("#signing-keys li")).to_have_count(2)
    await page.goto(f"{origin}/conferences")
    return page


async def put_on(page: Page, find: str, patient: str, question: str, within: str = "#asking ") -> None:
    await page.locator(f"{within}[name=find]").fill(find)
    await page.keyboard.press("Enter")
    await page.locator(f"{within}[name=patient]").select_option(patient)
    await page.locator(f"{within}[name=question]").fill(question)
    await page.locator(f"{within}[data-do=add-case]").click()


async def said_of_herself(board: Board) -> None:
    says = {"display": "Dr. Anna Muster", "specialities": ["394579002"], "hospital": "St. Mary"}
    await send(board.anna.session, "PUT", "/api/experts/me", 0, **says)


async def test_a_physician_finds_an_expert_and_asks_and_the_expert_proposes_and_accepts(
    board: Board, open_page: OpenPage
) -> None:
    await said_of_herself(board)
    ben = await enter(open_page, "/conferences", "ben")
    await ben.get_by_text("Ask for a conference").click()
    await ben.locator("#about").fill("lung board")
    soon = (
        "new Date(Date.now() + 3600000 - new Date().getTimezoneOffset() * 60000).toISOString().slice(0, 16)"
    )
    await ben.locator("#date").fill(await ben.evaluate(soon))
    await ben.locator("[data-do=search-experts]").click()
    await ben.get_by_label("Speciality").select_option("Cardiology")
    await ben.locator("[data-do=search-experts]").click()
    await ben.get_by_role("button", name="Add Dr. Anna Muster").click()
    await ben.get_by_label("Or an account").fill("cara")
    await ben.locator("[data-do=add-account]").click()
    await ben.get_by_label("cara has to be there").check()
    await put_on(ben, "bach", "4713", "operate?")
    await ben.get_by_role("button", name="Ask for it").click()
    await expect(ben.locator("#one")).to_contain_text("lung board · MC00000001")
    await expect(ben.locator("#one .agenda")).to_contain_text("Bach, Carla · 4713")
    await ben.locator(".more-cases summary").click()
    await put_on(ben, "cramer", "4714", "valve?", "#one ")
    await expect(ben.locator("#one .agenda")).to_contain_text("Cramer, Dora · 4714")
    await ben.get_by_label("Who presents case 2").select_option("ben")
    await expect(ben.locator("#one .agenda")).to_contain_text("10 min · ben")

    cara = await enter(open_page, "/conferences", "cara", width=390, height=844, locale="zh-CN")
    await expect(cara.locator("#notices")).to_contain_text("邀请您参加lung board")
    await cara.locator("#groups button").click()
    await expect(cara.locator("#one .agenda")).to_contain_text("operate?")
    await expect(cara.locator("#one .agenda")).not_to_contain_text("Bach")
    assert (await Axe().run(cara, options=RULES)).response["violations"] == []
    assert await cara.evaluate("document.documentElement.scrollWidth") <= 390
    await cara.locator("[data-do=accept]").click()
    await expect(cara.locator("#one [data-actor=cara]")).to_contain_text("参加")
    await expect(ben.locator("#one [data-actor=cara]")).to_contain_text("comes")
    told = await get(board.cara.session, "/api/conferences/MC00000001")
    assert told["conference"]["state"] == "proposed"


async def test_in_the_room_all_follow_the_chair_and_see_the_file_and_sign_what_is_concluded(
    board: Board, open_page: OpenPage
) -> None:
    made = await board.agreed()
    anna = await with_key(open_page)
    cara = await enter(open_page, "/conferences", "cara")
    for page in (anna, cara):
        await page.locator("#groups button").first.click()
    await board.choose(made)
    await board.consent(made)
    await anna.get_by_role("button", name="Begin", exact=True).click()
    for page in (anna, cara):
        await page.locator("[data-do=enter]").click()
    for page in (anna, cara):
        await expect(page.locator(".tile:not(.me)")).to_have_attribute("data-state", "up")

    await anna.get_by_role("button", name="Show case 1 to all").click()
    await expect(cara.locator("#case")).to_contain_text("Case 1: operate?")
    await cara.locator("#case [data-item=document] summary").click()
    await expect(cara.locator("#case .item .said")).to_contain_text("history:\nnone")
    await cara.locator("[data-do=hand]").click()
    await expect(anna.locator(".hands")).to_contain_text("Asks to speak: cara")
    await anna.get_by_role("button", name="Ask cara").click()
    await expect(cara.locator("#problem")).to_contain_text("turn your microphone off")
    await anna.get_by_role("button", name="Show case 2 to all").click()
    await expect(cara.locator("#case")).to_contain_text("Case 2: valve?")
    await expect(cara.locator("#case")).to_contain_text("The file is closed")  # nobody asked that patient

    await anna.locator("#one [data-do=look]").first.click()
    await anna.locator("#case .writing-of summary").click()
    await anna.locator("[name=conclude]").fill("operate\nsoon")
    await anna.get_by_role("button", name="Save: all are asked").click()
    await expect(anna.locator("#case .missing")).to_contain_text("anna, cara")
    await anna.locator("[data-do=sign]").click()
    dialog = anna.locator("dialog.signing")
    await expect(dialog).to_contain_text("operate")
    await dialog.locator("#signing-phrase").fill(PHRASE)
    await anna.keyboard.press("Enter")
    await expect(anna.locator("#case [data-stand=agrees]")).to_contain_text("anna has signed")
    for page in (anna, cara):
        assert (await Axe().run(page, options=RULES)).response["violations"] == []

    await anna.locator("[data-do=finished]").click()
    await anna.get_by_role("dialog").get_by_role("button", name="End the talk").click()
    await expect(cara.locator("#meeting")).to_be_hidden()
    await expect(anna.locator("#one")).to_contain_text("talk is over")


async def test_an_expert_says_of_herself_when_she_may_be_asked(board: Board, open_page: OpenPage) -> None:
    cara = await enter(open_page, "/conferences", "cara")
    await cara.get_by_text("Me in the directory").click()
    await cara.get_by_label("Name, as others read it").fill("Dr. Cara")
    await cara.get_by_label("Radiology").check()
    await cara.get_by_label("Monday from").fill("08:00")
    await cara.get_by_label("Monday until").fill("00:00")
    await cara.get_by_label("Days away").fill("2026-12-24 2026-12-26")
    assert (await Axe().run(cara, options=RULES)).response["violations"] == []
    await cara.get_by_role("button", name="Save").click()
    await expect(cara.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    profile = (await get(board.cara.session, "/api/experts/me"))["profile"]
    assert profile["hours"] == [{"day": 0, "from_min": 480, "to_min": 1440}]
    assert profile["away"] == [{"from_day": "2026-12-24", "to_day": "2026-12-26"}]
