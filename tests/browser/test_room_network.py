"""A room over a narrow network, in real browsers: what gives way, and what is said of it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from controller.identity.files import open_authority
from controller.sections import TelemedicineSection
from controller.security.permissions import Role
from hil.faults.narrow_udp import NarrowUdp, narrow_udp
from hil.faults.wan import Conditions
from tests.browser.conftest import CHROMIUM, FILMS, FLAGS, OpenPage
from tests.browser.test_visits import both
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.home import Home, at_home
from tests.support.turn import coturn

pytestmark = pytest.mark.asyncio(loop_scope="module")
SECRET = "shared with the relay"
TOO_NARROW = Conditions(rate_bps=45e3, delay_s=0.01, queue_bytes=20_000)
RELAYED = """const Plain = RTCPeerConnection;
window.RTCPeerConnection = class extends Plain {
  constructor(configuration) { super({ ...configuration, iceTransportPolicy: "relay" }); }
};"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *FILMS])
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="module")
async def link(tmp_path: Path) -> AsyncIterator[NarrowUdp]:
    with coturn(tmp_path, SECRET) as port:
        async with narrow_udp(port) as narrow:
            yield narrow


@pytest_asyncio.fixture(loop_scope="module")
async def home(tmp_path: Path, link: NarrowUdp) -> AsyncIterator[Home]:
    open_authority(tmp_path / "ca", datetime.now(UTC))
    file = tmp_path / "turn-secret"
    file.touch(0o600)
    file.write_text(SECRET, encoding="utf-8")
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        controller = await stack.enter_async_context(running(tmp_path, pia=Role.PHARMACIST))
        urls = (f"turn:127.0.0.1:{link.port}?transport=udp",)
        controller.telemedicine = TelemedicineSection(turn=urls, secret_file=file, sfu="off")
        yield await at_home(controller, stack)


@pytest_asyncio.fixture(loop_scope="module")
async def controller(home: Home) -> RunningController:
    return home.controller


@asynccontextmanager
async def before(browser: Browser, script: str) -> AsyncIterator[None]:
    """Every page that is opened inside runs `script` first."""
    plain = browser.new_context

    async def made(**options: object) -> object:
        context = await plain(**options)  # type: ignore[arg-type]
        await context.add_init_script(script)
        return context

    browser.new_context = made  # type: ignore[method-assign]
    try:
        yield
    finally:
        browser.new_context = plain  # type: ignore[method-assign]


async def test_pictures_give_way_on_a_narrow_network_and_both_pages_say_so_and_they_come_back(
    browser: Browser, home: Home, open_page: OpenPage, link: NarrowUdp
) -> None:
    async with before(browser, RELAYED):
        nurse, phone = await both(open_page)
    link.conditions = TOO_NARROW
    for page in (nurse, phone):
        tile = page.locator(".tile:not(.me)")
        await expect(tile.locator(".state")).to_have_text("picture off, slow network", timeout=40_000)
        await expect(tile.locator(".blind")).to_be_visible()
    await expect(nurse.locator(".network")).to_contain_text("Your picture is off for Bach, Carla")
    await expect(phone.locator(".network")).to_contain_text("You are heard.")
    assert link.counts["waited"] > 0
    await phone.locator("#room .video").click()
    link.conditions = Conditions()
    for page in (nurse, phone):
        await expect(page.locator(".network")).not_to_contain_text("picture is off", timeout=60_000)
    await expect(phone.locator(".tile:not(.me) .blind")).to_be_hidden()
    # What the patient switched off meanwhile is off.
    await expect(nurse.locator(".tile:not(.me) .blind")).to_be_visible()
    await expect(nurse.locator(".tile:not(.me) .state")).not_to_contain_text("picture off")


async def test_a_picture_that_stands_still_is_not_shown_as_if_it_were_live(
    browser: Browser, home: Home, open_page: OpenPage, link: NarrowUdp
) -> None:
    async with before(browser, RELAYED):
        nurse, _ = await both(open_page)
    tile = nurse.locator(".tile:not(.me)")
    await expect(tile.locator(".blind")).to_be_hidden()
    link.conditions = Conditions(down=True)
    await expect(tile.locator(".blind")).to_be_visible()
    assert link.counts["lost"] > 0
    link.conditions = Conditions()
    await expect(tile.locator(".blind")).to_be_hidden(timeout=40_000)
