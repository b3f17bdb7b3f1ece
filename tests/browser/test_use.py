"""How the board is used: keyboard, two languages, themes, phone, wall screen, screen readers."""

import json
import sqlite3

import pytest
from playwright.async_api import Page, expect

from controller.live import AlertNow
from controller.registry import Patient
from devices.model.observation import NoValue, Quality
from tests.browser.conftest import OpenPage
from tests.support.accessible import violations
from tests.support.controller import RunningController

pytestmark = pytest.mark.asyncio(loop_scope="module")

OBSERVATION = """INSERT INTO observation
(stream, number, place, boot, mono_us, at_us, series, value, quality) VALUES (0, 0, 0, 0, 0, ?, 7, ?, 0)"""


async def full_ward(controller: RunningController, beds: int) -> None:
    """Beds in every state that a tile knows."""
    for i in range(2, beds + 1):
        await controller.add_bed(f"bed-{i}", f"Bed {i}", [f"ox-{i}"])
    await controller.add_bed("bed-empty", "Bed without device")
    await controller.add_device("ox-spare")
    say_everything(controller)
    now_ms = controller.clock.now_us() // 1000
    status = {"rssi": -90, "link_at_ms": now_ms, "battery_percent": 12, "battery_at_ms": now_ms}
    controller.hub.device("ox-1", status)
    controller.hub.device("ox-2", {"connected": False, "since_ms": now_ms})
    controller.hub.gateway("gw-a", {"state": "behind", "pending_blocks": 42, "oldest_ms": 180_000})
    place = controller.place()
    controller.hub.alerts([AlertNow("gw-a", "ox-4", "sensor-off", place, 3, True, {}, None)])


def say_everything(controller: RunningController) -> None:
    """A current value, a stale one, one with a reason and a questionable one."""
    controller.say("ox-1", spo2=97, pr_spo2=71)
    controller.say("ox-2", age_s=30, spo2=97, pr_spo2=171)
    controller.miss("ox-3", "spo2", NoValue.SENSOR_OFF)
    controller.say("ox-4", quality=Quality.OUT_OF_TRACK, spo2=88, pr_spo2=140)


async def overflow(page: Page) -> int:
    return await page.evaluate("document.documentElement.scrollWidth - innerWidth")


async def test_a_bed_is_opened_and_closed_by_keyboard_alone(
    controller: RunningController, open_board: OpenPage
) -> None:
    await controller.add_bed("bed-2", "Bed 2", ["ox-2"])
    page = await open_board()
    controller.say("ox-2", spo2=97)
    first, second = (page.get_by_role("button", name=f"Bed {n}: open") for n in (1, 2))
    await expect(second).to_be_visible()
    for _ in range(20):
        await page.keyboard.press("Tab")
        if await first.evaluate("node => node === document.activeElement"):
            break
    await page.keyboard.press("ArrowRight")
    await expect(second).to_be_focused()
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Bed 2")
    await expect(dialog).to_be_visible()
    await expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    await expect(dialog.locator(".values")).to_contain_text("97 %")
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(second).to_be_focused()


async def test_an_opened_bed_tells_of_its_devices(
    controller: RunningController, open_board: OpenPage
) -> None:
    identity = {"manufacturer": "Nonin", "model": "3012LP", "serial": "50123"}
    change = {"identity": identity, "battery_percent": 80, "battery_at_ms": 0, "bad": {"checksum": 3}}
    controller.hub.device("ox-1", change)
    page = await open_board()
    await page.get_by_role("button", name="Bed 1: open").click()
    devices = page.get_by_role("dialog").locator(".devices")
    for text in ("Nonin 3012LP", "50123", "80 %", "checksum 3", "connected"):
        await expect(devices).to_contain_text(text)


