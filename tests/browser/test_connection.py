"""When the page may not be believed, it says so."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenPage
from tests.support.controller import RunningController

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_lost_connection_is_said_over_everything_and_ages_go_on(
    controller: RunningController, open_board: OpenPage
) -> None:
    page = await open_board()
    controller.say("ox-1", spo2=97)
    await expect(page.locator(".cell.spo2 .number")).to_have_text("97")
    await controller.stop()
    banner = page.get_by_role("alert").filter(has_text="CONNECTION LOST")
    await expect(banner).to_contain_text(
        re.compile(r"values are NOT live · last contact \d+ s ago"), timeout=10_000
    )
    await expect(page.locator(".cell.spo2")).to_have_attribute("data-state", "stale", timeout=20_000)
    await expect(page.locator(".cell.spo2 .why")).to_contain_text("stale")
    await controller.start()
    controller.say("ox-1", spo2=95)
    await expect(banner).to_be_hidden(timeout=15_000)
    await expect(page.locator(".cell.spo2 .number")).to_have_text("95")


async def test_the_banner_is_over_an_opened_bed_too(
    controller: RunningController, open_board: OpenPage
) -> None:
    page = await open_board()
    await page.get_by_role("button", name="Bed 1: open").click()
    await controller.stop()
    await expect(page.locator("#bed .lost")).to_be_visible(timeout=10_000)
    await controller.start()


async def test_a_broken_stream_is_resumed_after_the_last_event(
    controller: RunningController, open_board: OpenPage
) -> None:
    page = await open_board()
    controller.say("ox-1", spo2=97)
    await expect(page.locator(".cell.spo2 .number")).to_have_text("97")
    async with page.expect_request("**/api/events") as asked:
        for subscription in list(controller.hub._stream._subscriptions):
            subscription.close()
        controller.say("ox-1", spo2=93)
    request = await asked.value
    assert (await request.all_headers())["last-event-id"].startswith("session1-")
    await expect(page.locator(".cell.spo2 .number")).to_have_text("93")
    await expect(page.get_by_role("alert")).to_have_count(0)


async def test_a_session_that_ended_leads_to_the_login(
    controller: RunningController, open_board: OpenPage
) -> None:
    page = await open_board()
    await controller.store.write(lambda db: db.execute("DELETE FROM session"))
    for subscription in list(controller.hub._stream._subscriptions):
        subscription.close()
    await page.wait_for_url("**/login")


async def test_a_page_that_hangs_says_so_without_any_script(open_board: OpenPage) -> None:
    page = await open_board()
    stopped = page.locator("#stopped")
    await expect(stopped).to_have_css("opacity", "0")
    await page.evaluate("for (let id = setInterval(() => 0); id > 0; id--) clearInterval(id)")
    await expect(stopped).to_have_css("opacity", "1", timeout=15_000)
    await expect(stopped).to_contain_text("This screen has stopped")


async def test_a_fault_of_the_page_is_said(open_page: OpenPage, open_board: OpenPage) -> None:
    page = await open_board()
    await page.evaluate("dispatchEvent(new ErrorEvent('error'))")
    await expect(page.get_by_role("alert").filter(has_text="This page has a fault")).to_be_visible()
