"""An image of a case in the room of a conference: shown to all, drawn on by all, and by nobody else."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from tests.browser.conftest import CHROMIUM, FLAGS, PATIENCE_MS
from tests.integration.controller.api.test_partners import CONFERENCES, GUEST, trail
from tests.support import dicom
from tests.support.archive import beside
from tests.support.controller import PASSWORD
from tests.support.hospitals import Two, hospitals
from tests.support.http import get
from tests.support.prescribed import send

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"], "preload": False}
STUDY, SERIES = "1.2.3", "1.2.3.4"

DRAWN = """(canvas) => {
  const { width, height } = canvas;
  const side = Math.min(width, height);
  const [x0, y0] = [(width - side) / 2, (height - side) / 2];
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  let [left, top, bottom] = [9, 9, -9];
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) {
    const at = 4 * (y * width + x);
    const [r, g, b] = [data[at], data[at + 1], data[at + 2]];
    if (Math.max(r, g, b) - Math.min(r, g, b) < 90) continue;
    left = Math.min(left, (x - x0) / side);
    [top, bottom] = [Math.min(top, (y - y0) / side), Math.max(bottom, (y - y0) / side)];
  }
  return left > 1 ? null : [left, top, bottom];
}"""
"""Where something in colour is on a grey image that is square: left, top, bottom as parts of the image."""

TOLD = """() => {
  window.told = [];
  const Plain = window.EventSource;
  window.EventSource = class extends Plain {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => window.told.push(data));
    }
  };
}"""
"""Keeps what the controller tells a page."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Without cameras: nothing here is about the people's own pictures."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="module")
async def two(tmp_path: Path) -> AsyncIterator[Two]:
    """Partners; hospital A has a study of 4713."""
    async with hospitals(tmp_path) as made, beside(made.a.home.controller, tmp_path / "a") as archive:
        head: dict[str, Any] = {"PatientID": "4713", "PatientName": "Bach^Carla", "SOPInstanceUID": None}
        images = dicom.ct_series(3, STUDY, SERIES, **head)
        await archive.put(
            *(dicom.edited(one, SOPInstanceUID=f"{SERIES}.{n}") for n, one in enumerate(images, 1))
        )
        await made.agreed()
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def faults() -> AsyncIterator[list[str]]:
    """What is wrong with a page, or against its policy, fails the test."""
    found: list[str] = []
    yield found
    assert found == []


async def held(two: Two) -> dict[str, Any]:
    """Anna leads, nina and Anna of B have accepted; it has begun, and the patient agrees for this site."""
    await two.b.is_expert("Dr. Anna of B")
    await two.b.deliver(two.a)
    await two.a.is_expert()
    members = [{"actor": "anna", "part": "chair"}, {"actor": "nina", "part": "presenter"}]
    members.append({"actor": "site:hospital-b/anna"})
    cases = [{"patient": "4713", "question": "operate?"}]
    start_ms = two.a.parts.book.utc_ms() + 60_000
    body = {"title": "Heart team", "start_ms": start_ms, "members": members, "cases": cases}
    made = (await send(two.a.anna, "POST", CONFERENCES, **body))["conference"]
    await two.a.deliver(two.b)
    path = f"/api/partner-conferences/hospital-a/{made['number']}"
    await send(two.b.anna, "PUT", f"{path}/answer", answer="accepted")
    await two.b.deliver(two.a)
    path = f"{CONFERENCES}/{made['number']}"
    made = (await send(two.a.home.nina, "PUT", f"{path}/answer", answer="accepted"))["conference"]
    made = (await send(two.a.anna, "PUT", f"{path}/state", made["revision"], state="in-progress"))[
        "conference"
    ]
    await two.a.deliver(two.b)
    case = f"{path}/cases/{made['cases'][0]['id']}"
    await send(two.a.anna, "POST", f"{case}/consents", said="permit")
    await send(two.a.anna, "POST", f"{case}/items", kind="imaging", title="CT", what={"study": STUDY})
    return {**made, "case": case}


async def a_page(browser: Browser, faults: list[str], **look: Any) -> Page:
    context = await browser.new_context(
        **{"locale": "en", "viewport": {"width": 1280, "height": 900}, **look}
    )
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.extend([said.text] if "Policy" in said.text else []))
    await page.add_init_script(f"({TOLD})()")
    return page


