"""NEWS2 as a nurse sees it: on the tile and in the opened bed, with reasons, ages and what is missing."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from controller.registry import Patient
from devices.model.observation import Quality
from tests.browser.conftest import OpenPage
from tests.support.accessible import violations
from tests.support.controller import RunningController

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def admitted(controller: RunningController) -> AsyncIterator[RunningController]:
    await controller.registry.admit("bed-1", Patient("P1", "Li Na"), "test")
    yield controller


def measure(controller: RunningController, age_s: float = 0) -> None:
    values = {"spo2": 97, "pr_spo2": 104, "rr": 16, "temp_body": 37.0, "nibp_sys": 98}
    controller.say("ox-1", age_s, **values)


def score(page: Page) -> Locator:
    return page.locator(".tile .score")


async def opened(page: Page) -> Locator:
    await page.locator(".tile .open").click()
    scores = page.locator("#bed .scores")
    await expect(scores.locator("form")).to_be_visible()
    return scores


async def test_two_taps_for_each_entry_make_the_score_complete(
    admitted: RunningController, open_board: OpenPage
) -> None:
    page = await open_board()
    measure(admitted)
    await expect(score(page)).to_have_attribute("data-state", "incomplete")
    await expect(score(page)).to_have_text(re.compile(r"NEWS2at least≥3\d+ sincomplete: 2 missing"))
    scores = await opened(page)
    for choice in ("Air", "A alert"):
        measure(admitted)
        await scores.get_by_role("radio", name=choice).click()
        await scores.get_by_role("button", name="Save assessment").click()
        await expect(scores.get_by_role("status")).to_have_text("Saved.")
    await expect(scores.locator(".score")).to_have_text(re.compile(r"^NEWS23\d+ slow risk$"))
    await expect(scores.locator(".shock")).to_have_text(
        re.compile(r"1\.06 · pulse 104 \(\d+ s\) / systolic 98 \(")
    )
    await expect(score(page)).to_have_attribute("data-state", "low")


async def test_every_point_has_its_reason_and_its_age(
    admitted: RunningController, open_board: OpenPage
) -> None:
    page = await open_board()
    measure(admitted)
    scores = await opened(page)
    row = scores.locator("tbody tr", has_text="systolic BP")
    await expect(row).to_have_text(re.compile(r"systolic BP98291–100NIBP sys · \d+ s"))
    row = scores.locator("tbody tr", has_text="consciousness")
    await expect(row).to_have_text("consciousness– –– –missing")
    admitted.say("ox-1", quality=Quality.ARTIFACT, spo2=60)
    row = scores.locator("tbody tr", has_text="SpO₂")
    await expect(row).to_have_text(re.compile(r"SpO₂– –– –doubtful value\d+ s"))


async def test_a_value_that_stops_leaves_a_bound_and_says_what_is_missing(
    admitted: RunningController, open_board: OpenPage
) -> None:
    page = await open_board()
    admitted.say("ox-1", spo2=85, temp_body=37.0)
    await expect(score(page).locator(".figure-text")).to_have_text("3")
    await expect(score(page)).to_have_attribute("data-state", "low-medium")
    admitted.clock.let_pass(11)
    await expect(score(page)).to_have_attribute("data-state", "incomplete")
    await expect(score(page)).to_contain_text("6 missing")
    admitted.clock.let_pass(3600)
    await expect(score(page)).to_have_attribute("data-state", "none")
    await expect(score(page).locator(".figure-text")).to_have_text("– –")


async def test_what_was_chosen_for_one_patient_is_not_there_for_the_next(
    admitted: RunningController, open_board: OpenPage
) -> None:
    page = await open_board()
    measure(admitted)
    scores = await opened(page)
    await scores.get_by_role("radio", name="U unresponsive").click()
    await expect(scores.locator("input[value=U]")).to_be_checked()
    await admitted.registry.admit("bed-1", Patient("P2", "Wang Wei"), "test")
    await expect(scores.locator("input[value=U]")).not_to_be_checked()
    await admitted.registry.discharge("bed-1", "test")
    await expect(scores.locator("form")).to_be_hidden()
    await expect(scores.get_by_text("Enter the patient first")).to_be_visible()


async def test_the_coma_scale_and_the_entries_of_the_stay_are_told(
    admitted: RunningController, open_board: OpenPage
) -> None:
    page = await open_board()
    measure(admitted)
    scores = await opened(page)
    for name, part in (("Eyes", "3"), ("Verbal", "NT"), ("Motor", "6")):
        await scores.get_by_label(name).select_option(part)
    await scores.get_by_role("button", name="Save assessment").click()
    await expect(scores.locator(".gcs")).to_have_text(re.compile(r"^GCS E3 VNT M6, not all testable: no sum"))
    await scores.locator("summary").click()
    await expect(scores.locator(".entries li")).to_have_text(re.compile(r"nurse · GCS E3 VNT M6$"))


@pytest.mark.parametrize(("locale", "scheme", "word"), [("en", "dark", "high"), ("zh", "light", "高")])
async def test_scores_can_be_used_by_everyone(
    admitted: RunningController, open_board: OpenPage, locale: str, scheme: str, word: str
) -> None:
    page = await open_board(locale=locale, color_scheme=scheme)
    admitted.say("ox-1", spo2=80, temp_body=34.0, nibp_sys=70)
    await expect(score(page).locator(".band")).to_have_text(word)
    assert await violations(page) == []
    await opened(page)
    await expect(page.locator("#bed .points tbody tr")).to_have_count(7)
    assert await violations(page) == []
