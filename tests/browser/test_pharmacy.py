"""The pharmacy's page: the queue, the bench with its signature, packs, the second check, the code."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from controller.identity.files import open_authority
from controller.sections import SigningSection
from controller.security.permissions import Role
from controller.signing.model import Unlock
from controller.stays import Patient
from tests.browser.conftest import OpenPage, enter
from tests.support.accessible import violations
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.http import client, get
from tests.support.people import add_person
from tests.support.prescribed import MEDICINE, handed_out, send
from tests.support.prescriber import signed
from tests.support.prescriptions import GTIN, code, gtin

pytestmark = pytest.mark.asyncio(loop_scope="module")
SHOWN = "\u241d"
"""What a scanner's separator is shown as."""


@pytest_asyncio.fixture(loop_scope="module")
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    open_authority(tmp_path / "ca", datetime.now(UTC))
    with quick_passwords():
        async with running(tmp_path, pia=Role.PHARMACIST, paul=Role.PHARMACIST) as started:
            started.signing = SigningSection(unlock=frozenset(Unlock))
            await started.stop()
            await started.start()
            for bed, identifier, name in (("bed-1", "4711", "Muster, Anna"), ("bed-2", "4712", "Chen, Wei")):
                await started.add_bed(bed, bed)
                await started.registry.admit(bed, Patient(identifier, name), "test")
            await add_person(started, "anna", Role.PHYSICIAN, ["ward-a"])
            yield started


async def record(
    controller: RunningController, number: str = GTIN, what: dict[str, Any] = MEDICINE, *, alert: bool = False
) -> None:
    body = {"medicine": what, "high_alert": alert}
    async with (
        client(controller, "pia") as session,
        session.put(f"/api/pharmacy/products/{number}", json=body) as response,
    ):
        assert response.status == 204


async def begun(open_page: OpenPage, user: str = "pia", **options: Any) -> Page:
    """With the first of the queue on the bench, accepted and begun."""
    page = await enter(open_page, "/pharmacy", user, **options)
    await page.locator("#queue ol button").first.click()
    await page.locator("#bench .primary.large").click()
    await expect(page.locator("#begin-value")).to_have_value("20")
    await expect(page.locator("#bench .charge")).to_be_hidden()  # nobody pays here
    await page.locator("#bench .begin .primary").click()
    await expect(page.locator("#pack-code")).to_be_focused()
    return page


async def scan(page: Page, **pack: Any) -> None:
    """As a hand scanner types it: the separator is Ctrl+], the end is Enter."""
    first, second = code(**pack).split("\x1d")
    await page.locator("#pack-code").fill("")
    await page.keyboard.type(first)
    await page.keyboard.press("Control+]")
    await page.keyboard.type(second)
    await page.keyboard.press("Enter")


async def test_the_most_urgent_comes_first_and_is_rejected_with_a_reason(
    controller: RunningController, open_page: OpenPage
) -> None:
    await signed(controller, "4711")
    await signed(controller, "4712", priority="stat")
    page = await enter(open_page, "/pharmacy", "pia")
    names = page.locator("#queue ol .patient")
    await expect(names).to_have_text(["Chen, Wei · 4712", "Muster, Anna · 4711"])
    await page.locator("#queue ol button").first.focus()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    bench = page.locator("#bench")
    await expect(bench.locator("h2")).to_have_text("Muster, Anna · 4711")
    await expect(bench.locator(".out")).to_have_text("Hand out 20 tablet (left: 40 tablet)")
    await expect(bench.locator(".judged")).to_have_attribute("data-state", "unknown")
    await bench.get_by_label("Change Metoprolol 50 mg, Muster, Anna to").select_option("rejected")
    await bench.get_by_label("Reason to change").fill("not on the shelf")
    await page.keyboard.press("Enter")
    await expect(names).to_have_text(["Chen, Wei · 4712"])
    await expect(bench).to_be_hidden()
    async with client(controller, "anna") as anna:
        [notice] = (await get(anna, "/api/prescriptions/notices"))["notices"]
    assert notice["detail"] == "not on the shelf"


