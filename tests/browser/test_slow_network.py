"""A network that is slower than the board: what comes late looks late, and the board says so."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
import pytest
from playwright.async_api import Browser, Page, Route, expect

from hil.faults.narrow import NarrowLink, narrow
from tests.browser.conftest import log_in
from tests.support.controller import RunningController

pytestmark = pytest.mark.asyncio(loop_scope="module")


@asynccontextmanager
async def board(browser: Browser, controller: RunningController) -> AsyncIterator[tuple[Page, NarrowLink]]:
    """The board at the other end of a link."""
    async with narrow(controller.port) as link:
        context = await browser.new_context(locale="en")
        page = await context.new_page()
        await page.goto(f"http://127.0.0.1:{link.port}/login")
        await log_in(page)
        await page.wait_for_selector(".tile")
        yield page, link
        await context.close()


async def test_a_snapshot_that_comes_slowly_gets_through_and_its_values_look_as_old_as_they_are(
    browser: Browser, controller: RunningController
) -> None:
    async with board(browser, controller) as (page, link):
        controller.say("ox-1", spo2=97)

        async def slowed(route: Route) -> None:
            # It takes longer than a connection may be silent.
            link.rate = len(orjson.dumps(controller.hub.snapshot())) / 10
            controller.say("ox-1", spo2=96)
            await route.continue_()

        await page.route("**/api/events", slowed)
        await page.reload()
        cell = page.locator(".cell.spo2")
        await expect(cell).to_have_attribute("data-state", re.compile("current|stale"), timeout=60_000)
        shown = await cell.locator(".foot").inner_text()
        age = re.search(r"(\d+) s", shown)
        assert age is not None
        assert int(age[1]) >= 6


async def test_a_board_that_is_told_all_but_late_says_that_it_is_not_live(
    browser: Browser, controller: RunningController
) -> None:
    async with board(browser, controller) as (page, link):
        banner = page.get_by_role("alert").filter(has_text="values are NOT live")
        await expect(banner).to_be_hidden()
        link.rate = 120  # an event each second or less, of the four that are sent
        carried = link.carried
        await expect(banner).to_be_visible(timeout=40_000)
        assert link.carried > carried
        link.rate = None
        await expect(banner).to_be_hidden(timeout=40_000)
