"""The page of cohorts: a question is built, read back and answered with charts, saved and opened."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from tests.browser.conftest import OpenPage, log_in
from tests.support.cohorts import asked_at, hospital
from tests.support.controller import RunningController

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    async with asked_at(tmp_path, hospital()) as started:
        yield started


@pytest.mark.parametrize(("width", "locale"), [(1280, "en"), (390, "zh-CN")])
async def test_a_question_is_read_back_asked_saved_and_opened(
    controller: RunningController, open_page: OpenPage, width: int, locale: str
) -> None:
    page = await open_page(width=width, height=900, locale=locale)
    await log_in(page, user="physician")
    await page.get_by_role("link", name=re.compile("Cohorts|队列")).click()
    await page.get_by_label(re.compile("Age from|年龄下限")).fill("66")
    await expect(page.locator("#sentence")).to_have_text(
        re.compile("66 years or older.*spo2|66 岁及以上.*spo2")
    )
    await page.keyboard.press("Enter")
    await expect(page.locator("#answer-body .sentence")).to_have_text(re.compile(r"7 of 12|12 次入院中 7 次"))
    await expect(page.locator("#answer-title")).to_be_focused()
    await expect(page.locator("#answer svg")).to_have_count(2)
    await page.get_by_text(re.compile("^(Save as|另存为)$")).click()
    await page.locator("#name").fill("low-spo2")
    await page.locator("#why").fill("sepsis round")
    await page.get_by_role("button", name=re.compile("^(Save|保存)$")).click()
    await expect(page.locator("#answer-title")).to_have_text("low-spo2@1")
    await page.get_by_role("button", name=re.compile("Ask it of the lake|在当前数据湖中重新查询")).click()
    await expect(page.locator("#answer svg")).to_have_count(2)
    await page.get_by_role("button", name=re.compile("Who they are|患者名单")).click()
    await expect(page.get_by_role("rowheader", name="P6")).to_be_visible()
    assert (await Axe().run(page)).response["violations"] == []
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
