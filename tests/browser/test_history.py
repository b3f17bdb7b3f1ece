"""A minute of a bed's waveforms, looked at again: by a button, and by a click on a trend."""

import sqlite3
import struct
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Page, Response, expect

from tests.browser.conftest import OpenPage
from tests.support.controller import RunningController

pytestmark = pytest.mark.asyncio(loop_scope="module")

WAVE = """INSERT INTO waveform
(stream, number, place, boot, mono_us, at_us, series, rate_mhz, scale, "offset",
samples, quality) VALUES (0, 0, 0, 0, 0, ?, 8, 50000, 1.0, 0.0, ?, 0)"""
VALUE = """INSERT INTO observation (stream, number, place, boot, mono_us, at_us, series, value, quality)
VALUES (0, 0, 0, 0, 0, ?, 9, ?, 0)"""
SECOND = struct.pack("<50h", *(i % 25 * 100 for i in range(50)))
INK = """(canvas, at_ms) => { const { width, height } = canvas, line = height / 6;
const row = Math.floor(at_ms / 10000), from = (at_ms % 10000) / 10000;
const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
for (let y = Math.ceil(row * line); y < (row + 1) * line - 1; y++)
  for (let x = Math.ceil(from * width); x < Math.min(from + 0.03, 1) * width; x++)
    if (data[4 * (y * width + x) + 3]) return true;
return false; }"""
"""Whether there is ink in the 0.3 s after a time of the minute."""


async def measured(controller: RunningController, end_us: int) -> None:
    """A minute of pleth and SpO2 up to `end_us`, but no pleth in seconds 22 to 28."""

    def work(db: sqlite3.Connection) -> None:
        for number, metric in ((8, "pleth"), (9, "spo2")):
            db.execute("INSERT INTO series VALUES (?, 'ox-1', 'bed-1', ?)", (number, metric))
        for second in range(60):
            at_us = end_us - 60_000_000 + second * 1_000_000
            db.execute(VALUE, (at_us, 97))
            if not 22 <= second < 28:
                db.execute(WAVE, (at_us, SECOND))

    await controller.store.write(work)


async def opened(controller: RunningController, open_board: OpenPage) -> Page:
    controller.say("ox-1", spo2=97)
    page = await open_board()
    await expect(page.locator(".cell.spo2 .number")).to_have_text("97")
    await page.get_by_role("button", name="Bed 1: open").click()
    return page


async def is_drawn(page: Page, answer: Response, gap_us: int) -> None:
    """The figure has ink before the gap that began at `gap_us`, and none in it."""
    assert answer.ok
    [from_ms] = parse_qs(urlsplit(answer.url).query)["from_ms"]
    gap_ms = gap_us // 1000 - int(from_ms)
    figure = page.locator(".minute figure")
    await expect(figure).to_have_count(1)
    await expect(figure).to_contain_text("Pleth")
    await expect(figure).to_contain_text("ox-1")
    ink = [await figure.locator("canvas").evaluate(INK, gap_ms + at) for at in (-2_000, 2_000, 4_000)]
    assert ink == [True, False, False]


async def test_the_last_minute_of_waveforms_is_shown_with_its_gap(
    controller: RunningController, open_board: OpenPage
) -> None:
    end_us = controller.clock.now_us()
    await measured(controller, end_us)
    page = await opened(controller, open_board)
    async with page.expect_response("**/waveforms*") as answered:
        await page.get_by_role("button", name="Waveforms of the last minute").click()
    await is_drawn(page, await answered.value, end_us - 38_000_000)


async def test_a_click_on_a_trend_shows_the_waveforms_of_that_time(
    controller: RunningController, open_board: OpenPage
) -> None:
    end_us = controller.clock.now_us() - 8 * 60_000_000
    await measured(controller, end_us)
    page = await opened(controller, open_board)
    over = page.locator(".charts .u-over").first
    box = await over.bounding_box()
    assert box is not None
    # The chart shows 15 minutes; its values stand 8 to 9 minutes ago.
    async with page.expect_response("**/waveforms*") as answered:
        await over.click(position={"x": box["width"] * (15 - 8.5) / 15, "y": box["height"] / 2})
    await is_drawn(page, await answered.value, end_us - 38_000_000)


async def test_a_minute_without_waveforms_says_so_and_can_be_closed(
    controller: RunningController, open_board: OpenPage
) -> None:
    page = await opened(controller, open_board)
    await page.get_by_role("button", name="Waveforms of the last minute").click()
    minute = page.locator(".minute")
    await expect(minute).to_contain_text("No waveform was measured in this minute")
    before = await minute.locator("h4").text_content()
    await minute.get_by_role("button", name="One minute earlier").click()
    await expect(minute.locator("h4")).not_to_have_text(before or "")
    await minute.get_by_role("button", name="Close waveforms").click()
    await expect(minute).to_be_hidden()
