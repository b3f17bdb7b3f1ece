"""The page of images: the worklist for all, and for whoever looks after the archive what waits for them."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from controller.security.permissions import Role
from controller.stays import Patient
from tests.browser.conftest import OpenPage, enter
from tests.support import dicom
from tests.support.accessible import violations
from tests.support.archive import BesideController, beside
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.people import add_person

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    with quick_passwords():
        async with running(tmp_path, radiology=Role.RADIOLOGY, engineer=Role.ENGINEER) as started:
            await started.add_bed("bed-1", "Bed 1")
            await started.registry.admit("bed-1", Patient("4711", "Muster, Anna"), "test")
            await add_person(started, "nurse", Role.NURSE, ["ward-a"])
            yield started


@pytest_asyncio.fixture(loop_scope="module")
async def archive(controller: RunningController, tmp_path: Path) -> AsyncIterator[BesideController]:
    """Three studies of two patients; two in doubt; two files that were not let in."""
    async with beside(controller, tmp_path) as started:
        head = dicom.ct("4711", StudyDescription="Head", StudyDate="20261124", AccessionNumber="A-17")
        await started.put(head, dicom.us_cine(2, "4711", StudyDescription="FAST", StudyDate="20261125"))
        await started.put(dicom.rgb("4712", "Björk^Bjarne", StudyDescription="Wound", StudyDate="20261126"))
        await started.put(dicom.ct("4711", "Bach^Carla", StudyDescription="Whose?"))
        await started.put(dicom.ct("", "Nobody^Knows", StudyDescription="Nobody's"))
        await started.put(dicom.edited(head, StudyDescription="Other bytes"), b"no DICOM")
        yield started


def rows(page: Page) -> Locator:
    return page.locator("#list tbody tr")


async def open_images(open_page: OpenPage, user: str = "nurse", **options: int | str) -> Page:
    page = await enter(open_page, "/imaging", user, **options)
    await expect(rows(page)).not_to_have_count(0)
    return page


async def test_a_nurse_sees_the_studies_of_her_patient_the_newest_first_and_no_tabs_of_the_archive(
    archive: BesideController, open_page: OpenPage
) -> None:
    page = await open_images(open_page)
    await expect(rows(page)).to_have_count(2)
    await expect(rows(page).first).to_contain_text("Muster, Anna")
    await expect(rows(page).first).to_contain_text("FAST")
    await expect(page.get_by_role("tab")).to_have_text(["Studies", "Orders"])
    await expect(rows(page).first.locator("select")).to_have_count(0)


async def test_a_study_leads_into_the_viewer_on_the_other_port_of_the_same_host(
    archive: BesideController, open_page: OpenPage
) -> None:
    page = await open_images(open_page)
    study = await rows(page).first.get_attribute("data-study")
    link = rows(page).first.get_by_role("link", name="Open: Muster, Anna, US, 2026-11-25 10:15")
    await expect(link).to_have_attribute("href", f"{archive.address}/viewer?StudyInstanceUIDs={study}")


FILTERS = (
    ("#patient", "bjor", ["Wound"]),
    ("#patient", "4712", ["Wound"]),
    ("#accession", "A-17", ["Head"]),
    ("#from", "2026-11-26", ["Nobody's", "Whose?", "Wound"]),
    ("#to", "2026-11-24", ["Head"]),
)


async def test_the_worklist_is_filtered_by_what_is_typed_and_enter(
    archive: BesideController, open_page: OpenPage
) -> None:
    page = await open_images(open_page, "radiology")
    for field, value, fits in FILTERS:
        await page.fill(field, value)
        await page.press(field, "Enter")
        await expect(rows(page)).to_have_count(len(fits))
        for row, description in enumerate(fits):
            await expect(rows(page).nth(row)).to_contain_text(description)
        await page.get_by_role("button", name="Show all").click()
        await expect(rows(page)).to_have_count(5)


async def test_nothing_that_fits_is_said(archive: BesideController, open_page: OpenPage) -> None:
    page = await open_images(open_page)
    await page.select_option("#modality", "MR")
    await page.get_by_role("button", name="Search").click()
    await expect(page.locator("#found")).to_have_text("No study fits, of the patients whom you may see.")


async def test_arrow_keys_go_from_study_to_study(archive: BesideController, open_page: OpenPage) -> None:
    page = await open_images(open_page)
    await rows(page).first.locator("a").focus()
    await page.keyboard.press("ArrowDown")
    await expect(rows(page).nth(1).locator("a")).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await expect(rows(page).first.locator("a")).to_be_focused()


async def test_what_is_urgent_comes_first(archive: BesideController, open_page: OpenPage) -> None:
    page = await open_images(open_page, "radiology")
    await rows(page).filter(has_text="Head").locator("select").select_option("3")
    await expect(rows(page).first).to_contain_text("Head")
    await expect(rows(page).first.locator("select")).to_be_focused()
    await page.select_option("#urgency", "2")
    await page.get_by_role("button", name="Search").click()
    await expect(rows(page)).to_have_count(1)


async def test_a_study_in_doubt_is_confirmed_moved_or_deleted(
    archive: BesideController, open_page: OpenPage
) -> None:
    page = await open_images(open_page, "radiology")
    nurse = await open_images(open_page)
    doubts = page.locator("#doubts .waiting > li")
    await page.get_by_role("tab", name="Whose? (2)").click()
    carla = doubts.filter(has_text="Bach, Carla")
    await expect(carla).to_contain_text("another name than this patient's")
    await expect(carla).to_contain_text("The hospital knows this patient as Muster, Anna.")
    nobody = doubts.filter(has_text="no identifier")
    await expect(nobody.get_by_role("button", name="It is this patient")).to_have_count(0)
    await nobody.get_by_label("Right identifier").fill("4711")
    await nobody.get_by_label("Right name").fill("Muster^Anna")
    await nobody.get_by_label("Reason", exact=True).fill("the crew says so")
    await nobody.get_by_role("button", name="Move to this patient").click()
    await expect(page.get_by_role("tab", name="Whose? (1)")).to_be_focused()
    await carla.get_by_label("Reason for deleting it").fill("of a phantom")
    await carla.get_by_role("button", name="Delete the study").click()
    await expect(page.locator("#doubts .none")).to_have_text("Of no study it is in doubt whose it is.")
    await nurse.get_by_role("button", name="Search").click()
    await expect(rows(nurse)).to_have_count(3)
    await expect(rows(nurse).filter(has_text="Nobody's")).to_contain_text("Muster, Anna")


async def test_any_study_is_put_right_from_the_worklist(
    archive: BesideController, open_page: OpenPage
) -> None:
    page = await open_images(open_page, "radiology")
    wound = rows(page).filter(has_text="Wound")
    await wound.get_by_role("button", name="Put right: Björk, Bjarne").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Right identifier").fill("4711")
    await dialog.get_by_label("Right name").fill("Muster^Anna")
    await dialog.get_by_role("button", name="Move to this patient").click()
    await expect(dialog).to_be_visible()  # the reason is missing
    await dialog.get_by_label("Reason", exact=True).fill("no")
    await page.keyboard.press("Enter")
    await expect(dialog.get_by_role("alert")).to_contain_text("at least 3 characters")
    await dialog.get_by_label("Reason", exact=True).fill("wrong wristband")
    results = await violations(page)
    assert results == []
    await page.keyboard.press("Enter")
    await expect(dialog).to_have_count(0)
    await expect(wound).to_contain_text("Muster, Anna")
    await wound.get_by_role("button", name="Put right").click()
    await page.keyboard.press("Escape")
    await expect(wound.get_by_role("button", name="Put right")).to_be_focused()


async def test_a_study_is_confirmed_with_one_key(archive: BesideController, open_page: OpenPage) -> None:
    page = await open_images(open_page, "radiology")
    await page.locator("#tab-studies").focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("#tab-orders")).to_be_focused()
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("#tab-doubts")).to_be_focused()
    carla = page.locator("#doubts .waiting > li").filter(has_text="Bach, Carla")
    await carla.get_by_role("button", name="It is this patient").press("Enter")
    await expect(page.locator("#tab-doubts")).to_have_text("Whose? (1)")
    await expect(rows(page).locator(".held")).to_have_count(1)


async def test_what_was_not_let_in_is_taken_or_discarded(
    archive: BesideController, open_page: OpenPage
) -> None:
    page = await open_images(open_page, "radiology")
    await page.get_by_role("tab", name="Not let in (2)").click()
    waiting = page.locator("#quarantine .waiting > li")
    other = waiting.filter(has_text="other content")
    await expect(other).to_contain_text(re.compile(r"from ae:CT1, 20\d\d-\d\d-\d\d .*kB"))
    await other.get_by_role("button", name="Take it after all").click()
    await expect(waiting).to_have_count(1)
    await expect(rows(page).filter(has_text="Other bytes")).to_have_count(1)
    await waiting.filter(has_text="not a DICOM file").get_by_role("button", name="Discard").click()
    await expect(page.locator("#quarantine .none")).to_have_text("Nothing waits here.")


async def test_what_cannot_be_taken_stays_and_it_is_said_why(
    archive: BesideController, open_page: OpenPage
) -> None:
    page = await open_images(open_page, "radiology")
    await page.get_by_role("tab", name="Not let in (2)").click()
    waiting = page.locator("#quarantine .waiting > li")
    await waiting.filter(has_text="not a DICOM file").get_by_role("button", name="Take it").click()
    await expect(page.locator("#problem")).to_contain_text("expected")
    await expect(waiting).to_have_count(2)


async def test_a_name_that_is_markup_is_text(archive: BesideController, open_page: OpenPage) -> None:
    await archive.put(dicom.ct("4711", "<img src=x onerror=alert(1)>^Muster", StudyDescription="<b>bold</b>"))
    page = await open_images(open_page)
    await expect(rows(page).filter(has_text="<b>bold</b>")).to_have_count(1)
    assert await page.locator("#list :is(img, b)").count() == 0


async def test_only_who_may_see_images_finds_the_way_there(
    archive: BesideController, open_page: OpenPage
) -> None:
    for user, links in (("engineer", 0), ("nurse", 1)):
        page = await enter(open_page, "/", user)
        await expect(page.locator("#pages a").first).to_be_visible()
        await expect(page.locator("#to-imaging")).to_have_count(links)


async def test_where_there_is_no_archive_no_way_leads_there_and_the_page_says_so(open_page: OpenPage) -> None:
    page = await enter(open_page, "/", "nurse")
    await expect(page.locator("#pages a").first).to_be_visible()
    await expect(page.locator("#to-imaging")).to_have_count(0)
    await page.goto(page.url + "imaging")
    await expect(page.locator("#problem")).to_contain_text("there is no archive of images here")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_is_accessible_and_fits_on_a_tablet(
    archive: BesideController, open_page: OpenPage, scheme: str
) -> None:
    page = await open_images(open_page, "radiology", color_scheme=scheme, width=800)
    for tab in ("studies", "doubts", "quarantine"):
        await page.click(f"#tab-{tab}")
        results = await violations(page)
        assert results == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_the_page_speaks_chinese(archive: BesideController, open_page: OpenPage) -> None:
    page = await open_images(open_page, "radiology", locale="zh-CN")
    await expect(page.get_by_role("heading", level=1)).to_have_text("影像")
    await expect(page.locator("#tab-doubts")).to_have_text("归属待定（2）")
