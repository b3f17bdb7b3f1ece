"""Drawing on the pictures of a visit in real browsers: all see the same, late-comers too, labels follow."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from controller.identity.files import open_authority
from controller.imaging.sight import WHOLE
from controller.registry import Patient
from controller.security.permissions import Role
from tests.browser.conftest import CHROMIUM, FILMS, FLAGS, OpenPage
from tests.browser.test_visits import both, lying, measuring
from tests.support.accessible import violations
from tests.support.archive import BesideController, beside
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.glasses import with_glasses
from tests.support.home import Home, at_home
from tests.support.http import get

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCENE = """() => {
  if (!(document instanceof HTMLDocument)) return;
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: 640, height: 360 });
  const pen = canvas.getContext("2d");
  let seed = 5;
  const draw = () => (seed = (seed * 1664525 + 1013904223) >>> 0) / 2 ** 32;
  const spot = () => [draw() * 1000 - 180, draw() * 600 - 120, 4 + draw() * 14, draw() * 255];
  const spots = Array.from({ length: 700 }, spot);
  window.moved = 0;
  window.covered = false;
  const show = () => {
    pen.fillStyle = "#888";
    pen.fillRect(0, 0, 640, 360);
    for (const [x, y, r, g] of spots) {
      pen.fillStyle = `rgb(${g} ${g} ${g})`;
      pen.beginPath();
      pen.arc(x + window.moved, y, r, 0, 7);
      pen.fill();
    }
    if (window.covered) {
      pen.fillStyle = "#543";
      pen.fillRect(0, 0, 640, 360);
    }
    requestAnimationFrame(show);
  };
  show();
  navigator.mediaDevices.getUserMedia = async () => canvas.captureStream(15);
}"""
"""A camera that looks at a scene with detail, which the test moves; it has no microphone."""

INK = """(canvas) => {
  const { width, height } = canvas;
  if (width * height === 0) return null;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  let [n, left, right, top, bottom] = [0, width, 0, height, 0];
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) {
    if (data[4 * (y * width + x) + 3] < 128) continue;
    n += 1;
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  }
  return n === 0 ? null : [left / width, right / width, top / height, bottom / height];
}"""
"""The box of what is drawn on a picture, as parts of it."""


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
        yield await at_home(await stack.enter_async_context(running(tmp_path, pia=Role.PHARMACIST)), stack)


@pytest_asyncio.fixture(loop_scope="module")
async def archive(home: Home, tmp_path: Path) -> AsyncIterator[BesideController]:
    async with beside(home.controller, tmp_path) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def controller(home: Home) -> RunningController:
    return home.controller


def other(page: Page) -> Locator:
    return page.locator(".tile:not(.me)")


async def draw(page: Page, tool: str, *points: tuple[float, float]) -> None:
    """By the mouse on the chosen picture, from point to point of it."""
    await page.locator(".marks").get_by_role("button", name=tool, exact=True).click()
    canvas = page.locator(".tile.chosen canvas.sheet")
    await canvas.scroll_into_view_if_needed()
    box = await canvas.bounding_box()
    assert box is not None
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    await page.mouse.move(*places[0])
    await page.mouse.down()
    for place in places[1:]:
        await page.mouse.move(*place, steps=4)
    await page.mouse.up()


async def ink(tile: Locator) -> list[float] | None:
    return await tile.locator("canvas.sheet").evaluate(INK)


async def drawn_at(tile: Locator, left: float, right: float, top: float, bottom: float) -> None:
    """Waits until something is drawn there: names beside marks may lie further right."""
    wanted = left, top, bottom
    for _ in range(200):
        found = await ink(tile)
        if found and max(abs(a - b) for a, b in zip((found[0], *found[2:]), wanted, strict=True)) < 0.05:
            assert found[1] >= right - 0.03
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"expected ink at {wanted}, got {await ink(tile)}")


def films(open_page: OpenPage) -> OpenPage:
    """Pages whose camera looks at the scene."""

    async def opened(path: str = "/login", **options: Any) -> Page:
        page = await open_page("/public/icon.svg", **options)
        await page.add_init_script(f"({SCENE})()")
        await page.goto(page.url.removesuffix("/public/icon.svg") + path)
        return page

    return opened


async def test_what_one_draws_all_see_where_it_was_drawn_and_who_comes_late_too(
    home: Home, open_page: OpenPage
) -> None:
    nurse, phone = await both(open_page)
    await other(nurse).locator(".draw-on").click()
    await draw(nurse, "Arrow", (0.3, 0.4), (0.5, 0.6))
    await drawn_at(other(nurse), 0.3, 0.5, 0.35, 0.6)
    mine = phone.locator(".tile.me")
    # One sees oneself as in a mirror: what is left for the others is right here.
    await drawn_at(mine, 0.5, 0.7, 0.35, 0.6)
    await expect(phone.locator(".marked li")).to_contain_text("Arrow by nina, on the picture of Bach, Carla")
    await nurse.locator(".tile.me .draw-on").click()
    await draw(nurse, "Pen", (0.2, 0.5), (0.4, 0.5), (0.3, 0.8))
    await phone.reload()
    await expect(other(phone)).to_have_count(1, timeout=40_000)  # its own seat of before goes
    await expect(other(phone)).to_have_attribute("data-state", "up")
    await drawn_at(other(phone), 0.6, 0.8, 0.45, 0.8)
    await phone.get_by_role("button", name="Point and draw on the picture of nina").click()
    await draw(phone, "Arrow", (0.5, 0.1), (0.6, 0.2))
    await phone.get_by_role("button", name="Undo mine").click()
    await expect(nurse.locator(".marked li")).to_have_count(1)
    await nurse.get_by_role("button", name="Clear all").click()
    await expect(phone.locator(".marked")).to_be_hidden()


async def settled(tile: Locator, wanted: Callable[[list[float]], bool]) -> list[float]:
    """Where the ink is, as soon as it is as wanted."""
    found = None
    for _ in range(600):
        found = await ink(tile)
        if found is not None and wanted(found):
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"the ink did not come where it is wanted: {found}")


async def test_a_pinned_label_follows_what_is_seen_and_says_that_it_is_lost(
    home: Home, open_page: OpenPage
) -> None:
    nurse, phone = await both(films(open_page))
    await other(nurse).locator(".draw-on").click()
    await nurse.get_by_role("button", name="Pinned label").click()
    await nurse.get_by_role("textbox", name="Words for the label").fill("x")
    await draw(nurse, "Pinned label", (0.4, 0.5))
    tile = other(nurse)
    begin = await settled(tile, lambda _: True)
    for step in range(20):
        await phone.evaluate("(x) => { window.moved = x; }", step * 5 + 5)
        await asyncio.sleep(0.08)
    # 100 of 640 pixels to the right; the label's own picture is 320 pixels wide.
    end = await settled(tile, lambda box: abs(box[0] - begin[0] - 100 / 640) < 2 / 320)
    assert abs(end[2] - begin[2]) < 3 / 180
    mine = await settled(phone.locator(".tile.me"), lambda _: True)
    assert mine[1] > mine[0]
    await phone.evaluate("() => { window.covered = true; }")
    wide = end[1] - end[0]
    lost = await settled(tile, lambda box: box[1] - box[0] > wide + 0.03)  # "(lost)" stands there
    assert abs(lost[0] - end[0]) < 0.03
    await phone.evaluate("() => { window.covered = false; }")
    await settled(tile, lambda box: abs(box[1] - box[0] - wide) < 0.01)


async def test_a_frozen_picture_is_drawn_on_and_kept_in_the_record(
    home: Home, archive: BesideController, open_page: OpenPage
) -> None:
    await home.controller.registry.admit("bed-1", Patient("4713", "Bach, Carla"), "test")
    nurse, phone = await both(open_page)
    await nurse.wait_for_function("() => document.querySelector('.tile:not(.me) video')?.videoWidth > 0")
    await other(nurse).locator(".draw-on").click()
    await nurse.get_by_role("button", name="Freeze the picture").click()
    await expect(phone.locator(".tile.me .frozen")).to_have_text("Frozen by nina: not live")
    await draw(nurse, "Arrow", (0.3, 0.4), (0.5, 0.6))
    await expect(phone.locator(".marked li")).to_have_count(1)
    await nurse.get_by_role("button", name="Keep in the record").click()
    await nurse.locator("dialog.confirm .danger").click()
    await expect(phone.locator(".marks-said")).to_have_text("nina kept a picture in the patient's record.")
    listed = await get(home.anna.session, "/api/patients/4713/imaging/studies")
    stored = await archive.archive.find(WHOLE, listed["studies"][0]["study"])
    assert [one.number for one in stored] == [1, 2]
    await nurse.locator("#pictures summary").click()
    for which in ("As it was drawn upon", "As the camera gave it"):
        image = nurse.get_by_role("img", name=which)
        await image.scroll_into_view_if_needed()
        await expect(image).to_have_js_property("complete", True)
        assert await image.evaluate("(image) => image.naturalWidth > 0")
    await nurse.get_by_role("button", name="Back to live").click()
    await expect(phone.locator(".tile.me .frozen")).to_be_hidden()
    await expect(phone.locator(".marked")).to_be_hidden()


async def test_values_and_the_next_step_stand_on_the_picture_and_in_glasses(
    home: Home, open_page: OpenPage
) -> None:
    async def opened(path: str = "/login", **options: Any) -> Page:
        page = await open_page("/public/icon.svg", **options)
        await with_glasses(page)
        await page.goto(page.url.removesuffix("/public/icon.svg") + path)
        return page

    await lying(home)
    nurse, phone = await both(opened)
    async with measuring(home.controller):
        await nurse.locator(".checklists summary").click()
        await nurse.locator(".checklists select").select_option("stroke-look")
        for page in (nurse, phone):
            await page.locator(".tile.me .draw-on").click()
            overlay = page.locator(".tile.me .overlay")
            await expect(overlay.locator(".step")).to_contain_text(
                "Next: When was the person last seen well?"
            )
            await expect(overlay.locator(".values")).to_contain_text(re.compile(r"SpO₂\s97\s%"))
            await expect(overlay.locator(".values")).to_contain_text(re.compile(r"\d s"))
        await expect(phone.locator(".overlay button:visible")).to_have_count(0)
        await nurse.locator(".overlay .primary").click()
        await expect(phone.locator(".overlay .step")).to_contain_text("Next: Blood glucose measured")
        await expect(nurse.locator(".steps li.done")).to_contain_text("✓ nina")
        await nurse.locator(".tile.me canvas").focus()
        await nurse.get_by_role("button", name="Arrow", exact=True).press("Enter")
        await nurse.locator(".tile.me canvas").focus()
        for key in ("ArrowLeft", "Enter", "ArrowDown", "ArrowDown", "Enter"):
            await nurse.keyboard.press(key)
        await expect(phone.locator(".marked li")).to_contain_text("Arrow by nina")
        for page in (nurse, phone):
            await page.locator(".marked summary").click()
            found = await violations(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
            assert found == []
        await nurse.get_by_role("button", name="Look through the glasses").click()
        await expect(nurse.locator(".overlay.in-glasses")).to_be_visible()
        [asked] = await nurse.evaluate("() => glasses.sessions")
        assert (asked["mode"], asked["root"]) == ("immersive-ar", "overlay")
        assert "dom-overlay" in asked["features"]
        await nurse.wait_for_function("() => glasses.frames > 3")
        await expect(nurse.locator(".overlay.in-glasses .step")).to_contain_text("Next: Blood glucose")
        # By the keyboard: the emulator lays its own canvas over all.
        await nurse.locator(".overlay.in-glasses .primary").press("Enter")
        await expect(phone.locator(".steps li.done")).to_have_count(2)
        await nurse.evaluate("() => glasses.leave()")  # by the glasses' own button, too
        await expect(nurse.locator(".tile.me > .overlay:not(.in-glasses)")).to_be_visible()
        await nurse.get_by_role("button", name="Look through the glasses").click()
        await expect(nurse.locator(".overlay.in-glasses")).to_be_visible()
        await nurse.get_by_role("button", name="Look through the glasses").press("Enter")
        await expect(nurse.locator(".overlay.in-glasses")).to_have_count(0)
    await expect(phone.locator(".overlay li[data-state=stale]").first).to_contain_text("stale")
