"""A patient's numbers from page to page, where one hears the controller late: real browsers and channels."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.test_room_network import before
from tests.browser.test_visits import both, browser, controller, home, lying, measuring
from tests.support.home import Home
from tests.support.workers import CAMERAS

__all__ = ["browser", "controller", "home"]
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group(CAMERAS)]
STALLS = """window.stalled = false;
const read = ReadableStreamDefaultReader.prototype.read;
ReadableStreamDefaultReader.prototype.read = async function () {
  const told = await read.call(this);
  while (window.stalled) await new Promise((done) => setTimeout(done, 20));
  return told;
};"""
"""What the page reads of its streams comes no further while `stalled`: vital signs, not the room's events."""


async def test_who_hears_the_controller_late_is_shown_what_the_other_page_heard_marked_until_it_is_confirmed(
    browser: Browser, home: Home, open_page: OpenPage
) -> None:
    await lying(home)
    async with before(browser, STALLS):
        _, phone = await both(open_page)
    cell = phone.locator(".vitals [data-vital=spo2]")
    async with measuring(home.controller):
        await expect(cell.locator(".number")).to_have_text("97")
        await expect(cell).to_have_attribute("data-state", "current")
        await phone.evaluate("() => { window.stalled = true; }")
        await expect(cell.locator(".why")).to_have_text("by another page")
        await expect(cell.locator(".number")).to_have_text("97")
        await expect(phone.locator(".network")).to_contain_text("come by another page (nina)")
        await expect(phone.locator(".vitals .lost")).to_be_visible()
        await phone.evaluate("() => { window.stalled = false; }")
        await expect(cell).to_have_attribute("data-state", "current")
        await expect(phone.locator(".network")).not_to_contain_text("another page")


async def test_what_a_page_makes_up_is_marked_and_goes_when_the_controller_is_heard(
    browser: Browser, home: Home, open_page: OpenPage
) -> None:
    await lying(home)
    async with before(browser, STALLS):
        nurse, phone = await both(open_page)
    cell = phone.locator(".vitals [data-vital=spo2]")
    async with measuring(home.controller):
        await expect(cell.locator(".number")).to_have_text("97")
        await phone.evaluate("() => { window.stalled = true; }")
        await expect(cell.locator(".why")).to_have_text("by another page")
        await lie(nurse)
        await expect(cell.locator(".number")).to_have_text("42")
        await expect(cell.locator(".why")).to_have_text("by another page")
        await phone.evaluate("() => { window.stalled = false; }")
        await expect(cell.locator(".number")).to_have_text("97")
        await expect(cell).to_have_attribute("data-state", "current")


async def lie(page: Page) -> None:
    """What the page passes on from now on says 42."""
    await page.evaluate("""() => {
      const send = RTCDataChannel.prototype.send;
      RTCDataChannel.prototype.send = function (text) {
        return send.call(this, text.replace(/"value":97/, '"value":42'));
      };
    }""")
