"""A visit by video in real browsers, with the browser's made-up camera and microphone."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from controller.identity.files import open_authority
from controller.live import AlertNow
from controller.registry import Patient
from controller.security.permissions import Role
from devices.model.observation import Priority
from tests.browser.conftest import CHROMIUM, FILMS, FLAGS, OpenPage, enter
from tests.support.accessible import violations
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.home import Home, at_home

pytestmark = pytest.mark.asyncio(loop_scope="module")
PHONE = {"width": 390, "height": 844}
_MOVES = """async (whose) => {
  let from = null;
  for (let tries = 0; tries < 200; tries += 1) {
    const tiles = [...document.querySelectorAll(".tile")];
    const tile = tiles.find((one) => (one.dataset.seat === "me") === (whose === "me"));
    const video = tile?.querySelector("video");
    if (video?.videoWidth > 0) {
      from ??= video.currentTime;
      if (video.currentTime > from + 0.2) return true;
    }
    await new Promise((done) => setTimeout(done, 50));
  }
  return false;
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *FILMS])
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="module")
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    open_authority(tmp_path / "ca", datetime.now(UTC))
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        yield await at_home(await stack.enter_async_context(running(tmp_path, pia=Role.PHARMACIST)), stack)


@pytest_asyncio.fixture(loop_scope="module")
async def controller(home: Home) -> RunningController:
    return home.controller


_COUNTS_SAID = """() => {
  window.said = 0;
  const counts = new MutationObserver(() => (window.said += 1));
  counts.observe(document.querySelector(".said"), { childList: true, characterData: true, subtree: true });
}"""


async def lying(home: Home) -> None:
    """The patient lies on bed 1, with an oximeter."""
    await home.controller.add_device("ox-1")
    await home.controller.registry.assign("ox-1", "bed-1", "test")
    await home.controller.registry.admit("bed-1", Patient("4713", "Bach, Carla"), "test")
    home.controller.hub.device("ox-1", {"connected": True, "since_ms": 0})


@asynccontextmanager
async def measuring(controller: RunningController) -> AsyncIterator[None]:
    """The oximeter measures, inside of it."""

    async def measure() -> None:
        while True:
            controller.say("ox-1", spo2=97, pr_spo2=70)
            controller.wave("ox-1", bytes(range(30)))
            await asyncio.sleep(0.2)

    task = asyncio.create_task(measure())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def alarm(controller: RunningController, value: int) -> None:
    detail = {"alarm": 1, "value": value, "limit": 90}
    place = controller.place()
    controller.hub.alerts([AlertNow("gw-a", "ox-1", "spo2-low", place, Priority.HIGH, True, detail, None)])


async def booked(page: Page) -> None:
    """Agrees upon a visit of 4713 in some minutes, as a person does it."""
    await page.get_by_text("Agree upon a visit").click()
    await page.locator("#find").fill("bach")
    await page.keyboard.press("Enter")
    await page.locator("#patient").select_option("4713")
    soon = "(() => { const at = new Date(Date.now() + 300000 - new Date().getTimezoneOffset() * 60000); "
    await page.locator("#date").fill(
        await page.evaluate(f"{soon} return at.toISOString().slice(0, 16); }})()")
    )
    await page.locator("#reason").fill("cough")
    await page.locator("#book .primary").click()
    await expect(page.locator("#one")).to_contain_text("Bach, Carla · 4713 · TV00000001")


async def linked(page: Page) -> tuple[str, str]:
    """The patient's link and code, as they are shown once."""
    await page.get_by_role("button", name="Link for the patient").click()
    address = await page.locator("#paper .address").inner_text()
    code = re.sub(r"\D", "", await page.locator("#paper .secret").inner_text())
    return address[address.index("/visit") :], code


async def come_in(open_page: OpenPage, link: str, code: str, **options: int | str) -> Page:
    phone = await open_page(link, **{**PHONE, **options})
    await phone.locator("#code").fill(code)
    await phone.locator("#enter .primary").click()
    return phone