async def test_nothing_can_be_handed_out_when_the_signature_does_not_hold(
    controller: RunningController, open_page: OpenPage
) -> None:
    await signed(controller, "4711")
    page = await enter(open_page, "/pharmacy", "pia")
    await page.locator("#queue ol button").click()
    seal = page.locator("#bench .seal")
    await expect(seal).to_contain_text("The signature holds: anna, 20")
    await expect(page.get_by_role("button", name="Accept")).to_be_visible()
    await controller.store.write(lambda db: db.execute("UPDATE prescription SET dose_value = '50'"))
    await page.get_by_role("button", name="Close").click()
    await page.locator("#queue ol button").click()
    await expect(seal).to_have_attribute("data-state", "broken")
    await expect(seal).to_contain_text("HAND OUT NOTHING.")
    await expect(seal).to_contain_text("the row was changed")
    await expect(page.get_by_role("button", name="Accept")).to_have_count(0)


async def test_a_pack_that_must_not_be_used_is_refused_and_the_right_one_is_taken(
    controller: RunningController, open_page: OpenPage
) -> None:
    other = {**MEDICINE, "code": {**MEDICINE["code"], "code": "C07AB99", "display": "Another 50 mg"}}
    await signed(controller, "4711")
    await record(controller)
    await record(controller, gtin(7), {**other, "form": "capsule"})
    page = await enter(open_page, "/pharmacy", "pia")
    await page.locator("#tab-products").click()
    await page.locator("#recall-gtin").fill(GTIN)
    await page.locator("#recall-batch").fill("B9")
    await page.locator("#recall-why").fill("glass")
    await page.keyboard.press("Enter")
    await expect(page.locator("#recall-said")).to_contain_text("0 prescriptions had some of it")
    page = await begun(open_page)
    refused = page.locator("#bench .refused")
    for pack, why in (
        ({"expiry": "200101"}, "REFUSED: this pack could be used until 2020-01-01"),
        ({"batch": "B9"}, "REFUSED: batch B9 was recalled (glass)"),
        ({"of": gtin(7)}, "REFUSED: the wrong product: expected Metoprolol 50 mg, this is Another 50 mg"),
    ):
        await scan(page, **pack)
        await expect(refused).to_contain_text(why)
    await page.locator("#pack-value").fill("12")
    await scan(page)
    await expect(page.locator("#bench .taken").first).to_contain_text(
        "Added: 12 tablet, batch B1, until 2040-12-31"
    )
    await expect(refused).to_be_empty()
    await expect(page.locator("#bench .progress")).to_have_text("12 of 20 tablet scanned")
    await expect(page.locator("#pack-value")).to_have_value("8")


async def test_who_prepared_a_high_alert_medicine_waits_for_another_and_the_code_is_told_once(
    controller: RunningController, open_page: OpenPage
) -> None:
    await signed(controller, "4711", "pick-up")
    await record(controller, alert=True)
    page = await begun(open_page)
    await scan(page)
    await expect(page.locator("#bench .waits")).to_contain_text(
        "waits for a second check by another pharmacist"
    )
    await expect(page.locator("#ready-where")).to_have_count(0)
    paul = await enter(open_page, "/pharmacy", "paul")
    await expect(paul.locator("#queue ol .state")).to_contain_text("waits for a second check")
    await paul.locator("#queue ol button").click()
    await paul.get_by_role("button", name="I have checked it").click()
    await paul.locator("#ready-where").fill("desk 2")
    await paul.locator("#ready-where").press("Enter")
    label = paul.locator("dialog.handed .label")
    await expect(label).to_contain_text("No. 1")
    await expect(label).to_contain_text("M. A. · SD00000001")
    assert "Muster" not in await label.inner_text()
    digits = (await label.locator(".secret").inner_text()).replace(" ", "")
    await paul.get_by_role("button", name="Done").click()
    assert digits not in await paul.content()
    await paul.locator("#tab-deliveries").click()
    way = paul.locator("[data-delivery=SD00000001]")
    await expect(way.locator(".chain")).to_contain_text("paul pharmacy")
    await way.locator("summary").filter(has_text="It has arrived").click()
    wrong = "000000" if digits != "000000" else "000001"
    await way.get_by_label("The code that the patient says").fill(wrong)
    await way.get_by_role("button", name="Received").click()
    await expect(way).to_contain_text("Wrong codes: 1")
    await expect(way.get_by_role("alert")).to_contain_text("hand nothing over without it")
    await way.get_by_label("The code that the patient says").fill(digits)
    await way.get_by_role("button", name="Received").click()
    await expect(way).to_have_count(0)


