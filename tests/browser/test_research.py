"""The page of research projects: a physician proposes, an auditor decides, the physician ends it."""

import re

import pytest
from playwright.async_api import Page, expect

from controller.security.permissions import Role
from controller.security.users import set_password
from tests.browser.conftest import OpenPage, log_in
from tests.support.accessible import violations
from tests.support.controller import PASSWORD, RunningController

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def faultless(page: Page) -> None:
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


async def proposed(page: Page) -> None:
    await page.get_by_label("Title").fill("Sepsis")
    await page.get_by_label("What for").fill("early signs")
    await page.get_by_label(re.compile("Whole stays from")).fill("2026-01-01")
    await page.get_by_label(re.compile("Whole stays to")).fill("2026-06-30")
    await page.get_by_label(re.compile("ends on")).fill("2098-12-31")
    await page.get_by_role("button", name="Propose it").click()
    await expect(page.get_by_role("alert")).to_have_text(re.compile("at least one"))
    await page.get_by_label("Find").fill("spo2")
    await page.get_by_role("checkbox", name="SpO₂ (%)", exact=True).check()
    await page.keyboard.press("Enter")


async def test_a_project_is_proposed_by_one_person_and_decided_by_another(
    controller: RunningController, open_page: OpenPage
) -> None:
    for role in (Role.PHYSICIAN, Role.AUDITOR):
        await set_password(controller.store, controller.clock, role.value, PASSWORD, role)
    ben = await open_page(width=1280, height=900, locale="en")
    await log_in(ben, user="physician")
    await ben.get_by_role("link", name="Research projects").click()
    await proposed(ben)
    one = ben.get_by_role("listitem").filter(has_text="Sepsis")
    await expect(one).to_contain_text("waits for a second person")
    await expect(ben.locator("#done")).to_have_text(re.compile("RP00000001"))
    await expect(one.get_by_role("button", name="Approve")).to_have_count(0)
    await faultless(ben)

    olga = await open_page(width=390, height=800, locale="zh-CN")
    await log_in(olga, user="auditor")
    await olga.get_by_role("link", name="研究项目").click()
    await expect(olga.locator("#projects")).to_contain_text("Sepsis")
    await expect(olga.locator("#propose")).to_be_hidden()
    await faultless(olga)
    await olga.get_by_label(re.compile("理由")).fill("ethics 12/26")
    await olga.get_by_role("button", name="批准").click()
    await expect(olga.locator("#projects")).to_contain_text(re.compile("auditor，.*：ethics 12/26"))
    await faultless(olga)

    await ben.reload()
    await expect(one).to_contain_text("approved: data may leave")
    await expect(one).to_contain_text("./run lake research RP00000001")
    await one.get_by_role("button", name="Close it").click()
    await one.get_by_role("button", name="Yes, close").click()
    await expect(one).to_contain_text("closed: no more data leave")
    await expect(one.get_by_role("button")).to_have_count(0)
