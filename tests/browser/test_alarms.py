"""A patient's alarm on the board: what it is, how bad, and the nurse who says that she has seen it."""

import pytest
from playwright.async_api import Locator, Page, expect

from controller.live import AlertNow
from tests.browser.conftest import OpenPage
from tests.support.accessible import violations
from tests.support.controller import RunningController

pytestmark = pytest.mark.asyncio(loop_scope="module")


def alarm(controller: RunningController, *, active: bool = True, **flags: int | str) -> None:
    """SpO2 of ox-1 on bed-1, as its gateway tells it."""
    detail = {"alarm": 7, "value": "79", "limit": "80", "onset-ms": 6000, **flags}
    one = AlertNow("gw-a", "ox-1", "spo2-desaturation", controller.place(), 3, active, detail, None)
    controller.hub.alerts([one])


async def listed(page: Page) -> Locator:
    """The alarm in the opened list of alerts."""
    await page.locator("#alerts").click()
    return page.locator("#list li")


async def test_an_alarm_says_its_value_and_its_limit_and_that_somebody_has_seen_it(
    controller: RunningController, open_board: OpenPage
) -> None:
    await controller.store.write(lambda db: db.execute("UPDATE gateway SET provisioned = 1"))
    page = await open_board()
    alarm(controller)
    tile = page.locator(".notes li").filter(has_text="SpO₂ very low")
    await expect(tile).to_have_text("HIGH · SpO₂ very low · 79 (limit 80)")
    one = await listed(page)
    await one.get_by_role("button", name="I have seen it").click()
    while not (asked := await controller.store.read("SELECT gateway, name, arguments FROM command")):
        await page.wait_for_timeout(20)
    assert [tuple(row) for row in asked] == [("gw-a", "acknowledge", '{"alarm": 7}')]
    alarm(controller, seen=1)  # as the gateway answers
    await expect(one).to_contain_text("79 (limit 80) · seen")
    await expect(one.get_by_role("button")).to_be_hidden()
    alarm(controller, seen=1, by="kim", crew=1)
    await expect(one).to_contain_text("79 (limit 80) · seen by kim (crew)")
    alarm(controller, seen=1, by="lee")
    await expect(one).to_contain_text("79 (limit 80) · seen by lee")
    await expect(one).not_to_contain_text("(crew)")


async def test_one_that_is_over_stays_until_it_was_seen_and_one_that_nobody_saw_says_so(
    controller: RunningController, open_board: OpenPage
) -> None:
    page = await open_board()
    alarm(controller, over=1, escalated=1)
    one = await listed(page)
    await expect(one).to_contain_text("is over · nobody reacted")
    alarm(controller, active=False)
    await expect(one).to_have_count(0)


async def test_one_of_which_nobody_knows_any_more_does_not_say_that_it_is_over(
    controller: RunningController, open_board: OpenPage
) -> None:
    page = await open_board()
    for why, words in (("link-lost", "link lost"), ("stale", "no value any more")):
        detail = {"alarm": 7, "value": "79", "limit": "80", "onset-ms": 6000, "over": 1, "why": why}
        place = controller.place()
        controller.hub.alerts([AlertNow("gw-a", "ox-1", "spo2-desaturation", place, 3, True, detail, None)])
        tile = page.locator(".notes li").filter(has_text="SpO₂ very low")
        await expect(tile).to_contain_text(f"79 (limit 80) · {words}: nobody knows how it is now")
        await expect(tile).not_to_contain_text("is over")


async def test_a_value_that_stopped_and_a_low_battery_say_which_and_how_low(
    controller: RunningController, open_board: OpenPage
) -> None:
    page = await open_board()
    details = {"value-stale": {"metrics": "hr spo2"}, "battery-low": {"percent": 17}}
    for code, detail in details.items():
        controller.hub.alerts([AlertNow("gw-a", "ox-1", code, controller.place(), 1, True, detail, None)])
    await page.locator("#alerts").click()
    for words in ("A value does not come any more · HR · SpO₂", "Device battery low · 17 %"):
        await expect(page.locator("#list li").filter(has_text=words)).to_have_count(1)


async def test_what_cannot_be_told_to_the_gateway_is_said(
    controller: RunningController, open_board: OpenPage
) -> None:
    page = await open_board()
    alarm(controller)
    one = await listed(page)
    await page.route(
        "**/alarms/seen", lambda route: route.fulfill(status=503, json={"error": {"message": "not now"}})
    )
    await one.get_by_role("button", name="I have seen it").click()
    await expect(page.locator("#list .problem")).to_have_text("not now")


@pytest.mark.parametrize(("scheme", "locale"), [("light", "en"), ("dark", "zh-CN")])
async def test_axe_finds_nothing_in_the_list_of_alarms(
    controller: RunningController, open_board: OpenPage, scheme: str, locale: str
) -> None:
    page = await open_board(color_scheme=scheme, locale=locale)
    alarm(controller)
    await expect(await listed(page)).to_have_count(1)
    found = await violations(page)
    assert [violation["id"] for violation in found] == []
