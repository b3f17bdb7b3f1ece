"""The auditor's page: who saw a patient between two times, whether the trail is whole."""

import csv
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from controller.audit.chain import append_all
from controller.audit.checkup import Checkup
from controller.registry import Patient
from controller.security.permissions import Role
from tests.browser.conftest import OpenPage, log_in
from tests.support.accessible import violations
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.http import client, get
from tests.support.trails import UTC_US, entries, tampering

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    with quick_passwords():
        async with running(tmp_path, nurse=Role.NURSE, auditor=Role.AUDITOR) as started:
            await started.add_bed("bed-1", "Bed 1", ["ox-1"])
            await started.registry.admit("bed-1", Patient("P-ANNA", "Anna"), "test")
            yield started


async def open_audit(open_page: OpenPage, **options: int | str) -> Page:
    page = await open_page(**options)
    await log_in(page, user="auditor")
    await page.get_by_role("link", name=re.compile("Audit trail|审计记录")).click()
    await expect(page.locator("#verdict")).to_have_attribute("data-state", re.compile("whole|broken"))
    return page


async def test_who_saw_a_patient_is_asked_and_answered_and_taken_away_as_csv(
    controller: RunningController, open_page: OpenPage
) -> None:
    async with client(controller, "nurse") as nurse:
        await get(nurse, "/api/beds/bed-1")
    page = await open_audit(open_page)
    await page.get_by_label("Patient's identifier").fill("P-ANNA")
    await page.get_by_label("What", exact=True).select_option("bed")
    await page.get_by_role("button", name="Search").click()
    await expect(page.locator("#found")).to_have_text("1 entries, the newest first.")
    row = page.locator("#entries tbody tr")
    await expect(row).to_have_count(1)
    for text in ("nurse", "opened a bed", "P-ANNA", "bed/bed-1", "done", "127.0.0.1"):
        await expect(row).to_contain_text(text)
    async with page.expect_download() as started:
        await page.get_by_role("link", name="Download as CSV").click()
    download = await started.value
    assert download.suggested_filename == "wardlink-audit.csv"
    [in_file] = csv.DictReader(io.StringIO((await download.path()).read_text(encoding="utf-8")))
    assert (in_file["actor"], in_file["action"], in_file["patient"]) == ("nurse", "bed", "P-ANNA")
    await page.get_by_label("Patient's identifier").fill("P-NOBODY")
    await page.keyboard.press("Enter")
    await expect(page.locator("#found")).to_have_text("There is no entry of this kind in this time.")


async def test_what_is_outside_the_two_times_is_not_shown(
    controller: RunningController, open_page: OpenPage
) -> None:
    await controller.store.write(lambda db: append_all(db, entries(10)))
    page = await open_audit(open_page, timezone_id="Asia/Shanghai")
    await page.get_by_label("Patient's identifier").fill("P1")
    await page.locator("#from").fill("2026-11-26T05:05:37")  # 21:05:37 UTC
    await page.locator("#to").fill("2026-11-26T05:05:40")
    await page.get_by_role("button", name="Search").click()
    await expect(page.locator("#entries tbody tr")).to_have_count(2)
    assert UTC_US == 1_795_640_736_000_000


async def test_many_entries_are_paged(controller: RunningController, open_page: OpenPage) -> None:
    now_us = controller.clock.utc_us()
    many = [(entry, now_us) for entry, _ in entries(130)]
    await controller.store.write(lambda db: append_all(db, many))
    page = await open_audit(open_page)
    await page.get_by_label("Who", exact=True).fill("nurse1")
    await page.get_by_role("button", name="Search").click()
    await expect(page.locator("#entries tbody tr")).to_have_count(33)
    await page.get_by_label("Who", exact=True).fill("")
    await page.get_by_role("button", name="Search").click()
    await expect(page.locator("#found")).to_have_text("100 entries, the newest first; there are older ones.")
    await page.get_by_role("button", name="Older").click()
    await expect(page.locator("#found")).to_have_text(re.compile(r"^\d\d entries, the newest first\.$"))
    await page.get_by_role("button", name="Newest").click()
    await expect(page.locator("#entries tbody tr")).to_have_count(100)


async def test_a_trail_that_was_changed_is_said_in_red_with_what_and_where(
    controller: RunningController, open_page: OpenPage
) -> None:
    page = await open_audit(open_page)
    await expect(page.locator("#verdict")).to_have_text(
        re.compile(r"^The trail is whole: \d+ entries, each as it was written\. \(verified \d+ s ago\)$")
    )
    await expect(page.locator("#heads")).to_contain_text("an end that was cut off would not be seen")
    with tampering(controller.store.where) as db:
        db.execute("UPDATE audit SET entry = replace(entry, 'P-ANNA', 'P-BEN') WHERE number > 1")
    checkup = next(part for part in controller.app.values() if isinstance(part, Checkup))
    checkup._again_us = 0
    await page.reload()
    await expect(page.locator("#verdict")).to_have_attribute("data-state", "broken")
    await expect(page.locator("#faults li").first).to_contain_text("is not what was written there")


@pytest.mark.parametrize(("theme", "locale"), [("dark", "en"), ("light", "zh-CN")])
async def test_axe_finds_nothing_on_the_page(
    controller: RunningController, open_page: OpenPage, theme: str, locale: str
) -> None:
    page = await open_audit(open_page, color_scheme=theme, locale=locale, width=834, height=1112)
    await expect(page.locator("#entries tbody tr").first).to_be_visible()
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
