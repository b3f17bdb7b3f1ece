"""An opened bed's live part: swept waveforms beside large numbers with their ages, and the active alarms."""

import asyncio
import math
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from controller.live import AlertNow, Wave
from controller.registry import Patient
from devices.model.observation import Priority
from tests.browser.conftest import OpenPage
from tests.support.accessible import violations
from tests.support.controller import RunningController

pytestmark = pytest.mark.asyncio(loop_scope="module")
MEASURED = '["hr", "spo2", "rr", "etco2", "nibp_sys", "nibp_dia", "ecg_ii", "pleth", "co2_wave", "resp_wave"]'
WAVES = ("resp_wave", "ecg_ii", "pleth", "co2_wave")
RATE, EVERY_S = 100, 0.2
INKED = """(node) => {
  const { data } = node.getContext("2d").getImageData(0, 0, node.width, node.height);
  return data.some((byte) => byte > 0);
}"""
COUNTS_STROKES = """() => {
  const { prototype } = CanvasRenderingContext2D;
  const { stroke } = prototype;
  window.strokes = { live: 0, elsewhere: 0 };
  prototype.stroke = function () {
    window.strokes[this.canvas.closest(".tile") ? "elsewhere" : "live"] += 1;
    stroke.call(this);
  };
}"""


@pytest_asyncio.fixture(loop_scope="module")
async def monitored(controller: RunningController) -> RunningController:
    """Bed 1 has a patient and a monitor, too."""
    await controller.add_device("mon-1", MEASURED)
    await controller.registry.assign("mon-1", "bed-1", "test")
    await controller.registry.admit("bed-1", Patient("P1", "Li Na"), "test")
    controller.hub.device("mon-1", {"connected": True, "since_ms": 0})
    return controller


@asynccontextmanager
async def alive(controller: RunningController) -> AsyncIterator[None]:
    """The monitor measures, inside of it."""
    task = asyncio.create_task(measure(controller))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def measure(controller: RunningController) -> None:
    count, turn = round(RATE * EVERY_S), 0
    while True:
        controller.say("mon-1", hr=84, spo2=97, rr=14, etco2=38, nibp_sys=121, nibp_dia=79)
        samples = array("h", (round(900 * math.sin((turn + i) / 9)) for i in range(count))).tobytes()
        place = controller.place(EVERY_S)
        controller.hub.waves(
            Wave("mon-1", metric, place, RATE * 1000, samples, 1.0, 0.0, 0, None) for metric in WAVES
        )
        turn += count
        await asyncio.sleep(EVERY_S)


async def opened(open_board: OpenPage, **options: int | str) -> tuple[Page, Locator]:
    page = await open_board(**options)
    await page.locator(".tile .open").first.click()
    return page, page.locator("#bed .live")


def alarm(controller: RunningController, **detail: str | int) -> None:
    told = {"alarm": 7, "value": "85", "limit": "90", **detail}
    place = controller.place()
    controller.hub.alerts([AlertNow("gw-a", "mon-1", "spo2-low", place, Priority.MEDIUM, True, told, None)])


async def test_waves_and_numbers_are_there_at_once_and_none_stands_when_nothing_comes(
    monitored: RunningController, open_board: OpenPage
) -> None:
    async with alive(monitored):
        page, live = await opened(open_board)
        for name in ("ecg", "pleth", "co2", "resp"):
            await expect(live.locator(f".lane.{name}")).to_have_attribute("data-state", "live")
        names = await live.locator(".lane").evaluate_all("nodes => nodes.map(node => node.className)")
        assert names == ["lane ecg", "lane pleth", "lane co2", "lane resp"]
        await expect(live.locator(".number")).to_have_text(["84", "97", "121/79", "14", "38", "– –"])
        await expect(live.locator(".hr .age")).to_have_text("0 s")
        await page.wait_for_function(f"() => ({INKED})(document.querySelector('.live .ecg canvas'))")
    monitored.clock.let_pass(200)  # not so long that the screen is locked
    for name in ("ecg", "pleth", "co2", "resp"):
        await expect(live.locator(f".lane.{name} canvas")).to_be_hidden()
        await expect(live.locator(f".lane.{name} .lane-text")).to_contain_text("no waveform 3 min")
    for name in ("hr", "spo2", "rr", "etco2"):
        await expect(live.locator(f".cell.{name}")).to_have_attribute("data-state", "stale")
        await expect(live.locator(f".cell.{name} .number")).to_have_text("– –")
    async with alive(monitored):
        await expect(live.locator(".lane.ecg canvas")).to_be_visible()
        await expect(live.locator(".hr .number")).to_have_text("84")