async def both(open_page: OpenPage) -> tuple[Page, Page]:
    """A nurse and a patient in the room of a visit that has begun."""
    nurse = await enter(open_page, "/visits", "nina")
    await booked(nurse)
    phone = await come_in(open_page, *await linked(nurse))
    await phone.get_by_role("button", name="I agree").click()
    await expect(nurse.locator("#one .waits[role=status]")).to_contain_text("in the waiting room since")
    await nurse.get_by_role("button", name="Begin, and open the room").click()
    for page in (nurse, phone):
        await expect(page.locator(".tile:not(.me)")).to_have_attribute("data-state", "up")
    return nurse, phone


async def test_a_patient_waits_is_let_in_and_both_see_each_other_and_write(
    home: Home, open_page: OpenPage
) -> None:
    nurse = await enter(open_page, "/visits", "nina")
    await booked(nurse)
    link, code = await linked(nurse)
    phone = await come_in(open_page, link, "000000" if code != "000000" else "111111")
    await expect(phone.locator("#problem")).to_contain_text("The link or the code is wrong")
    await phone.locator("#code").fill(code)
    await phone.keyboard.press("Enter")
    await expect(phone.locator("#words")).to_contain_text("Nothing is recorded")
    await phone.get_by_role("button", name="I agree").click()
    await expect(phone.locator("#waiting-title")).to_be_visible()
    await expect(nurse.locator("#one .waits[role=status]")).to_contain_text("in the waiting room since")
    await nurse.get_by_role("button", name="Begin, and open the room").click()
    for page in (nurse, phone):
        await expect(page.locator(".tile:not(.me)")).to_have_attribute("data-state", "up")
        assert await page.evaluate(_MOVES, "other")
    await phone.locator("#room .write input").fill("I cough at night")
    await phone.keyboard.press("Enter")
    await expect(nurse.locator("#room .lines")).to_contain_text("Bach, Carla: I cough at night")


async def test_a_controller_that_is_started_again_interrupts_no_picture_and_loses_no_line(
    home: Home, open_page: OpenPage
) -> None:
    nurse, phone = await both(open_page)
    await nurse.locator("#room .write input").fill("before")
    await nurse.keyboard.press("Enter")
    await expect(phone.locator("#room .lines")).to_contain_text("before")
    await nurse.evaluate("() => { window.kept = document.querySelector('.tile:not(.me) video'); }")
    await home.controller.stop()
    assert await nurse.evaluate(_MOVES, "other")
    await expect(nurse.locator(".lost-room")).to_contain_text("who is here is not known")
    await home.controller.start()
    await expect(nurse.locator(".lost-room")).to_be_hidden()
    await phone.locator("#room .write input").fill("after")
    await phone.keyboard.press("Enter")
    await expect(nurse.locator("#room .lines li")).to_have_count(2)
    await expect(nurse.locator("#room .lines")).to_contain_text("after")
    assert await nurse.evaluate("() => window.kept.isConnected")
    assert await nurse.evaluate(_MOVES, "other") and await phone.evaluate(_MOVES, "other")


async def test_a_word_that_the_controller_refuses_is_told_and_holds_up_nothing(open_page: OpenPage) -> None:
    nurse, phone = await both(open_page)
    field, tall = nurse.locator("#room .write input"), "x" * 2001
    await field.evaluate("(field) => field.removeAttribute('maxlength')")
    for line in ("before", tall, "after"):
        await field.fill(line)
        await nurse.keyboard.press("Enter")
    await expect(phone.locator("#room .lines li")).to_have_text([re.compile("before$"), re.compile("after$")])
    await expect(nurse.locator("#room .unsaid")).to_contain_text(f"refused it: “{tall}”")


async def test_who_takes_the_consent_back_is_seen_no_more(home: Home, open_page: OpenPage) -> None:
    nurse, phone = await both(open_page)
    await phone.get_by_role("button", name="Take it back, and end").click()
    await expect(phone.locator("#problem")).to_contain_text("You did not agree")
    await expect(nurse.locator(".tile:not(.me)")).to_have_count(0)
    await expect(nurse.locator("#one")).to_contain_text("does not agree to video")
    await expect(phone.locator("#room")).to_be_hidden()


