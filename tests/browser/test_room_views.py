"""What is drawn on which camera, by five and the hospital's server, and on a robot's, in real browsers."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, FloatRect, Page, async_playwright, expect

from controller.api.robots_context import ROBOTS
from controller.identity.files import open_authority
from controller.imaging.sight import WHOLE
from controller.robots.people import LOOK_AT
from controller.sections import RobotsSection, TelemedicineSection
from controller.security.permissions import Role
from tests.browser.conftest import CHROMIUM, FLAGS, OpenPage, enter
from tests.browser.test_room_marks import draw, drawn_at, other, settled
from tests.browser.test_rooms import FILMS, Party
from tests.browser.test_visits import both, come_in
from tests.integration.controller.api.test_robots import Feed
from tests.support.archive import BesideController, beside
from tests.support.controller import RunningController, eventually, quick_passwords, running
from tests.support.home import Home, at_home
from tests.support.prescribed import send
from tests.support.visits import VISITS, booked, room_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
TWO_CAMERAS = "--use-fake-device-for-media-stream=device-count=2,fps=5"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        args = [*FLAGS, *(one for one in FILMS if "fake-device" not in one), TWO_CAMERAS]
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=args)
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="module")
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    """With robot-1 on the demo's map, and a server for pictures."""
    open_authority(tmp_path / "ca", datetime.now(UTC))
    text = files("controller.robots").joinpath("demo.toml").read_text("utf-8")
    (tmp_path / "map.toml").write_text(text, encoding="utf-8")
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        controller = await stack.enter_async_context(running(tmp_path, pia=Role.PHARMACIST))
        controller.telemedicine = TelemedicineSection(sfu="auto")
        controller.robots = RobotsSection(map=tmp_path / "map.toml")
        yield await at_home(controller, stack)


@pytest_asyncio.fixture(loop_scope="module")
async def archive(home: Home, tmp_path: Path) -> AsyncIterator[BesideController]:
    async with beside(home.controller, tmp_path) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def controller(home: Home) -> RunningController:
    return home.controller


async def test_what_was_drawn_by_one_camera_is_not_on_the_picture_of_the_other_and_there_when_it_is_back(
    home: Home, open_page: OpenPage
) -> None:
    nurse, phone = await both(open_page)
    await phone.locator(".tile.me .draw-on").click()
    track = (
        "() => document.querySelector('.tile.me video').srcObject.getVideoTracks()[0].getSettings().deviceId"
    )
    first = await phone.evaluate(track)
    await other(nurse).locator(".draw-on").click()
    await draw(nurse, "Arrow", (0.3, 0.4), (0.5, 0.6))
    await drawn_at(other(nurse), 0.3, 0.5, 0.35, 0.6)
    said: list[str] = []
    phone.on("request", lambda request: said.append(request.post_data or ""))
    await phone.get_by_role("button", name="Other camera").click()
    await expect(phone.locator(".tile.me")).to_have_class(r"tile me chosen outward")
    assert await phone.evaluate(track) != first
    await nurse.wait_for_function(INKLESS)
    await expect(nurse.locator(".marked li")).to_contain_text("by the other camera")
    await draw(nurse, "Arrow", (0.6, 0.2), (0.8, 0.3))
    await drawn_at(phone.locator(".tile.me"), 0.6, 0.8, 0.15, 0.3)  # what looks away is not mirrored
    await phone.get_by_role("button", name="Other camera").click()
    await phone.wait_for_function(f"first => ({track})() === first", arg=first)
    await drawn_at(other(nurse), 0.3, 0.5, 0.35, 0.6)
    assert await nurse.evaluate(MOVES)
    assert said and not [one for one in said if '"offer"' in one]  # nothing was agreed upon anew


INKLESS = """() => {
  const canvas = document.querySelector(".tile:not(.me) canvas.sheet");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.every((value) => value === 0);
}"""
MOVES = """async () => {
  const video = document.querySelector(".tile:not(.me) video");
  const from = video.currentTime;
  for (let tries = 0; tries < 200 && video.currentTime < from + 0.2; tries += 1) {
    await new Promise((done) => setTimeout(done, 50));
  }
  return video.currentTime >= from + 0.2;
}"""


