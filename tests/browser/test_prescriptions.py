"""Prescriptions on their page: found, written, checked, signed as shown, replaced; read by a nurse."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from controller.identity.files import open_authority
from controller.sections import SigningSection
from controller.security.permissions import Role
from controller.signing.model import Unlock
from controller.stays import Patient
from tests.browser.conftest import OpenPage
from tests.support.accessible import violations
from tests.support.controller import PASSWORD, RunningController, quick_passwords, running
from tests.support.http import client, get
from tests.support.people import add_person
from tests.support.prescribed import RX
from tests.support.prescriber import signed

pytestmark = pytest.mark.asyncio(loop_scope="module")
PHRASE = "correct horse battery staple"


@pytest_asyncio.fixture(loop_scope="module")
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    open_authority(tmp_path / "ca", datetime.now(UTC))
    with quick_passwords():
        async with running(tmp_path, pia=Role.PHARMACIST) as started:
            started.signing = SigningSection(unlock=frozenset(Unlock))
            await started.stop()
            await started.start()
            await started.add_bed("bed-1", "Bed 1")
            for name, role in (("anna", Role.PHYSICIAN), ("nina", Role.NURSE)):
                await add_person(started, name, role, ["ward-a"])
            await started.registry.admit("bed-1", Patient("4711", "Muster, Anna"), "nina")
            yield started


async def opened(open_page: OpenPage, user: str = "anna", path: str = "", **options: Any) -> Page:
    """As `user`, with the patient of bed 1 open; on localhost, where a browser lets a page sign."""
    page = await open_page("/public/icon.svg", **options)
    origin = page.url.removesuffix("/public/icon.svg").replace("127.0.0.1", "localhost")
    who = {"user": user, "password": PASSWORD}
    assert (await page.context.request.post(f"{origin}/api/login", data=who, headers={"Origin": origin})).ok
    await page.goto(origin + (path or "/prescriptions#bed=bed-1"))
    if not path:
        await expect(page.locator("#whose")).to_have_text("Muster, Anna · 4711")
    return page


async def with_key(open_page: OpenPage) -> Page:
    page = await opened(open_page, path="/account")
    await page.locator("#signing-way").select_option("passphrase")
    for field in ("new", "again"):
        await page.locator(f"#signing-{field}").fill(PHRASE)
    await page.locator("#signing-password").fill(PASSWORD)
    await page.locator("#signing-do").click()
    await expect(page.locator("#signing-keys li")).to_have_count(1)
    await page.goto(page.url.replace("/account", "/prescriptions#bed=bed-1"))
    await expect(page.locator("#whose")).to_be_visible()
    return page


async def write(page: Page, medicine: str, dose: str = "1", unit: str = "{capsule}") -> None:
    """By keyboard, as far as a medicine is concerned."""
    await page.locator("#new").click()
    await expect(page.locator("#rx-medicine")).to_be_focused()
    await page.keyboard.type(medicine)
    await expect(page.locator("#rx-found li").first).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await page.locator("#rx-dose").fill(dose)
    choices = {"dose-unit": unit, "rhythm": "per-day", "setting": "inpatient", "delivery": "ward"}
    for field, value in choices.items():
        await page.locator(f"#rx-{field}").select_option(value)
    for field in ("route", "quantity-unit"):
        await page.locator(f"#rx-{field}").select_option(index=1)
    for field, value in {"times": "3", "quantity": "30", "days": "10", "reason": "pneumonia"}.items():
        await page.locator(f"#rx-{field}").fill(value)


async def allergic(controller: RunningController) -> None:
    allergy = {"display": "Penicillin", "criticality": "high"}
    async with (
        client(controller, "anna") as session,
        session.post("/api/patients/4711/allergies", json=allergy) as response,
    ):
        assert response.status == 200


def item(page: Page, name: str) -> Locator:
    return page.locator("#current > li").filter(has_text=name)


async def test_what_the_dialog_shows_is_the_document_that_is_signed(
    controller: RunningController, open_page: OpenPage
) -> None:
    page = await with_key(open_page)
    await write(page, "amox 250")
    await page.locator("#rx-note").fill("<b>with water</b>")
    await page.locator("#sign").click()
    dialog = page.get_by_role("dialog", name=re.compile("Sign prescription RX00000001"))
    shown = (
        "Muster, Anna · 4711",
        "Amoxicillin 250 mg capsule",
        "1 capsule",
        "3 × in 1 d: 08:00, 14:00, 20:00",
    )
    for words in (*shown, "<b>with water</b>", "pneumonia", "30 capsule", "RX00000001, version 1", "10 days"):
        await expect(dialog).to_contain_text(words)
    await dialog.locator("#signing-phrase").fill(PHRASE)
    await page.keyboard.press("Enter")
    await expect(page.locator("#said")).to_have_text("RX00000001 is signed: the pharmacy has it.")
    rx = item(page, "Amoxicillin 250 mg capsule")
    await expect(rx).to_contain_text("1 capsule · by mouth · 3 times a day · for 10 days")
    await expect(rx.locator(".state")).to_have_text("active")
    async with page.expect_download() as saved:
        await rx.get_by_role("link", name="Save the signed file").click()
    assert (await saved.value).suggested_filename == "RX00000001.json"
    await rx.locator(".story summary").click()
    await expect(rx.locator(".story")).to_contain_text("waits for the pharmacy")
    async with client(controller, "pia") as session:
        [work] = (await get(session, "/api/pharmacy/queue"))["queue"]
    assert work["prescription"]["wanted"]["dose"] == {"value": "1", "unit": "{capsule}"}


async def test_a_hint_that_needs_a_reason_is_not_signed_without_one(
    controller: RunningController, open_page: OpenPage
) -> None:
    await allergic(controller)
    page = await with_key(open_page)
    await page.locator("#new").click()
    await page.keyboard.type("amox 250")
    await expect(page.locator("#rx-found li").first).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    hint = page.locator("#checks .hints li")
    await expect(hint).to_contain_text("Contraindicated · allergy")  # before any dose is written
    await expect(page.locator("#checks > .state")).to_contain_text("Only the medicine is checked so far")
    await page.locator("#leave").click()
    await write(page, "amox 250")
    await expect(hint).to_contain_text("Wardlink starter set")
    await expect(hint).to_contain_text("because of: allergy Penicillin")
    await expect(page.locator("#checks > .state")).to_have_text("Hints: 1")
    await page.locator("#sign").click()
    await expect(page.locator("#write-problem")).to_have_text("A hint needs a reason before you can sign.")
    await expect(hint.locator("input")).to_be_focused()
    await expect(page.locator("dialog.signing")).to_have_count(0)
    await page.keyboard.type("it was another substance")
    await page.locator("#sign").click()
    dialog = page.locator("dialog.signing")
    await expect(dialog.locator("[data-severity=high]")).to_contain_text(
        "overridden: it was another substance"
    )
    await page.keyboard.press("Escape")
    await expect(page.locator("#write-problem")).to_have_text("Nothing was signed. The draft is saved.")
    await page.locator("#leave").click()
    await expect(item(page, "Amoxicillin").locator(".state")).to_have_text("draft")


async def test_what_was_not_checked_and_that_nobody_reviewed_the_base_is_seen(
    controller: RunningController, open_page: OpenPage
) -> None:
    page = await opened(open_page)
    await expect(page.locator("#facts .judged")).to_have_attribute("data-state", "unknown")
    await expect(page.locator("#no-key a")).to_have_attribute("href", "/account")
    await write(page, "metoprolol", unit="{tablet}")
    unknown = "nobody has recorded whether there are allergies"
    await expect(page.locator("#checks .gaps")).to_contain_text(unknown)
    await expect(page.locator("#checks .sources")).to_contain_text("not yet reviewed by a pharmacist")
    await page.locator("#checks .sources summary").click()
    await expect(page.locator("#checks .sources")).to_contain_text("pregnancy and breast-feeding")


async def test_a_draft_that_somebody_else_changed_is_told_and_what_is_typed_stays(
    controller: RunningController, open_page: OpenPage
) -> None:
    page = await opened(open_page)
    await write(page, "amox 250")
    await page.locator("#save").click()
    await expect(page.locator("#saved")).to_contain_text("Draft RX00000001 saved")
    async with client(controller, "anna") as session:
        held = (await get(session, f"{RX}/RX00000001"))["prescription"]
        changed = {"wanted": {**held["wanted"], "dose": {"value": "2", "unit": "{capsule}"}}}
        path, over = f"{RX}/RX00000001/draft", {"If-Match": '"1"'}
        async with session.put(path, json=changed, headers=over) as response:
            assert response.status == 200
    await page.locator("#rx-dose").fill("3")
    await page.locator("#save").click()
    problem = page.locator("#write-problem")
    await expect(problem).to_contain_text("It says now: Amoxicillin 250 mg capsule · 2 capsule")
    await expect(page.locator("#rx-dose")).to_have_value("3")
    await page.locator("#save").click()
    await expect(problem).to_be_empty()
    await page.locator("#leave").click()
    await expect(item(page, "Amoxicillin")).to_contain_text("3 capsule")


async def test_a_prescription_is_replaced_held_and_stopped_with_a_reason(
    controller: RunningController, open_page: OpenPage
) -> None:
    await signed(controller, "4711")
    page = await opened(open_page)
    rx = item(page, "Metoprolol 50 mg")
    await rx.get_by_role("button", name="Replace Metoprolol").click()
    await expect(page.locator("#writing-title")).to_contain_text("replaces RX00000001")
    await expect(page.locator("#rx-dose")).to_have_value("1")
    await expect(page.locator("#rx-quantity-unit")).to_have_value("{tablet}")
    await page.locator("#leave").click()
    await rx.get_by_label("Change Metoprolol 50 mg to").select_option("stopped")
    await rx.get_by_role("button", name="Change Metoprolol").click()
    await expect(rx.locator(".state")).to_have_text("active")  # it wants a reason
    await rx.get_by_label("Reason to change").fill("bradycardia")
    await rx.get_by_role("button", name="Change Metoprolol").click()
    await expect(page.locator("#said")).to_have_text("RX00000001: stopped")
    await expect(page.locator("#past > summary")).to_have_text("Ended (1)")
    await expect(page.locator("#no-medicines")).to_be_visible()


async def test_who_prescribed_is_told_of_a_rejection_and_reads_it(
    controller: RunningController, open_page: OpenPage
) -> None:
    await signed(controller, "4711")
    async with client(controller, "pia") as session:
        body, over = {"state": "rejected", "why": "not on the shelf"}, {"If-Match": '"1"'}
        async with session.put("/api/pharmacy/tasks/1/state", json=body, headers=over) as response:
            assert response.status == 200
    page = await opened(open_page)
    notice = page.locator("#notices li")
    await expect(notice).to_contain_text("Rejected by the pharmacy · Muster, Anna")
    await expect(notice).to_contain_text("not on the shelf")
    await notice.get_by_role("button", name="I have read it").click()
    await expect(page.locator("#notices")).to_be_hidden()


async def test_a_nurse_reads_from_the_board_and_writes_nothing(
    controller: RunningController, open_page: OpenPage
) -> None:
    page = await opened(open_page, "nina", "/")
    await page.locator(".tile button").first.click()
    section = page.locator("#bed .bed-medicines:not(.bed-concluded)")
    await expect(section).to_contain_text("No prescription holds.")
    await signed(controller, "4711")
    await expect(section.locator("li")).to_contain_text("Metoprolol 50 mg")  # at once: the board hears of it
    await expect(section.locator("li")).to_contain_text("1 tablet · by mouth · every 12 h · for 20 days")
    await section.get_by_role("link", name="Open the prescriptions").click()
    await expect(page.locator("#whose")).to_have_text("Muster, Anna · 4711")
    assert "4711" not in page.url
    await expect(item(page, "Metoprolol").locator(".state")).to_have_text("active")
    await expect(page.locator("#new")).to_be_hidden()
    await expect(item(page, "Metoprolol").locator("select, button")).to_have_count(0)


@pytest.mark.parametrize(
    ("theme", "locale", "width"), [("light", "en", 1280), ("dark", "zh-CN", 820), ("dark", "en", 390)]
)
async def test_it_is_accessible_and_fits(
    controller: RunningController, open_page: OpenPage, theme: str, locale: str, width: int
) -> None:
    await allergic(controller)
    await signed(controller, "4711")
    page = await opened(open_page, color_scheme=theme, locale=locale, width=width)
    await expect(page.locator("#current > li")).to_have_count(1)
    await write(page, "amox 250")
    await expect(page.locator("#checks .hints li")).to_have_count(1)
    await page.locator("#checks .sources summary").click()
    await page.locator(".story summary").click()
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    text = await page.locator("#write").inner_text()
    assert ("处方" in text) is (locale == "zh-CN")
    low = "one => one.checkVisibility() && one.getBoundingClientRect().height < 44"
    assert (
        await page.evaluate(
            f"[...document.querySelectorAll('main button, main select')].filter({low}).length"
        )
        == 0
    )
