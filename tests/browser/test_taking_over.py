"""A patient moves from vehicle to bed: one touch at the box, one confirmation on the board, one record."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from controller.clock import SystemClock
from controller.security.permissions import Role
from controller.security.users import set_password
from controller.store import Store
from devices.model.observation import EventKind
from tests.browser.conftest import PATIENCE_MS, OpenPage, begin_shift, log_in
from tests.integration.controller.conftest import Site
from tests.integration.controller.conftest import site as site  # noqa: PLC0414 - a fixture
from tests.integration.gateway.rig import ROOT, GatewayProcess, Ox, write_config
from tests.support.accessible import violations
from tests.support.broker_process import free_port
from tests.support.controller import PASSWORD, RunningController, quick_passwords, running
from tests.support.crew import BEN, Board, make_vehicle
from tests.support.crew_page import NAME, PIN, CrewBox
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")
RECORD = "UPDATE gateway SET class = 'vehicle', place = 'bed-1' WHERE id = 'ward-a'"
STAYS = "SELECT bed, identifier, to_ms IS NULL FROM stay ORDER BY from_ms"


@pytest.fixture
def ox() -> Iterator[Ox]:
    with Ox() as started:
        yield started


@dataclass
class Both:
    """A controller, and the gateway of the vehicle bed-1 with its crew's page."""

    site: Site
    config: Path
    crew_port: int


