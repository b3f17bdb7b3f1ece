"""A nurse in the panel of a ward bed: limits of this patient, the class, and which box does not know yet."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from controller.security.permissions import Role
from controller.stays import Patient
from tests.browser.conftest import OpenPage, enter
from tests.support.accessible import violations
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.ward_box import WardBox

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    with quick_passwords():
        async with running(tmp_path, nurse=Role.NURSE, viewer=Role.VIEWER) as started:
            await started.add_bed("bed-1", "Bed 1", ["ox-1"])
            yield started


@pytest_asyncio.fixture(loop_scope="module")
async def ward_box(controller: RunningController, tmp_path: Path) -> WardBox:
    """Of bed-1, where Ann lies; it knows that."""
    await controller.store.write(lambda db: db.execute("UPDATE gateway SET provisioned = 1"))
    made = WardBox(controller.store, controller.clock, tmp_path / "box", served={"ox-1": "bed-1"})
    await made.tell()
    await controller.registry.admit("bed-1", Patient("P-ANN", "Ann"), "nurse")
    await made.hear()
    return made


async def panel(open_page: OpenPage, user: str = "nurse", **options: int | str) -> tuple[Page, Locator]:
    """The limits in the opened panel."""
    page = await enter(open_page, "/", user, **options)
    await page.locator(".tile .open").click()
    limits = page.locator("#bed .patient-limits")
    await limits.locator("summary").click()
    return page, limits


async def test_a_limit_is_asked_for_until_the_box_has_it(ward_box: WardBox, open_page: OpenPage) -> None:
    _, limits = await panel(open_page)
    await expect(limits.locator("h3")).to_have_text("Alarm limits of this patient")
    row = limits.locator("[data-code=spo2-low]")
    await row.get_by_role("button", name="SpO₂ low: down to").click()
    await row.get_by_role("button", name="Set 89").click()
    await expect(row.locator(".said")).to_contain_text("89 asked for by nurse")
    await expect(row.locator(".said")).to_contain_text("not yet at gw-a")
    await expect(row.locator("output")).to_have_text("90 %")
    await ward_box.hear()
    await expect(row.locator("output")).to_have_text("89 %")
    await expect(row.locator(".said")).to_contain_text("moved by nurse")
    await expect(row.locator(".said")).not_to_contain_text("asked")
    assert ward_box.limit("spo2-low", "bed-1") == "89"


async def test_the_class_is_chosen_by_keyboard_and_a_touch_of_its_own_and_limits_go_visibly(
    ward_box: WardBox, open_page: OpenPage
) -> None:
    page, limits = await panel(open_page)
    low = limits.locator("[data-code=hr-low]")
    await low.get_by_role("button", name="down to").click()
    await low.get_by_role("button", name="Set 45").click()
    await expect(low.locator(".said")).to_contain_text("45 asked for")
    await ward_box.hear()
    await expect(low.locator("output")).to_have_text("45 /min")
    choice = limits.get_by_label("This patient is")
    await expect(choice.locator("option").first).to_have_text("as the bed: adult")
    await choice.focus()
    await page.keyboard.press("n")
    await expect(choice).to_have_value("neonate")
    assert ward_box.whose("bed-1")["class"] == "adult", "a choice is a draft"
    await page.keyboard.press("Tab")
    await expect(limits.get_by_role("button", name="Set: neonate")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(limits.locator(".ward-bed .said")).to_contain_text("neonate asked for by nurse")
    ends = "45 ends: it is not allowed for the class neonate; not yet at gw-a"
    await expect(low.locator(".said")).to_contain_text(ends)
    await expect(low.locator("output")).to_have_text("45 /min")
    await ward_box.hear()
    await expect(limits.locator(".ward-bed .said")).to_be_hidden()
    await expect(low.locator("output")).to_have_text("100 /min")
    await expect(low.locator(".said")).to_contain_text("45 ended: it is not allowed for the class neonate")
    assert ward_box.whose("bed-1")["class"] == "neonate"


async def test_what_the_box_refuses_is_said_with_why(
    controller: RunningController, ward_box: WardBox, open_page: OpenPage
) -> None:
    ask = """INSERT INTO stay_limit (stay, code, value, ended, at_ms, by)
    SELECT id, 'spo2-low', '50', '', 0, 'kim' FROM stay"""
    await controller.store.write(lambda db: db.execute(ask))  # no touch moves it so far
    await controller.registry.assign("ox-1", "bed-1", "kim")
    await ward_box.hear()
    _, limits = await panel(open_page)
    said = limits.locator("[data-code=spo2-low] .said")
    await expect(said).to_contain_text("refused: gw-a: spo2-low of adult: expected 80 to 96, got 50")


async def test_until_the_box_knows_of_the_next_patient_that_is_said(
    controller: RunningController, ward_box: WardBox, open_page: OpenPage
) -> None:
    controller.clock.let_pass(1)
    await controller.registry.admit("bed-1", Patient("P-BEN", "Ben"), "nurse")
    _, limits = await panel(open_page)
    await expect(limits.locator(".attention")).to_contain_text("gw-a does not know yet who lies here")
    await ward_box.hear()
    await expect(limits.locator(".attention")).to_be_hidden()


async def test_what_was_drafted_for_one_patient_is_not_the_next_ones(
    controller: RunningController, ward_box: WardBox, open_page: OpenPage
) -> None:
    _, limits = await panel(open_page)
    row = limits.locator("[data-code=spo2-low]")
    await row.get_by_role("button", name="SpO₂ low: down to").click()
    await limits.get_by_label("This patient is").select_option("neonate")
    await expect(row.locator("output")).to_have_text("89 %")
    controller.clock.let_pass(1)
    await controller.registry.admit("bed-1", Patient("P-BEN", "Ben"), "nurse")
    await expect(row.locator("output")).to_have_text("90 %")
    await expect(limits.get_by_label("This patient is")).to_have_value("")


async def test_who_only_looks_sees_limits_and_moves_none(ward_box: WardBox, open_page: OpenPage) -> None:
    _, limits = await panel(open_page, "viewer")
    for button in await limits.locator("[data-code=spo2-low]").get_by_role("button").all():
        await expect(button).to_be_disabled()
    await expect(limits.get_by_label("This patient is")).to_be_disabled()


async def test_an_empty_bed_has_no_limits_of_a_patient(
    controller: RunningController, ward_box: WardBox, open_page: OpenPage
) -> None:
    await controller.registry.discharge("bed-1", "nurse")
    page = await enter(open_page, "/", "nurse")
    await page.locator(".tile .open").click()
    await expect(page.locator("#bed .values")).to_be_attached()
    await expect(page.locator("#bed .patient-limits")).to_be_hidden()


@pytest.mark.parametrize(("scheme", "locale"), [("light", "en"), ("dark", "zh-CN")])
async def test_axe_finds_nothing_in_asked_drafted_and_unheard_limits(
    controller: RunningController, ward_box: WardBox, open_page: OpenPage, scheme: str, locale: str
) -> None:
    controller.clock.let_pass(1)
    await controller.registry.admit("bed-1", Patient("P-BEN", "Ben"), "nurse")
    page, limits = await panel(open_page, color_scheme=scheme, locale=locale)
    await expect(limits.locator(".attention")).to_be_visible()
    row = limits.locator("[data-code=spo2-low]")
    await row.locator(".step").first.click()
    await row.locator(".do button").first.click()
    await expect(row.locator(".said")).to_contain_text("gw-a")
    await limits.locator("select").select_option("child")
    await limits.locator("[data-code=hr-high] .step").first.click()
    await expect(limits.locator(".choose button")).to_be_visible()
    found = await violations(page)
    assert [violation["id"] for violation in found] == []
