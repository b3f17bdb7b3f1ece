"""The quick viewer as a physician uses it at a bed: the right image at once, measured, drawn on, and kept."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from controller.registry import Patient
from controller.security.permissions import Role
from tests.browser.conftest import OpenPage, enter
from tests.support import dicom
from tests.support.accessible import violations
from tests.support.archive import beside
from tests.support.controller import PASSWORD, RunningController, quick_passwords, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

PEOPLE = {"nurse": Role.NURSE, "physician": Role.PHYSICIAN}
SIDE = 256
CORNER = 230
"""Nothing stands over the image there."""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def controller(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningController]:
    """On bed 1: Anna Muster, with a CT of five slices of today and an older ultrasound without a scale."""
    tmp_path: Path = tmp_path_factory.mktemp("images")
    with quick_passwords():
        async with running(tmp_path, **PEOPLE) as started, beside(started, tmp_path) as archive:
            await started.add_bed("b1", "Bed 1", ["ox-1"])
            await started.registry.admit("b1", Patient("4711", "Muster, Anna"), "test")
            started.say("ox-1", spo2=97)
            head = dicom.ct_series(5, rows=SIDE, StudyDescription="Head", PixelSpacing=[0.5, 0.5])
            cine = dicom.us_cine(
                frames=4, rows=SIDE, columns=SIDE, StudyDate="20251001", StudyDescription="FAST"
            )
            await archive.put(*head, cine)
            yield started


async def open_viewer(
    open_page: OpenPage, study: str = "Head", user: str = "physician", **options: int | str
) -> Page:
    page = await enter(open_page, "/", user, **options)
    await page.locator(".tile").first.click()
    await page.get_by_role("button", name=re.compile(study)).click()
    await expect(page.locator(".viewer .now-shown")).to_contain_text(re.compile(r"\d+ %"))
    return page


def shown(page: Page) -> Locator:
    return page.locator(".viewer .now-shown")


async def at(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where a point of the image is on the page: it is fitted into the canvas, in the middle."""
    box = await page.locator(".viewer canvas").bounding_box()
    assert box
    scale = min(box["width"], box["height"]) / SIDE
    left, top = (
        box[side] + (box[size] - SIDE * scale) / 2 for side, size in (("x", "width"), ("y", "height"))
    )
    return left + x * scale, top + y * scale


async def draw(page: Page, tool: str, begin: tuple[float, float], end: tuple[float, float]) -> None:
    await page.locator(".viewer .ranges label", has_text=tool).click()
    await page.mouse.move(*await at(page, *begin))
    await page.mouse.down()
    await page.mouse.move(*await at(page, *end), steps=4)
    await page.mouse.up()


PIXEL = """([x, y]) => {
  const canvas = document.querySelector('.viewer canvas'), box = canvas.getBoundingClientRect();
  const place = [(x - box.left) * devicePixelRatio, (y - box.top) * devicePixelRatio, 1, 1];
  const [red, green, blue] = canvas.getContext('2d').getImageData(...place).data;
  return Math.round((red + green + blue) / 3);
}"""
PLAIN = f"place => ({PIXEL})(place) < 160"


async def brightness(page: Page, x: float, y: float) -> int:
    """Of one pixel of the image as it is on the screen, 0 to 255."""
    return await page.evaluate(PIXEL, [*await at(page, x, y)])


async def test_the_bed_s_panel_lists_studies_with_their_age_and_the_image_is_there_at_once(
    open_page: OpenPage,
) -> None:
    page = await enter(open_page, "/", "nurse")
    await page.locator(".tile").first.click()
    studies = page.locator("#bed .studies li")
    await expect(studies).to_have_count(2)
    await expect(studies.first).to_contain_text("CT · Head2026-11-26 10:15")
    await expect(studies.first).to_contain_text("5 images")
    await expect(studies.nth(1)).to_contain_text(re.compile(r"US · FAST2025-10-01 10:15 · \d+ d ago1 image$"))
    assert (
        await studies.first.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)")
        > 0
    )
    await studies.first.get_by_role("button").click()
    await expect(page.locator(".viewer .corner").first).to_contain_text("Muster, Anna · 4711CT · Head")
    await expect(shown(page)).to_have_text(re.compile(r"^Image 3 of 5 · Window 40/400 · \d+ %$"))
    assert 100 < await brightness(page, SIDE / 2, SIDE / 2) < 160
    assert await brightness(page, 2, CORNER) == 0, "air is black"
    await expect(page.get_by_role("button", name="Save drawing")).to_be_hidden()


async def test_a_drag_changes_the_window_and_a_preset_sets_it(open_page: OpenPage) -> None:
    page = await open_viewer(open_page)
    await draw(page, "Window", (128, 128), (180, 128))
    await expect(shown(page)).to_have_text(re.compile(r"Window 40/(4[1-9]\d|[5-9]\d\d)"))
    before = await brightness(page, 128, 128)
    await page.get_by_label("Window", exact=True).locator("visible=true").last.select_option("brain")
    await expect(shown(page)).to_contain_text("Window 40/80")
    await page.get_by_label("Window", exact=True).locator("visible=true").last.select_option("lung")
    await expect(shown(page)).to_contain_text("Window -600/1500")
    assert await brightness(page, 128, 128) > before + 40


