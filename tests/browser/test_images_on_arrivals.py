"""The arrivals board shows the images of the patient on board, and has them before they are wanted."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, Request, expect

from controller.registry import Patient
from controller.sections import ArrivalsSection
from controller.security.permissions import Role
from tests.browser.conftest import OpenPage, enter
from tests.support import dicom
from tests.support.accessible import violations
from tests.support.archive import BesideController, beside
from tests.support.controller import RunningController, eventually, quick_passwords, running
from tests.support.fixes import GNSS

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOSPITAL = ArrivalsSection(name="General", latitude=22.28, longitude=114.158)
PEOPLE = {"physician": Role.PHYSICIAN, "wall": Role.VIEWER}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def site(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[tuple[RunningController, BesideController]]:
    folder: Path = tmp_path_factory.mktemp("arrivals")
    with quick_passwords():
        async with running(folder, **PEOPLE) as started:
            started.hospital = HOSPITAL
            async with beside(started, folder) as images:
                await started.add_bed("amb-1", "Ambulance 1", ["ox-1"])
                await started.add_device("gnss-1", GNSS)
                await started.registry.assign("gnss-1", "amb-1", "test")
                await started.registry.admit("amb-1", Patient("4711", "Muster, Anna"), "test")
                await images.put(dicom.ct(rows=128, StudyDescription="Head"))
                yield started, images


@pytest.fixture(scope="module")
def controller(site: tuple[RunningController, BesideController]) -> RunningController:
    return site[0]


async def open_arrivals(
    open_page: OpenPage, asked: list[str], user: str = "physician", **options: int | str
) -> Page:
    """With every path that the page was given in `asked`."""

    def note(request: Request) -> None:
        asked.append(request.url.partition("/api/")[2])

    page = await enter(open_page, "/public/icon.svg", user, **options)
    page.on("requestfinished", note)
    await page.goto(page.url.replace("/public/icon.svg", "/arrivals"))
    await expect(page.locator(".arrival")).to_have_count(1)
    return page


def pictures(asked: list[str]) -> list[str]:
    return [path for path in asked if "/rendered" in path]


async def test_the_newest_study_is_on_the_card_and_its_first_picture_was_fetched_before(
    open_page: OpenPage,
) -> None:
    asked: list[str] = []
    page = await open_arrivals(open_page, asked)
    study = page.locator(".arrival .studies li")
    await expect(study).to_contain_text("CT · Head2026-11-26 10:15")
    await eventually(lambda: len(pictures(asked)) > 0)
    [before] = pictures(asked)
    await study.get_by_role("button").click()
    await expect(page.locator(".viewer .now-shown")).to_contain_text("Image 1 of 1 · Window 40/400")
    assert pictures(asked) == [before], "what was fetched before is shown, and not asked for again"
    assert await violations(page) == []


@pytest.mark.long
async def test_a_study_that_comes_during_the_ride_comes_onto_the_card(
    site: tuple[RunningController, BesideController], open_page: OpenPage
) -> None:
    page = await open_arrivals(open_page, [])
    studies = page.locator(".arrival .studies li")
    await expect(studies.first).to_contain_text("Head")
    await site[1].put(dicom.us_cine(StudyDescription="FAST", StudyTime="111500"))
    await expect(studies.first).to_contain_text("US · FAST", timeout=40_000)


async def test_a_wall_that_may_see_no_images_asks_for_none(open_page: OpenPage) -> None:
    asked: list[str] = []
    page = await open_arrivals(open_page, asked, "wall")
    await expect(page.locator(".arrival .patient")).to_have_text("Muster, Anna")
    await page.wait_for_timeout(1000)
    assert [path for path in asked if "imaging" in path] == []
    await expect(page.locator(".arriving")).to_be_hidden()
