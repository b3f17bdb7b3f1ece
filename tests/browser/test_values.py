"""A number on the board is current, or the board says that it is not."""

import re
import struct

import pytest
from playwright.async_api import Locator, Page, expect

from controller.registry import Patient
from devices.model.observation import NoValue, Quality
from tests.browser.conftest import OpenPage
from tests.support.controller import RunningController

pytestmark = pytest.mark.asyncio(loop_scope="module")

DASHES = "– –"


def cell(page: Page, vital: str) -> Locator:
    return page.locator(f".tile .cell.{vital}")


async def shows(page: Page, vital: str, number: str, state: str, why: str = "^$") -> None:
    """`why` may say an age: it holds for some seconds more, since a busy machine looks late."""
    await expect(cell(page, vital).locator(".number")).to_have_text(number)
    await expect(cell(page, vital)).to_have_attribute("data-state", state)
    await expect(cell(page, vital).locator(".why")).to_have_text(re.compile(why))


async def test_a_value_appears_ages_greys_out_says_so_and_comes_back(
    controller: RunningController, open_board: OpenPage
) -> None:
    page = await open_board()
    await shows(page, "spo2", DASHES, "absent", "waiting")
    controller.say("ox-1", spo2=97)
    await shows(page, "spo2", "97", "current")
    await expect(cell(page, "spo2").locator(".age")).to_have_text(re.compile(r"^[0-4] s$"))
    controller.clock.let_pass(5)
    await expect(cell(page, "spo2").locator(".age")).to_have_text(re.compile(r"^[5-8] s$"))
    await shows(page, "spo2", "97", "current")
    controller.clock.let_pass(9)
    await shows(page, "spo2", DASHES, "stale", r"^stale 1[4-9] s$")
    await expect(cell(page, "spo2").locator(".last")).to_have_text("last 97")
    await expect(page.locator(".tile")).to_have_attribute("data-state", "dead")
    controller.say("ox-1", spo2=96)
    await shows(page, "spo2", "96", "current")
    await expect(page.locator(".tile")).to_have_attribute("data-state", "live")


async def test_a_device_that_is_off_is_named_as_the_cause(
    controller: RunningController, open_board: OpenPage
) -> None:
    page = await open_board()
    controller.say("ox-1", spo2=97)
    now_ms = controller.clock.now_us() // 1000
    controller.hub.device("ox-1", {"connected": False, "since_ms": now_ms})
    await expect(page.locator(".notes")).to_have_text("device off: ox-1")
    await shows(page, "spo2", "97", "current")
    controller.clock.let_pass(14)
    await shows(page, "spo2", DASHES, "stale", r"^device off 1[4-9] s$")


