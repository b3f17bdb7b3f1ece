"""Orders and reports on the page of images: placed, written, signed, read, acknowledged."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from controller.api.imaging_context import Imaging
from controller.clock import SystemClock
from controller.identity.files import open_authority
from controller.imaging.client import ImagingClient
from controller.imaging.plugins.findings import FILE
from controller.imaging.plugins.queue import New, Queue
from controller.security.permissions import Role
from controller.stays import Patient
from tests.browser.conftest import OpenPage, enter
from tests.support import dicom
from tests.support.accessible import violations
from tests.support.archive import BesideController, beside
from tests.support.controller import PASSWORD, RunningController, quick_passwords, running
from tests.support.people import add_person

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    open_authority(tmp_path / "ca", datetime.now(UTC))
    with quick_passwords():
        async with running(tmp_path, radiology=Role.RADIOLOGY) as started:
            await started.add_bed("bed-1", "Bed 1")
            await started.registry.admit("bed-1", Patient("4711", "Muster, Anna"), "test")
            for name, role in (("nurse", Role.NURSE), ("physician", Role.PHYSICIAN)):
                await add_person(started, name, role, ["ward-a"])
            yield started


@pytest_asyncio.fixture(loop_scope="module")
async def archive(controller: RunningController, tmp_path: Path) -> AsyncIterator[BesideController]:
    async with beside(controller, tmp_path) as started:
        yield started


async def open_orders(open_page: OpenPage, user: str, **options: int | str) -> Page:
    page = await enter(open_page, "/imaging", user, **options)
    await page.locator("#tab-orders").click()
    return page


async def place(page: Page, reason: str = "fall") -> None:
    await page.locator("#new-order").click()
    await page.locator("#order-bed").select_option(index=1)
    await page.locator("#order-modality").select_option("CT")
    await page.locator("#order-part").fill("head")
    await page.locator("#order-reason").fill(reason)
    await page.locator("#order-priority").select_option("stat")
    await page.locator("#order-reason").press("Enter")
    await expect(page.locator("#order-list tbody tr")).not_to_have_count(0)


async def sign(page: Page, conclusion: str, *, critical: bool = False) -> None:
    await (
        page.locator("#order-list tbody tr")
        .first.get_by_role("button", name="Report of Muster, Anna")
        .click()
    )
    await page.locator("#report-findings").fill("Left frontal.\nNo fracture.")
    await page.locator("#report-conclusion").fill(conclusion)
    await page.locator("#report-state").select_option("final")
    if critical:
        await page.locator("#report-critical").check()
    await page.locator("#report-password").fill(PASSWORD)
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.locator(".versions")).to_contain_text("signed by radiology")


async def test_an_order_is_for_nobody_until_a_patient_is_chosen(
    archive: BesideController, open_page: OpenPage
) -> None:
    page = await open_orders(open_page, "physician")
    await page.locator("#new-order").click()
    await page.locator("#order-modality").select_option("CT")
    await page.locator("#order-part").fill("head")
    await page.locator("#order-reason").fill("fall")
    await page.locator("#order-reason").press("Enter")
    await expect(page.locator("#order-bed:invalid")).to_be_focused()
    await expect(page.locator("#order-list tbody tr")).to_have_count(0)


async def test_a_physician_orders_and_takes_it_back_for_a_reason(
    archive: BesideController, open_page: OpenPage
) -> None:
    page = await open_orders(open_page, "physician")
    await place(page)
    row = page.locator("#order-list tbody tr").first
    await expect(row).to_contain_text("CT head")
    await expect(row).to_contain_text("at once")
    await expect(row.locator("select option")).to_have_text(["put on hold", "revoke", "was an error"])
    await row.locator("select").select_option("revoked")
    await row.get_by_role("button", name="Change").click()
    await expect(page.locator("#problem")).to_contain_text("expected a reason for revoked")
    await row.get_by_label("Reason").fill("not needed any more")
    await row.get_by_role("button", name="Change").click()
    await expect(row).to_contain_text("revoked")


async def test_a_critical_report_is_signed_told_and_acknowledged(
    archive: BesideController, open_page: OpenPage
) -> None:
    physician = await open_orders(open_page, "physician")
    await place(physician)
    radiology = await open_orders(open_page, "radiology")
    await expect(radiology.locator("#new-order")).to_be_hidden()
    await sign(radiology, "Bleeding.", critical=True)
    await physician.reload()
    await expect(physician.locator("#tab-orders")).to_have_text("Orders (1)")
    await physician.locator("#tab-orders").click()
    notice = physician.locator("#notices > li")
    await expect(notice).to_contain_text("Bleeding.")
    await expect(notice).to_contain_text("critical result")
    await notice.get_by_role("button", name="Acknowledge").click()
    await notice.get_by_role("button", name="I have read").click()
    await expect(notice).to_have_count(0)
    await expect(physician.locator("#no-notices")).to_be_visible()


async def test_older_orders_are_loaded_and_stay(
    archive: BesideController, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("controller.api.radiology.PAGE", 1)
    page = await open_orders(open_page, "physician")
    for reason in ("first", "second"):
        await place(page, reason)
        await expect(page.locator("#order-list tbody tr").first).to_contain_text(reason)
    await expect(page.locator("#order-list tbody tr")).to_have_count(1)
    await page.get_by_role("button", name="Show older orders").click()
    await expect(page.locator("#order-list tbody tr")).to_have_count(2)
    await expect(page.locator("#order-list tbody tr").last.get_by_role("button").first).to_be_focused()
    await expect(page.locator("#older-orders")).to_be_hidden()


async def test_it_is_asked_before_a_report_begins_an_order_of_a_study_that_nobody_ordered(
    controller: RunningController, archive: BesideController, open_page: OpenPage
) -> None:
    await archive.put(dicom.ct("4711", "Muster^Anna", StudyDescription="Skull"))
    page = await enter(open_page, "/imaging", "radiology")
    write = page.get_by_role("button", name="Write a report of the study of Muster, Anna")
    await write.click()
    ask = page.locator("dialog.confirm")
    await expect(ask).to_contain_text("CT · ")
    await expect(ask).to_contain_text("Skull")
    await expect(ask).to_contain_text("Your report begins an order for it, in your name")
    await expect(ask.get_by_role("button", name="Back")).to_be_focused()
    assert await violations(page) == []
    await page.keyboard.press("Enter")
    await expect(ask).to_have_count(0)
    assert await controller.store.read("SELECT * FROM imaging_order") == []
    await write.click()
    await ask.get_by_role("button", name="Begin order and report").click()
    await expect(page.locator("#tab-report")).to_be_focused()
    await expect(page.locator("#report")).to_contain_text("unsolicited")
    await page.locator("#report-conclusion").fill("normal")
    await page.locator("#report-state").select_option("preliminary")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.locator(".versions")).to_contain_text("normal")
    await page.locator("#tab-studies").click()
    await page.get_by_role("button", name="Report of the study of Muster, Anna", exact=True).click()
    await expect(page.locator(".versions")).to_contain_text("normal")


async def test_a_wrong_password_signs_nothing_and_what_is_typed_stays(
    archive: BesideController, open_page: OpenPage
) -> None:
    await place(await open_orders(open_page, "physician"))
    page = await open_orders(open_page, "radiology")
    await page.locator("#order-list tbody tr").first.get_by_role("button").click()
    await page.locator("#report-state").select_option("preliminary")
    await expect(page.locator("#report-password")).to_be_hidden()
    await page.locator("#report-state").select_option("final")
    await page.locator("#report-conclusion").fill("normal")
    await page.locator("#report-password").fill("wrong")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.locator("#problem")).not_to_be_empty()
    await expect(page.locator("#report-conclusion")).to_have_value("normal")
    await expect(page.locator("#report-password")).to_have_value("")
    await expect(page.locator("#report")).to_contain_text("Nothing is written yet.")


async def test_a_nurse_reads_and_changes_nothing(archive: BesideController, open_page: OpenPage) -> None:
    await place(await open_orders(open_page, "physician"), "<b>bold</b>")
    page = await open_orders(open_page, "nurse")
    row = page.locator("#order-list tbody tr").first
    await expect(row).to_contain_text("<b>bold</b>")
    await expect(row.locator("select")).to_have_count(0)
    await expect(page.locator("#new-order")).to_be_hidden()
    await row.get_by_role("button", name="Report").press("Enter")
    await expect(page.locator("#tab-report")).to_be_focused()
    await expect(page.locator("#report form")).to_have_count(0)
    await page.keyboard.press("ArrowLeft")
    await expect(page.locator("#tab-orders")).to_be_focused()
    await expect(page.locator("#orders")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_orders_and_reports_are_accessible_and_fit_on_a_tablet(
    archive: BesideController, open_page: OpenPage, scheme: str
) -> None:
    physician = await open_orders(open_page, "physician", color_scheme=scheme, width=800)
    await place(physician)
    page = await open_orders(open_page, "radiology", color_scheme=scheme, width=800)
    await sign(page, "Bleeding.", critical=True)
    await physician.reload()
    await physician.locator("#tab-orders").click()
    await physician.locator("#new-order").click()
    await expect(physician.locator("#notices > li")).to_have_count(1)
    for one in (page, physician):
        results = await violations(one)
        assert results == []
        assert await one.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_orders_speak_chinese(archive: BesideController, open_page: OpenPage) -> None:
    page = await open_orders(open_page, "physician", locale="zh-CN")
    await place(page)
    await expect(page.locator("#tab-orders")).to_have_text("检查申请")
    await expect(page.locator("#order-list tbody tr").first).to_contain_text("有效")


async def test_the_board_says_at_once_that_there_is_a_report(
    archive: BesideController, open_page: OpenPage
) -> None:
    await place(await open_orders(open_page, "physician"))
    board = await enter(open_page, "/", "physician")
    way = board.locator("#to-imaging")
    await expect(way).to_be_visible()
    assert await way.get_attribute("data-reports") is None
    radiology = await open_orders(open_page, "radiology")
    await sign(radiology, "Bleeding.", critical=True)
    await expect(way).to_have_attribute("data-reports", "1")
    await expect(way).to_have_attribute("data-critical", "true")


async def test_radiology_schedules_an_order(archive: BesideController, open_page: OpenPage) -> None:
    await place(await open_orders(open_page, "physician"))
    page = await open_orders(open_page, "radiology")
    row = page.locator("#order-list tbody tr").first
    await row.get_by_role("button", name="Report of Muster, Anna").click()
    await page.locator("#schedule-station").fill("CT2")
    await page.locator("#schedule-when").fill("2027-01-02T10:30")
    await page.get_by_role("button", name="Schedule").click()
    await expect(page.locator("#schedule-station")).to_be_focused()
    await page.locator("#tab-orders").click()
    await expect(row).to_contain_text("2027-01-02 10:30:00")
    await expect(row).to_contain_text("CT2")


async def test_radiology_has_a_finding_that_failed_tried_again(
    archive: BesideController, controller: RunningController, open_page: OpenPage, tmp_path: Path
) -> None:
    queue = await Queue.open(tmp_path / FILE, SystemClock())
    await queue.add("archive", 1, [New("ecg", "1.0", "1.2.840.1", {"study": "1.2.3"})])
    for _ in range(2):
        job = await queue.next()
        assert job
        await queue.failed(job, "it ended with status -11")
    held = controller.imaging
    assert held
    await controller.stop()
    controller.imaging = Imaging(ImagingClient(tmp_path / "imaging.sock"), held.port, tmp_path / FILE)
    await controller.start()
    page = await enter(open_page, "/imaging", "radiology")
    await page.get_by_role("tab", name="Findings that failed (1)").click()
    failed = page.locator("#failed li")
    await expect(failed).to_contain_text("it ended with status -11")
    await failed.get_by_role("button", name="Try look 1 again").click()
    await expect(page.get_by_role("tab", name="Findings that failed (0)")).to_be_focused()
    assert await queue.next() is not None
    await queue.close()
