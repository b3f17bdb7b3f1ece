"""The trial model in an opened bed: its number beside NEWS2, what it was trained on, why there is none."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from controller.api.models_context import MODELS
from controller.models.section import ModelsSection
from controller.registry import Patient
from controller.scores.entries import keep
from tests.browser.conftest import OpenPage
from tests.support.accessible import violations
from tests.support.controller import RunningController
from tests.support.models import model_file

pytestmark = pytest.mark.asyncio(loop_scope="module")
SCALE_2 = {"scale": {"spo2": 2}}
FOUND = {"consciousness": {"acvpu": "A"}, "oxygen": {"on": False, "l_min": None}}


@pytest_asyncio.fixture(loop_scope="module")
async def site(controller: RunningController, tmp_path: Path) -> AsyncIterator[RunningController]:
    await controller.stop()
    controller.models = ModelsSection(file=model_file(tmp_path))
    await controller.start()
    await controller.registry.admit("bed-1", Patient("P1", "Li Na"), "test")
    yield controller
    controller.models = None


@asynccontextmanager
async def looked_at(site: RunningController, **other: float) -> AsyncIterator[None]:
    """An ill patient who is measured all the time, and at whom the model has looked."""

    async def measure() -> None:
        while True:
            site.say("ox-1", **{"spo2": 93, "hr": 124, "rr": 28, "temp_body": 38.4, "nibp_sys": 96, **other})
            await asyncio.sleep(1)

    measuring = asyncio.create_task(measure())
    await asyncio.sleep(0)
    site.hub.tick()
    await site.app[MODELS].scoring.look()
    yield
    measuring.cancel()


async def line(page: Page) -> Locator:
    await page.locator(".tile .open").click()
    return page.locator("#bed .modelled")


async def test_the_line_says_what_it_is_and_why_there_is_no_number(
    site: RunningController, open_board: OpenPage
) -> None:
    async with looked_at(site):
        modelled = await line(await open_board())
        await expect(modelled).to_have_attribute("data-state", "none")
        await expect(modelled).to_contain_text("not computed: NEWS2 is not complete")
        await expect(modelled).to_contain_text("trained on simulated data – for trial only")


async def test_a_number_stands_beside_news2_with_its_ages_and_what_pushes_it(
    site: RunningController, open_board: OpenPage
) -> None:
    await keep(site.store, site.clock, "bed-1", patient="P1", found=FOUND, by="nurse", where="")
    await site.registry.assessed()
    async with looked_at(site):
        page = await open_board()
        modelled = await line(page)
        await expect(modelled).to_have_attribute("data-state", "computed")
        await expect(modelled.locator(".model-figure")).to_have_text(
            re.compile(r"^\d+ % risk of death, cardiac arrest or unplanned intensive care within 12 h$")
        )
        await expect(modelled.locator(".model-age")).to_have_text(
            re.compile(r"computed .+ ago, oldest input")
        )
        await expect(modelled.locator(".model-pushes")).to_contain_text("raised most by")
        await expect(page.locator("#bed .scores .score")).to_have_attribute("data-state", "high")
        assert await violations(page) == []
        await keep(site.store, site.clock, "bed-1", patient="P1", found=SCALE_2, by="nurse", where="")
        await site.registry.assessed()
        # At once: the number was made of scale 1, and the model looks again in five minutes only.
        await expect(modelled.locator(".model-figure")).to_have_text("not computed: SpO₂ scale 2")


async def test_a_value_beyond_what_it_was_trained_on_is_named(
    site: RunningController, open_board: OpenPage
) -> None:
    await keep(site.store, site.clock, "bed-1", patient="P1", found=FOUND, by="nurse", where="")
    await site.registry.assessed()
    async with looked_at(site, nibp_sys=290):
        modelled = await line(await open_board())
        await expect(modelled.locator(".model-figure")).to_have_text(
            "not computed: systolic BP: value or trend beyond what it was trained on"
        )