async def staff(browser: Browser, two: Two, faults: list[str], user: str, **look: Any) -> Page:
    """In the room."""
    page = await a_page(browser, faults, **look)
    origin = two.a.home.controller.address.replace("127.0.0.1", "localhost")
    who = {"user": user, "password": PASSWORD}
    assert (await page.context.request.post(f"{origin}/api/login", data=who, headers={"Origin": origin})).ok
    await page.goto(f"{origin}/conferences")
    await into_the_room(page)
    return page


async def into_the_room(page: Page) -> None:
    await page.locator("#groups button").first.click()
    await page.locator("[data-do=enter]").click()
    await expect(page.locator(".tiles .tile.me")).to_be_visible()


async def guest(browser: Browser, two: Two, made: dict[str, Any], faults: list[str]) -> Page:
    told = await send(two.b.anna, "POST", f"/api/partner-conferences/hospital-a/{made['number']}/way-in")
    page = await a_page(browser, faults)
    await page.goto(told["address"])
    await expect(page.locator(".tiles .tile.me")).to_be_visible()
    return page


def image(page: Page) -> Locator:
    return page.locator(".tile.shown canvas.sheet")


async def drawn_at(page: Page, *wanted: float) -> None:
    """Waits until something is drawn there: left, top, bottom as parts of the image."""
    found = None
    for _ in range(400):
        found = await image(page).evaluate(DRAWN)
        if found and max(abs(a - b) for a, b in zip(found, wanted, strict=True)) < 0.03:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"expected something at {wanted}, got {found}")


async def draw(page: Page, tool: str, *points: tuple[float, float]) -> None:
    """By the mouse, from point to point of the image."""
    await page.locator(".marks").get_by_role("button", name=tool, exact=True).click()
    await image(page).scroll_into_view_if_needed()
    box = await image(page).bounding_box()
    assert box is not None
    side = min(box["width"], box["height"])
    left, top = box["x"] + (box["width"] - side) / 2, box["y"] + (box["height"] - side) / 2
    places = [(left + x * side, top + y * side) for x, y in points]
    await page.mouse.move(*places[0])
    await page.mouse.down()
    for place in places[1:]:
        await page.mouse.move(*place, steps=4)
    await page.mouse.up()


async def is_accessible(page: Page) -> None:
    assert (await Axe().run(page, options=RULES)).response["violations"] == []
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


