"""Rooms of many: pictures go another way by who is there, over a real Janus, and nobody is left out."""

import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from controller.api.media_context import MEDIA
from controller.identity.files import open_authority
from controller.sections import TelemedicineSection
from controller.security.permissions import Role
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.conftest import FILMS as A_CAMERA
from tests.support.controller import PASSWORD, RunningController, quick_passwords, running
from tests.support.home import Home, at_home
from tests.support.visits import booked, room_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
FILMS = (
    *A_CAMERA,
    "--autoplay-policy=no-user-gesture-required",
    "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
)
_SMALL = """const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async ({ audio, video }) => {
  const stream = audio ? await real({ audio }) : new MediaStream();
  if (!video) return stream;
  const canvas = Object.assign(document.createElement("canvas"), { width: 160, height: 90 });
  const pen = canvas.getContext("2d");
  setInterval(() => {
    pen.fillStyle = `hsl(${performance.now() / 20} 80% 50%)`;
    pen.fillRect(0, 0, 160, 90);
  }, 200);
  stream.addTrack(canvas.captureStream(5).getVideoTracks()[0]);
  return stream;
};"""
"""Each page draws what it films: the one made-up camera of a browser sometimes stops for all its pages when
a sixth begins to film."""
_ENTER = """async (base) => {
  const { Room } = await import("/public/room/room.js");
  const node = document.querySelector("#room");
  node.hidden = false;
  window.heard = [];
  window.room = new Room(base, node, (answer) => (window.refused = answer.message));
  room.channels.on("marks", (seat, text) => heard.push([seat, text]));
  room.network.governing.close();
  await room.enter();
}"""
"""What a page gives up on a busy machine is not looked at here: it would be another picture each time."""
_SEES = """([count, way]) => {
  const { links, sfu } = room.connections;
  const tiles = [...document.querySelectorAll(".tile:not(.me)")];
  const isBy = way === "sfu" ? links.size === 0 && sfu?.state === "up" : links.size === count && sfu === null;
  if (!isBy || tiles.length !== count || tiles.some((one) => one.dataset.state !== "up")) return false;
  const times = tiles.map((tile) => {
    const video = tile.querySelector("video:not([hidden])");
    return video?.videoWidth > 0 ? video.currentTime : 0;
  });
  const was = window.times ?? times;
  window.times = times;
  return times.every((at, n) => at > 0 && at > was[n]);
}"""
"""Every other is shown by a picture that moves, and it came this way."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *FILMS])
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="module")
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    open_authority(tmp_path / "ca", datetime.now(UTC))
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        controller = await stack.enter_async_context(running(tmp_path, pia=Role.PHARMACIST))
        controller.telemedicine = TelemedicineSection(sfu="auto")
        yield await at_home(controller, stack)


class Party:
    """The pages of one room, in one browser."""

    def __init__(self, home: Home, browser: Browser, base: str) -> None:
        self.home, self.browser, self.base = home, browser, base
        self.pages: list[Page] = []

    async def more(self, count: int) -> None:
        """Each in a profile of its own: a browser has six connections with a server for one profile."""
        for _ in range(count):
            context = await self.browser.new_context(viewport={"width": 640, "height": 400}, locale="en")
            await context.add_init_script(_SMALL)
            who, origin = {"user": "nina", "password": PASSWORD}, self.home.controller.address
            answer = await context.request.post(f"{origin}/api/login", data=who, headers={"Origin": origin})
            assert answer.ok
            page = await context.new_page()
            page.set_default_timeout(60_000)
            await page.goto(f"{origin}/visit")
            await page.evaluate(_ENTER, self.base)
            self.pages.append(page)

    async def fewer(self, count: int) -> None:
        for _ in range(count):
            page = self.pages.pop()
            await page.evaluate("() => room.leave()")
            await page.context.close()

    async def all_see_all(self, way: str) -> None:
        for page in self.pages:
            await page.evaluate("() => { window.times = undefined; }")
            asked = [len(self.pages) - 1, way]
            await page.wait_for_function(_SEES, arg=asked, polling=500)


@pytest_asyncio.fixture(loop_scope="module")
async def party(home: Home, browser: Browser) -> AsyncIterator[Party]:
    visit = await booked(home, way="bedside", start_ms=None)
    made = Party(home, browser, room_of(visit))
    yield made
    for page in made.pages:
        await page.context.close()


def janus(controller: RunningController) -> int:
    pid = controller.app[MEDIA].pid
    assert pid is not None
    return pid


async def test_the_fifth_brings_the_server_in_and_at_three_pictures_go_from_each_to_each_again(
    party: Party,
) -> None:
    await party.more(4)
    await party.all_see_all("mesh")
    await party.more(2)
    await party.all_see_all("sfu")
    await party.fewer(3)
    await party.all_see_all("mesh")


async def test_a_janus_that_is_killed_and_a_page_that_is_gone_leave_all_others_their_pictures(
    party: Party,
) -> None:
    await party.more(5)
    await party.all_see_all("sfu")
    first, era = janus(party.home.controller), await party.pages[0].evaluate("() => room.connections.sfu.era")
    os.kill(first, signal.SIGKILL)
    for page in party.pages:
        await page.wait_for_function("(era) => room.connections.sfu.era > era", arg=era)
    assert janus(party.home.controller) != first
    await party.all_see_all("sfu")
    await party.pages[2].evaluate("""() => room.channels.send("marks", "here")""")
    for page in [*party.pages[:2], *party.pages[3:]]:
        await page.wait_for_function("() => heard.length === 1 && heard[0][1] === 'here'")
    lost = party.pages.pop(1)
    await lost.context.close()
    await party.all_see_all("sfu")


async def test_a_page_that_only_the_controller_does_not_hear_is_seen_all_the_while(party: Party) -> None:
    await party.more(2)
    await party.all_see_all("mesh")
    cut, other = party.pages
    await cut.evaluate("() => { window.link = [...room.connections.links.values()][0].pc; }")
    await cut.context.set_offline(True)
    told = other.locator(".tile:not(.me)", has_text="the hospital does not hear this page")
    await told.wait_for()
    await other.evaluate("() => { window.times = undefined; }")
    await other.wait_for_function(_SEES, arg=[1, "mesh"], polling=500)
    await cut.context.set_offline(False)
    await told.wait_for(state="detached")
    await party.all_see_all("mesh")
    assert await cut.evaluate("() => [...room.connections.links.values()][0].pc === link"), "it was made anew"