async def test_a_product_is_recorded_by_its_pack_and_the_formulary(
    controller: RunningController, open_page: OpenPage
) -> None:
    page = await enter(open_page, "/pharmacy", "pia")
    await page.locator("#tab-products").click()
    await page.locator("#record-gtin").fill(code().replace("\x1d", SHOWN))
    await page.locator("#record-medicine").press_sequentially("morphine 10 inj")
    await expect(page.locator("#record-gtin")).to_have_value(GTIN)
    first = page.locator("#record-found li").first
    await expect(first).to_contain_text("Morphine 10 mg/1 mL injection")  # and not of fewer letters
    await expect(first).to_contain_text("two people check it")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator("#record-alert")).to_be_checked()
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("#product-list tbody")).to_contain_text("Morphine 10 mg/1 mL injection")


async def test_what_is_to_be_known_is_counted_the_oldest_first_seen_to_by_name_and_kept(
    controller: RunningController, open_page: OpenPage
) -> None:
    rx = await signed(controller, "4711")
    page = await enter(open_page, "/pharmacy", "pia")
    await expect(page.locator("#tab-notices")).to_have_text("Notices")
    async with client(controller, "pia") as pia, client(controller, "paul") as paul:
        await handed_out(pia, rx["number"])
        await send(paul, "POST", "/api/pharmacy/recalls", gtin=GTIN, batch="B1", why="glass")
        await expect(page.locator("#tab-notices")).to_have_text("Notices (2)")  # without a reload
        await page.get_by_role("tab", name="Notices (2)").click()
        items = page.locator("#notices > ul > li")
        await expect(items).to_have_count(2)
        await expect(items.first).to_contain_text(f"Batch recalled {GTIN} B1")
        await expect(items.first).to_contain_text("Take it off the shelf")
        await expect(items.last).to_contain_text("Batch recalled Muster, Anna · 4711")
        await expect(items.last).to_contain_text("glass")
        await expect(items.last).to_contain_text("call the ward or the patient")
        await expect(items.last).to_contain_text("paul, 20")
        await expect(items.last.locator("[data-told]")).to_contain_text(" s ago")
        await items.last.get_by_role("button", name="I see to it").click()
        await expect(items).to_have_count(1)
        await expect(page.locator("#tab-notices")).to_have_text("Notices (1)")
        await page.get_by_label("Also those that somebody acknowledged").check()
        await expect(items.last).to_contain_text("pia sees to it, since 20")
        await page.locator("#notice-kind").select_option("withdrawn")
        await expect(page.locator("#notices .none")).to_be_visible()
        await page.locator("#notice-kind").select_option("recalled")
        await expect(items).to_have_count(2)
        # What somebody else took meanwhile is said, and the list is as it is then.
        [one] = (await get(paul, "/api/pharmacy/notices"))["notices"]
        await page.route("**/api/pharmacy/notices?*", lambda route: route.abort())
        await send(paul, "PUT", f"/api/pharmacy/notices/{one['id']}/acknowledged")
        await items.first.get_by_role("button", name="I see to it").click()
        await expect(items.first.get_by_role("alert")).to_contain_text("paul has acknowledged it already")


@pytest.mark.parametrize(("theme", "locale", "width"), [("light", "en", 1280), ("dark", "zh-CN", 820)])
async def test_it_is_accessible_and_fits(
    controller: RunningController, open_page: OpenPage, theme: str, locale: str, width: int
) -> None:
    await signed(controller, "4711", "home", priority="urgent")
    await record(controller, alert=True)
    page = await begun(open_page, color_scheme=theme, locale=locale, width=width)
    await scan(page, expiry="200101")
    await expect(page.locator("#bench .refused")).not_to_be_empty()
    async with client(controller, "paul") as paul:
        await send(paul, "POST", "/api/pharmacy/recalls", gtin=GTIN, batch="B1", why="glass")
    await expect(page.locator("#tab-notices")).to_contain_text("1")
    for tab in ("queue", "notices", "products", "deliveries"):
        await page.locator(f"#tab-{tab}").click()
        found = await violations(page)
        assert found == [], tab
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), tab
    low = "one => one.checkVisibility() && one.getBoundingClientRect().height < 44"
    await page.locator("#tab-queue").click()
    assert (
        await page.evaluate(
            f"[...document.querySelectorAll('main button, main select')].filter({low}).length"
        )
        == 0
    )