async def test_who_leaves_and_comes_back_writes_and_sees_as_before_and_the_screen_does_not_lock(
    home: Home, open_page: OpenPage
) -> None:
    nurse, phone = await both(open_page)
    await nurse.locator("#room .leave").click()
    await expect(phone.locator(".tile:not(.me)")).to_have_count(0)
    async with nurse.expect_request("**/api/touched", timeout=40_000):
        await nurse.locator("[data-do=enter]").click()
        await expect(phone.locator(".tile:not(.me)")).to_have_attribute("data-state", "up")
        await expect(nurse.locator(".tile")).to_have_count(2)
        await nurse.locator("#room .write input").fill("back again")
        await nurse.keyboard.press("Enter")
        await expect(phone.locator("#room .lines li")).to_have_count(1)


async def test_with_the_visits_end_everybody_is_out_and_told(home: Home, open_page: OpenPage) -> None:
    nurse, phone = await both(open_page)
    await nurse.get_by_role("button", name="End the visit").click()
    await nurse.locator("dialog.confirm .danger").click()
    await expect(nurse.locator("#room")).to_be_hidden()
    await expect(phone.locator("#over-title")).to_be_visible()
    await expect(phone.locator("#room")).to_be_hidden()


async def test_both_see_the_patients_numbers_with_their_age_and_loudly_when_they_are_old(
    home: Home, open_page: OpenPage
) -> None:
    controller = home.controller
    await lying(home)
    nurse, phone = await both(open_page)
    async with measuring(controller):
        for page in (nurse, phone):
            cell = page.locator(".vitals [data-vital=spo2]")
            await expect(cell.locator(".number")).to_have_text("97")
            await expect(cell.locator(".unit")).to_have_text("%")
            await expect(cell.locator(".age")).to_have_text(re.compile(r"^\d s$"))
            await expect(page.locator(".vitals .cell:visible")).to_have_count(2)
            trace = page.locator(".vitals .lane.pleth")
            await expect(trace).to_have_attribute("data-state", "live")
            await expect(page.locator(".vitals .lane:visible")).to_have_count(1)
    for page in (nurse, phone):
        cell = page.locator(".vitals [data-vital=spo2]")
        await expect(cell).to_have_attribute("data-state", "stale")
        await expect(cell.locator(".number")).to_have_text("– –")
        await expect(cell.locator(".why")).to_contain_text("stale")
        await expect(page.locator(".vitals .pleth .lane-text")).to_contain_text(re.compile("no waveform .*s"))
    await controller.stop()
    await expect(phone.locator(".vitals .lost")).to_contain_text("values are NOT live")
    await controller.start()
    await expect(phone.locator(".vitals .lost")).to_be_hidden()


async def test_an_alarm_of_the_patient_stands_in_the_room_and_is_announced_once(
    home: Home, open_page: OpenPage
) -> None:
    await lying(home)
    _, phone = await both(open_page)
    await phone.evaluate(_COUNTS_SAID)
    for value in (85, 84):
        alarm(home.controller, value)
        row = phone.locator(".vitals .alarms li[data-state=high]")
        await expect(row).to_contain_text(f"{value} (limit 90)")
    await expect(phone.locator(".said[role=alert]")).to_have_text("HIGH · SpO₂ low · 85 (limit 90)")
    assert await phone.evaluate("() => window.said") == 1
    found = await violations(phone, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
    assert found == []
    await home.controller.registry.discharge("bed-1", "test")
    await expect(phone.locator(".vitals")).to_be_hidden()


async def test_a_patient_at_home_without_devices_has_no_empty_panel(home: Home, open_page: OpenPage) -> None:
    nurse, phone = await both(open_page)
    await lying(home)
    for page in (nurse, phone):
        await expect(page.locator(".vitals")).to_be_visible()
    await home.controller.registry.discharge("bed-1", "test")
    for page in (nurse, phone):
        await expect(page.locator(".vitals")).to_be_hidden()


async def test_the_link_leaves_the_address_at_once(home: Home, open_page: OpenPage) -> None:
    phone = await open_page("/visit#abcdef", **PHONE)
    await expect(phone.locator("#enter")).to_be_visible()
    assert phone.url.endswith("/visit")


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
async def test_the_pages_are_readable_by_everybody(home: Home, open_page: OpenPage, locale: str) -> None:
    nurse, phone = await both(open_page)
    for page in (nurse, phone):
        if locale == "zh-CN":
            await page.locator("#language").click()
        found = await violations(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
        assert found == []
