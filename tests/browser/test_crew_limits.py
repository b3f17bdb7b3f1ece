"""Limits of one patient on the crew's page: what holds, by whom, and moving one takes two touches."""

from decimal import Decimal

import pytest
from playwright.async_api import Locator, Page, expect

from devices.model.observation import EventKind
from tests.browser.conftest import OpenPage
from tests.support.accessible import violations
from tests.support.crew_page import NAME, CrewBox
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def on_board(box: CrewBox, patient: str = "adult") -> str:
    """Somebody is; the stay."""
    await box.crew.tell(EventKind.PATIENT, {"action": "begin", "class": patient}, NAME)
    return str(box.crew.attention.limits()["stay"])


async def opened(page: Page, code: str = "hr-high") -> Locator:
    await page.click("[data-sheet=limits]")
    return page.locator(f".limits [data-code={code}]")


async def test_a_limit_moves_by_steps_and_is_set_by_a_touch_of_its_own(
    box: CrewBox, open_crew: OpenPage
) -> None:
    stay = await on_board(box)
    page = await open_crew()
    row = await opened(page)
    await expect(row.locator("output")).to_have_text("120 /min")
    await row.get_by_role("button", name="up to 125").click()
    await row.get_by_role("button", name="up to 130").click()
    assert box.crew.attention.limits()["moved"] == {}, "a draft is none"
    await row.get_by_role("button", name="Set 130").click()
    await until(lambda: box.crew.attention.limits()["moved"], "it is moved")
    await expect(row.locator(".said")).to_have_text(f"usual 120, may be 90–180 · moved by {NAME}")
    told = [one.detail for one in box.journal if one.kind is EventKind.LIMIT]
    assert [(one["stay"], one["value"], one["by"]) for one in told] == [(stay, "130", NAME)]
    await row.get_by_role("button", name="Back to 120").click()
    await expect(row.locator("output")).to_have_text("120 /min")
    await expect(row).to_have_attribute("data-state", "usual")


async def test_no_touch_moves_it_out_of_its_band(box: CrewBox, open_crew: OpenPage) -> None:
    await on_board(box)
    row = await opened(await open_crew(), "spo2-low")
    less, more = row.locator(".step").nth(0), row.locator(".step").nth(1)
    for _ in range(6):
        await more.click()
    await expect(row.locator("output")).to_have_text("96 %")
    await expect(more).to_be_disabled()
    for _ in range(16):
        await less.click()
    await expect(row.locator("output")).to_have_text("80 %")
    await expect(less).to_be_disabled()


async def test_a_child_has_a_childs_limits_and_a_fever_its_decimals(
    box: CrewBox, open_crew: OpenPage
) -> None:
    await on_board(box, "child")
    page = await open_crew()
    await expect((await opened(page)).locator("output")).to_have_text("160 /min")
    fever = page.locator(".limits [data-code=temp-high]")
    await fever.locator(".step").nth(0).click()
    await expect(fever.locator("output")).to_have_text("38.5 °C")


async def test_with_nobody_on_board_limits_are_seen_and_not_moved(box: CrewBox, open_crew: OpenPage) -> None:
    page = await open_crew()
    row = await opened(page)
    await expect(page.locator(".whose")).to_contain_text("Nobody is on board")
    for button in await row.get_by_role("button").all():
        await expect(button).to_be_disabled()


async def test_what_the_hospital_moves_stands_there_with_the_name(box: CrewBox, open_crew: OpenPage) -> None:
    stay = await on_board(box)
    row = await opened(await open_crew())
    await box.crew.attention.ways.set_limit("amb-1", stay, "hr-high", Decimal(150), "Dr Li")
    await expect(row.locator("output")).to_have_text("150 /min")
    await expect(row.locator(".said")).to_contain_text("moved by Dr Li")


async def test_a_limit_drafted_for_one_patient_is_not_the_next_ones(
    box: CrewBox, open_crew: OpenPage
) -> None:
    await on_board(box)
    row = await opened(await open_crew())
    await row.locator(".step").nth(1).click()
    await expect(row.locator("output")).to_have_text("125 /min")
    await box.crew.tell(EventKind.PATIENT, {"action": "end"}, NAME)
    await on_board(box)
    await expect(row.locator("output")).to_have_text("120 /min")


@pytest.mark.parametrize(("scheme", "locale"), [("light", "en"), ("dark", "zh-CN")])
async def test_axe_finds_nothing_in_moved_and_drafted_limits(
    box: CrewBox, open_crew: OpenPage, scheme: str, locale: str
) -> None:
    stay = await on_board(box)
    await box.crew.set_limit(stay, "hr-low", Decimal(45), NAME)
    page = await open_crew(color_scheme=scheme, locale=locale)
    await (await opened(page)).locator(".step").nth(1).click()
    found = await violations(page)
    assert [violation["id"] for violation in found] == []
