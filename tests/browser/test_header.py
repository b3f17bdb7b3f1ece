"""Above every page is the same: the pages that a person may open, account, language, theme, lock, logout."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from controller.security.permissions import Role
from tests.browser.conftest import OpenPage, log_in
from tests.support.accessible import violations
from tests.support.controller import RunningController, quick_passwords, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALL = {"to-board": "/", "to-ledger": "/ledger", "to-audit": "/audit", "to-reviews": "/reviews"}
TITLES = {
    "/": "Ward board",
    "/ledger": "Ledger",
    "/audit": "Audit trail",
    "/reviews": "Break-glass reviews",
    "/account": "My account",
    "/account/keys": "Passkeys and tokens",
}


@pytest_asyncio.fixture(loop_scope="module")
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    """With one person who is engineer and auditor, too."""
    with quick_passwords():
        async with running(tmp_path, nurse=Role.NURSE, both=Role.ENGINEER) as started:
            await started.add_bed("bed-1", "Bed 1", ["ox-1"])
            more = "INSERT INTO user_role SELECT name, 'auditor' FROM user WHERE name = 'both'"
            await started.store.write(lambda db: db.execute(more))
            yield started


@pytest_asyncio.fixture(loop_scope="module")
async def page(controller: RunningController, open_page: OpenPage) -> Page:
    page = await open_page()
    await log_in(page, user="both")
    await expect(page.locator("#to-account")).to_have_text("both")
    return page


async def test_every_page_has_its_name_the_other_pages_and_the_way_out(
    controller: RunningController, page: Page
) -> None:
    for path, title in TITLES.items():
        await page.goto(controller.address + path)
        await expect(page.locator("#to-account")).to_have_text("both")
        await expect(page).to_have_title(f"{title} – Wardlink")
        await expect(page.locator("header h1")).to_have_text(title)
        links = await page.locator("#pages a").evaluate_all("all => all.map((one) => one.pathname)")
        assert path not in links
        assert {*ALL.values()} - {path} <= {*links}
        for part in ("#language", "#theme", "#lock", "#logout"):
            await expect(page.locator(part)).to_be_visible()
    await page.locator("#language").click()
    await expect(page).to_have_title(re.compile("– Wardlink$"))
    assert await page.title() != "Passkeys and tokens – Wardlink"


async def test_the_ledger_is_locked_and_covered_like_every_other_page(
    controller: RunningController, page: Page
) -> None:
    await page.goto(f"{controller.address}/ledger")
    async with page.expect_response("**/api/lock"):  # the cover is there before the controller is told
        await page.locator("#lock").click()
    await expect(page.locator("#cover")).to_be_visible()
    answer = await page.context.request.get(f"{controller.address}/api/ledger")
    assert answer.status == 423


@pytest.mark.parametrize(("theme", "width"), [("light", 834), ("dark", 390)])
async def test_axe_finds_nothing_in_the_ledgers_header_and_it_fits(
    controller: RunningController, open_page: OpenPage, theme: str, width: int
) -> None:
    page = await open_page(color_scheme=theme, width=width, height=800)
    await log_in(page, user="both")
    await expect(page.locator("#to-account")).to_have_text("both")
    await page.goto(f"{controller.address}/ledger")
    await expect(page.locator("#pages a").first).to_be_visible()
    assert await violations(page, context=".top") == []
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
