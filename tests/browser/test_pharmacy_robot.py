"""A pharmacist sends a delivery by robot, and the ward sees when it is there."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from controller.stays import Patient
from tests.browser.conftest import OpenPage, enter
from tests.support.accessible import violations
from tests.support.controller import RunningController
from tests.support.riding import Ward, on_ward

pytestmark = pytest.mark.asyncio(loop_scope="module")
ETA = re.compile(r"^Here .*estimated")


@pytest_asyncio.fixture(loop_scope="module")
async def ward(tmp_path: Path) -> AsyncIterator[Ward]:
    async with on_ward(tmp_path) as ready:
        yield ready


@pytest_asyncio.fixture(loop_scope="module")
async def controller(ward: Ward) -> RunningController:
    return ward.controller


async def test_a_pharmacist_sends_a_delivery_by_robot_and_the_ward_sees_when_it_is_there(
    ward: Ward, open_page: OpenPage
) -> None:
    page = await enter(open_page, "/pharmacy", "pia")
    await page.locator("#tab-deliveries").click()
    way = page.locator("[data-delivery=SD00000001]")
    await way.locator("summary").filter(has_text="Send by robot").click()
    for label, station in {"Loaded at": "pharmacy", "Taken out at": "ward-a"}.items():
        await expect(way.get_by_label(label)).to_have_value("")
        await way.get_by_label(label).select_option(station)
    assert await violations(page) == []
    await way.get_by_role("button", name="Send by robot SD00000001").click()
    await expect(way.locator(".how-far")).to_have_text(
        "By robot from pharmacy to ward-a (TR00000001): not loaded yet"
    )
    await expect(way.locator("summary").filter(has_text="Send by robot")).to_have_count(0)
    async with ward.vehicles.living():
        ward.vehicles.robots["robot-1"].base.hands = False
        await ward.stands()
        nina = await enter(open_page, "/round", "nina")
        await nina.locator("#tab-ways").click()
        card = nina.locator("[data-way=SD00000001]")
        await expect(card.locator(".eta")).to_have_text(ETA)
        await expect(card.get_by_role("link", name="See where the robot is")).to_have_attribute(
            "href", "/robots"
        )
        await ward.loaded()
        await ward.stands()
        await expect(card.locator(".how-far")).to_have_text(
            "robot-1 IS HERE, at ward-a: take it out", timeout=20_000
        )
        await expect(card.locator(".eta")).to_be_empty()
        await expect(card).to_contain_text("In drawer 2 of the robot")


async def test_in_the_bed_it_is_seen_where_its_delivery_is_and_when_it_comes(
    ward: Ward, open_page: OpenPage
) -> None:
    await ward.controller.registry.admit("bed-1", Patient("4713", "Bach, Carla"), "nina")
    await ward.sent()
    async with ward.vehicles.living():
        ward.vehicles.robots["robot-1"].base.hands = False
        await ward.stands()
        page = await enter(open_page, "/", "nina")
        await page.locator(".tile button").first.click()
        coming = page.locator(".bed-coming [data-way=SD00000001]")
        await expect(coming.locator(".how-far")).to_contain_text("By robot from pharmacy to ward-a")
        await expect(coming.locator(".eta")).to_have_text(ETA)
        await expect(coming.locator(".where")).to_have_text(re.compile(r"^pia has it, .*, for \d+ s$"))
        await expect(coming.get_by_role("link", name="See where the robot is")).to_be_visible()
