"""What is known of a patient, in the opened bed: seen at a glance, entered in dialogs, never guessed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from controller.identity.certificates import By
from controller.patients.model import Meant, Substance
from controller.patients.register import Patients
from controller.security.permissions import Role
from controller.stays import Patient
from tests.browser.conftest import OpenPage, enter
from tests.support.accessible import violations
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.people import add_person

pytestmark = pytest.mark.asyncio(loop_scope="module")

KIM = By("kim")


@pytest_asyncio.fixture(loop_scope="module")
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    with quick_passwords():
        async with running(tmp_path) as started:
            await started.add_bed("bed-1", "Bed 1", ["ox-1"])
            await add_person(started, "engineer", Role.ENGINEER, None)
            await started.registry.admit("bed-1", Patient("4711", "Muster, Anna"), "test")
            yield started


def register(controller: RunningController) -> Patients:
    return Patients(controller.store, controller.clock)


async def opened(open_page: OpenPage, user: str = "nurse", **options: int | str) -> tuple[Page, Locator]:
    """The page, and the section of the opened bed."""
    page = await enter(open_page, "/", user, **options)
    await page.locator(".tile button").first.click()
    return page, page.locator("#bed .patient-facts")


async def test_that_nobody_has_asked_is_never_shown_as_none(
    controller: RunningController, open_page: OpenPage
) -> None:
    page, section = await opened(open_page)
    judged = section.locator(".judged")
    await expect(judged).to_have_text("Allergies unknown: nobody has asked yet")
    await expect(judged).to_have_attribute("data-state", "unknown")
    await section.get_by_role("button", name="No known allergies").click()
    await page.locator("#facts-dialog").get_by_role("button", name="Save").click()
    await expect(judged).to_contain_text("No known allergies (said by nurse, 20")
    await expect(judged).to_have_attribute("data-state", "none")
    await section.get_by_role("button", name="Enter an allergy").click()
    await page.locator("#facts-what").fill("<b>Penicillin</b>")
    await page.locator("#facts-criticality").select_option("high")
    await page.locator("#facts-reaction").fill("rash")
    await page.locator("#facts-reaction").press("Enter")
    await expect(section.locator(".known li")).to_contain_text("Allergy: <b>Penicillin</b>high risk · rash")
    await expect(judged).to_have_count(0)
    await section.get_by_role("button", name="Change <b>Penicillin</b>").click()
    await page.locator("#facts-status").select_option("entered-in-error")
    await page.locator("#facts-dialog").get_by_role("button", name="Save").click()
    await expect(judged).to_have_attribute("data-state", "unknown")


async def test_a_nurse_enters_birth_date_sex_and_weight_each_shown_with_its_age(
    controller: RunningController, open_page: OpenPage
) -> None:
    page, section = await opened(open_page)
    await section.get_by_role("button", name="Birth date and sex").click()
    await expect(page.locator("#facts-birth")).to_be_focused()
    await page.locator("#facts-birth").fill("1950-03")
    await page.locator("#facts-sex").select_option("female")
    await page.locator("#facts-sex").press("Tab")
    await page.keyboard.press("Enter")
    await expect(section.locator("[data-fact=birth]")).to_contain_text("1950-03 (about 7")
    await expect(section.locator("[data-fact=sex]")).to_contain_text("female")
    await section.get_by_role("button", name="Enter weight").click()
    await page.locator("#facts-value").fill("7150")
    await page.locator("#facts-value").press("Enter")
    await expect(page.locator("#facts-dialog .problem")).to_contain_text("look at the unit")
    await page.locator("#facts-value").fill("71.5")
    await page.locator("#facts-value").press("Enter")
    await expect(section.locator("[data-fact=weight]")).to_contain_text("71.5 kg")
    await expect(section.locator("[data-fact=weight] .age")).to_contain_text("ago · nurse")


async def test_of_the_next_patient_nothing_of_the_one_before_is_shown(
    controller: RunningController, open_page: OpenPage
) -> None:
    await register(controller).add_allergy(Meant("4711"), Substance("Latex"), KIM)
    _page, section = await opened(open_page)
    await expect(section).to_contain_text("Allergy: Latex")
    await controller.registry.admit("bed-1", Patient("4712", "Two"), "test")
    await expect(section).to_contain_text("Allergies unknown")
    await expect(section).not_to_contain_text("Latex")
    await controller.registry.discharge("bed-1", "test")
    await expect(section).to_be_hidden()


async def test_who_may_not_see_facts_is_shown_none(
    controller: RunningController, open_page: OpenPage
) -> None:
    page, section = await opened(open_page, "engineer")
    await expect(page.locator("#bed .devices li")).to_have_count(1)
    await expect(section).to_be_hidden()


@pytest.mark.parametrize(
    ("locale", "scheme", "words"),
    [("en", "light", "Allergy: Latex"), ("zh-CN", "dark", "过敏：Latex")],
)
async def test_facts_are_accessible_in_both_languages_and_fit_on_a_phone(
    controller: RunningController, open_page: OpenPage, locale: str, scheme: str, words: str
) -> None:
    patients = register(controller)
    await patients.add_allergy(Meant("4711"), Substance("Latex", criticality="high", reaction="x"), KIM)
    await patients.measure(Meant("4711"), "weight", 71.5, KIM)
    page, section = await opened(open_page, locale=locale, color_scheme=scheme, width=390)
    await expect(section).to_contain_text(words)
    assert await violations(page) == []
    await section.locator(".facts-ways button").first.click()
    await expect(page.locator("#facts-dialog")).to_be_visible()
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