@pytest.mark.parametrize(
    ("metric", "value", "text"),
    [
        ("latitude", 48.1173, "48.1173 deg"),
        ("vehicle_course", 84.4, "84.4 deg"),
        ("st_ii", -0.05, "-0.05 mV"),
        ("temp_core", 37.0, "37.0 °C"),
        ("vent_peep", 5.1, "5.1 cmH2O"),
        ("etco2", 38.4, "38 mmHg"),
    ],
)
async def test_a_value_has_the_decimals_that_matter(
    controller: RunningController, open_board: OpenPage, metric: str, value: float, text: str
) -> None:
    page = await open_board()
    controller.say("ox-1", **{metric: value})
    await page.get_by_role("button", name="Bed 1: open").click()
    await expect(page.get_by_role("dialog").locator(".values")).to_contain_text(text)


async def test_a_device_that_nothing_was_checked_against_says_so_and_its_own_alarms_are_told(
    controller: RunningController, open_board: OpenPage
) -> None:
    now_ms = controller.clock.now_us() // 1000
    alarm = {"text": "PATIENT APNEA", "priority": "high", "at_ms": now_ms}
    controller.hub.device("ox-1", {"verified": False, "alarms": {"A1": alarm}})
    page = await open_board()
    await page.get_by_role("button", name="Bed 1: open").click()
    devices = page.get_by_role("dialog").locator(".devices")
    await expect(devices).to_contain_text("UNVERIFIED: compare with the device's display")
    await expect(devices.locator("[data-field=alarms]")).to_contain_text("PATIENT APNEA ·")


LAB_RESULT = """INSERT INTO device_event
(stream, number, place, boot, mono_us, at_us, gateway, device, kind, detail)
VALUES (0, 0, 0, 0, 0, ?, 'gw-a', 'analyser-1', 'lab-result', ?)"""


async def test_the_patient_s_laboratory_results_are_in_the_opened_bed(
    controller: RunningController, open_board: OpenPage
) -> None:
    detail = {"code": "K", "system": "lab", "text": "Potassium", "value": "6.1", "unit": "mmol/L"}
    told = json.dumps({**detail, "flags": "HH", "range": "3.5-5.1", "patient": "P1"})
    row = controller.clock.now_us() - 60_000_000, told
    await controller.store.write(lambda db: db.execute(LAB_RESULT, row))
    await controller.registry.admit("bed-1", Patient("P1", "One"), by="test")
    page = await open_board()
    await page.get_by_role("button", name="Bed 1: open").click()
    results = page.get_by_role("dialog").locator(".results")
    for text in ("Potassium", "6.1 mmol/L", "HH · range 3.5-5.1", "analyser-1 · 1 min ago"):
        await expect(results).to_contain_text(text)
    await controller.registry.discharge("bed-1", by="test")


async def test_trends_show_what_was_measured(controller: RunningController, open_board: OpenPage) -> None:
    now_us = controller.clock.now_us()

    def measured(db: sqlite3.Connection) -> None:
        db.execute("INSERT INTO series (id, device, bed, metric) VALUES (7, 'ox-1', 'bed-1', 'spo2')")
        for i in range(60):
            db.execute(OBSERVATION, (now_us - i * 5_000_000, 90 + i % 10))

    await controller.store.write(measured)
    controller.say("ox-1", spo2=97)
    page = await open_board()
    await expect(page.locator(".cell.spo2 .number")).to_have_text("97")
    await page.get_by_role("button", name="Bed 1: open").click()
    await expect(page.locator(".charts figure canvas")).to_be_visible()
    await expect(page.locator(".charts figcaption")).to_contain_text("90–99")
    async with page.expect_response("**/trends*") as answered:
        await page.get_by_role("radio", name="8 h").check()
    assert (await answered.value).ok
    await expect(page.locator(".charts figure")).to_have_count(1)


async def test_the_language_is_switched_and_remembered(
    controller: RunningController, open_board: OpenPage
) -> None:
    page = await open_board()
    controller.say("ox-1", age_s=14, spo2=97)
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await page.get_by_role("button", name="中文").click()
    await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    await expect(page.locator(".cell.spo2 .label")).to_have_text("血氧")
    await expect(page.locator(".cell.spo2 .why")).to_contain_text("已过时")
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    await expect(page.get_by_role("heading", name="病区看板")).to_be_visible()