async def test_a_lost_connection_stops_the_waves_and_ages_the_numbers(
    monitored: RunningController, open_board: OpenPage
) -> None:
    async with alive(monitored):
        page, live = await opened(open_board)
        await expect(live.locator(".lane.ecg")).to_have_attribute("data-state", "live")
        await monitored.stop()
        await expect(live.locator(".lane.ecg canvas")).to_be_hidden()
        await expect(live.locator(".lane.ecg .lane-text")).to_contain_text("no waveform")
        await expect(page.locator("#bed .lost")).to_be_visible()
        await expect(live.locator(".hr .age")).not_to_have_text("0 s")
    await monitored.start()


async def test_a_closed_panel_draws_nothing_and_keeps_no_canvas(
    monitored: RunningController, open_board: OpenPage
) -> None:
    async with alive(monitored):
        page, live = await opened(open_board)
        await page.evaluate(COUNTS_STROKES)
        await page.wait_for_function("() => strokes.live > 8")
        await page.keyboard.press("Escape")
        await expect(live.locator("canvas")).to_have_count(0)
        await page.evaluate("strokes.live = strokes.elsewhere = 0")
        monitored.wave("ox-1", bytes(300), rate_hz=75)
        await page.wait_for_function("() => strokes.elsewhere > 8")
        assert await page.evaluate("strokes.live") == 0
        await page.locator(".tile .open").click()
        await expect(live.locator("canvas:visible")).to_have_count(4)
        await page.wait_for_function("() => strokes.live > 8")


async def test_no_trace_goes_on_under_another_patients_name(
    monitored: RunningController, open_board: OpenPage
) -> None:
    async with alive(monitored):
        page, live = await opened(open_board)
        await page.wait_for_function(f"() => ({INKED})(document.querySelector('.live .ecg canvas'))")
    await monitored.registry.admit("bed-1", Patient("P2", "Wang Wei"), "test")
    await expect(page.locator("#bed-title")).to_have_text("Bed 1 · Wang Wei")
    await expect(live.locator(".lane.ecg")).to_have_attribute("data-state", "none")
    assert not await live.locator(".lane.ecg canvas").evaluate(INKED)


async def test_its_alarms_have_limits_and_who_has_seen_them(
    monitored: RunningController, open_board: OpenPage
) -> None:
    _, live = await opened(open_board)
    alarm(monitored)
    row = live.locator(".list li")
    await expect(row).to_contain_text("SpO₂ low · 85 (limit 90) · mon-1")
    await row.get_by_role("button", name="I have seen it").click()
    alarm(monitored, seen=1, by="kim", crew=1)
    await expect(row).to_contain_text("seen by kim (crew)")
    await expect(row.get_by_role("button")).to_have_count(0)


async def test_a_bed_without_waveforms_has_no_live_part(
    controller: RunningController, open_board: OpenPage
) -> None:
    await controller.add_bed("bed-0", "Bed 0")
    page, live = await opened(open_board)
    await expect(page.locator("#bed-title")).to_have_text("Bed 0")
    await expect(live).to_be_hidden()


@pytest.mark.parametrize(
    ("locale", "scheme", "width"), [("en", "light", 1280), ("zh-CN", "dark", 1280), ("en", "dark", 360)]
)
async def test_everyone_can_read_it_on_a_phone_too(
    monitored: RunningController, open_board: OpenPage, locale: str, scheme: str, width: int
) -> None:
    alarm(monitored)
    async with alive(monitored):
        page, live = await opened(open_board, locale=locale, color_scheme=scheme, width=width)
        await expect(live.locator(".lane.ecg")).to_have_attribute("data-state", "live")
        assert await page.locator("#bed").evaluate("node => node.scrollWidth - node.clientWidth") <= 0
        found = await violations(page)
        assert [violation["id"] for violation in found] == []
