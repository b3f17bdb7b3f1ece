"""How the crew's page looks: accessible, large enough for gloves, whole on a tablet and on a phone."""

import pytest
from playwright.async_api import Page, expect

from devices.model.observation import EventKind, Priority
from tests.browser.conftest import OpenPage, begin_shift
from tests.support.accessible import violations
from tests.support.crew_page import NAME, CrewBox

pytestmark = pytest.mark.asyncio(loop_scope="module")

LEAST_PX = 56
TARGETS = """(least) => [...document.querySelectorAll("button, input, select, a[href]")]
  .filter((node) => node.checkVisibility())
  .map((node) => [node.id || node.textContent || node.className, node.getBoundingClientRect()])
  .filter(([, box]) => box.width < least - 0.5 || box.height < least - 0.5)
  .map(([name, box]) => `${name}: ${box.width} x ${box.height}`)"""
OUTSIDE = """() => [
  ...document.querySelectorAll("#top > *, #alarms > *, main, .cell .figure, .fact, #doors button"),
].filter((node) => node.checkVisibility())
  .filter((node) => {
    const { right, bottom } = node.getBoundingClientRect();
    return right > innerWidth + 1 || bottom > innerHeight + 1;
  })
  .map((node) => node.id || node.className)"""
CUT = """() => [...document.querySelectorAll("button, .cell .figure, .limits output")]
  .filter((node) => node.checkVisibility())
  .filter((node) => {
    const inner = document.createRange();
    inner.selectNodeContents(node);
    const box = node.closest(".cell, button, li").getBoundingClientRect();
    const words = inner.getBoundingClientRect();
    return words.left < box.left - 1 || words.right > box.right + 1;
  })
  .map((node) => node.textContent)"""
SHEETS = ("limits", "trends", "checklists", "scores", "requests", "marks", "patient", "pictures")


async def on_the_road(box: CrewBox) -> None:
    """A patient with alarms and an instruction: everything that there is to see."""
    for metric, value in {"hr": 132, "spo2": 86, "rr_co2": 27, "nibp_sys": 188, "nibp_dia": 102}.items():
        box.says(metric, value)
    box.says("temp_core", 38.4)
    box.alarm("spo2-low", 3, Priority.HIGH, value="86", limit="90", escalated=1)
    box.alarm("hr-high", 4, Priority.MEDIUM, value="132", limit="120", seen=1)
    box.alarm("temp-high", 5, Priority.LOW, value="39.4", limit="39")
    await box.crew.tell(EventKind.PATIENT, {"action": "begin", "sex": "male", "age": 60}, NAME)
    await box.crew.tell(EventKind.MARK, {"code": "iv-access"}, NAME)
    await box.crew.tell(EventKind.REQUEST, {"resource": "bed", "note": ""}, NAME)
    await box.crew.case.instruct({"id": "b" * 16, "text": "Oxygen 15 l/min", "by": "Dr Li", "stay": ""})
    await box.crew.case.watched({"by": "Dr Li"})