async def test_a_gateway_that_is_offline_is_named_as_the_cause(
    controller: RunningController, open_board: OpenPage
) -> None:
    page = await open_board()
    controller.say("ox-1", age_s=20, spo2=97)
    controller.hub.gateway(
        "gw-a", {"state": "offline", "seen_ms": controller.clock.now_us() // 1000 - 20_000}
    )
    await shows(page, "spo2", DASHES, "stale", r"gateway offline 2\d s$")
    await expect(page.locator("#gateways")).to_contain_text("Gateway A")
    await expect(page.locator("#gateways")).to_contain_text(re.compile(r"offline 2\d s"))


async def test_the_strip_says_how_far_a_gateway_is_behind(
    controller: RunningController, open_board: OpenPage
) -> None:
    page = await open_board()
    controller.hub.gateway("gw-a", {"state": "behind", "pending_blocks": 42, "oldest_ms": 180_000})
    await expect(page.locator("#gateways")).to_contain_text("behind: 42 blocks, oldest 3 min")
    await expect(page.locator(".notes")).to_contain_text("catching up: Gateway A")


async def test_of_many_gateways_the_strip_names_those_that_are_not_well_and_beds_stay_in_sight(
    controller: RunningController, open_board: OpenPage
) -> None:
    for number in range(40):
        await controller.registry.add_gateway(f"gw-{number}", f"Gateway {number}")
    page = await open_board()
    for number in range(40):
        state = "offline" if number < 10 else "behind" if number == 10 else "online"
        controller.hub.gateway(f"gw-{number}", {"state": state, "pending_blocks": 7, "oldest_ms": 180_000})
    controller.hub.gateway("gw-a", {"state": "online"})
    chips = page.locator("#gateways li")
    await expect(chips.last).to_have_text("30 gateways online")
    await expect(chips).to_have_count(10)
    await expect(chips.nth(8)).to_have_text("3 more need a look")
    await expect(chips.nth(8)).to_have_attribute("data-state", "offline")
    await expect(page.locator("#beds .tile").first).to_be_in_viewport(ratio=0.9)


async def test_the_strip_says_what_follows_later_over_a_narrow_link(
    controller: RunningController, open_board: OpenPage
) -> None:
    page = await open_board()
    lane = {"live": True, "newest_ms": 900, "pending_blocks": 0, "later_blocks": 0, "later_seconds": 0}
    waves = {**lane, "pending_blocks": 70, "later_blocks": 68, "later_seconds": 300, "oldest_ms": 180_000}
    lanes = {"vital": {**lane, "oldest_ms": None}, "wave": waves}
    told = {"state": "behind", "pending_blocks": 70, "oldest_ms": 180_000, "lanes": lanes}
    controller.hub.gateway("gw-a", told)
    strip = page.locator("#gateways")
    await expect(strip).to_contain_text("waveforms follow later: 3 min behind, here in about 5 min")
    first = [{"device": "monitor", "metric": "ecg_ii"}]
    later = {"wave": {**waves, "later_seconds": None}}
    controller.hub.gateway("gw-a", {"first_waves": first, "lanes": later})
    await expect(strip).to_contain_text("other waveforms follow later: 3 min behind")
    await expect(strip).not_to_contain_text("about")


async def test_a_delayed_event_does_not_look_young(
    controller: RunningController, open_board: OpenPage
) -> None:
    page = await open_board()
    controller.say("ox-1", age_s=8, spo2=97)
    await expect(cell(page, "spo2").locator(".age")).to_have_text(re.compile(r"^[89] s$"))
    controller.say("ox-1", age_s=30, pr_spo2=71)
    await shows(page, "hr", DASHES, "stale", r"stale 3\d s$")


async def test_an_event_held_up_on_the_way_does_not_look_young(
    controller: RunningController, open_board: OpenPage
) -> None:
    page = await open_board()
    await expect(page.locator("#time")).not_to_be_empty()
    late = {"server_ms": controller.clock.now_us() // 1000 - 20_000}
    controller.say("ox-1", age_s=20, spo2=97)
    controller.hub._stream.publish("time", late)
    await shows(page, "spo2", DASHES, "stale", r"stale 2\d s$")


async def test_a_reason_is_shown_in_the_numbers_place(
    controller: RunningController, open_board: OpenPage
) -> None:
    page = await open_board()
    controller.miss("ox-1", "spo2", NoValue.SENSOR_OFF)
    controller.miss("ox-1", "pr_spo2", NoValue.NO_CONTACT)
    await shows(page, "spo2", DASHES, "none", "sensor off")
    await shows(page, "hr", DASHES, "none", "no sensor contact")


async def test_blood_pressure_and_breathing_are_there_when_something_measures_them(
    controller: RunningController, open_board: OpenPage
) -> None:
    page = await open_board()
    await expect(cell(page, "bp")).to_be_hidden()
    controller.say("ox-1", nibp_sys=118, nibp_dia=76, nibp_map=90, rr_imped=14)
    await shows(page, "bp", "118/76", "current")
    await shows(page, "rr", "14", "current")
    await expect(cell(page, "bp").locator(".label")).to_have_text("NIBP")
    controller.clock.let_pass(15)
    await shows(page, "rr", DASHES, "stale", r"^stale 1[5-9] s$")
    await shows(page, "bp", "118/76", "current")
    controller.clock.let_pass(3600)
    await shows(page, "bp", DASHES, "stale", "stale 1 h")
    await expect(cell(page, "bp").locator(".last")).to_have_text("last 118/76")


async def test_a_stored_value_is_as_old_as_its_measurement(
    controller: RunningController, open_board: OpenPage
) -> None:
    page = await open_board()
    controller.say("ox-1", age_s=5, quality=Quality.STORED, spo2=91)
    await shows(page, "spo2", "91", "questionable", "stored earlier")
    await expect(cell(page, "spo2").locator(".age")).to_have_text(re.compile(r"^[5-9] s$"))
    controller.say("ox-1", age_s=600, quality=Quality.STORED, spo2=85)
    await shows(page, "spo2", "91", "questionable", "stored earlier")


async def test_a_stored_value_of_an_unknown_time_is_never_the_number(
    controller: RunningController, open_board: OpenPage
) -> None:
    page = await open_board()
    controller.say("ox-1", quality=Quality.STORED | Quality.QUESTIONABLE, spo2=91)
    await shows(page, "spo2", DASHES, "stale", "stored earlier")
    await expect(cell(page, "spo2").locator(".last")).to_have_text("last 91")


async def test_questionable_quality_is_marked(controller: RunningController, open_board: OpenPage) -> None:
    page = await open_board()
    controller.say("ox-1", quality=Quality.OUT_OF_TRACK, spo2=97)
    await shows(page, "spo2", "97", "questionable", "poor signal")
    await expect(cell(page, "spo2").locator(".mark")).to_have_text("?")


async def test_heart_rate_falls_back_to_the_oximeters_pulse(
    controller: RunningController, open_board: OpenPage
) -> None:
    await controller.add_device("belt-1", '["hr"]')
    await controller.registry.assign("belt-1", "bed-1", "test")
    page = await open_board()
    controller.say("belt-1", hr=72)
    controller.say("ox-1", pr_spo2=70)
    await shows(page, "hr", "72", "current")
    await expect(cell(page, "hr").locator(".label")).to_have_text("HR")
    controller.clock.let_pass(14)
    controller.say("ox-1", pr_spo2=71)
    await shows(page, "hr", "71", "current")
    await expect(cell(page, "hr").locator(".label")).to_have_text("PR")


async def test_a_patients_name_is_text_whatever_it_holds(
    controller: RunningController, open_board: OpenPage
) -> None:
    name = "<img src=x onerror=alert(1)> & <b>Bobby</b>"
    await controller.registry.admit("bed-1", Patient("P1", name), "test")
    page = await open_board()
    await expect(page.locator(".tile .patient")).to_have_text(name)
    assert await page.locator(".tile img, .tile b:not(.bars b)").count() == 0


async def inked(page: Page) -> int:
    """Pixels of the waveform that are drawn."""
    pixels = "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data"
    return await page.locator(".tile canvas").evaluate(f"{pixels}.filter((v, i) => i % 4 === 3 && v).length")


async def test_the_waveform_moves_and_stops_visibly(
    controller: RunningController, open_board: OpenPage
) -> None:
    page = await open_board()
    chunk = struct.pack("<25h", *(i * 9 % 200 for i in range(25)))
    for late in (2, 5 / 3, 4 / 3, 1, 2 / 3, 1 / 3, 0):
        controller.wave("ox-1", chunk, age_s=late)
    await expect(page.locator(".tile .wave")).to_have_attribute("data-state", "live")
    async with page.expect_event("console", lambda said: said.text == "drawn"):
        await page.evaluate(
            """() => { const c = document.querySelector('.tile canvas'); const look = () =>
            c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((v) => v)
            ? console.log('drawn') : requestAnimationFrame(look); look(); }"""
        )
    assert await inked(page) > 0
    controller.clock.let_pass(5)
    await expect(page.locator(".tile .wave")).to_have_attribute("data-state", "stopped")
    await expect(page.locator(".tile .wave-text")).to_contain_text("no waveform")
    await expect(page.locator(".tile canvas")).to_be_hidden()