def add_person(config: Path) -> None:
    command = [sys.executable, "-m", "wardlink", "gateway", "crew-add", str(config), NAME, "--pin-stdin"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(command, input=f"{PIN}\n", text=True, check=True, capture_output=True, env=env, cwd=ROOT)


@pytest_asyncio.fixture(loop_scope="module")
async def both(tmp_path: Path, site: Site, ox: Ox) -> AsyncIterator[Both]:
    store = await Store.open(site.config.database)
    with quick_passwords():
        await set_password(store, SystemClock(), "nurse", PASSWORD, Role.NURSE)
    await store.write(lambda db: db.execute(RECORD))
    await store.close()
    async with site.running():
        port, folder = free_port(), tmp_path / "box"
        folder.mkdir()
        crew = f'[crew]\nvehicle = "bed-1"\naddress = "127.0.0.1:{port}"\n'
        url, identity = f"mqtts://127.0.0.1:{site.port}", tmp_path / "identities" / "ward-a"
        config = write_config(folder, url, ox.port, identity=identity, extra=crew)
        add_person(config)
        with GatewayProcess(config):
            yield Both(site, config, port)


async def fresh(browser: Browser, address: str) -> Page:
    page = await (await browser.new_context(locale="en")).new_page()
    page.set_default_timeout(PATIENCE_MS)
    await page.goto(address)
    return page


async def is_clean(*pages: Page) -> None:
    for page in pages:
        assert await violations(page) == []


async def test_one_touch_and_one_confirmation_and_the_bed_shows_the_ride(
    browser: Browser, both: Both
) -> None:
    crew = await on_shift(browser, both.crew_port)
    await crew.click("#marks [data-mark=rosc]")
    await crew.click("#hand-over")
    await expect(crew.locator("#handed")).to_contain_text("Waiting for the hospital since")
    await crew.get_by_label("To (bed, ward, person)").fill("ER 2")
    await crew.get_by_role("button", name="Say so").click()
    await expect(crew.locator("#handed")).to_contain_text("(ER 2)")
    nurse = await fresh(browser, f"{both.site.addresses()['http']}/login")
    await log_in(nurse)
    await nurse.get_by_role("button", name=re.compile("^Bed 1")).first.click()
    offer = nurse.locator("#bed .offers li")
    await expect(offer).to_contain_text(f"Offered by {NAME}")
    await is_clean(crew, nurse)
    await offer.get_by_label("Bed").select_option("Bed 2")
    await offer.get_by_role("button", name="Take over unknown").click()
    await expect(crew.locator("#handed")).to_contain_text("Taken over by nurse on Bed 2 at")
    await expect(crew.locator("#patient")).to_contain_text("No patient")
    await expect(crew.locator("#sheet")).to_be_hidden()
    await expect(nurse.locator("#bed .offers")).to_be_hidden()
    await nurse.locator("#bed .close").click()
    await nurse.get_by_role("button", name=re.compile("^Bed 2")).first.click()
    ride = nurse.locator("#bed .ride")
    await expect(ride.locator(".span")).to_contain_text("From Bed 1")
    await ride.locator("summary").click()
    await expect(ride).to_contain_text("return of circulation")
    await expect(ride.locator("figure.spo2")).to_be_visible()
    await is_clean(nurse)
    rows = await both.site.rows(STAYS)
    assert [(bed, is_open) for bed, _, is_open in rows] == [("bed-1", 0), ("bed-2", 1)]
    assert len({who for _, who, _ in rows}) == 1
    told = "SELECT json_extract(detail, '$.action') FROM device_event WHERE kind = 'patient' ORDER BY id"
    assert [row[0] for row in await both.site.rows(told)] == ["begin", "end"]
    assert await both.site.rows("SELECT problem FROM crew_event WHERE problem IS NOT NULL") == []


async def on_shift(browser: Browser, port: int) -> Page:
    page = await fresh(browser, "about:blank")
    await until(lambda: _answers(port), "the page is served")
    await page.goto(f"http://127.0.0.1:{port}/")
    await begin_shift(page)
    await page.wait_for_selector("#login", state="hidden")
    return page


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def test_without_a_network_the_crew_ends_on_paper_by_two_touches(
    box: CrewBox, open_crew: OpenPage
) -> None:
    box.uplink["online"] = False
    page = await open_crew(width=390, height=844, locale="zh")
    await expect(page.locator("#hand-over")).to_be_hidden()
    await page.click("#marks [data-mark=rosc]")
    await page.click("#hand-over")
    await expect(page.locator("#handed")).to_contain_text("没有网络：医院尚不知情。")
    await is_clean(page)
    await page.get_by_role("button", name="撤回").click()
    await expect(page.locator("#handed")).to_be_hidden()
    await page.get_by_role("button", name="向医院提出交接").click()
    await page.get_by_role("button", name="已纸面交接").click()
    await page.get_by_role("button", name="确已交接：再次触摸").click()
    await expect(page.locator("#said")).to_contain_text("已纸面交接")
    await expect(page.locator("#hand-over")).to_be_hidden()
    told = [one.detail.get("action") or one.detail.get("state") for one in box.journal]
    assert told == ["begin", None, "offered", "withdrawn", "offered", "end"]


@pytest_asyncio.fixture(loop_scope="module")
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    with quick_passwords():
        async with running(tmp_path) as started:
            await started.add_bed("bed-1", "Bed 1", [])
            yield started


@pytest_asyncio.fixture(loop_scope="module")
async def board(controller: RunningController) -> Board:
    """Ann was handed over on paper, with ox-9; Ben is on board."""
    board = Board(controller, await make_vehicle(controller))
    crew, now = board.crew, board.now()
    await board.tell(
        crew.patient(now - 300, "begin", name="Ann"),
        crew.event(EventKind.HANDOVER, now - 60, state="offered", to="ER 2"),
        crew.patient(now - 30, "end"),
        crew.patient(now - 10, "begin", BEN),
    )
    return board


async def arrivals(open_page: OpenPage, **options: int | str) -> tuple[Page, Locator]:
    page = await open_page(**options)
    await log_in(page)
    await page.wait_for_selector(".tile")
    await page.goto(page.url.rpartition("/")[0] + "/arrivals")
    return page, page.locator(".offers li")


async def test_the_arrivals_board_takes_over_too_and_says_what_is_not_possible_any_more(
    board: Board, open_page: OpenPage
) -> None:
    page, offer = await arrivals(open_page, locale="zh", color_scheme="dark")
    await expect(offer).to_contain_text("Ambulance 1：Ann")
    await expect(offer).to_contain_text("已纸面交接")
    await is_clean(page)
    await offer.get_by_label("床位").select_option("Bed 1")
    await offer.get_by_label("ox-9").check()
    await page.route("**/api/offers", lambda route: route.abort())
    await board.controller.registry.assign("ox-9", None, "test")
    await offer.get_by_role("button", name="接收 Ann").click()
    await expect(offer.get_by_role("alert")).to_contain_text("'ox-9' is not on board")
    await page.unroute("**/api/offers")
    await expect(offer.get_by_label("ox-9")).to_have_count(0)
    await offer.get_by_role("button", name="接收 Ann").click()
    await expect(offer).to_have_count(0)
    beds = board.controller.registry.beds
    assert beds["bed-1"].patient and beds["bed-1"].patient.name == "Ann"
    assert beds["amb-1"].patient and beds["amb-1"].patient.name == "unknown"
