"""The page of gateways says in time which certificate of the authority ends, and what to do about it."""

import pytest
from playwright.async_api import expect

from controller.announce import Announcer
from controller.identity.lifetimes import CODES
from controller.presence import Presence
from tests.browser.conftest import OpenPage
from tests.browser.test_gateways import controller, est, open_gateways
from tests.support.accessible import violations
from tests.support.controller import RunningController

pytestmark = pytest.mark.asyncio(loop_scope="module")
__all__ = ["controller", "est"]
DAY_S = 86_400


@pytest.mark.parametrize(("theme", "locale"), [("dark", "en"), ("light", "zh-CN")])
async def test_what_ends_is_told_with_the_day_and_the_command(
    controller: RunningController, est: object, open_page: OpenPage, theme: str, locale: str
) -> None:
    page = await open_gateways(open_page, color_scheme=theme, locale=locale, width=834, height=1112)
    await expect(page.locator("#endings")).to_be_hidden()
    announcer = Announcer(controller.hub, Presence(), controller.clock)
    for days, name in ((300, "root"), (99, "issuing"), (9, "server")):
        ends = controller.clock.utc_us() // 1_000_000 + days * DAY_S + 3600
        announcer.certificate_ends(CODES[name], True, {"certificate": name, "ends_utc_s": ends})
    said = page.locator("#endings li")
    await expect(said).to_have_count(3)
    for nth, days, command in ((0, "300", "authority new-root"), (1, "99", "authority renew")):
        await expect(said.nth(nth)).to_contain_text(days)
        await expect(said.nth(nth)).to_contain_text(command)
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    announcer.certificate_ends(CODES["root"], False, {})
    await expect(said).to_have_count(2)