async def test_the_wheel_and_the_keys_go_through_the_series(open_page: OpenPage) -> None:
    page = await open_viewer(open_page)
    await page.mouse.move(*await at(page, 128, 128))
    await page.mouse.wheel(0, 40)
    await expect(shown(page)).to_contain_text("Image 4 of 5")
    await page.locator(".viewer canvas").focus()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("ArrowUp")
    await expect(shown(page)).to_contain_text("Image 2 of 5")
    await page.keyboard.press("End")
    await expect(shown(page)).to_contain_text("Image 5 of 5")
    await page.keyboard.press("PageUp")
    await expect(shown(page)).to_contain_text("Image 1 of 5")


async def test_a_length_is_in_millimetres_and_stays_with_the_study(open_page: OpenPage) -> None:
    page = await open_viewer(open_page)
    await draw(page, "Length", (60, 100), (160, 100))
    await draw(page, "Arrow", (60, 150), (100, 180))
    await page.locator(".viewer .ranges label", has_text="Text").click()
    await page.get_by_label("Words to place").fill("bleeding?")
    await page.mouse.click(*await at(page, 100, 200))
    async with page.expect_response(re.compile("/states$")) as saving:
        await page.get_by_role("button", name="Save drawing (3)").click()
    saved = await (await saving.value).json()
    assert (await saving.value).status == 201
    length, words = saved["words"]
    assert re.fullmatch(r"(49|50)\.\d mm", length["text"])
    assert (words["text"], round(words["at"][1])) == ("bleeding?", 200)
    await expect(page.locator(".viewer .problem")).to_have_text("Saved in the study.")
    await page.get_by_role("button", name="Close").last.click()
    again = await open_viewer(open_page, user="nurse")
    await expect(again.locator(".viewer .states li")).to_have_text(
        re.compile(r"^physician · 20\d\d-\d\d-\d\d \d\d:")
    )
    assert await brightness(again, 110, 100) > 180, "the line is drawn"
    await again.get_by_label("Drawings").uncheck()
    await again.wait_for_function(PLAIN, arg=[*await at(again, 110, 100)])
    await again.locator(".viewer canvas").focus()
    await again.keyboard.press("ArrowDown")
    await expect(again.locator(".viewer .states")).to_be_hidden()


async def test_by_the_keyboard_alone_a_line_is_measured_undone_and_a_window_chosen(
    open_page: OpenPage,
) -> None:
    page = await open_viewer(open_page)
    await page.keyboard.press("l")
    for _ in range(3):
        await page.keyboard.press("Shift+ArrowLeft")
    await page.keyboard.press("Enter")
    for _ in range(4):
        await page.keyboard.press("Shift+ArrowRight")
    await page.keyboard.press("Enter")
    save = page.get_by_role("button", name="Save drawing (1)")
    await expect(save).to_be_enabled()
    assert await brightness(page, 120, 128) > 180
    await page.keyboard.press("Backspace")
    await expect(page.get_by_role("button", name="Save drawing", exact=True)).to_be_disabled()
    await page.keyboard.press("w")
    await page.keyboard.press("2")
    await expect(shown(page)).to_contain_text("Window 40/80")
    await page.keyboard.press("1")
    await expect(shown(page)).to_contain_text("Window 40/400")
    await page.keyboard.press("+")
    await page.keyboard.press("]")
    await expect(shown(page)).to_contain_text("Window 40/440")


async def test_what_is_not_saved_is_not_lost_by_one_press_of_close(open_page: OpenPage) -> None:
    page = await open_viewer(open_page)
    await draw(page, "Arrow", (60, 100), (160, 100))
    await page.keyboard.press("Escape")
    await expect(page.locator(".viewer .problem")).to_contain_text("1 marks are not saved")
    await page.locator(".viewer .close").click()
    await expect(page.locator(".viewer")).to_be_hidden()


async def test_without_a_scale_a_length_is_in_pixels_and_colour_has_no_window(open_page: OpenPage) -> None:
    page = await open_viewer(open_page, "FAST")
    await expect(shown(page)).to_have_text(
        re.compile(r"^Image 2 of 4 · \d+ % · size unknown: lengths in pixels$")
    )
    await expect(page.locator(".viewer").get_by_role("radio", name="Window")).to_be_disabled()
    await draw(page, "Length", (20, 200), (220, 200))
    async with page.expect_response(re.compile("/states$")) as saving:
        await page.get_by_role("button", name="Save drawing (1)").click()
    saved = await (await saving.value).json()
    assert re.fullmatch(r"(199|200|201) pixels", saved["words"][0]["text"])
    assert saved["on"][0]["frames"] == [2]
    await page.mouse.move(*await at(page, 128, 128))
    await page.mouse.wheel(0, 40)
    await expect(shown(page)).to_contain_text("Image 3 of 4")
    await expect(page.locator(".viewer .states")).to_be_hidden()


