"""Traffic lights ahead on the crew's page: what the city answered, its age, and nothing once it is old."""

import pytest
from playwright.async_api import expect

from devices.model.lights import HOLDS_S, Light, spoken
from devices.model.observation import later
from tests.browser.conftest import OpenPage
from tests.support.accessible import violations
from tests.support.crew_page import CrewBox

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def told(box: CrewBox, *lights: Light) -> None:
    await box.crew.ahead.told({"vehicle": "amb-1", "lights": spoken(lights)})


async def test_lights_are_shown_with_their_age_change_and_end(box: CrewBox, open_crew: OpenPage) -> None:
    page = await open_crew()
    await expect(page.locator("#ahead")).to_be_hidden()
    await told(box, Light("Bridge Street", "granted"), Light("High Street", "asked"))
    first = page.locator("#ahead li").first
    await expect(first).to_contain_text("Bridge Street: priority granted, look all the same · ")
    await expect(first).to_have_attribute("data-state", "granted")
    await told(box, Light("High Street", "rejected"))
    await expect(page.locator("#ahead li")).to_have_count(1)
    await expect(first).to_contain_text("High Street: NO priority: rejected")
    found = await violations(page)
    assert [violation["id"] for violation in found] == []
    await told(box)
    await expect(page.locator("#ahead")).to_be_hidden()


async def test_a_green_light_of_before_is_not_shown(box: CrewBox, open_crew: OpenPage) -> None:
    await told(box, Light("Bridge Street", "granted"))
    page = await open_crew()
    await expect(page.locator("#ahead li")).to_be_visible()
    box.crew.ahead._at = later(box.now(), -HOLDS_S)
    box.crew.live.start_over()
    await expect(page.locator("#ahead")).to_be_hidden()
