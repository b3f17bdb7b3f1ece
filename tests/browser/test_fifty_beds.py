"""A ward of fifty beds on one wall screen: in order, all in sight, and no number kept waiting."""

import pytest
from playwright.async_api import Page, expect

from controller.live import AlertNow
from devices.model.observation import NoValue, Quality
from tests.browser.conftest import OpenPage, log_in
from tests.support.controller import RunningController

pytestmark = pytest.mark.asyncio(loop_scope="module")

OUT_OF_SIGHT = """() => {
  const main = document.querySelector("main").getBoundingClientRect();
  const outside = (box) => box.bottom > main.bottom + 1 || box.right > main.right + 1;
  const score = ".tile .score-number, .tile .score-age";
  const told = `${score}, .tile h2, .tile .number, .tile .age, .tile .why, .tile .notes li:first-child`;
  return [...document.querySelectorAll(told)]
    .filter((node) => node.checkVisibility())
    .filter((node) => {
      const box = node.getBoundingClientRect();
      const frames = [node.closest(".tile"), node.closest(".notes")].filter(Boolean);
      const cut = frames.some((frame) => box.bottom > frame.getBoundingClientRect().bottom + 2);
      return outside(box) || cut || box.height === 0;
    })
    .map((node) => `${node.closest(".tile").dataset.key} ${node.className} ${node.textContent}`);
}"""


async def fifty(controller: RunningController) -> None:
    """Beds 1 to 50, one with everything that a tile can have."""
    for number in range(2, 51):
        await controller.add_bed(f"bed-{number}", f"Bed {number}", [f"ox-{number}"])
    for number in range(1, 51):
        controller.say(f"ox-{number}", spo2=97, pr_spo2=171)
    controller.say("ox-7", nibp_sys=120, nibp_dia=80, rr=16, temp_core=38.4)
    controller.say("ox-8", quality=Quality.OUT_OF_TRACK, spo2=88)
    controller.miss("ox-7", "spo2", NoValue.SENSOR_OFF)
    place = controller.place()
    controller.hub.alerts([AlertNow("gw-a", "ox-7", "sensor-off", place, 3, True, {}, None)])


async def test_beds_stand_in_the_order_in_which_people_count(
    controller: RunningController, open_board: OpenPage
) -> None:
    for number in (10, 2):
        await controller.add_bed(f"bed-{number}", f"Bed {number}")
    page = await open_board()
    await expect(page.locator(".tile .open")).to_have_text(["Bed 1", "Bed 2", "Bed 10"])


async def test_a_wall_screen_has_fifty_beds_in_sight(
    controller: RunningController, open_board: OpenPage
) -> None:
    await fifty(controller)
    page = await open_board(width=1920, height=1080)
    await expect(page.locator(".tile")).to_have_count(50)
    await expect(page.locator(".tile[data-key=bed-7] .bp .number")).to_have_text("120/80")
    await expect(page.locator(".tile[data-key=bed-7]")).to_have_attribute("data-priority", "high")
    await expect(page.locator(".tile .score-age:visible")).to_have_count(50)
    assert await page.evaluate(OUT_OF_SIGHT) == []
    assert await page.locator("main").evaluate("node => node.scrollHeight - node.clientHeight") <= 0


STROKES = """
const frames = (window.strokes = []);
const stroke = CanvasRenderingContext2D.prototype.stroke;
CanvasRenderingContext2D.prototype.stroke = function (...path) {
  frames.at(-1)?.add(this.canvas.closest(".tile").dataset.key);
  return stroke.apply(this, path);
};
const next = () => { frames.push(new Set()); requestAnimationFrame(next); };
requestAnimationFrame(next);
"""


async def test_a_frame_draws_half_of_the_small_traces_and_the_next_the_others(
    controller: RunningController, open_page: OpenPage
) -> None:
    await fifty(controller)
    page = await open_page(width=1920, height=1080)
    await page.add_init_script(STROKES)
    await log_in(page)
    await page.wait_for_selector(".tile")
    for number in range(1, 51):
        controller.wave(f"ox-{number}", bytes(range(200)))
    await expect(page.locator(".tile .wave[data-state=live]")).to_have_count(50)
    # Bed 7 has an alert and every number there is: among fifty that leaves no room for its trace.
    drawn: set[str] = set()
    while len(drawn - {"bed-7"}) < 49:
        frames = await page.evaluate("strokes.splice(0, strokes.length - 1).map((beds) => [...beds])")
        assert all(len(beds) <= 25 for beds in frames)
        drawn.update(*frames)


async def without_tick(open_page: OpenPage) -> Page:
    """A board whose tick never comes: only what runs oftener than ten times a second does."""
    page = await open_page()
    await page.add_init_script(
        "const real = setInterval; window.setInterval = (act, ms) => (ms < 100 ? real(act, ms) : 0);"
    )
    await log_in(page)
    await page.wait_for_selector(".tile")
    return page


async def test_a_number_does_not_wait_for_the_tick(
    controller: RunningController, open_page: OpenPage
) -> None:
    page = await without_tick(open_page)
    for value in (91, 92, 93):
        controller.say("ox-1", spo2=value)
        await expect(page.locator(".tile .spo2 .number")).to_have_text(str(value))


async def test_every_tile_has_its_turn_though_nothing_comes(
    controller: RunningController, open_page: OpenPage
) -> None:
    for bed in range(2, 13):
        await controller.add_bed(f"bed-{bed}", f"Bed {bed}", [f"ox-{bed}"])
    for bed in range(1, 13):
        controller.say(f"ox-{bed}", spo2=97)
    page = await without_tick(open_page)
    await expect(page.locator(".tile .spo2[data-state=current]")).to_have_count(12)
    controller.clock.let_pass(14)
    await expect(page.locator(".tile .spo2[data-state=stale]")).to_have_count(12)
