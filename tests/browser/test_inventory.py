"""The biomedical engineers' page: scan, confirm, done; and every refusal says what to do next."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
import segno
from playwright.async_api import Locator, Page, expect

from controller.identity.files import keep_controller, open_authority
from controller.identity.receipts import signed_receipt
from controller.security.permissions import Role
from tests.browser.conftest import OpenPage, enter, log_in
from tests.support.accessible import violations
from tests.support.controller import RunningController, quick_passwords, running

pytestmark = pytest.mark.asyncio(loop_scope="module")
LABEL = "(01)04211125658212(21)A17"
DEVICE = "beurer-bm85-a17"


@pytest_asyncio.fixture(loop_scope="module")
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    with quick_passwords():
        async with running(tmp_path, nurse=Role.NURSE, engineer=Role.ENGINEER) as started:
            await started.add_bed("bed-1", "Bed 1", ["ox-1"])
            await started.add_bed("bed-2", "Bed 2")
            yield started


@pytest_asyncio.fixture(loop_scope="module")
async def page(open_page: OpenPage) -> Page:
    return await open_inventory(open_page)


async def open_inventory(open_page: OpenPage, **options: int | str) -> Page:
    page = await enter(open_page, "/inventory", "engineer", **options)
    await expect(page.locator("#devices tbody")).not_to_have_count(0)
    return page


async def scan(page: Page, text: str) -> None:
    """As a hand scanner does it: into whatever has the focus, and Enter."""
    await expect(page.locator("#scanned")).to_be_focused()
    await page.keyboard.type(text)
    await page.keyboard.press("Enter")


async def record(page: Page, bed: str = "") -> None:
    await scan(page, LABEL)
    await page.get_by_label("Model (profile)").select_option("beurer-bm85")
    await page.get_by_label("Gateway", exact=True).select_option("gw-a")
    await page.get_by_label("Bed or vehicle").select_option(bed)
    await page.keyboard.press("Enter")
    await expect(page.locator("#scan-said")).to_have_text(f"{DEVICE} is recorded. Next label?")


def row(page: Page, device: str = DEVICE) -> Locator:
    return page.locator("#devices tbody").filter(has_text=device)


def problem(page: Page) -> Locator:
    return page.locator("#record form .problem")


async def test_a_label_is_scanned_its_model_chosen_and_it_is_recorded_and_placed(
    controller: RunningController, page: Page
) -> None:
    await scan(page, LABEL)
    await expect(page.locator("#scan-said")).to_contain_text("04211125658212 · Serial number A17")
    await expect(page.get_by_text("2 models fit (★): choose the one on the label.")).to_be_visible()
    await expect(page.get_by_label("Model (profile)")).to_be_focused()
    await page.get_by_label("Model (profile)").select_option("beurer-bm85")
    await expect(page.get_by_label("Name", exact=True)).to_have_value(DEVICE)
    await page.get_by_label("Gateway", exact=True).select_option("gw-a")
    await page.get_by_label("Bed or vehicle").select_option("bed-2")
    await page.keyboard.press("Enter")
    await expect(page.locator("#scan-said")).to_have_text(f"{DEVICE} is recorded. Next label?")
    assert controller.registry.bed_of(DEVICE) == "bed-2"
    await expect(row(page).locator("[data-field=bed]")).to_have_text("bed-2")


async def test_the_second_of_its_kind_needs_no_more_than_two_times_enter(page: Page) -> None:
    await record(page)
    await scan(page, LABEL.replace("A17", "A18"))
    await expect(page.get_by_text("Known here: devices with this UDI have this model.")).to_have_count(0)
    await expect(page.get_by_label("Model (profile)")).to_have_value("beurer-bm85")
    await expect(page.get_by_label("Bed or vehicle")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(row(page, "beurer-bm85-a18").locator("[data-field=gateway]")).to_have_text("gw-a")


async def test_a_recorded_device_is_found_by_its_label_again(page: Page) -> None:
    await record(page)
    await scan(page, "A17")
    await expect(page.get_by_role("heading", name=f"Device {DEVICE}")).to_be_focused()
    await page.get_by_label("Notes").fill("left cuff")
    await page.keyboard.press("Enter")
    await expect(page.locator("#record")).to_be_hidden()
    await scan(page, LABEL)
    await expect(page.get_by_role("heading", name=f"Device {DEVICE}")).to_be_focused()
    await expect(page.get_by_label("Notes")).to_have_value("left cuff")
    await page.keyboard.press("Escape")
    await expect(page.locator("#scanned")).to_be_focused()


async def test_a_label_scanned_before_the_list_was_read_again_opens_the_record_and_not_an_empty_one(
    page: Page,
) -> None:
    await page.route("**/api/inventory", lambda route: route.abort())
    await record(page, "bed-2")
    await expect(row(page)).to_have_count(0)
    await scan(page, "A17")
    await expect(page.get_by_role("heading", name=f"Device {DEVICE}")).to_be_focused()
    await expect(page.get_by_label("Serial number", exact=True)).to_have_value("A17")
    await expect(page.get_by_label("Bed or vehicle")).to_have_value("bed-2")


async def test_the_separator_of_a_keyboard_scanner_is_kept(page: Page) -> None:
    await page.keyboard.type("01042111256582121" + "0L7")
    await page.keyboard.press("Control+]")
    await scan(page, "21A17")
    await expect(page.locator("#scan-said")).to_contain_text("Serial number A17 · Lot L7")


async def test_a_label_that_cannot_be_used_is_refused_with_what_to_do(page: Page) -> None:
    for text, told in (
        ("(01)04211125658213", "check digit.*scan again, or type SN and the serial number"),
        ("+A123BJC5D6E71", "HIBC label.*type SN and the serial number"),
    ):
        await scan(page, text)
        await expect(page.locator("#scan-problem")).to_have_text(re.compile(told))


async def test_a_label_of_no_known_model_says_so_plainly(page: Page) -> None:
    await scan(page, "(01)00833166000122(21)X")
    await expect(page.get_by_text("No model fits this label: choose it from the list.")).to_be_visible()
    await page.get_by_label("Gateway", exact=True).select_option("gw-a")
    await page.keyboard.press("Enter")
    await expect(problem(page)).to_contain_text("profile: expected a device profile")


async def test_a_photo_of_a_label_is_read(page: Page, tmp_path: Path) -> None:
    picture = tmp_path / "label.png"
    segno.make("Nonin3230_501900083").save(str(picture), scale=6)
    await page.locator("#photo").set_input_files(picture)
    await expect(page.get_by_label("Model (profile)")).to_have_value("nonin-3230")
    picture.write_bytes(b"no picture")
    await page.locator("#photo").set_input_files(picture)
    await expect(page.locator("#scan-problem")).to_contain_text("take a photo of the label alone")


async def test_a_device_on_a_bed_is_moved_only_when_a_person_says_so(
    controller: RunningController, page: Page
) -> None:
    await record(page, bed="bed-1")
    await scan(page, "A17")
    await page.get_by_label("Bed or vehicle").select_option("bed-2")
    await page.get_by_role("button", name="Save").click()
    await expect(problem(page)).to_contain_text(
        "is on 'bed-1': take it off there first, or say that it is moved"
    )
    assert controller.registry.bed_of(DEVICE) == "bed-1"
    await page.get_by_role("button", name="Move it here").click()
    await expect(page.locator("#record")).to_be_hidden()
    assert controller.registry.bed_of(DEVICE) == "bed-2"


async def test_what_a_gateway_speaks_of_waits_as_a_card_until_it_is_recorded(page: Page) -> None:
    card = page.locator("#waiting li").filter(has_text="ox-1")
    await expect(card).to_contain_text("nonin-xpod · gw-a · bed-1")
    await card.get_by_role("button").click()
    await page.get_by_label("Serial number", exact=True).fill("N4")
    await page.keyboard.press("Enter")
    await expect(page.locator("#waiting")).to_be_hidden()
    await expect(row(page, "ox-1").locator("[data-field=serial]")).to_have_text("N4")


async def test_the_list_is_filtered_by_what_is_to_be_looked_after(page: Page) -> None:
    await record(page)
    await scan(page, "A17")
    await page.get_by_label("Calibration due").fill("2020-01-01")
    await page.keyboard.press("Enter")
    await expect(page.locator("#shown")).to_have_text("2 of 2 devices")
    await page.get_by_label("Show").select_option("calibration")
    await expect(page.locator("#shown")).to_have_text("1 of 2 devices")
    await expect(row(page)).to_contain_text("calibration due")
    await page.get_by_label("Find").fill("zzz")
    await expect(page.locator("#shown")).to_have_text("0 of 2 devices")


async def test_decommissioning_asks_for_a_reason_and_gives_a_receipt(
    controller: RunningController, open_page: OpenPage
) -> None:
    folder, now = controller.store.folder / "ca", datetime.now(UTC)
    keep_controller(folder, open_authority(folder, now), "controller", now, timedelta(days=1))
    controller.sign = partial(signed_receipt, folder)
    await controller.stop()
    await controller.start()
    page = await open_inventory(open_page)
    await record(page, bed="bed-1")
    await scan(page, "A17")
    await page.get_by_text("Pairing, decommissioning, history").click()
    await page.get_by_role("button", name="Decommission").click()
    await expect(page.locator("details .problem")).to_contain_text("expected a reason of 3 to 200")
    await page.get_by_label("Reason").fill("its cuff leaks")
    await page.get_by_role("button", name="Decommission").click()
    await expect(page.locator(".past").first).to_contain_text(
        "engineer · decommissioned · Why: its cuff leaks"
    )
    assert controller.registry.bed_of(DEVICE) is None
    async with page.expect_download() as started:
        await page.get_by_role("link", name="Receipt").click()
    assert (await started.value).suggested_filename == f"decommissioned-{DEVICE}.p7s"
    await page.get_by_role("button", name="Save").click()
    await expect(problem(page)).to_contain_text("was decommissioned")
    await page.get_by_role("button", name="Take it into use again").click()
    await expect(page.locator("#record")).to_be_hidden()


async def test_a_table_is_checked_and_imported_and_each_bad_row_is_listed(page: Page, tmp_path: Path) -> None:
    table = tmp_path / "devices.csv"
    table.write_text("device;profile\nbp-7;beurer-bm85\nbp-8;nobody's\n", encoding="utf-8-sig")
    await page.get_by_label("Import CSV").set_input_files(table)
    await page.get_by_role("button", name="Check only").click()
    await expect(page.locator("#batch-said")).to_contain_text("Nothing was changed. It would be: 1 added")
    await page.get_by_role("button", name="Import", exact=True).click()
    await expect(page.locator("#batch-said")).to_contain_text("Done: 1 added")
    await expect(page.locator("#faults tbody tr")).to_have_text(
        "3Model (profile)a device profilenobody'ssee `wardlink devices` for their names"
    )
    await expect(row(page, "bp-7")).to_be_visible()


async def test_the_board_has_a_link_for_engineers_and_none_for_nurses(open_page: OpenPage) -> None:
    for user, is_there in (("nurse", False), ("engineer", True)):
        page = await open_page()
        await log_in(page, user=user)
        await expect(page.locator(".tile").first).to_be_visible()
        await expect(page.locator("#to-inventory")).to_be_visible(visible=is_there)


@pytest.mark.parametrize(("theme", "locale"), [("dark", "en"), ("light", "zh-CN")])
async def test_axe_finds_nothing_with_a_record_opened_and_a_table_refused(
    controller: RunningController, open_page: OpenPage, theme: str, locale: str, tmp_path: Path
) -> None:
    page = await open_inventory(open_page, color_scheme=theme, locale=locale, width=834, height=1112)
    await scan(page, LABEL)
    await page.locator("#record-profile").select_option("beurer-bm85")
    await page.locator("#record-gateway").select_option("gw-a")
    await page.locator("#record-bed").select_option("bed-1")
    await page.keyboard.press("Enter")
    await expect(row(page)).to_be_visible()
    await scan(page, "A17")
    await page.locator("summary").click()
    await expect(page.locator(".past li").first).to_be_visible()
    table = tmp_path / "devices.csv"
    table.write_text("device,profile\nbp-8,x\n")
    await page.locator("#table").set_input_files(table)
    await page.locator("#import").click()
    await expect(page.locator("#faults tbody tr")).to_be_visible()
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


async def test_a_locked_session_covers_the_page_with_the_way_back_in(page: Page) -> None:
    origin = page.url.removesuffix("/inventory")
    await page.context.request.post(f"{origin}/api/lock", headers={"Origin": origin})
    await expect(page.locator("#cover")).to_be_visible()
    await expect(page.locator("#cover [type=password]")).to_be_focused()
