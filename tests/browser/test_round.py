"""The medication round on a phone at the bed: scanned, charted, refused loudly, never charted silently."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from controller.identity.files import open_authority
from controller.security.permissions import Role
from controller.stays import Patient
from tests.browser.conftest import OpenPage, enter
from tests.support.accessible import violations
from tests.support.controller import PASSWORD, RunningController, quick_passwords, running
from tests.support.home import Home, at_home
from tests.support.http import client, get
from tests.support.people import add_person
from tests.support.prescribed import MEDICINE, handed_out, send
from tests.support.prescriptions import GTIN, code

pytestmark = pytest.mark.asyncio(loop_scope="module")
PHONE = {"width": 390, "height": 844}
HOUR_MS = 3_600_000


@pytest_asyncio.fixture(loop_scope="module")
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    """Bert (4712) lies on bed 2 of ward-a; nina and nick are its nurses."""
    open_authority(tmp_path / "ca", datetime.now(UTC))
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        started = await stack.enter_async_context(running(tmp_path, pia=Role.PHARMACIST))
        made = await at_home(started, stack)
        await started.add_bed("bed-2", "Bed 2")
        await started.registry.admit("bed-2", Patient("4712", "Beispiel, Bert"), "nina")
        await add_person(started, "nick", Role.NURSE, ["ward-a"])
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def controller(home: Home) -> RunningController:
    return home.controller


async def at_bed(open_page: OpenPage, wristband: str = "4712", **options: int | str) -> Page:
    page = await enter(open_page, "/round", "nina", **{**PHONE, **options})
    await page.locator('[data-bed="bed-2"] button').click()
    await page.locator("#wristband").fill(wristband)
    await page.keyboard.press("Enter")
    return page


async def scan(page: Page, drug: str) -> None:
    await page.locator("#drug").fill(drug)
    await page.keyboard.press("Enter")


async def give(page: Page, dose: str = "1") -> None:
    await page.locator("#dose").fill(dose)
    await page.get_by_role("button", name="Given", exact=True).click()


async def given(home: Home) -> list[Any]:
    return await home.controller.store.read("SELECT * FROM rx_given ORDER BY id")


async def test_a_dose_is_scanned_charted_and_said_to_be_an_error(home: Home, open_page: OpenPage) -> None:
    rx = await home.anna.signed("4712")
    await handed_out(home.pia, rx["number"])
    page = await at_bed(open_page)
    await expect(page.locator("#drug")).to_be_focused()
    await page.locator("#drug").press_sequentially(code().split("\x1d")[0])
    await page.keyboard.press("Control+]")
    await page.locator("#drug").press_sequentially(code().split("\x1d")[1])
    await page.keyboard.press("Enter")
    await expect(page.locator("#dose")).to_have_value("")
    await give(page, "2")
    await expect(page.locator(".giving .loud")).to_contain_text("WRONG DOSE")
    await give(page, "1.0")
    await expect(page.locator(".step")).to_contain_text("Charted: Metoprolol 50 mg, 1 tablet")
    await expect(page.locator(".doses li")).to_contain_text("charted by nina")
    [row] = await given(home)
    assert (row["by"], row["batch"], row["value"]) == ("nina", "B1", "1")
    await page.locator("#bedside summary").click()
    await page.get_by_label("What was wrong?").fill("it was dropped")
    await page.keyboard.press("Enter")
    await expect(page.locator(".doses li").get_by_role("button", name="Choose")).to_be_visible()
    [row] = await given(home)
    assert (row["state"], row["why"]) == ("entered-in-error", "it was dropped")


async def test_the_wrong_patient_and_the_wrong_drug_are_refused_loudly(
    home: Home, open_page: OpenPage
) -> None:
    await home.anna.signed("4712")
    other = await home.anna.signed("4713", setting="community", delivery="home")
    page = await at_bed(open_page, "4711")
    loud = page.locator("#bedside > .loud")
    await expect(loud).to_contain_text("WRONG PATIENT. The wristband says 4711, this bed is Beispiel, Bert.")
    await expect(page.locator("#drug")).to_be_hidden()
    await page.locator("#wristband").fill("4712")
    await page.keyboard.press("Enter")
    await expect(loud).to_be_hidden()
    await scan(page, other["number"])
    await expect(loud).to_contain_text("WRONG DRUG")
    await expect(page.locator(".giving")).to_be_empty()
    assert await given(home) == []


async def test_a_late_dose_asks_why_and_one_is_left_out_with_a_reason(
    home: Home, open_page: OpenPage
) -> None:
    now_ms = int(datetime.now(UTC).timestamp() * 1000)
    timing = {"rhythm": "every", "hours": 3}
    rx = await home.anna.signed("4712", begin_ms=now_ms - 2 * HOUR_MS, timing=timing)
    page = await at_bed(open_page)
    await scan(page, rx["number"])
    await page.locator(".giving > button").first.click()
    await page.locator("#dose").fill("1")
    await page.get_by_role("button", name="Given", exact=True).click()
    await expect(page.locator("#why:invalid")).to_be_focused()
    await page.locator("#why").fill("was in surgery")
    await page.keyboard.press("Enter")
    await expect(page.locator('#bedside [data-stands="done"]')).to_be_visible()
    await page.get_by_role("button", name="Choose").first.click()
    await page.get_by_text("It is not given").click()
    await page.get_by_label("Why is it not given?").fill("vomits")
    await page.get_by_role("button", name="Chart: not given").click()
    await expect(page.locator('#bedside [data-stands="left-out"]')).to_be_visible()
    assert [(one["state"], one["why"]) for one in await given(home)] == [
        ("completed", "was in surgery"),
        ("not-done", "vomits"),
    ]


async def test_as_needed_says_how_long_ago_the_last_dose_was_and_to_wait(
    home: Home, open_page: OpenPage
) -> None:
    timing = {"rhythm": "as-needed", "times": 3, "hours": 6, "reason": "pain"}
    rx = await home.anna.signed("4712", timing=timing)
    page = await at_bed(open_page)
    await expect(page.locator("#bedside .since")).to_have_text("none given yet")
    await scan(page, rx["number"])
    await give(page)
    await expect(page.locator("#bedside .since")).to_contain_text("last dose")
    await expect(page.locator("#bedside .wait")).to_contain_text(
        "Less than 6 h since the last dose: wait 5 h more"
    )
    await scan(page, rx["number"])
    await give(page)
    await expect(page.locator(".giving .loud")).to_contain_text("less than 6 h ago")
    assert len(await given(home)) == 1


async def test_a_medicine_of_high_alert_is_charted_with_a_second_person(
    home: Home, open_page: OpenPage
) -> None:
    async with client(home.controller, "nick") as nick:
        await send(nick, "PUT", "/api/account/pin", pin="2468", password=PASSWORD)
    found = (await get(home.nina, "/api/medicines", text="warfarin"))["medicines"]
    [choice, *_] = [one for one in found if one["high_alert"]]
    rx = await home.anna.signed("4712", medicine=choice["medicine"])
    page = await at_bed(open_page)
    await expect(page.locator(".doses")).to_contain_text("High alert: two people give it")
    await scan(page, rx["number"])
    await give(page)
    await expect(page.locator(".giving .loud")).not_to_be_empty()
    assert await given(home) == []
    await page.get_by_label("The other person's user name").fill("nick")
    await page.get_by_label("The other person's PIN").fill("2468")
    await page.keyboard.press("Enter")
    await expect(page.locator(".doses li")).to_contain_text("charted by nina and nick")


async def two_give_it(home: Home, page_of: OpenPage, **options: str) -> Page:
    """At the bed, with a dose of warfarin scanned."""
    found = (await get(home.nina, "/api/medicines", text="warfarin"))["medicines"]
    [choice, *_] = [one for one in found if one["high_alert"]]
    rx = await home.anna.signed("4712", medicine=choice["medicine"])
    page = await at_bed(page_of, "4712", **options)
    await scan(page, rx["number"])
    await page.locator("#dose").fill("1")
    return page


async def test_a_nurse_alone_charts_that_nobody_saw_it_given_loudly_with_a_reason_and_her_own_pin(
    home: Home, open_page: OpenPage
) -> None:
    await send(home.nina, "PUT", "/api/account/pin", pin="4713", password=PASSWORD)
    page = await two_give_it(home, open_page)
    await page.locator("#person").fill("nick")
    await page.get_by_text("Nobody else is here").click()
    await expect(page.locator("#person")).to_be_hidden()
    await expect(page.locator(".alone-part .warning")).to_contain_text("charted as GIVEN WITHOUT A WITNESS")
    give_it = page.get_by_role("button", name="Given WITHOUT A WITNESS")
    await give_it.click()  # without a reason
    await expect(page.locator("#alone-emergency:invalid")).to_be_focused()
    await page.get_by_label("another reason", exact=True).check()
    await page.locator("#own-pin").fill("9999")
    await give_it.click()
    await expect(page.locator("#alone-why:invalid")).to_be_focused()
    await page.locator("#alone-why").fill("the lift is stuck")
    await give_it.click()
    await expect(page.locator(".giving > .loud")).to_contain_text("is nobody's")
    await expect(page.locator("#own-pin")).to_have_value("")
    assert await given(home) == []
    await page.locator("#own-pin").fill("4713")
    await page.keyboard.press("Enter")
    await expect(page.locator(".step")).to_contain_text("Charted as given WITHOUT A WITNESS: Warfarin")
    dose = page.locator(".doses li").first
    words = "GIVEN WITHOUT A WITNESS: another reason, the lift is stuck"
    await expect(dose.locator("strong.alone")).to_have_text(words)
    await expect(dose).to_contain_text("Nobody has looked at it afterwards yet.")
    anna = await enter(open_page, "/prescriptions", "anna")
    notice = anna.locator("#notices li")
    await expect(notice).to_contain_text("Given without a witness · Beispiel, Bert")
    await expect(notice).to_contain_text("nina · another reason · the lift is stuck")
    await notice.get_by_role("button", name="Open").click()
    await anna.locator("#current .story summary").click()
    await expect(anna.locator(".story .alone")).to_have_text(words)


async def test_a_colleague_has_seen_it_afterwards_and_is_never_shown_as_a_witness(
    home: Home, open_page: OpenPage
) -> None:
    async with client(home.controller, "nick") as nick:
        await send(nick, "PUT", "/api/account/pin", pin="2468", password=PASSWORD)
    await send(home.nina, "PUT", "/api/account/badge", badge="04A2F1C9", password=PASSWORD)
    page = await two_give_it(home, open_page)
    await page.get_by_text("Nobody else is here").click()
    await page.get_by_label("emergency").check()
    await page.locator("#own-badge").fill("04A2F1C9")
    await page.keyboard.press("Enter")
    dose = page.locator(".doses li").first
    await dose.get_by_text("Look at it afterwards").click()
    await expect(dose.get_by_role("button", name="I have looked at it afterwards")).to_be_hidden()
    await dose.get_by_label("The other person's user name").fill("nick")
    await dose.get_by_label("The other person's PIN").fill("2468")
    await page.keyboard.press("Enter")
    await expect(dose).to_contain_text("Seen afterwards by nick")
    await expect(dose).to_contain_text("not witnessed")
    await expect(dose.locator("strong.alone")).to_have_text("GIVEN WITHOUT A WITNESS: emergency")
    await expect(dose).not_to_contain_text("nina and nick")
    await expect(dose.get_by_text("Look at it afterwards")).to_have_count(0)
    [row] = await given(home)
    assert (row["witness"], row["seen_by"], row["alone"]) == ("", "nick", "emergency")


async def test_a_pack_that_only_the_pharmacy_knows_to_need_two_asks_for_the_second_and_keeps_what_is_typed(
    home: Home, open_page: OpenPage
) -> None:
    body = {"medicine": MEDICINE, "high_alert": True}
    await send(home.pia, "PUT", f"/api/pharmacy/products/{GTIN}", **body)
    await home.anna.signed("4712")
    page = await at_bed(open_page)
    await scan(page, code().replace("\x1d", "\u241d"))
    await give(page)
    await expect(page.locator(".giving > .loud")).to_contain_text("two people give this medicine")
    await expect(page.locator("#dose")).to_have_value("1")
    await page.get_by_label("The other person's user name").fill("nick")
    await page.get_by_label("The other person's PIN").fill("2468")
    async with client(home.controller, "nick") as nick:
        await send(nick, "PUT", "/api/account/pin", pin="2468", password=PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator(".doses li").first).to_contain_text("charted by nina and nick")


@pytest.mark.parametrize(("theme", "locale"), [("dark", "en"), ("light", "zh-CN")])
async def test_giving_alone_is_accessible_and_fits_a_phone(
    home: Home, open_page: OpenPage, theme: str, locale: str
) -> None:
    page = await two_give_it(home, open_page, color_scheme=theme, locale=locale)
    await page.locator(".alone-part summary").click()
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.locator("#alone-emergency").check()
    await page.locator("#own-password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.locator(".seeing summary").click()
    assert await violations(page) == []


async def test_a_nurse_reads_on_the_round_what_she_is_told(home: Home, open_page: OpenPage) -> None:
    rx = await home.anna.signed("4712")
    row = (
        "INSERT INTO rx_notice (prescription, person, kind, detail, at_ms) SELECT id, 'nina', 'by-hand', ?, ?"
    )
    at_ms = home.controller.clock.now_us() // 1000 - 7 * 60_000
    values = "SD00000001: its way is blocked", at_ms, rx["number"]
    await home.controller.store.write(
        lambda db: db.execute(f"{row} FROM prescription WHERE number = ?", values)
    )
    page = await enter(open_page, "/round", "nina", **PHONE)
    notice = page.locator("#notices li")
    await expect(notice).to_contain_text("No robot carries it any more · Beispiel, Bert")
    await expect(notice).to_contain_text("7 min ago")
    await notice.get_by_role("button", name="I have read it").click()
    await expect(page.locator("#notices")).to_be_hidden()


async def test_without_a_connection_nothing_is_charted_silently_and_what_is_typed_stays(
    home: Home, open_page: OpenPage
) -> None:
    rx = await home.anna.signed("4712")
    page = await at_bed(open_page)
    await scan(page, rx["number"])
    await page.context.set_offline(True)
    await give(page)
    await expect(page.locator(".giving .loud")).to_contain_text("it is not known whether it was charted")
    await expect(page.locator("#lost")).to_contain_text("nothing can be charted")
    await expect(page.locator("#dose")).to_have_value("1")
    assert await given(home) == []
    await page.context.set_offline(False)
    await expect(page.locator("#lost")).to_be_hidden()
    await expect(page.locator("#dose")).to_have_value("1")
    await page.get_by_role("button", name="Given", exact=True).click()
    await expect(page.locator('#bedside [data-stands="done"]')).to_be_visible()
    assert len(await given(home)) == 1


async def test_an_answer_that_was_lost_on_its_way_is_found_and_told(home: Home, open_page: OpenPage) -> None:
    rx = await home.anna.signed("4712")
    page = await at_bed(open_page)
    await scan(page, rx["number"])

    async def lose(route: Any) -> None:
        await route.fetch()
        await route.abort()

    await page.route("**/api/administrations", lose)
    await give(page)
    await expect(page.locator(".giving .loud")).to_contain_text("it is not known")
    assert len(await given(home)) == 1
    await page.evaluate("dispatchEvent(new Event('online'))")
    await expect(page.locator(".step")).to_have_text("It was charted before the connection was lost.")
    assert len(await given(home)) == 1


async def test_what_arrives_on_the_ward_is_taken_over_by_another_than_who_carried_it(
    home: Home, open_page: OpenPage
) -> None:
    rx = await home.anna.signed("4712")
    await handed_out(home.pia, rx["number"])
    page = await enter(open_page, "/round", "nina", **PHONE)
    await page.get_by_role("tab", name="Deliveries (1)").click()
    way = page.locator("#way-list li")
    await expect(way).to_contain_text("pia has it, pharmacy")
    await way.get_by_role("button", name="I have received").click()
    await expect(page.locator("#no-ways")).to_be_visible()
    [row] = await home.controller.store.read("SELECT holder, verified FROM rx_custody WHERE place = 2")
    assert (row["holder"], row["verified"]) == ("nina", "login")


async def test_a_colleague_takes_over_by_pin_what_the_nurse_at_the_screen_carried(
    home: Home, open_page: OpenPage
) -> None:
    async with client(home.controller, "nick") as nick:
        await send(nick, "PUT", "/api/account/pin", pin="2468", password=PASSWORD)
    rx = await home.anna.signed("4712")
    ready = await handed_out(home.pia, rx["number"])
    told = {"holder": "nina", "spot": "corridor"}
    await send(home.nina, "PUT", f"/api/deliveries/{ready['delivery']}/custody", 1, **told)
    page = await enter(open_page, "/round", "nina", **PHONE)
    await page.get_by_role("tab", name="Deliveries (1)").click()
    await expect(page.locator("#way-list")).to_contain_text("You carry it")
    await page.get_by_text("A colleague takes it over here").click()
    await page.get_by_label("The other person's user name").fill("nick")
    await page.get_by_label("The other person's PIN").fill("1357")
    await page.keyboard.press("Enter")
    await expect(page.locator("#way-list .problem")).to_contain_text("is nobody's")
    await page.get_by_label("The other person's PIN").fill("2468")
    await page.keyboard.press("Enter")
    await expect(page.locator("#no-ways")).to_be_visible()
    rows = await home.controller.store.read("SELECT holder, verified FROM rx_custody ORDER BY place")
    assert [(one["holder"], one["verified"]) for one in rows][-1] == ("nick", "pin")


@pytest.mark.parametrize(("theme", "locale"), [("dark", "en"), ("light", "zh-CN")])
async def test_the_round_is_accessible_fits_a_phone_and_speaks_both_languages(
    home: Home, open_page: OpenPage, theme: str, locale: str
) -> None:
    rx = await home.anna.signed("4712")
    await handed_out(home.pia, rx["number"])
    page = await at_bed(open_page, "4711", color_scheme=theme, locale=locale)
    assert await violations(page) == []
    await page.locator("#wristband").fill("4712")
    await page.keyboard.press("Enter")
    await scan(page, rx["number"])
    await expect(page.locator("#dose")).to_be_focused()
    await expect(page.locator("#tab-beds")).to_have_text("Beds" if locale == "en" else "床位")
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    heights = "[...document.querySelectorAll('main :is(button, input, summary)')].map(e => e.offsetHeight)"
    assert all(one >= 44 for one in await page.evaluate(heights) if one)
    await page.locator("#tab-ways").click()
    await expect(page.locator("#way-list li")).to_have_count(1)
    assert await violations(page) == []


async def test_a_physician_is_not_led_to_the_round(home: Home, open_page: OpenPage) -> None:
    page = await enter(open_page, "/invite", "anna")
    await expect(page.locator("#to-board")).to_be_visible()
    await expect(page.locator("#to-round")).to_have_count(0)