@pytest_asyncio.fixture(loop_scope="module")
async def party(home: Home, browser: Browser) -> AsyncIterator[Party]:
    """Of a visit at the bedside, whose patient agreed."""
    visit = await booked(home, way="bedside", start_ms=None)
    path = f"{VISITS}/{visit.visit.number}/consents"
    await send(home.nina, "POST", path, scope="video", said="permit")
    made = Party(home, browser, room_of(visit))
    yield made
    for page in made.pages:
        await page.context.close()


async def sweep(page: Page, box: FloatRect) -> None:
    """The pointer goes along the picture for some seconds: it is there as long as the hand moves."""
    for step in range(30):
        await page.mouse.move(box["x"] + (0.4 + step / 150) * box["width"], box["y"] + 0.5 * box["height"])
        await asyncio.sleep(0.1)


async def test_by_the_hospitals_server_five_see_pointer_pen_and_words_and_a_picture_is_kept(
    home: Home, archive: BesideController, party: Party
) -> None:
    await party.more(5)
    await party.all_see_all("sfu")
    first, *others = party.pages
    await first.locator(".tile.me .draw-on").click()
    seat = await first.evaluate("() => room.signal.seat")
    tiles = [page.locator(f'.tile[data-seat="{seat}"]') for page in others]
    box = await first.locator(".tile.chosen canvas.sheet").bounding_box()
    assert box is not None
    for tile in tiles:
        await asyncio.gather(sweep(first, box), settled(tile, lambda _: True))
    await first.mouse.move(0, 0)
    await draw(first, "Pen", (0.3, 0.4), (0.5, 0.5), (0.4, 0.7))
    await first.get_by_role("button", name="Words", exact=True).click()
    await first.get_by_role("textbox", name="Words for the label").fill("here")
    await draw(first, "Words", (0.6, 0.6))
    for page in others:
        await expect(page.locator(".marked li")).to_have_count(2)
        await expect(page.locator(".marked")).to_contain_text("“here”")
    for tile in tiles:
        await settled(tile, lambda found: found[0] < 0.65 < found[1])
    await first.get_by_role("button", name="Keep in the record").click()
    await first.locator("dialog.confirm .danger").click()
    for page in others:
        await expect(page.locator(".marks-said")).to_have_text("nina kept a picture in the patient's record.")
    rows = await home.controller.store.read("SELECT study FROM visit_snapshot")
    assert [one.number for one in await archive.archive.find(WHOLE, rows[0]["study"])] == [1, 2]


async def test_staff_turn_the_camera_of_a_robot_in_the_room_and_stop_it(
    home: Home, open_page: OpenPage
) -> None:
    await home.controller.registry.add_gateway("ward-a", "Ward A")
    await Feed(home.controller).say()
    master = home.controller.app[ROBOTS].master
    await eventually(lambda: "robot-1" in master.fleet.vehicles)
    master.pilots["robot-1"].sheet = None  # it is asked, and answers for itself
    visit = await booked(home, way="bedside", start_ms=None)
    nurse = await enter(open_page, "/visits", "nina")
    await nurse.locator("#list li button").first.click()
    await nurse.locator("[data-do=enter]").click()
    path = f"{VISITS}/{visit.visit.number}/links"
    made = await send(home.nina, "POST", path, guest="robot", name="robot-1")
    tablet = await come_in(open_page, "/visit" + made["address"].split("/visit")[1], made["code"])
    robot = nurse.locator(".tile").filter(has_text="robot-1")
    await expect(robot).to_have_attribute("data-state", "up")
    await robot.locator(".draw-on").click()
    await nurse.get_by_role("button", name="Look left").click()
    await nurse.get_by_role("button", name="Look up").click()
    await nurse.get_by_role("button", name="Stop robot-1").click()
    await expect(nurse.locator(".marks-said")).to_contain_text("robot-1 was told to stop")
    rows = await home.controller.store.read(
        "SELECT json FROM robot_message WHERE topic = 'instantActions' ORDER BY id"
    )
    asked = [action for row in rows for action in json.loads(row["json"])["actions"]]
    turns = [
        {one["key"]: one["value"] for one in action["actionParameters"]}
        for action in asked
        if action["actionType"] == LOOK_AT
    ]
    assert turns == [{"pan": -15, "tilt": 0}, {"pan": 0, "tilt": 10}]
    rows = await home.controller.store.read("SELECT entry ->> 'action' AS action FROM audit")
    assert "robot-taken-over" in [row["action"] for row in rows]
    await expect(tablet.locator(".robot:visible")).to_have_count(0)  # a robot's tablet stops nobody
