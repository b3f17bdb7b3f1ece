"""A patient's own medicines on a phone, from the nurse's invitation to the tick and the code at the desk."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from controller.identity.files import open_authority
from controller.security.permissions import Role
from tests.browser.conftest import OpenPage, enter
from tests.support.accessible import violations
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.home import BORN, Home, at_home
from tests.support.http import get
from tests.support.payments import SandboxProcess
from tests.support.prescribed import handed_out, send

pytestmark = pytest.mark.asyncio(loop_scope="module")
PHONE = {"width": 390, "height": 844}
NEEDED = {"rhythm": "as-needed", "times": 3, "hours": 6, "reason": "pain"}


@pytest_asyncio.fixture(loop_scope="module")
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    open_authority(tmp_path / "ca", datetime.now(UTC))
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        sandbox = stack.enter_context(SandboxProcess(tmp_path / "pay"))
        started = await stack.enter_async_context(running(tmp_path, pia=Role.PHARMACIST))
        started.payments = sandbox.section
        yield await at_home(started, stack)


@pytest_asyncio.fixture(loop_scope="module")
async def controller(home: Home) -> RunningController:
    return home.controller


async def opened(home: Home, open_page: OpenPage, **options: int | str) -> Page:
    """4713 on a phone, who scanned the picture of the invitation."""
    code = (await home.invited()).code
    page = await open_page(f"/my#{code}", **{**PHONE, **options})
    await page.locator("#born").fill(BORN)
    await page.locator("#enter .primary").click()
    await expect(page.locator("#mine")).to_be_visible()
    return page


async def test_a_nurse_invites_a_patient_who_comes_in_and_is_sent_away_again(
    home: Home, open_page: OpenPage
) -> None:
    nurse = await enter(open_page, "/invite", "nina")
    await nurse.locator("#text").fill("bach")
    await nurse.keyboard.press("Enter")
    await nurse.get_by_role("button", name="Choose Bach, Carla").click()
    await nurse.get_by_role("button", name="Invite the patient").click()
    code = await nurse.locator("#paper .secret").inner_text()
    await expect(nurse.locator("#qr svg")).to_be_visible()
    phone = await open_page("/my", **PHONE)
    await phone.locator("#code").fill(code.lower().replace("-", " "))
    await phone.locator("#born").fill("1950-03-08")
    await phone.keyboard.press("Enter")
    await expect(phone.locator("#problem")).to_contain_text("The code or the birth date is wrong")
    await phone.locator("#born").fill(BORN)
    await phone.keyboard.press("Enter")
    await expect(phone.locator("#greeting")).to_have_text("Bach, Carla")
    await nurse.get_by_role("button", name="Choose Bach, Carla").click()
    await nurse.get_by_role("button", name="End the access since").click()
    await expect(nurse.locator("#access")).to_contain_text("Nowhere.")
    await phone.reload()
    await expect(phone.locator("#enter")).to_be_visible()
    await expect(phone.locator("#mine")).to_be_hidden()


async def test_the_code_leaves_the_address_at_once_and_nothing_is_kept_in_the_browser(
    home: Home, open_page: OpenPage
) -> None:
    await home.anna.signed("4713", setting="community", delivery="home")
    page = await opened(home, open_page)
    assert page.url.endswith("/my")
    kept = await page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert "4713" not in kept
    assert "Metoprolol" not in kept
    assert "wardlink-my" not in kept


async def test_a_patient_reads_plain_words_and_ticks_what_the_physician_sees(
    home: Home, open_page: OpenPage
) -> None:
    await home.anna.signed("4713", setting="community", delivery="home")
    page = await opened(home, open_page)
    card = page.locator("#medicine-list > li")
    await expect(card.locator(".how")).to_have_text("1 tablet, every 12 hours")
    await expect(card).to_contain_text("For: high blood pressure")
    dose = page.locator("#today-list .dose").first
    await expect(dose).to_contain_text("Metoprolol 50 mg: 1 tablet")
    await dose.get_by_role("button", name=re.compile(": taken$")).click()
    await expect(dose).to_have_attribute("data-said", "taken")
    await dose.get_by_role("button", name=re.compile(": not taken$")).click()
    await expect(dose).to_have_attribute("data-said", "skipped")
    await expect(dose.locator(".skipped")).to_be_focused()
    physician = await enter(open_page, "/invite", "anna")
    await physician.locator("#text").fill("4713")
    await physician.keyboard.press("Enter")
    await physician.get_by_role("button", name="Choose Bach, Carla").click()
    await expect(physician.locator("#taken tbody tr")).to_have_count(2)
    await expect(physician.locator("#taken tbody tr").first).to_contain_text("not taken")
    await expect(physician.locator("#taken tbody tr").first).to_contain_text("patient:4713")


async def test_a_dose_is_undone_has_a_reason_and_is_seen_as_said_by_the_patient(
    home: Home, open_page: OpenPage
) -> None:
    await home.anna.signed("4713", setting="community", delivery="home")
    page = await opened(home, open_page)
    dose = page.locator("#today-list .dose").first
    await dose.get_by_role("button", name=re.compile(": taken$")).click()
    await expect(page.locator("#history")).to_contain_text("1 of 1 doses that you took them")
    await dose.get_by_role("button", name=re.compile("undo what you said$")).click()
    await expect(dose).to_have_attribute("data-said", "")
    await dose.get_by_role("button", name=re.compile(": not taken$")).click()
    await dose.get_by_role("button", name="Felt unwell").click()
    await expect(dose.get_by_role("button", name="Felt unwell")).to_have_attribute("aria-pressed", "true")
    await expect(page.locator("#history")).to_contain_text("0 of 1 doses")
    async with page.expect_download() as download:
        await page.get_by_text("Put the times into my phone's calendar").click()
    file = (await (await download.value).path()).read_text(encoding="utf-8")
    assert "BEGIN:VALARM" in file
    assert "Metoprolol" not in file
    physician = await enter(open_page, "/prescriptions", "anna")
    await physician.locator("#patient").fill("4713")
    await physician.locator("#patient-list button").first.click()
    said = physician.locator("#patient-said")
    await expect(said).to_contain_text("It is not what was given.")
    await expect(said).to_contain_text("taken 0 of 1, not taken 1, nothing said of 0")
    await said.locator("summary").click()
    await expect(said).to_contain_text("not taken: felt unwell")
    await expect(physician.locator("#current")).to_contain_text("Metoprolol 50 mg")
    assert await violations(physician) == []


async def test_as_needed_says_from_when_the_next_one_may_be_taken(home: Home, open_page: OpenPage) -> None:
    await home.anna.signed("4713", setting="community", delivery="home", timing=NEEDED)
    page = await opened(home, open_page)
    await page.get_by_role("button", name="I have taken it now").click()
    await expect(page.locator(".stop")).to_contain_text("Wait: the next one not before")
    [one] = (await get(home.nina, "/api/patients/4713/taken"))["taken"]
    assert one["due_ms"] is None


async def test_a_stopped_medicine_says_so(home: Home, open_page: OpenPage) -> None:
    rx = await home.anna.signed("4713", setting="community", delivery="home")
    await home.anna.step(rx, "stopped")
    page = await opened(home, open_page)
    await expect(page.locator("#medicine-list .stop")).to_have_text("Stopped: do not take it any more.")
    await expect(page.locator("#medicine-list button")).to_have_count(0)


async def test_the_patient_pays_shows_the_code_asks_again_and_chooses_how_it_comes(
    home: Home, open_page: OpenPage
) -> None:
    rx = await home.anna.signed("4713", setting="community", delivery="pick-up")
    ready = await handed_out(home.pia, rx["number"])
    lines = [{"code": "04012345000016", "display": "Metoprolol", "quantity": 2}]
    await send(home.pia, "POST", "/api/payments", subject=f"{rx['number']}/1", patient="4713", lines=lines)
    page = await opened(home, open_page)
    field = page.get_by_label("Number of your insurance card")
    await field.fill("A987 6543 0001")
    for language in ("中文", "English"):  # all of the page is drawn anew, as when there is news
        await page.get_by_role("button", name=language).click()
    await expect(field).to_have_value("A987 6543 0001")
    await field.press("Enter")
    await expect(page.locator("#payment-list .how")).to_have_text("You pay: €5.00")
    await page.get_by_role("button", name="Pay €5.00").click()
    await page.get_by_text("Earlier payments (1)").click()
    await expect(page.locator("#paid-list [role=status]")).to_contain_text("Paid on")
    await expect(page.locator(".queue")).to_contain_text(f"Your number: {ready['queue']}")
    await page.get_by_role("button", name="Show the code").click()
    code = await page.locator(".code").inner_text()
    [way] = (await get(home.pia, "/api/deliveries"))["deliveries"]
    path = f"/api/deliveries/{way['number']}/received"
    await send(home.nina, "PUT", path, way["revision"], code=code, spot="desk")
    await page.get_by_text("More of it").click()
    await page.get_by_role("button", name="Ask for it again").click()
    await expect(page.locator("#medicine-list .problem")).to_contain_text("say why you need it early")
    await page.get_by_label("If you need it early").fill("I travel")
    await page.keyboard.press("Enter")
    await expect(page.locator("#medicine-list")).to_contain_text("The pharmacy is working on it.")
    await page.get_by_role("button", name="Bring it home").click()
    pressed = page.get_by_role("button", name="Bring it home")
    await expect(pressed).to_have_attribute("aria-pressed", "true")


async def test_without_a_connection_the_page_says_so_and_ticks_nothing(
    home: Home, open_page: OpenPage
) -> None:
    await home.anna.signed("4713", setting="community", delivery="home")
    page = await opened(home, open_page)
    await page.context.set_offline(True)
    await page.get_by_role("button", name=re.compile(": taken$")).first.click()
    await expect(page.locator("#today-problem")).to_contain_text("nothing was sent")
    await expect(page.locator("#lost")).to_contain_text("No connection")
    await expect(page.locator(".dose").first).to_have_attribute("data-said", "")


@pytest.mark.parametrize(("theme", "locale"), [("dark", "en"), ("light", "zh-CN")])
async def test_both_pages_are_accessible_fit_and_speak_both_languages(
    home: Home, open_page: OpenPage, theme: str, locale: str
) -> None:
    rx = await home.anna.signed("4713", setting="community", delivery="pick-up")
    await handed_out(home.pia, rx["number"])
    await home.anna.signed("4713", setting="community", delivery="home", timing=NEEDED)
    page = await open_page("/my", **{**PHONE, "color_scheme": theme, "locale": locale})
    await expect(page.locator("#enter")).to_be_visible()
    assert await violations(page) == []
    page = await opened(home, open_page, color_scheme=theme, locale=locale)
    await page.locator("#today-list .skipped").first.click()
    await expect(page.locator("#today-list .why")).to_be_visible()
    for one in await page.locator("summary:visible").all():
        await one.click()
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    heights = (
        "[...document.querySelectorAll(':is(button, input, summary, a.button)')].map(e => e.offsetHeight)"
    )
    assert all(one >= 44 for one in await page.evaluate(heights) if one)
    words = await page.locator("#mine").inner_text()
    assert bool(re.search("[\u4e00-\u9fff]{4}", words)) is (locale == "zh-CN")
    staff = await enter(open_page, "/invite", "nina", width=820, color_scheme=theme, locale=locale)
    await staff.locator("#text").fill("4713")
    await staff.keyboard.press("Enter")
    await staff.locator("#found button").click()
    await staff.locator("#access button.primary").click()
    await expect(staff.locator("#paper")).to_be_visible()
    assert await violations(staff) == []
    assert await staff.evaluate("document.documentElement.scrollWidth <= innerWidth")
