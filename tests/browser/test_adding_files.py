"""Adding a file that is no DICOM on the page of images: whose it is, the statement, the answer in words."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import FilePayload, Page, expect

from controller.imaging.stills.about import CONSENT
from controller.security.permissions import Role
from controller.stays import Patient
from tests.browser.conftest import OpenPage, enter
from tests.support import dicom
from tests.support.accessible import violations
from tests.support.archive import BesideController, beside
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.people import add_person
from tests.support.photos import photo

pytestmark = pytest.mark.asyncio(loop_scope="module")

PNG = FilePayload(name="Muster, Anna.png", mimeType="image/png", buffer=photo("PNG"))
BROKEN = FilePayload(name="wound.png", mimeType="image/png", buffer=photo("PNG")[:-100])
LETTER = FilePayload(
    name="letter.pdf", mimeType="application/pdf", buffer=b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
)


@pytest_asyncio.fixture(loop_scope="module")
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    with quick_passwords():
        async with running(tmp_path, radiology=Role.RADIOLOGY) as started:
            await started.add_bed("bed-1", "Bed 1")
            await started.registry.admit("bed-1", Patient("4711", "Muster, Anna"), "test")
            await add_person(started, "physician", Role.PHYSICIAN, ["ward-a"])
            await add_person(started, "nurse", Role.NURSE, ["ward-a"])
            yield started


@pytest_asyncio.fixture(loop_scope="module")
async def archive(controller: RunningController, tmp_path: Path) -> AsyncIterator[BesideController]:
    async with beside(controller, tmp_path) as started:
        head = dicom.ct("4711", StudyDescription="Head", PatientBirthDate="19800214", PatientSex="F")
        await started.put(head)
        yield started


async def open_adding(open_page: OpenPage, user: str = "physician", **options: int | str) -> Page:
    """The form, for the patient of the study that is there."""
    page = await enter(open_page, "/imaging", user, **options)
    await page.locator("#list tbody tr button", has_text="+").first.click()
    await expect(page.locator("#add-statement")).not_to_be_empty()
    return page


async def fill(page: Page, file: FilePayload = PNG) -> None:
    await page.set_input_files("#add-file", file)
    await page.fill("#add-shows", "Wound, left hand")
    await page.check("#add-consent")


async def test_a_file_is_added_to_the_patient_of_a_study_and_shown_at_once(
    archive: BesideController, open_page: OpenPage
) -> None:
    page = await open_adding(open_page)
    await expect(page.locator("#add-file")).to_be_focused()
    known = {"identifier": "4711", "name": "Muster, Anna", "birth": "1980-02-14", "sex": "F"}
    for field, value in known.items():
        await expect(page.locator(f"#add-{field}")).to_have_value(value)
    await expect(page.get_by_label(CONSENT["en"])).not_to_be_checked()
    await fill(page)
    await page.get_by_role("button", name="Add to the record").click()
    await expect(page.locator("#add-done")).to_contain_text("It is in the record of patient 4711.")
    there = re.compile(rf"{archive.port}/viewer\?StudyInstanceUIDs=2\.25\.")
    await expect(page.locator("#add-done a")).to_have_attribute("href", there)
    await expect(page.locator("#add-identifier")).to_have_value("")
    await expect(page.locator("#add-consent")).not_to_be_checked()
    await page.click("#tab-studies")
    await expect(page.locator("#list")).to_contain_text("Wound, left hand")


async def test_without_the_box_set_by_hand_nothing_is_sent_and_a_change_of_whose_it_is_clears_it(
    archive: BesideController, open_page: OpenPage
) -> None:
    page = await open_adding(open_page)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    await fill(page)
    await page.fill("#add-identifier", "4712")
    await expect(page.locator("#add-consent")).not_to_be_checked()
    await page.press("#add-shows", "Enter")
    await expect(page.locator("#add-consent")).to_be_focused()
    assert "POST" not in sent
    await page.keyboard.press("Space")
    await page.keyboard.press("Enter")
    await expect(page.locator("#add-problem")).to_have_text(
        "Not added: there is no such patient among those whom you may see."
    )
    assert "POST" in sent


async def test_a_refused_file_keeps_the_form_as_it_was_and_another_is_added_from_there(
    archive: BesideController, open_page: OpenPage
) -> None:
    page = await open_adding(open_page)
    await fill(page, BROKEN)
    await page.press("#add-shows", "Enter")
    await expect(page.locator("#add-problem")).to_contain_text("Not added: the file is broken")
    await expect(page.locator("#add-identifier")).to_have_value("4711")
    await expect(page.locator("#add-shows")).to_have_value("Wound, left hand")
    await expect(page.locator("#add-consent")).to_be_checked()
    await expect(page.get_by_role("button", name="Add to the record")).to_be_focused()
    await fill(page, LETTER)
    await page.press("#add-shows", "Enter")
    await expect(page.locator("#add-done")).to_contain_text("It is in the record")
    await expect(page.locator("#add-problem")).to_be_empty()


async def test_over_a_slow_link_it_is_seen_how_much_has_gone_and_nothing_is_sent_twice(
    archive: BesideController, open_page: OpenPage
) -> None:
    page = await open_adding(open_page)
    link = await page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 200_000}
    await link.send("Network.emulateNetworkConditions", slow)
    letter = LETTER["buffer"].replace(b"<<>>", b"<<" + b" " * 400_000 + b">>")
    await fill(page, FilePayload(name="letter.pdf", mimeType="application/pdf", buffer=letter))
    await page.press("#add-shows", "Enter")
    await expect(page.get_by_role("progressbar", name="Sending the file")).to_be_visible()
    await expect(page.get_by_role("button", name="Add to the record")).to_be_disabled()
    await expect(page.locator("#add-sent")).not_to_have_js_property("value", 0)
    await expect(page.locator("#add-done")).to_contain_text("It is in the record")
    await expect(page.get_by_role("progressbar")).to_have_count(0)


async def test_what_is_no_picture_is_not_even_sent(archive: BesideController, open_page: OpenPage) -> None:
    page = await open_adding(open_page)
    await fill(page, FilePayload(name="notes.txt", mimeType="text/plain", buffer=b"x"))
    await page.press("#add-shows", "Enter")
    await expect(page.locator("#add-problem")).to_contain_text("Nothing was sent.")


async def test_what_was_there_and_whose_it_may_not_be_is_said(
    archive: BesideController, open_page: OpenPage
) -> None:
    page = await open_adding(open_page)
    for name, words in (
        ("Muster, Anna", "It is in the record"),
        ("Muster, Anna", "It was there already"),
        ("Bach, Carla", "in doubt whose it is: another name than this patient's"),
    ):
        await fill(page, LETTER if "doubt" in words else PNG)
        await page.fill("#add-identifier", "4711")
        await page.fill("#add-name", name)
        await page.check("#add-consent")
        await page.press("#add-shows", "Enter")
        await expect(page.locator("#add-done")).to_contain_text(words)


async def test_a_nurse_has_no_way_to_add(archive: BesideController, open_page: OpenPage) -> None:
    page = await enter(open_page, "/imaging", "nurse")
    await expect(page.locator("#list tbody tr")).to_have_count(1)
    await expect(page.locator("#list tbody button")).to_have_count(0)
    await expect(page.locator("#tab-add")).to_be_hidden()


async def test_another_language_asks_for_the_statement_in_its_words(
    archive: BesideController, open_page: OpenPage
) -> None:
    page = await open_adding(open_page, "radiology")
    await fill(page)
    await page.get_by_role("button", name="中文").click()
    await expect(page.get_by_label(CONSENT["zh"])).not_to_be_checked()
    await expect(page.locator("#add-shows")).to_have_value("Wound, left hand")
    await page.check("#add-consent")
    await page.press("#add-shows", "Enter")
    await expect(page.locator("#add-done")).to_contain_text("已存入患者 4711 的病历。")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_form_is_accessible_and_fits_on_a_tablet(
    archive: BesideController, open_page: OpenPage, scheme: str
) -> None:
    page = await open_adding(open_page, color_scheme=scheme, width=800)
    await fill(page, BROKEN)
    await page.press("#add-shows", "Enter")
    await expect(page.locator("#add-problem")).not_to_be_empty()
    results = await violations(page)
    assert results == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
