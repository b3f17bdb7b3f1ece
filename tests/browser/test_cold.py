"""Insulin in a cooled box: the pharmacy packs it, all see how warm it is, and what may not be given."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.conftest import OpenPage, enter
from tests.support.accessible import violations
from tests.support.cold import BOX
from tests.support.cold_site import ColdSite, cold_site
from tests.support.controller import RunningController

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def site(tmp_path: Path) -> AsyncIterator[ColdSite]:
    async with cold_site(tmp_path) as ready:
        yield ready


@pytest_asyncio.fixture(loop_scope="module")
async def controller(site: ColdSite) -> RunningController:
    return site.controller


async def test_insulin_is_packed_gets_warm_is_received_to_be_judged_and_released_with_a_reason(
    site: ColdSite, open_page: OpenPage
) -> None:
    page = await enter(open_page, "/pharmacy", "pia")
    await page.locator("#tab-deliveries").click()
    way = page.locator("[data-delivery=SD00000001]")
    await expect(way.locator(".cold-state")).to_have_text(
        "Must stay at 2–8 °C · NOT IN A COOLED BOX YET: nobody can take it over"
    )
    await expect(page.locator(f"[data-box={BOX}]")).to_contain_text("deliveries in it: 0 · thermometers: 1")
    await way.get_by_label("Box: scan its code, or choose").fill(BOX)
    await page.keyboard.press("Enter")
    await expect(way.locator(".cold-state")).to_have_text("Must stay at 2–8 °C · Kept cold until now")
    await expect(way.locator(".cold-now")).to_have_text(
        f"UNKNOWN NOW: nothing was measured in {BOX} since it was packed"
    )
    assert await violations(page) == []
    await site.measures(5.0, 9.5)
    site.alarms("box-temp-high", 9.5)
    await page.reload()
    await page.locator("#tab-deliveries").click()
    await expect(way).to_contain_text("TO BE JUDGED by a pharmacist: give nothing of it · the range was left")
    await expect(way.locator(".cold-now")).to_contain_text("Now 9.5 °C, measured")
    await expect(way.locator(".cold-since")).to_contain_text(
        re.compile(r"5\.0 to 9\.5 °C · outside for 0(\.\d)? min · no gap over 10 min")
    )
    nina = await enter(open_page, "/round", "nina")
    await nina.locator("#tab-ways").click()
    card = nina.locator("[data-way=SD00000001]")
    await expect(card.locator(".cold-alarms")).to_contain_text("Cooled box too warm · 9.5 (limit 8)")
    await card.get_by_role("button", name="I have seen: Cooled box too warm").click()
    await expect(card).to_contain_text("Taking it over does not release it")
    assert await violations(nina) == []
    await card.get_by_role("button", name="Receive SD00000001 for").click()
    await expect(nina.locator("[data-way]")).to_have_count(0)
    rows = await site.controller.store.read("SELECT name FROM command")
    assert [row["name"] for row in rows] == ["acknowledge"]
    await page.reload()
    await page.locator("#tab-deliveries").click()
    await expect(way.locator(".chain")).to_contain_text("nina ward-a")
    await expect(way.get_by_text("Take over")).to_have_count(0)
    await way.get_by_label("Change SD00000001 Judge it to").select_option("released")
    await way.get_by_label("Reason to change SD00000001").fill("stable for 24 h at 25 °C")
    await page.keyboard.press("Enter")
    await expect(way).to_have_count(0)
    await page.locator("#tab-notices").click()
    await expect(page.locator("#notices li").first).to_contain_text("Was not kept cold")


async def test_a_value_that_is_old_is_shown_as_unknown_with_its_age_and_never_as_now(
    site: ColdSite, open_page: OpenPage
) -> None:
    await site.change(site.home.pia, "box", place=BOX)
    await site.measures(5.0)
    page = await enter(open_page, "/pharmacy", "pia")
    await page.locator("#tab-deliveries").click()
    value = page.locator("[data-delivery=SD00000001] .cold-now")
    await expect(value).to_contain_text("Now 5.0 °C, measured")
    site.controller.clock.let_pass(11 * 60)
    other = await enter(open_page, "/pharmacy", "paul")
    await other.locator("#tab-deliveries").click()
    way = other.locator("[data-delivery=SD00000001]")
    await expect(way.locator(".cold-now")).to_have_text(
        f"UNKNOWN NOW: the last value, 5.0 °C, is 11 min old ({BOX})"
    )
    await expect(way.locator(".cold-now")).to_have_attribute("data-old", "true")
    await expect(way.locator(".cold-state")).to_contain_text("nobody knows for how long")
    await expect(way.locator(".cold-since")).to_contain_text("no record for 11")
