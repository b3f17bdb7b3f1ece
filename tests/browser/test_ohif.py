"""OHIF behind our login: opened from the worklist, under its own policy, with pictures on the screen."""

import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, Request, Response, async_playwright, expect

from controller.security.permissions import Role
from controller.stays import Patient
from tests.browser.conftest import CHROMIUM, FLAGS, log_in
from tests.support import dicom
from tests.support.archive import BesideController, beside
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.people import add_person

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(400)]

VIEWER = Path(sys.prefix) / "ohif"
"""`./run` prepares it."""
GL = ("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
"""The viewer draws with WebGL: by the processor, here."""
SHOWN = """() => {
  const canvas = document.querySelector(".cornerstone-canvas");
  if (!canvas || !canvas.width) return 0;
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.filter((level, at) => at % 4 !== 3 && level > 60).length / (data.length * 0.75);
}"""
"""Which part of the picture on the screen is bright."""


@dataclass
class Seen:
    """What a page did that it should not."""

    faults: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """From now on."""
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._said)
        page.on("request", self._asked)
        page.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        if "Policy" in message.text:
            self.faults.append(message.text)

    def _asked(self, request: Request) -> None:
        self.asked.append(request.url)
        if not request.url.startswith(("http://127.0.0.1:", "blob:", "data:")):
            self.elsewhere.append(request.url)

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.refused.append(f"{response.status} {response.url}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    flags = [flag for flag in FLAGS if flag != "--disable-gpu"]
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*flags, *GL])
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="module")
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    with quick_passwords():
        async with running(tmp_path, engineer=Role.ENGINEER) as started:
            await started.add_bed("bed-1", "Bed 1")
            await started.registry.admit("bed-1", Patient("4711", "Muster, Anna"), "test")
            await add_person(started, "nurse", Role.NURSE, ["ward-a"])
            yield started


@pytest_asyncio.fixture(loop_scope="module")
async def archive(controller: RunningController, tmp_path: Path) -> AsyncIterator[BesideController]:
    assert VIEWER.is_dir(), f"the viewer is not in {VIEWER}: ./run test brings it"
    async with beside(controller, tmp_path, VIEWER) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def seen() -> Seen:
    return Seen()


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, controller: RunningController, seen: Seen) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport={"width": 1024, "height": 768}, locale="en", has_touch=True)
    opened = await context.new_page()
    opened.set_default_timeout(150_000)
    seen.watch(opened)
    await opened.goto(f"{controller.address}/login")
    yield opened
    await context.close()


async def open_study(page: Page, controller: RunningController, what: str) -> None:
    """As a nurse does: from the worklist, by its button."""
    await page.goto(f"{controller.address}/imaging")
    await page.locator("#list tbody tr").filter(has_text=what).get_by_role("link").click()


async def shown(page: Page, least: float) -> None:
    """Waits until as much of the picture is bright."""
    await page.wait_for_function(f"() => ({SHOWN})() > {least}", timeout=150_000)


async def test_a_ct_series_and_a_cine_of_jpegs_are_drawn_by_our_files_alone_and_a_link_leads_back(
    controller: RunningController, archive: BesideController, page: Page, seen: Seen
) -> None:
    await archive.put(*dicom.ct_series(5, StudyDescription="CT of the head"))
    await archive.put(dicom.us_cine(6, StudyDescription="FAST", rows=240, columns=320))
    await log_in(page)
    await page.wait_for_url(f"{controller.address}/")
    await open_study(page, controller, "CT of the head")
    await shown(page, 0.2)
    await expect(page.get_by_text("(1/5)")).to_be_visible()
    assert await page.evaluate("crossOriginIsolated")
    await open_study(page, controller, "FAST")
    await shown(page, 0.01)
    await expect(page.get_by_text("(1/6)")).to_be_visible()
    assert [one for one in seen.asked if "/frames/" in one]
    assert (seen.faults, seen.refused, seen.elsewhere) == ([], [], [])
    await page.get_by_role("link", name="Wardlink").click()
    await page.wait_for_url(f"{controller.address}/imaging")


async def test_of_another_wards_patient_the_viewer_shows_nothing(
    controller: RunningController, archive: BesideController, page: Page, seen: Seen
) -> None:
    [verdict, own] = await archive.put(dicom.ct("4712"), dicom.ct("4711"))
    await log_in(page)
    await page.wait_for_url(f"{controller.address}/")
    await page.goto(f"{archive.address}/viewer?StudyInstanceUIDs={own.study}")
    await shown(page, 0.2)
    seen.asked.clear()
    await page.goto(f"{archive.address}/viewer?StudyInstanceUIDs={verdict.study}")
    await expect(page.get_by_text("not available", exact=False).first).to_be_visible(timeout=60_000)
    assert not [one for one in seen.asked if "/frames/" in one]


async def test_without_a_session_the_viewer_leads_to_the_login_and_that_to_the_study(
    controller: RunningController, archive: BesideController, page: Page
) -> None:
    [wanted, _] = await archive.put(dicom.ct("4711"), dicom.ct("4711"))
    await page.goto(f"{archive.address}/viewer?StudyInstanceUIDs={wanted.study}")
    await page.wait_for_url(f"{controller.address}/login?study={wanted.study}")
    await log_in(page)
    studies = page.locator("#list tbody tr")
    await expect(studies).to_have_count(1)
    await expect(studies).to_have_attribute("data-study", wanted.study)
    await page.get_by_role("button", name="Show all").click()
    await expect(studies).to_have_count(2)
