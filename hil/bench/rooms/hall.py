"""A controller with a visit that is held, and a browser whose pages sit in its room.

async with hall(folder) as here, here.browser() as chromium:
    party = await here.party(chromium)
    await party.enter()
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

from hil.bench.screen_page import CHROMIUM
from hil.bench.site import Died, Site, site
from hil.errors import NotReady
from hil.ward import NURSE, six_kinds

FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"),
    *("--autoplay-policy=no-user-gesture-required", "--disable-renderer-backgrounding"),
    *("--disable-background-timer-throttling", "--disable-backgrounding-occluded-windows"),
    *("--allow-loopback-in-peer-connection", "--enable-precise-memory-info"),
)
PATIENT = "BENCH-0001"
_PROBES = tuple(Path(__file__).with_name(name) for name in ("probe.js", "strokes.js"))
_PATIENCE_S, _LOADED_S = 60.0, 90.0
_EVERY_S = 0.05


@dataclass(frozen=True, slots=True)
class Camera:
    """A page's camera, and how it may send: `relay`: by TURN only; `governed`: as the product does."""

    width: int = 160
    height: int = 90
    fps: int = 5
    relay: bool = False
    governed: bool = True


@dataclass(slots=True)
class Party:
    """One page in the room."""

    page: Page
    faults: list[str]

    async def enter(self) -> None:
        """Press the button; the pictures come afterwards."""
        await self.page.evaluate("wardlinkProbe.enter()")

    async def seen(self, others: int, within_s: float = _PATIENCE_S) -> float:
        """Wait for so many pictures; milliseconds from the press to the last. Raises NotReady."""
        try:
            async with asyncio.timeout(within_s):
                while await self.page.evaluate("wardlinkProbe.seen()") < others:  # noqa: ASYNC110 - in the page
                    await asyncio.sleep(_EVERY_S)
        except TimeoutError:
            how = await self.how()
            raise NotReady(f"expected {others} pictures within {within_s:.0f} s; {how}") from None
        return await self.page.evaluate("wardlinkProbe.joined()")

    async def take(self) -> dict[str, Any]:
        """What was measured since the last time (probe.js)."""
        return await self.page.evaluate("wardlinkProbe.take()")

    async def tell_vitals(self, per_second: int) -> None:
        """Messages of 200 bytes by the room's channel for vital signs, from now on."""
        await self.page.evaluate("rate => { wardlinkProbe.vitals(rate); }", per_second)

    async def leave(self) -> None:
        """Leave, and close the page."""
        await self.page.evaluate("document.querySelector('#room .leave').click()")
        await self.page.context.close()

    async def how(self) -> str:
        """What it shows of the others, for people."""
        tiles = "[...document.querySelectorAll('.tile')].map(one => one.innerText.replace(/\\s+/g, ' '))"
        problem = await self.page.locator("#problem").inner_text()
        return f"the page shows {await self.page.evaluate(tiles)} {problem}; faults: {self.faults}"


@dataclass(slots=True)
class Hall:
    """The controller and the visit."""

    site: Site
    _state: Any = None

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[Browser]:
        """One for all pages, in which the nurse is logged in and the visit is held. Raises NotReady."""
        async with async_playwright() as playwright:
            chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
            try:
                await self._begin(chromium)
                yield chromium
            finally:
                await chromium.close()

    async def party(self, chromium: Browser, camera: Camera) -> Party:
        """A page before the room's door."""
        viewport = {"width": 640, "height": 480}
        context = await chromium.new_context(storage_state=self._state, viewport=viewport, locale="en")  # type: ignore[arg-type]
        await context.add_init_script(f"window.wardlinkBench = {json.dumps(asdict(camera))}")
        for probe in _PROBES:
            await context.add_init_script(path=probe)
        page = await context.new_page()
        page.set_default_timeout(1000 * _LOADED_S)
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        await page.goto(f"{self.site.http}/visits")
        await page.locator("#list li button").first.click()
        await page.locator("[data-do=enter]").wait_for()
        return Party(page, faults)

    async def _begin(self, chromium: Browser) -> None:
        context = await chromium.new_context()
        address = self.site.http
        who = {"user": NURSE, "password": self.site.password}
        await context.request.post(f"{address}/api/login", data=who, headers={"Origin": address})
        person = {"name": "Example, Ada", "birth_date": "1950-03-07", "sex": "female", "ward": "demo-ward"}
        await self._post(context, "patients", identifier=PATIENT, **person)
        booked = await self._post(
            context, "visits", patient=PATIENT, start_ms=None, reason="bench", way="bedside"
        )
        consent = f"visits/{booked['visit']['number']}/consents"
        await self._post(context, consent, scope="video", said="permit")
        self._state = await context.storage_state()
        await context.close()

    async def _post(self, context: Any, what: str, **body: Any) -> Any:
        address = self.site.http
        answer = await context.request.post(f"{address}/api/{what}", data=body, headers={"Origin": address})
        if not answer.ok:
            raise NotReady(f"the controller refused {what}: {await answer.text()}")
        return await answer.json()


@asynccontextmanager
async def hall(root: Path, more: str = "", died: Died | None = None) -> AsyncIterator[Hall]:
    """In an empty folder. `more`: of the controller's configuration; `died`: it may die. Raises NotReady."""
    async with site(root, six_kinds(1), more=more, died=died) as here:
        yield Hall(here)