async def test_a_chinese_browser_gets_chinese(open_page: OpenPage) -> None:
    page = await open_page(locale="zh-CN")
    await expect(page.get_by_role("button", name="登录")).to_be_visible()


async def test_the_theme_follows_the_system_until_it_is_switched_and_remembered(
    open_board: OpenPage,
) -> None:
    page = await open_board(color_scheme="dark")
    background = "getComputedStyle(document.body).backgroundColor"
    dark = await page.evaluate(background)
    await page.get_by_role("button", name="Dark or light").click()
    light = await page.evaluate(background)
    assert dark != light
    await page.reload()
    assert await page.evaluate(background) == light


async def test_a_device_without_a_bed_is_given_one(
    controller: RunningController, open_board: OpenPage
) -> None:
    await controller.add_device("ox-spare")
    page = await open_board()
    await page.get_by_role("button", name="1 device without a bed").click()
    assign = page.get_by_role("button", name="Assign")
    await expect(assign).to_be_disabled()
    await page.get_by_label("Bed for ox-spare").select_option("bed-1")
    await assign.click()
    await expect(page.get_by_role("dialog").get_by_text("All devices have a bed")).to_be_visible()
    assert controller.registry.bed_of("ox-spare") == "bed-1"


async def test_a_patient_is_put_on_a_bed_and_taken_off(
    controller: RunningController, open_board: OpenPage
) -> None:
    page = await open_board()
    await page.get_by_role("button", name="Bed 1: open").click()
    await page.get_by_role("textbox", name="Identifier").fill("P1")
    await page.get_by_role("textbox", name="Name", exact=True).fill("李娜")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("heading", name="Bed 1 · 李娜")).to_be_visible()
    await page.get_by_role("button", name="Remove patient").click()
    await expect(page.locator(".tile .patient")).to_have_text("no patient")
    assert controller.registry.beds["bed-1"].patient is None


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
async def test_a_phone_shows_everything_without_scrolling_sideways(
    controller: RunningController, open_board: OpenPage, locale: str
) -> None:
    await full_ward(controller, 5)
    page = await open_board(width=360, height=740, locale=locale)
    await expect(page.locator(".tile")).to_have_count(6)
    assert await overflow(page) <= 0
    await page.locator(".open").first.click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    assert await overflow(page) <= 0
    assert await page.locator("#bed").evaluate("node => node.scrollWidth - node.clientWidth") <= 0


@pytest.mark.parametrize("beds", [6, 12, 40])
async def test_a_wall_screen_shows_the_whole_ward_without_scrolling(
    controller: RunningController, open_board: OpenPage, beds: int
) -> None:
    for i in range(2, beds + 1):
        await controller.add_bed(f"bed-{i}", f"Bed {i}")
    page = await open_board(width=1920, height=1080)
    await expect(page.locator(".tile")).to_have_count(beds)
    await page.wait_for_function("document.querySelector('#beds').style.getPropertyValue('--columns') > 1")
    assert await overflow(page) <= 0
    assert await page.locator("main").evaluate("node => node.scrollHeight - node.clientHeight") <= 0
    size = await page.locator(".cell.hr .figure").first.evaluate(
        "node => parseFloat(getComputedStyle(node).fontSize)"
    )
    assert size >= 28


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_axe_finds_nothing_on_any_page(
    controller: RunningController, open_page: OpenPage, open_board: OpenPage, theme: str, locale: str
) -> None:
    await full_ward(controller, 5)
    login = await open_page(color_scheme=theme, locale=locale)
    assert await violations(login) == []
    page = await open_board(color_scheme=theme, locale=locale)
    say_everything(controller)
    await expect(page.locator(".cell.spo2[data-state=questionable]")).to_have_count(1)
    assert await violations(page) == []
    await page.locator(".open").first.click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    assert await violations(page) == []
    await page.keyboard.press("Escape")
    for button in ("#unassigned", "#alerts"):
        await page.locator(button).click()
        assert await violations(page) == []
        await page.keyboard.press("Escape")
