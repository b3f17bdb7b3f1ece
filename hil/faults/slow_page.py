"""The nurse's board in a real Chromium that is slowed, and whether what stands on it is honest.

    async with board(address, cookie) as page:
        await page.slow_processor(20)
        look = await page.look()
        lies(look)

How old a number is can be told without the board: `hil.faults.busy_gateway` gives a pulse rate that says when
it was measured.
"""

import os
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from playwright.async_api import CDPSession, Page, Route, async_playwright

from hil.faults.busy_gateway import LEAST_PULSE, PULSES
from hil.sims.emitted import now_ns

_CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
)
_PATIENCE_MS = 120_000
_TOLERATED_S = 2.0
"""A tick, a busy machine, and a reading that was measured at the end of its second."""
_CELLS = """() => ({
  lost: document.body.classList.contains("not-live"),
  stopped: Number(getComputedStyle(document.getElementById("stopped")).opacity) > 0.5,
  cells: [...document.querySelectorAll(".tile .cell.hr")].map((cell) => [
    cell.dataset.state,
    cell.querySelector(".number").textContent,
    cell.querySelector(".age").textContent,
  ]),
})"""
_WORK = """() => {
  const began = performance.now();
  for (let i = 0; i < 5e7; i++);
  return performance.now() - began;
}"""
_AGE = re.compile(r"(\d+) (s|min)")
_SECONDS = {"s": 1, "min": 60}


@dataclass(frozen=True, slots=True)
class Look:
    """What stood on the board at some moment between `at` and `end` (ns since boot).

    `warned`: it said itself that it is not to be believed. `pulses`: number and age (s) of each that is shown
    as current; `dashes`: how many beds have none.
    """

    at: int
    end: int
    warned: bool
    pulses: tuple[tuple[int, int], ...]
    dashes: int


def lies(look: Look) -> Iterator[str]:
    """Numbers that are older than what stands beside them, if the board does not say that it is not live."""
    for number, shown_s in () if look.warned else look.pulses:
        measured = number - LEAST_PULSE
        # It was measured in a whole second, of which the end counts, and may have been while one looked.
        youngest = (look.end - look.at) / 1e9 + 1 + _TOLERATED_S
        age_s = (look.at / 1e9 - measured - 1 + youngest) % PULSES - youngest
        if age_s > shown_s + 1 + _TOLERATED_S:
            yield f"a pulse rate that was {age_s:.0f} s old was shown as {shown_s} s old"


class BoardPage:
    """A page that is signed in. `faults`: what its scripts failed with."""

    def __init__(self, page: Page, devtools: CDPSession) -> None:
        self.page = page
        self.faults: list[str] = []
        self._devtools = devtools
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    async def slow_processor(self, times: float) -> None:
        """Everything that the page does takes `times` as long (Chrome DevTools Protocol, Emulation)."""
        await self._devtools.send("Emulation.setCPUThrottlingRate", {"rate": times})

    async def reload_slowly(self, slow: Callable[[], None]) -> None:
        """Load it again: its scripts come as they did before; `slow` is called before the events begin."""

        async def slowed(route: Route) -> None:
            slow()
            await route.continue_()

        await self.page.route("**/api/events", slowed)
        await self.page.reload()
        await self.page.unroute("**/api/events")

    async def work_ms(self) -> float:
        """How long the page takes for some work, at its quickest of three times."""
        return min([await self.page.evaluate(_WORK) for _ in range(3)])

    async def look(self) -> Look:
        """What stands on it now."""
        at = now_ns()
        seen: dict[str, Any] = await self.page.evaluate(_CELLS)
        shown = [cell for cell in seen["cells"] if cell[0] in ("current", "questionable")]
        pulses = tuple((int(number), _seconds(age)) for _, number, age in shown)
        return Look(at, now_ns(), seen["lost"] or seen["stopped"], pulses, len(seen["cells"]) - len(shown))

    async def heap_bytes(self) -> int:
        """What its scripts hold, after their garbage has been collected."""
        await self._devtools.send("HeapProfiler.collectGarbage")
        metrics = (await self._devtools.send("Performance.getMetrics"))["metrics"]
        return next(int(one["value"]) for one in metrics if one["name"] == "JSHeapUsedSize")


def _seconds(age: str) -> int:
    found = _AGE.fullmatch(age)
    return 0 if found is None else int(found[1]) * _SECONDS[found[2]]


@asynccontextmanager
async def board(address: str, cookie: str) -> AsyncIterator[BoardPage]:
    """A browser of its own on the board, signed in by `cookie`, once a bed is shown.

    Raises playwright's Error.
    """
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_CHROMIUM, args=list(_FLAGS))
        try:
            context = await browser.new_context(viewport={"width": 1600, "height": 1000}, locale="en")
            page = await context.new_page()
            page.set_default_timeout(_PATIENCE_MS)
            devtools = await context.new_cdp_session(page)
            for domain in ("Performance", "HeapProfiler"):
                await devtools.send(f"{domain}.enable")
            name, _, value = cookie.partition("=")
            await context.add_cookies([{"name": name, "value": value, "url": address}])
            await page.goto(address)
            await page.wait_for_selector(".tile")
            yield BoardPage(page, devtools)
        finally:
            await browser.close()