async def complaints(page: Page) -> list[str]:
    found = await violations(page)
    return [f"{one['id']}: {node['html']}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize(("scheme", "locale"), [("light", "en"), ("dark", "zh-CN")])
async def test_the_page_is_accessible_in_both_themes_and_languages(
    box: CrewBox, open_crew: OpenPage, scheme: str, locale: str
) -> None:
    page = await open_crew(stranger=True, color_scheme=scheme, locale=locale)
    await expect(page.locator("#login")).to_be_visible()
    assert await complaints(page) == []
    await begin_shift(page)
    await on_the_road(box)
    await expect(page.locator(".alarm")).to_have_count(3)
    await expect(page.locator("#instructions li")).to_be_visible()
    assert await complaints(page) == []
    for name in SHEETS:
        await page.click(f"[data-sheet={name}]:visible")
        assert await complaints(page) == [], name
        await page.click("#sheet .close")


@pytest.mark.parametrize(
    ("width", "height", "locale"), [(1280, 800, "en"), (412, 915, "zh-CN"), (412, 915, "en")]
)
async def test_everything_is_on_the_screen_and_large_enough_for_gloves(
    box: CrewBox, open_crew: OpenPage, width: int, height: int, locale: str
) -> None:
    page = await open_crew(stranger=True, width=width, height=height, locale=locale)
    await expect(page.locator("#login")).to_be_visible()
    assert await page.evaluate(TARGETS, LEAST_PX) == []
    await begin_shift(page)
    await on_the_road(box)
    await expect(page.locator("#instructions li")).to_be_visible()
    assert await page.evaluate(TARGETS, LEAST_PX) == []
    assert await page.evaluate(OUTSIDE) == []
    for name in SHEETS:
        await page.click(f"[data-sheet={name}]:visible")
        assert await page.evaluate(TARGETS, LEAST_PX) == [], name
        await page.click("#sheet .close")


async def test_what_is_opened_leaves_numbers_and_alarms_in_sight(box: CrewBox, open_crew: OpenPage) -> None:
    page = await open_crew(width=412, height=915)
    await on_the_road(box)
    for name in ("trends", "scores", "patient"):
        await page.click(f"[data-sheet={name}]:visible")
        await expect(page.locator("#sheet")).to_be_visible()
        await expect(page.locator(".cell.hr .number")).to_be_visible()
        await expect(page.locator(".alarm").first).to_be_in_viewport()
        await page.click("#sheet .close")


async def test_the_page_can_be_installed(open_crew: OpenPage) -> None:
    page = await open_crew(stranger=True)
    manifest = await page.evaluate("fetch('/manifest.webmanifest').then((answer) => answer.json())")
    assert manifest["start_url"] == "/"
    assert manifest["display"] == "fullscreen"
    icon = manifest["icons"][0]["src"]
    assert await page.evaluate(f"fetch('{icon}').then((answer) => answer.ok)")


async def test_the_language_is_changed_by_one_touch_and_everywhere(box: CrewBox, open_crew: OpenPage) -> None:
    page = await open_crew()
    await page.click("#language")
    await expect(page.locator("#doors [data-sheet=trends]")).to_have_text("趋势")
    await expect(page.locator("[data-mark=defibrillation]").first).to_have_text("除颤")
    await expect(page.locator(".cell.hr .label")).to_have_text("心率")


@pytest.mark.parametrize(
    ("width", "height", "locale"),
    [(1280, 800, "en"), (1024, 768, "zh-CN"), (390, 844, "zh-CN"), (390, 844, "en")],
)
async def test_no_figure_and_no_button_is_cut_off(
    box: CrewBox, open_crew: OpenPage, width: int, height: int, locale: str
) -> None:
    """188/102 that reads 188/10 is another pressure."""
    page = await open_crew(width=width, height=height, locale=locale)
    await on_the_road(box)
    await expect(page.locator(".cell.bp .number")).to_have_text("188/102")
    assert await page.evaluate(CUT) == []
    for name in SHEETS:
        await page.click(f"[data-sheet={name}]:visible")
        assert await page.evaluate(CUT) == [], name
        await page.click("#sheet .close")


async def test_marks_that_are_opened_are_as_large_as_those_of_the_row(
    box: CrewBox, open_crew: OpenPage
) -> None:
    page = await open_crew()
    await page.click("[data-sheet=marks]")
    size = "node => parseFloat(getComputedStyle(node).fontSize)"
    row = await page.locator("#marks [data-mark=rosc]").evaluate(size)
    assert await page.locator("#sheet [data-mark=rosc]").evaluate(size) >= row


async def test_alarms_that_do_not_fit_are_counted(box: CrewBox, open_crew: OpenPage) -> None:
    page = await open_crew(width=390, height=844)
    await on_the_road(box)
    await expect(page.locator(".alarm")).to_have_count(3)
    await expect(page.locator("#more-alarms")).to_contain_text("+2")
    await page.locator(".alarm").nth(2).scroll_into_view_if_needed()
    await expect(page.locator("#more-alarms")).to_contain_text("+2")
    await page.set_viewport_size({"width": 1280, "height": 800})
    await expect(page.locator("#more-alarms")).to_be_hidden()