async def test_all_draw_on_the_image_that_is_shown_and_who_may_not_see_it_learns_nothing_of_it(
    two: Two, browser: Browser, faults: list[str]
) -> None:
    made = await held(two)
    anna = await staff(browser, two, faults, "anna")
    nina = await staff(browser, two, faults, "nina", viewport={"width": 390, "height": 844}, locale="zh-CN")
    b = await guest(browser, two, made, faults)

    # The chair shows an image: all see it but who may not.
    await anna.locator("#one [data-do=look]").click()
    await anna.locator("#case [data-item=imaging] summary").click()
    await anna.locator("#case [data-do=show-image]").click()
    for page in (anna, nina):
        await expect(image(page)).to_be_visible()
    await expect(nina.locator(".shown-image .words")).to_have_text("病例 1 的图像，由 Dr. Anna 向所有人显示")
    await expect(b.locator(".shown-image .words")).to_contain_text("Its file is closed to you")

    # What one draws is there on every page, whatever its size; by the keyboard, too; and for who comes late.
    await anna.locator(".shown-image .draw-on").click()
    await draw(anna, "Arrow", (0.3, 0.4), (0.6, 0.7))
    await drawn_at(nina, 0.3, 0.4, 0.7)
    await nina.reload()
    await into_the_room(nina)
    await drawn_at(nina, 0.3, 0.4, 0.7)
    await nina.locator(".shown-image .draw-on").click()
    await nina.locator(".marks [data-do=measure]").click()
    await expect(nina.locator(".marks .note")).to_have_text("长度以毫米计，依据图像自带的像素间距。")
    await image(nina).focus()
    for key in ("ArrowUp", "Enter", *["ArrowLeft"] * 20, "Enter"):
        await nina.keyboard.press(key)
    length = f"{0.4 * 64 * 0.7:.1f}"  # 20 steps of a fiftieth; 64 pixels of 0.7 mm
    await expect(anna.locator(".marked")).to_contain_text(f"Measure {length} mm by nina")
    await drawn_at(anna, 0.1, 0.4, 0.7)
    await nina.locator(".marks [data-do=undo]").click()
    await expect(anna.locator(".marked li")).to_have_count(1)

    # Marks are the image's: gone with another one, and back with it.
    await anna.locator("[data-do=image-after]").click()
    await expect(nina.locator(".marked")).to_be_hidden()
    await expect(nina.locator(".shown-image")).to_contain_text("第 3 幅，共 3 幅")
    await anna.locator("[data-do=image-before]").click()
    await drawn_at(nina, 0.3, 0.4, 0.7)

    # Who may not see it was told neither which it is nor what is drawn on it.
    await expect(b.locator(".tile.shown")).to_have_count(0)
    await expect(b.locator(".marked")).to_be_hidden()
    told = " ".join(await b.evaluate("window.told"))
    assert '"image"' in told and SERIES not in told and "arrow" not in told
    room = f"{GUEST}/{made['number']}/room/marks?seat="
    asked = "async (path) => (await fetch(path + window.seat)).json()"
    seat = "(told) => { window.seat = JSON.parse(told.find((one) => one.includes('\"me\"'))).me; }"
    await b.evaluate(seat, await b.evaluate("window.told"))
    stands = await b.evaluate(asked, room)
    assert (stands["marks"], stands["image"]) == ([], {"id": "", "n": 1})

    # With the patient's word for that hospital the guest sees it, and writes on it.
    await send(two.a.anna, "POST", f"{made['case']}/consents", said="permit", sites=["hospital-b"])
    await drawn_at(b, 0.3, 0.4, 0.7)
    await b.locator(".shown-image .draw-on").click()
    await b.locator(".marks [data-do=text]").click()
    await b.get_by_role("textbox", name="Words for the label").fill("stenosis")
    await draw(b, "Words", (0.2, 0.3))
    await expect(anna.locator(".marked")).to_contain_text("(2)")
    for page in (anna, nina, b):
        await page.locator(".marked summary").click()
        await is_accessible(page)
    await expect(anna.locator(".marked li").last).to_contain_text(
        "Words “stenosis” by Dr. Anna of B (Hospital B), on the picture of case 1"
    )
    marked = [one for one in await trail(two.a) if one["action"] == "conference-room-marked"]
    assert [(one["actor"], one["patient"], one["detail"]["what"]) for one in marked] == [
        ("anna", "4713", "arrow"),
        ("nina", "4713", "measure"),
        ("site:hospital-b/anna", "4713", "text"),
    ]
    assert {one["detail"]["instance"] for one in marked} == {f"{SERIES}.2"}

    # What is drawn is kept in the record by a physician; a nurse and a guest are not offered it.
    for page in (nina, b):
        await expect(page.locator(".marks [data-do=keep-drawn]")).to_be_hidden()
    await anna.locator(".marks [data-do=keep-drawn]").click()
    await anna.locator("dialog.confirm .danger").click()
    await expect(nina.locator(".marks-said")).to_have_text("Dr. Anna 已将图像上的标注存入患者病历。")
    [kept] = (await get(two.a.anna, f"/api/patients/4713/imaging/studies/{STUDY}/states"))["states"]
    assert ([each["text"] for each in kept["words"]], len(kept["lines"])) == (["stenosis"], 1)
    [line] = [one for one in await trail(two.a) if one["action"] == "conference-image-kept"]
    assert (line["actor"], line["patient"], line["detail"]["state"]) == ("anna", "4713", kept["instance"])

    # Taken back: nobody sees it any more, nor what is drawn on it.
    await send(two.a.anna, "POST", f"{made['case']}/consents", said="withdrawn")
    for page in (anna, nina, b):
        await expect(page.locator(".tile.shown")).to_have_count(0)
        await expect(page.locator(".marked")).to_be_hidden()
    assert (await get(two.a.anna, made["case"].rsplit("/cases", 1)[0]))["conference"][
        "state"
    ] == "in-progress"
