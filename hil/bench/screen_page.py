"""A real Chromium on the nurse's board, and what its page says of itself (`probe.js`).

async with browser() as chromium:
    page = await open_board(chromium, here.http, here.password)
    watched = await watch(page, seconds)
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import psutil
from playwright.async_api import Browser, Page, async_playwright

from hil.bench.site import Used, used
from hil.sims.emitted import now_ns
from hil.ward import NURSE

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
WIDTH, HEIGHT = 1920, 1080
_FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
_PROBE = Path(__file__).with_name("probe.js")
NO_VALUE = "– –"
_SYNCS = 40
_LOADED_S = 60
_LIVE_TILES = "document.querySelectorAll('.tile[data-state=live] .wave[data-state=live]').length"


class Painted(NamedTuple):
    """A number that came to stand on the screen at `at_ns` (CLOCK_BOOTTIME)."""

    bed: str
    vital: str
    text: str
    at_ns: int


@dataclass(frozen=True, slots=True)
class Watched:
    """What a page did in `seconds`. `frame_ms` are the intervals between frames; `heap_mb` 10^6 bytes."""

    seconds: float
    painted: list[Painted]
    frame_ms: list[float]
    long_ms: list[float]
    browser_cpu: float
    """Of all the browser's processes, in cores."""
    script_cpu: float
    """Of the page's main thread in scripts, in cores; `main_cpu` in anything."""
    main_cpu: float
    heap_mb: float

    @property
    def frames_per_s(self) -> float:
        """Frames of the whole time."""
        return 1000 * len(self.frame_ms) / sum(self.frame_ms)


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium without a window, inside the block."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(_FLAGS))
        try:
            yield launched
        finally:
            await launched.close()


async def open_page(chromium: Browser, address: str = "about:blank") -> Page:
    """A page of a wall screen's size, with the probe in it."""
    context = await chromium.new_context(viewport={"width": WIDTH, "height": HEIGHT}, locale="en")
    await context.add_init_script(path=_PROBE)
    page = await context.new_page()
    await page.goto(address)
    return page


async def open_board(chromium: Browser, address: str, password: str, beds: int) -> Page:
    """The board, logged in, with `beds` tiles on it that all have a number."""
    page = await open_page(chromium, f"{address}/login")
    await page.fill("#user", NURSE)
    await page.fill("#password", password)
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".tile", timeout=1000 * _LOADED_S)
    async with asyncio.timeout(_LOADED_S):
        while await page.evaluate(_LIVE_TILES) < beds:  # noqa: ASYNC110 - what is waited for is in the page
            await asyncio.sleep(0.5)
    return page


async def watch(page: Page, seconds: float) -> Watched:
    """What the page does for `seconds`."""
    session = await page.context.new_cdp_session(page)
    await session.send("Performance.enable")

    async def so_far() -> dict[str, float]:
        answer = await session.send("Performance.getMetrics")
        return {one["name"]: one["value"] for one in answer["metrics"]}

    zero_ns = await _zero_of(page)
    await page.evaluate("wardlinkProbe.take()")
    before, cpu, began = await so_far(), browser_used().cpu_s, now_ns()
    await asyncio.sleep(seconds)
    taken = await page.evaluate("wardlinkProbe.take()")
    after, passed = await so_far(), (now_ns() - began) / 1e9
    frames = taken["frames"]
    return Watched(
        passed,
        [
            Painted(bed, vital, text, zero_ns + int(at * 1e6))
            for bed, vital, text, at in taken["painted"]
            if text != NO_VALUE
        ],
        [b - a for a, b in pairwise(frames)],
        [duration for _, duration in taken["longTasks"]],
        (browser_used().cpu_s - cpu) / passed,
        (after["ScriptDuration"] - before["ScriptDuration"]) / passed,
        (after["TaskDuration"] - before["TaskDuration"]) / passed,
        after["JSHeapUsedSize"] / 1e6,
    )


async def _zero_of(page: Page) -> int:
    """CLOCK_BOOTTIME when the page's performance.now() was 0: from the quickest of some exchanges."""
    exchanges: list[tuple[int, int]] = []
    for _ in range(_SYNCS):
        asked = now_ns()
        said_ms = await page.evaluate("performance.now()")
        answered = now_ns()
        exchanges.append((answered - asked, (asked + answered) // 2 - int(said_ms * 1e6)))
    return min(exchanges)[1]


def browser_used() -> Used:
    """Of all processes of this process's browser."""
    children = psutil.Process().children(recursive=True)
    return used(*(child.pid for child in children if "chrom" in child.name()))
