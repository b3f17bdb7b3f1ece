"""The crew's call: one button on the page of the box, with a network and without."""

import pytest
from playwright.async_api import expect

from devices.model.observation import EventKind
from tests.browser.conftest import OpenPage, enter
from tests.support.controller import RunningController
from tests.support.crew import Board, make_vehicle
from tests.support.crew_page import NAME, CrewBox

pytestmark = pytest.mark.asyncio(loop_scope="module")
ADDRESS = "https://hospital.example/visit#abc/123456"


async def test_one_button_calls_opens_the_room_and_says_when_nobody_can_be_called(
    box: CrewBox, open_crew: OpenPage
) -> None:
    page = await open_crew()
    await page.context.route("https://hospital.example/**", lambda route: route.fulfill(body="the room"))
    call = page.locator("#doors .call")
    box.uplink.update(online=False)
    await expect(call).to_have_text("No network")
    await call.click()
    await expect(page.locator("#said")).to_contain_text("nobody is called")
    assert box.crew.case.state()["requests"] == []
    box.uplink.update(online=True)
    await expect(call).to_have_text("Call the hospital")
    await call.click()
    await expect(page.locator("#said")).to_contain_text("Say first that a patient is on board")
    await box.crew.tell(EventKind.PATIENT, {"action": "begin"}, NAME)
    await expect(page.locator("#patient")).to_have_attribute("data-state", "on-board")
    await call.click()
    await expect(call).to_contain_text("Calling")
    [asked] = box.crew.case.state()["requests"]
    assert asked["resource"] == "call"
    await box.crew.case.answer({"id": asked["id"], "text": ADDRESS, "by": "Dr Li"})
    await expect(call).to_have_text("Open the call")
    async with page.context.expect_page() as opened:
        await call.click()
    await (await opened.value).wait_for_url(ADDRESS)
    await page.click("[data-sheet=requests]")
    await expect(page.locator(".entries li")).to_contain_text("Dr Li")
    await expect(page.locator(".entries li")).not_to_contain_text("abc")


async def test_it_rings_at_the_hospital_until_somebody_joins_whose_room_opens(
    controller: RunningController, open_page: OpenPage
) -> None:
    board = Board(controller, await make_vehicle(controller))
    await board.tell(board.crew.patient(board.now(), "begin", sex="male", age=60))
    page = await enter(open_page, "/arrivals", "nurse")
    row = page.locator("li[data-resource=call]")
    await expect(page.locator("li[data-resource=bed]")).to_be_visible()
    await expect(row).to_be_hidden()
    await page.evaluate("""() => {
      window.rung = 0;
      const start = OscillatorNode.prototype.start;
      OscillatorNode.prototype.start = function (at) { window.rung += 1; start.call(this, at); };
    }""")
    asked = {"id": "c" * 16, "resource": "call", "note": ""}
    await board.tell(board.crew.event(EventKind.REQUEST, board.now(), **asked))
    await expect(row).to_contain_text("asked")
    await page.wait_for_function("() => window.rung > 0")
    await row.get_by_role("button", name="Join the crew by video").click()
    await page.wait_for_url("**/visits")
    await expect(page.locator("#room .tile.me")).to_be_visible()
    await expect(page.locator("#one-title")).to_contain_text("TV00000001")
    [told] = await board.commands("answer")
    assert "/visit#" in str(told["text"])
