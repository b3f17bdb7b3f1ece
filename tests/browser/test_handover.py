"""Handing over, as a nurse does: in the opened bed, two files to take away, and what is in them before."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from controller.registry import Patient
from tests.browser.conftest import OpenPage
from tests.support.accessible import violations
from tests.support.controller import RunningController

pytestmark = pytest.mark.asyncio(loop_scope="module")

MEASURED = """INSERT INTO observation
  (stream, number, place, boot, mono_us, at_us, series, value, reason, quality)
  VALUES (1, 1, 1, 1, 0, ?, 1, 97, NULL, 0)"""


@pytest_asyncio.fixture(loop_scope="module")
async def admitted(controller: RunningController) -> AsyncIterator[RunningController]:
    await controller.registry.admit("bed-1", Patient("P1", "Li Na"), "test")
    at_us = controller.clock.now_us()
    await controller.store.write(
        lambda db: db.execute("INSERT INTO series VALUES (1, 'ox-1', 'bed-1', 'spo2')")
    )
    await controller.store.write(lambda db: db.execute(MEASURED, (at_us,)))
    yield controller


async def opened(page: Page) -> Locator:
    await page.locator(".tile .open").click()
    part = page.locator("#bed .handover")
    await expect(part).to_be_visible()
    return part


async def test_the_page_and_the_document_are_taken_away_as_files(
    admitted: RunningController, open_board: OpenPage, tmp_path: Path
) -> None:
    page = await open_board(timezone_id="Asia/Shanghai")
    part = await opened(page)
    saved = {}
    for name in ("One page to print (PDF)", "FHIR document"):
        async with page.expect_download() as download:
            await part.get_by_role("link", name=name).click()
        file = await download.value
        saved[name] = tmp_path / file.suggested_filename
        await file.save_as(saved[name])
    assert saved["One page to print (PDF)"].read_bytes().startswith(b"%PDF-")
    document = json.loads(saved["FHIR document"].read_bytes())
    assert (document["type"], saved["FHIR document"].name) == ("document", "bed-1-handover.json")
    link = part.get_by_role("link", name="One page to print (PDF)")
    await expect(link).to_have_attribute("href", "/api/beds/bed-1/handover/pdf?lang=en&offset=480")


async def test_what_is_in_it_is_said_before_it_is_given_away(
    admitted: RunningController, open_board: OpenPage
) -> None:
    page = await open_board()
    part = await opened(page)
    await part.get_by_text("What is in it").press("Enter")
    await expect(part.locator("li").first).to_have_text(re.compile(r"^Bed 1: \d{4}-.+ to now$"))
    await expect(part).to_contain_text(re.compile(r"SpO₂: 97 %"))
    assert await violations(page) == []


async def test_it_speaks_chinese(admitted: RunningController, open_board: OpenPage) -> None:
    page = await open_board(locale="zh-CN")
    part = await opened(page)
    link = part.get_by_role("link", name="打印单页（PDF）")
    await expect(link).to_have_attribute("href", re.compile("lang=zh"))


async def test_of_an_empty_bed_nothing_is_handed_over(
    controller: RunningController, open_board: OpenPage
) -> None:
    page = await open_board()
    await page.locator(".tile .open").click()
    await expect(page.locator("#bed-title")).to_be_visible()
    await expect(page.locator("#bed .handover")).to_be_hidden()