async def test_a_cine_plays_round_and_round_until_it_is_stopped(open_page: OpenPage) -> None:
    page = await open_viewer(open_page, "FAST")
    await page.keyboard.press(" ")
    for number in (4, 1, 3):
        await expect(shown(page)).to_contain_text(f"Image {number} of 4")
    await page.get_by_role("button", name="Stop").click()
    await expect(page.get_by_role("button", name="Play")).to_be_visible()
    before = await shown(page).inner_text()
    await page.wait_for_timeout(400)
    assert await shown(page).inner_text() == before


async def test_of_many_windows_under_a_quick_hand_few_are_asked_for_and_the_newest_is_shown(
    open_page: OpenPage,
) -> None:
    """Over a line of 150 ms: what comes late is never shown instead of what was wanted after it."""
    page = await open_viewer(open_page)
    asked: list[str] = []
    link = await page.context.new_cdp_session(page)
    await link.send("Network.enable")
    slow = {"offline": False, "latency": 150, "downloadThroughput": 2e6, "uploadThroughput": 2e6}
    await link.send("Network.emulateNetworkConditions", slow)
    page.on("request", lambda request: asked.append(request.url) if "window=" in request.url else None)
    await page.mouse.move(*await at(page, 100, 60))
    await page.mouse.down()
    await page.mouse.move(*await at(page, 100, 200), steps=60)
    await page.mouse.up()
    await page.keyboard.press("2")
    await expect(shown(page)).to_contain_text("Window 40/80")
    await page.wait_for_timeout(500)
    await expect(shown(page)).to_contain_text("Window 40/80")
    dragged = [path for path in asked if "window=40%2C80" not in path]
    assert 1 <= len(dragged) < 30


async def test_pictures_that_one_person_was_shown_are_asked_for_again_by_the_next(
    open_page: OpenPage,
) -> None:
    page = await open_viewer(open_page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/rendered" in request.url else None)
    await page.locator(".viewer .close").click()
    await page.locator("#bed .close").click()
    await page.locator("#lock").click()
    await page.fill("#cover-user", "nurse")
    await page.fill("#cover-password", PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("#cover")).to_be_hidden()
    await page.locator(".tile").first.click()
    await page.get_by_role("button", name=re.compile("Head")).click()
    await expect(shown(page)).to_contain_text("Image 3 of 5")
    assert asked != []


async def test_a_picture_that_cannot_be_had_leaves_no_other_in_its_place(
    controller: RunningController, open_page: OpenPage
) -> None:
    page = await open_viewer(open_page)
    await page.route(re.compile(r"rendered.*window=40%2C80"), lambda route: route.abort())
    await page.keyboard.press("2")
    await expect(page.locator(".viewer .problem")).to_contain_text("The image cannot be shown")
    assert await brightness(page, 128, 128) == 0
    await page.keyboard.press("1")
    await expect(page.locator(".viewer .problem")).to_have_text("")
    assert await brightness(page, 128, 128) > 100


async def test_on_a_tablet_two_fingers_magnify_and_one_scrolls(open_page: OpenPage) -> None:
    page = await open_viewer(open_page, width=800, height=1180, has_touch=True)
    await page.locator(".viewer .ranges label", has_text="Scroll").tap()
    touch = await page.context.new_cdp_session(page)

    async def fingers(kind: str, *points: tuple[float, float]) -> None:
        places = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(points)]
        await touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    x, y = await at(page, 128, 128)
    await fingers("touchStart", (x, y))
    await fingers("touchMove", (x, y + 14))
    await fingers("touchEnd")
    await expect(shown(page)).to_contain_text("Image 4 of 5")
    before = int((await shown(page).inner_text()).split("·")[-1].strip(" %"))
    await fingers("touchStart", (x - 40, y), (x + 40, y))
    await fingers("touchMove", (x - 80, y), (x + 80, y))
    await fingers("touchEnd")
    await expect(shown(page)).to_have_text(
        re.compile(rf"· {round(before * 2)} %$|· {before * 2 - 1} %$|· {before * 2 + 1} %$")
    )
    await expect(shown(page)).to_contain_text("Image 4 of 5")


@pytest.mark.parametrize(("theme", "locale", "width"), [("dark", "en", 1280), ("light", "zh", 800)])
async def test_axe_finds_nothing_in_the_viewer(
    open_page: OpenPage, theme: str, locale: str, width: int
) -> None:
    page = await open_viewer(open_page, color_scheme=theme, locale=locale, width=width)
    await draw(page, {"en": "Text", "zh": "文字"}[locale], (50, 50), (50, 50))
    assert await violations(page) == []
    assert await page.locator(".viewer").evaluate("it => it.scrollWidth - it.clientWidth") <= 0
