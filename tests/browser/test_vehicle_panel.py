"""A vehicle's panel on the board: what its crew tells, what it is asked, whether it knows, who looks on."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from controller.api.crew import CREWS
from controller.security.permissions import Role
from devices.model.observation import DeviceEvent, EventKind, Instant
from tests.browser.conftest import OpenPage, log_in
from tests.support.accessible import violations
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.crew import ANN, BEN, Board, make_vehicle

pytestmark = pytest.mark.asyncio(loop_scope="module")
PEOPLE = {"nurse": Role.NURSE, "physician": Role.PHYSICIAN}


@pytest_asyncio.fixture(loop_scope="module")
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    with quick_passwords():
        async with running(tmp_path, **PEOPLE) as started:
            yield started


@pytest_asyncio.fixture(loop_scope="module")
async def board(controller: RunningController) -> Board:
    """amb-1 with an unknown patient, an oximeter, and two marks."""
    board = Board(controller, await make_vehicle(controller))
    crew, now = board.crew, board.now()
    await board.tell(
        crew.patient(now - 300, "begin", sex="male", age=60),
        crew.mark(now - 240, "drug-given", text="adrenaline 1 mg"),
        crew.mark(now - 200, "rosc"),
        crew.event(EventKind.CHECKLIST, now - 100, list="chest-pain", item="aspirin", done=1),
    )
    controller.say("ox-9", spo2=93, pr_spo2=104)
    return board


async def panel(open_page: OpenPage, user: str = "physician", **options: int | str) -> tuple[Page, Locator]:
    page = await open_page(**options)
    await log_in(page, user=user)
    await page.locator(".tile .open").click()
    crew = page.locator("#bed .crew")
    await expect(crew).to_be_visible()
    return page, crew


async def number(board: Board) -> str:
    return (await board.commands("instruct"))[-1]["id"]


async def test_what_the_crew_did_is_told_by_time_and_name(board: Board, open_page: OpenPage) -> None:
    page, crew = await panel(open_page)
    rows = crew.locator(".timeline li")
    await expect(rows).to_have_text(
        [
            re.compile(r"^\d\d:\d\dchest pain: aspirin doneMei, \d+ (s|min) ago$"),
            re.compile(r"^\d\d:\d\dreturn of circulation \(ROSC\)Mei, 3 min ago$"),
            re.compile(r"^\d\d:\d\ddrug given: adrenaline 1 mgMei, [34] min ago$"),
        ]
    )
    await board.tell(board.crew.mark(board.now(), "intubation"))
    await expect(rows.first).to_contain_text("intubation")
    await board.tell(
        board.crew.patient(board.now(), "end"), board.crew.patient(board.now() + 1, "begin", BEN)
    )
    await expect(rows).to_have_count(0)
    await expect(page.locator("#bed-title")).to_have_text("Ambulance 1 · unknown")


async def test_what_the_crew_sees_comes_first_and_then_the_crew(board: Board, open_page: OpenPage) -> None:
    page, _ = await panel(open_page)
    headings = page.locator("#bed h3:visible")
    await expect(headings.nth(0)).to_have_text("Live")
    await expect(headings.nth(1)).to_have_text("Crew")
    await expect(headings.nth(2)).to_have_text("All values")
    await expect(page.locator("#bed .live .number:visible")).to_have_text(["104", "93"])


async def test_one_tap_asks_and_the_answer_has_a_name_and_a_time(board: Board, open_page: OpenPage) -> None:
    _, crew = await panel(open_page)
    await crew.get_by_role("button", name="12-lead ECG please").click()
    one = crew.locator(".instructions li")
    await expect(one).to_have_text(re.compile(r"^12-lead ECG pleasenot yet deliveredphysician, \d\d:\d\d, "))
    await board.answers("done")
    await expect(one).to_contain_text("delivered, not yet shown")
    for state, words in (("shown", "shown to Mei at"), ("acknowledged", "acknowledged by Mei at")):
        event = board.crew.event(EventKind.INSTRUCTION, board.now(), id=await number(board), state=state)
        await board.tell(event)
        await expect(one).to_contain_text(words)
    await expect(one).to_have_attribute("data-state", "acknowledged")


async def test_what_nobody_acknowledges_within_a_minute_asks_for_attention(
    board: Board, open_page: OpenPage
) -> None:
    _, crew = await panel(open_page)
    await crew.get_by_label("Ask for something else").fill("Keep him warm")
    await crew.get_by_role("button", name="Send to the crew").click()
    one = crew.locator(".instructions li")
    await expect(one).to_have_attribute("data-state", "sent")
    await expect(crew.get_by_role("alert")).to_be_hidden()
    board.controller.clock.let_pass(61)
    await expect(crew.get_by_role("alert")).to_have_text("Not acknowledged: 1. Call the crew.")
    await expect(one).to_have_attribute("data-state", "late")
    event = board.crew.event(EventKind.INSTRUCTION, board.now(), id=await number(board), state="acknowledged")
    await board.tell(event)
    await expect(crew.get_by_role("alert")).to_be_hidden()


async def test_whoever_has_the_panel_open_looks_on_and_the_crew_is_told(
    board: Board, open_page: OpenPage
) -> None:
    page, crew = await panel(open_page)
    await expect(crew.locator(".watchers")).to_contain_text("Looking on: physician.")
    _, other = await panel(open_page, "nurse")
    for one in (crew, other):
        await expect(one.locator(".watchers")).to_contain_text("Looking on: physician, nurse.")
    assert (await board.commands("watched"))[-1]["by"] == "physician, nurse"
    await page.locator("#bed .close").click()
    board.controller.clock.let_pass(50)
    watching = board.controller.app[CREWS].watching
    await watching.beat("amb-1", "nurse")
    await watching.lapse()
    await expect(other.locator(".watchers")).to_contain_text("Looking on: nurse.")


async def test_a_nurse_identifies_and_does_not_instruct(board: Board, open_page: OpenPage) -> None:
    page, crew = await panel(open_page, "nurse")
    await expect(crew.locator(".instruct")).to_be_hidden()
    who = crew.locator(".identify")
    await who.get_by_label("Identifier").fill("P1")
    await who.get_by_label("Name").fill("Li Na")
    await who.get_by_role("button", name="Identify").click()
    await expect(page.locator("#bed-title")).to_have_text("Ambulance 1 · Li Na")
    await expect(who).to_be_hidden()
    await expect(crew.locator(".timeline li")).to_have_count(3)
    board.controller.say("ox-9", spo2=93)  # again: on a slow machine the first one is old by now
    await expect(page.locator("#bed .values li").first).to_contain_text("93 %")


@pytest.mark.parametrize(("locale", "scheme"), [("en", "dark"), ("zh", "light")])
async def test_the_panel_can_be_used_by_everyone(
    board: Board, open_page: OpenPage, locale: str, scheme: str
) -> None:
    page, crew = await panel(open_page, locale=locale, color_scheme=scheme)
    await crew.locator(".taps button").first.click()
    await crew.locator(".taps button").nth(3).click()
    await expect(crew.locator(".instructions li")).to_have_count(2)
    board.controller.clock.let_pass(61)
    await expect(crew.locator(".attention")).to_be_visible()
    assert await violations(page) == []


async def limits_of(page: Page) -> Locator:
    """The limits of the patient on board, opened."""
    limits = page.locator("#bed .patient-limits")
    await limits.locator("summary").click()
    return limits.locator("[data-code=hr-high]")


def moved(board: Board, value: str, by: str) -> DeviceEvent:
    """The box says so."""
    detail = {"bed": "amb-1", "stay": ANN, "code": "hr-high", "value": value, "usual": "120", "by": by}
    return DeviceEvent(EventKind.LIMIT, Instant(board.now() * 10**9), detail)


async def test_a_limit_is_what_the_box_says_until_it_has_done_what_was_asked(
    board: Board, open_page: OpenPage
) -> None:
    await board.tell(moved(board, "130", "Mei"))
    page, _ = await panel(open_page)
    row = await limits_of(page)
    await expect(row.locator("output")).to_have_text("130 /min")
    await expect(row.locator(".said")).to_have_text(
        re.compile(r"^usual 120, may be 90–180 · moved by Mei, \d\d:\d\d$")
    )
    for _ in range(3):
        await row.get_by_role("button", name="Heart rate high: up to").click()
    await row.get_by_role("button", name="Set 145").click()
    await expect(row.locator("output")).to_have_text("130 /min")
    await expect(row.locator(".said")).to_contain_text("145 asked for by physician")
    await expect(row.locator(".said")).to_contain_text("not yet at the box")
    [order] = await board.commands("set-limit")
    assert order == {"bed": "amb-1", "stay": ANN, "code": "hr-high", "value": "145", "by": "physician"}
    await board.tell(moved(board, "145", "physician"))
    await board.answers("done", "set-limit")
    await expect(row.locator("output")).to_have_text("145 /min")
    await expect(row.locator(".said")).not_to_contain_text("asked for")
    await row.get_by_role("button", name="Back to 120").click()
    await expect(row.locator(".said")).to_contain_text("120 asked for by physician")
    assert (await board.commands("set-limit"))[-1]["value"] == ""


async def test_who_may_not_instruct_sees_limits_and_moves_none(board: Board, open_page: OpenPage) -> None:
    await board.tell(moved(board, "130", "Mei"))
    page, _ = await panel(open_page, "nurse")
    row = await limits_of(page)
    await expect(row.locator("output")).to_have_text("130 /min")
    for button in await row.get_by_role("button").all():
        await expect(button).to_be_disabled()


async def test_what_was_drafted_for_one_patient_is_not_the_next_ones(
    board: Board, open_page: OpenPage
) -> None:
    page, _ = await panel(open_page)
    row = await limits_of(page)
    await row.get_by_role("button", name="Heart rate high: up to").click()
    await expect(row.locator("output")).to_have_text("125 /min")
    await board.tell(
        board.crew.patient(board.now(), "end"), board.crew.patient(board.now() + 1, "begin", BEN)
    )
    await page.get_by_role("button", name="Close").first.click()
    await page.locator(".tile .open").click()
    row = await limits_of(page)
    await expect(row.locator("output")).to_have_text("120 /min")


@pytest.mark.parametrize(("scheme", "locale"), [("light", "en"), ("dark", "zh-CN")])
async def test_axe_finds_nothing_in_the_limits(
    board: Board, open_page: OpenPage, scheme: str, locale: str
) -> None:
    await board.tell(moved(board, "130", "Mei"))
    page, _ = await panel(open_page, color_scheme=scheme, locale=locale)
    row = await limits_of(page)
    await row.locator(".step").nth(1).click()
    found = await violations(page)
    assert [violation["id"] for violation in found] == []
