"""A patient's page on a phone: the own visit without a link, what the cuff at home measured, who looked."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from controller.clock import SystemClock
from controller.identity.certificates import By
from controller.identity.files import open_authority
from controller.live import Place, Value
from controller.patient_access.homes import Homes
from controller.registry import Patient
from controller.security.permissions import Role
from tests.browser.conftest import OpenPage, enter
from tests.integration.controller.api.test_recordings_watched import kept
from tests.support.accessible import violations
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.home import BORN, Home, at_home
from tests.support.measured import boots, measure
from tests.support.visits import booked

pytestmark = pytest.mark.asyncio(loop_scope="module")
PHONE = {"width": 390, "height": 844}


@pytest_asyncio.fixture(loop_scope="module")
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    """4713 lives at home-1 since yesterday, with a cuff."""
    open_authority(tmp_path / "ca", datetime.now(UTC))
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        started = await stack.enter_async_context(running(tmp_path, pia=Role.PHARMACIST))
        await started.add_bed("home-1", "Home of C. Bach")
        await started.add_device("cuff-1", '["nibp_sys", "nibp_dia"]')
        await started.registry.assign("cuff-1", "home-1", "test")
        await started.registry.admit("home-1", Patient("4713", "Bach, Carla"), "test")
        await Homes(started.store, SystemClock()).use("home-1", By("test"), is_home=True)
        await boots(started.store, b"box")
        started.clock.let_pass(86_400)
        yield await at_home(started, stack)


@pytest_asyncio.fixture(loop_scope="module")
async def controller(home: Home) -> RunningController:
    return home.controller


async def opened(home: Home, open_page: OpenPage, **options: int | str) -> Page:
    page = await open_page(f"/my#{(await home.invited()).code}", **{**PHONE, **options})
    await page.locator("#born").fill(BORN)
    await page.locator("#enter .primary").click()
    await expect(page.locator("#mine")).to_be_visible()
    return page


async def cuff(home: Home, sys: float, ago_s: int = 0) -> None:
    """In the record, and live."""
    at_us = home.controller.clock.now_us() - ago_s * 1_000_000
    await measure(home.controller.store, "cuff-1", "home-1", at_us, nibp_sys=sys, nibp_dia=sys - 45)
    place, values = Place(b"box", 0, at_us), (("nibp_sys", sys), ("nibp_dia", sys - 45))
    told = [Value("cuff-1", metric, place, None, value, None, 0) for metric, value in values]
    home.controller.hub.values(told)


async def fits(page: Page) -> None:
    """On a phone nothing is beside the page, and nobody is shut out."""
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await violations(page) == []


async def test_what_the_cuff_measured_stands_with_its_age_and_the_patient_says_whose_it_was(
    home: Home, open_page: OpenPage
) -> None:
    await cuff(home, 150, ago_s=3700)
    await cuff(home, 131, ago_s=120)
    page = await opened(home, open_page)
    card = page.locator('[data-kind="blood-pressure"]')
    await expect(card.locator(".number")).to_have_text("131/86 mmHg")
    await expect(card).to_contain_text("2 min ago")
    await expect(page.locator("#measured")).to_contain_text("Nobody at the hospital watches")
    await card.locator("summary").click()
    await expect(card.locator("tbody tr")).to_have_count(2)
    await fits(page)
    await card.locator(".why").get_by_role("button", name="it was somebody else").click()
    await expect(card).to_contain_text("The hospital sees that.")
    nurse = await enter(open_page, "/invite", "nina")
    await nurse.locator("#text").fill("4713")
    await nurse.keyboard.press("Enter")
    await nurse.get_by_role("button", name="Choose Bach, Carla").click()
    rows = nurse.locator("#measured tbody tr")
    await expect(rows.first).to_contain_text("131/86 mmHg")
    await expect(rows.first).to_contain_text("it was somebody else")
    await expect(rows).to_have_count(2)
    await fits(nurse)
    await page.locator("#looks-show").click()
    await expect(page.locator('#looks-list [data-who="nina"]')).to_contain_text("nina (nurse)")
    await page.locator("#language").click()
    await expect(page.locator("#measured-title")).to_have_text("在家测量")
    await fits(page)


async def test_a_patient_comes_into_the_own_visit_without_a_link_and_takes_the_consent_back_afterwards(
    home: Home, open_page: OpenPage
) -> None:
    await cuff(home, 128, ago_s=5400)
    visit = (await booked(home, way="bedside", start_ms=None)).visit
    page = await opened(home, open_page)
    await page.locator(f'#visit-list [data-visit="{visit.number}"] .primary').click()
    await page.locator("#agree").click()
    spots = page.locator("#room .at-home")
    await expect(spots).to_contain_text("Nobody of the hospital was with the patient.")
    await expect(spots.locator(".spots")).to_contain_text("128/83 mmHg1 h ago")
    await fits(page)
    await page.evaluate("location.assign('/my')")
    consent = page.locator(f'[data-consent="{visit.number}/video"]')
    await expect(consent).to_contain_text("You agreed, today")
    await consent.get_by_role("button", name="take it back").click()
    await expect(consent).to_contain_text("You took it back")
    await expect(consent.get_by_role("button", name="take it back")).to_have_count(0)


async def test_a_target_stands_beside_a_reading_and_a_recording_is_erased_by_who_is_in_it(
    home: Home, open_page: OpenPage
) -> None:
    await cuff(home, 151, ago_s=120)
    await kept(home)
    physician = await enter(open_page, "/invite", "anna")
    await physician.locator("#text").fill("4713")
    await physician.keyboard.press("Enter")
    await physician.get_by_role("button", name="Choose Bach, Carla").click()
    target = physician.locator('#targets [data-kind="blood-pressure"]')
    await target.get_by_label("Blood pressure: Below, mmHg").fill("140")
    await target.get_by_label("Blood pressure: Diastolic below, mmHg").fill("90")
    await target.get_by_role("button").click()
    await expect(target).to_contain_text("below 140/90 mmHg (anna,")
    await expect(physician.locator("#measured tbody tr").first).to_contain_text("above what was agreed")
    await fits(physician)
    page = await opened(home, open_page)
    card = page.locator('[data-kind="blood-pressure"]')
    await expect(card).to_contain_text("Agreed with anna: below 140/90 mmHg")
    await expect(card.locator(".against")).to_have_text("▲ This is above what was agreed.")
    recorded = page.locator("#recorded-list li").first
    await expect(recorded).to_contain_text("recorded by nina")
    await expect(recorded).to_contain_text("Nobody has watched it.")
    await fits(page)
    await page.locator("#language").click()
    await expect(page.locator("#recorded-title")).to_have_text("我的录像")
    await fits(page)
    await recorded.get_by_role("button").click()
    await recorded.get_by_role("button", name="是，永久删除").click()
    await expect(recorded).to_contain_text("任何人都无法再观看")
    await expect(recorded.get_by_role("button")).to_have_count(0)


async def test_what_is_not_the_patients_is_struck_through_on_board_and_in_the_room_without_a_reload(
    home: Home, open_page: OpenPage
) -> None:
    visit = (await booked(home, way="bedside", start_ms=None)).visit
    await cuff(home, 121, ago_s=1500)
    await cuff(home, 152, ago_s=120)
    board = await enter(open_page, "/", "nina")
    cell = board.locator("#beds > li", has_text="Home of C. Bach").locator(".bp")
    await expect(cell.locator(".number")).to_have_text("152/107")
    room = await opened(home, open_page)
    await room.locator(f'#visit-list [data-visit="{visit.number}"] .primary').click()
    await room.locator("#agree").click()
    spots = room.locator("#room .at-home .spots")
    await expect(spots).to_contain_text("152/107 mmHg")
    page = await opened(home, open_page)
    card = page.locator('[data-kind="blood-pressure"]')
    await card.locator(".why").get_by_role("button", name="it was somebody else").click()
    await expect(cell.locator(".number")).to_have_text("121/76")
    await expect(cell.locator(".alien s")).to_have_text("152/107 mmHg")
    await expect(cell.locator(".alien")).to_contain_text("not the patient's · 2 min")
    await expect(cell.locator(".age")).to_have_text("25 min")
    await expect(spots.locator("b")).to_have_text("121/76 mmHg")
    await expect(spots.locator(".alien s")).to_have_text("152/107 mmHg")
    await fits(room)
    await board.locator("#beds > li", has_text="Home of C. Bach").locator(".open").click()
    await expect(board.locator(".values .alien:visible").first).to_contain_text("not the patient's")
    await card.locator(".why").get_by_role("button", name="it was me").click()
    await expect(cell.locator(".number")).to_have_text("152/107")
    await expect(cell.locator(".alien")).to_be_hidden()


async def test_a_nurse_agrees_upon_a_target_in_the_visit_and_sees_that_she_is_in_its_room(
    home: Home, open_page: OpenPage
) -> None:
    visit = (await booked(home, way="bedside", start_ms=None)).visit
    nurse = await enter(open_page, "/visits", "nina")
    await nurse.locator(f'#list [data-visit="{visit.number}"] button').click()
    here = nurse.locator("#one")
    await here.get_by_role("button", name="Write down that the patient agrees").click()
    await expect(here.locator('[data-do="enter"]')).to_be_visible()
    await here.locator('[data-do="enter"]').click()
    await expect(here).to_contain_text("You are in it.")
    await expect(here.locator('[data-do="enter"]')).to_have_count(0)
    await here.locator('[data-do="back"]').click()
    await expect(nurse.locator("#room .leave")).to_be_focused()
    glucose = nurse.locator('#targets [data-kind="blood-glucose"]')
    await glucose.get_by_label("Glucose: Below, mg/dL").fill("10")
    await glucose.locator("select").select_option("mmol/L")
    await expect(glucose.get_by_label("Glucose: Below, mmol/L")).to_have_value("10")
    await glucose.get_by_role("button").click()
    await expect(glucose).to_contain_text("below 10.0 mmol/L (below 180 mg/dL) (nina,")
    await expect(glucose).to_contain_text(f"in visit {visit.number})")
    await nurse.locator("#targets summary").click()
    await expect(nurse.locator("#targets .ever li")).to_have_count(1)
    await nurse.locator("#room .leave").click()
    await expect(here.locator('[data-do="enter"]')).to_be_visible()
    page = await opened(home, open_page)
    mine = page.locator('#measured [data-kind="blood-glucose"]')
    await expect(mine).to_contain_text("Agreed with nina: below 10.0 mmol/L (below 180 mg/dL)")
    await expect(mine).to_contain_text("1 mmol/L of glucose is 18.0156 mg/dL")
    await fits(page)
