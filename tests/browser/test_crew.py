"""The crew's page: who may look, what stands there and how old it is, and what one touch does."""

import asyncio
import json

import pytest
from playwright.async_api import Page, expect

from devices.model.crew import CHECKLISTS
from devices.model.observation import EventKind, NoValue, Quality, Reading
from tests.browser.conftest import OpenPage, begin_shift
from tests.support.crew_page import NAME, PIN, CrewBox
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

INKED = """(node) => {
  const { data } = node.getContext("2d").getImageData(0, 0, node.width, node.height);
  return data.some((byte) => byte > 0);
}"""
VALUES = {"hr": 84, "spo2": 97, "rr_co2": 14, "etco2": 38}


def number(page: Page, vital: str) -> str:
    return f".cell.{vital} .number"


def events(box: CrewBox, kind: EventKind) -> list[dict[str, str | int]]:
    return [dict(event.detail) for event in box.journal if event.kind is kind]


async def test_nobody_sees_a_number_before_name_and_pin_are_right(box: CrewBox, open_crew: OpenPage) -> None:
    box.says("hr", 84)
    page = await open_crew(stranger=True)
    await expect(page.locator("#login")).to_be_visible()
    await begin_shift(page, pin="111222")
    await expect(page.locator("#login .problem")).to_have_text("Name or PIN is wrong.")
    assert await page.locator(number(page, "hr")).text_content() in ("", "– –")
    await begin_shift(page)
    await expect(page.locator(number(page, "hr"))).to_have_text("84")
    await expect(page.locator("#who")).to_have_text(NAME)
    await page.click("#logout")
    await expect(page.locator("#login")).to_be_visible()


async def test_who_was_here_before_needs_to_type_no_name(open_crew: OpenPage) -> None:
    page = await open_crew()
    await page.click("#logout")
    await page.click(f".names >> text={NAME}")
    for digit in PIN:
        await page.click(f".pad [data-key='{digit}']")
    await page.click("#login .primary")
    await expect(page.locator("#login")).to_be_hidden()


async def test_values_stand_large_with_their_age_and_the_best_source(
    box: CrewBox, open_crew: OpenPage
) -> None:
    page = await open_crew()
    box.says("pr_spo2", 83)
    box.says("hr", 84, ago_s=3)
    box.says("nibp_sys", 122)
    box.says("nibp_dia", 79)
    await expect(page.locator(number(page, "hr"))).to_have_text("84")
    await expect(page.locator(".cell.hr .age")).to_have_text("3 s")
    await expect(page.locator(number(page, "bp"))).to_have_text("122/79")
    size = await page.locator(".cell.hr .figure").evaluate(
        "node => parseFloat(getComputedStyle(node).fontSize)"
    )
    assert size >= 90


async def test_a_number_that_is_too_old_goes_and_leaves_its_age(box: CrewBox, open_crew: OpenPage) -> None:
    page = await open_crew()
    box.says("hr", 84, ago_s=8.5)
    await expect(page.locator(number(page, "hr"))).to_have_text("84")
    await expect(page.locator(number(page, "hr"))).to_have_text("– –")
    await expect(page.locator(".cell.hr .why")).to_contain_text("stale 10 s")
    await expect(page.locator(".cell.hr .last")).to_have_text("last 84")


async def test_an_unplugged_device_is_named_as_the_cause(box: CrewBox, open_crew: OpenPage) -> None:
    page = await open_crew()
    box.connected()
    box.says("spo2", 97, ago_s=9)
    box.connected(yes=False)
    await expect(page.locator(".cell.spo2 .why")).to_contain_text("device off")
    await expect(page.locator(number(page, "spo2"))).to_have_text("– –")


async def test_no_value_says_why_and_a_doubtful_one_is_marked(box: CrewBox, open_crew: OpenPage) -> None:
    page = await open_crew()
    box.hears(Reading("spo2", box.now(), None, NoValue.SENSOR_OFF))
    await expect(page.locator(".cell.spo2 .why")).to_have_text("sensor off")
    box.says("hr", 84, quality=Quality.ARTIFACT)
    await expect(page.locator(".cell.hr .mark")).to_have_text("?")
    await expect(page.locator(".cell.hr .why")).to_have_text("artifact")


async def test_waveforms_are_drawn_and_a_trace_that_ends_is_hidden(box: CrewBox, open_crew: OpenPage) -> None:
    page = await open_crew()
    body = asyncio.create_task(box.body(VALUES))
    lanes = page.locator(".lane[data-state=live]")
    await expect(lanes).to_have_count(4)
    await asyncio.sleep(1)
    for name in ("ecg", "pleth", "co2", "resp"):
        assert await page.locator(f".lane.{name} canvas").evaluate(INKED), name
    body.cancel()
    await expect(page.locator(".lane.ecg .lane-text")).to_contain_text("no waveform")
    await expect(page.locator(".lane.ecg canvas")).to_be_hidden()


async def test_one_touch_marks_and_undo_says_it_was_a_mistake_and_erases_nothing(
    box: CrewBox, open_crew: OpenPage
) -> None:
    page = await open_crew()
    await page.click("#marks [data-mark=defibrillation]")
    await expect(page.locator("#said")).to_contain_text("Defibrillation · ")
    await page.click("#said button")
    await expect(page.locator("#said")).to_have_text(
        "Marked as a mistake: Defibrillation", use_inner_text=True
    )
    first, second = events(box, EventKind.MARK)
    assert (first["code"], first["by"]) == ("defibrillation", NAME)
    assert second["code"] == "note"
    assert str(second["text"]).startswith("Mistake: Defibrillation at ")
    await page.click("#marks [data-sheet=marks]")
    await expect(page.locator(".entries li")).to_have_count(2)


async def test_undo_is_offered_for_five_seconds(open_crew: OpenPage) -> None:
    page = await open_crew()
    await page.click("#marks [data-mark=rosc]")
    await expect(page.locator("#said button")).to_be_visible()
    await asyncio.sleep(4)
    await expect(page.locator("#said button")).to_be_visible()
    await expect(page.locator("#said")).to_be_hidden(timeout=3000)


async def test_an_unknown_patient_is_four_touches_and_becomes_known_by_a_scanner(
    box: CrewBox, open_crew: OpenPage
) -> None:
    page = await open_crew()
    await page.click("#patient")
    await page.click("[data-name=male]")
    await page.click("[data-name='60']")
    await page.click(".patient-form .primary")
    await expect(page.locator("#patient")).to_contain_text("Unknown")
    await expect(page.locator("#patient .more")).to_have_text("male, about 60 · adult")
    await expect(page.locator("#timer")).to_have_text("0:01")
    await page.click("#patient")
    await page.focus("#identifier")
    await page.keyboard.type("P-4711")
    await page.keyboard.press("Enter")
    await expect(page.locator("#patient b")).to_have_text("P-4711")
    begin, identify = events(box, EventKind.PATIENT)
    assert (begin["action"], begin["sex"], begin["age"]) == ("begin", "male", 60)
    assert (identify["action"], identify["identifier"], identify["stay"]) == (
        "identify",
        "P-4711",
        begin["stay"],
    )


async def test_a_stay_ends_by_two_touches_and_nothing_of_it_is_shown_of_the_next(
    box: CrewBox, open_crew: OpenPage
) -> None:
    page = await open_crew()
    box.says("hr", 84)
    await box.crew.tell(
        EventKind.PATIENT, {"action": "begin", "sex": "male", "age": 60, "class": "adult"}, NAME
    )
    await page.click("#patient")
    await page.click(".danger")
    await expect(page.locator(".danger")).to_have_text("Really leaves: touch again")
    assert [told["action"] for told in events(box, EventKind.PATIENT)] == ["begin"]
    await page.click(".danger")
    await expect(page.locator("#patient b")).to_have_text("No patient")
    await expect(page.locator(number(page, "hr"))).to_have_text("– –")
    assert [told["action"] for told in events(box, EventKind.PATIENT)] == ["begin", "end"]


async def test_a_checklist_is_ticked_with_who_and_when(box: CrewBox, open_crew: OpenPage) -> None:
    page = await open_crew()
    await page.click("[data-sheet=checklists]")
    await page.click("[data-list=stroke]")
    await expect(page.locator(".ticks button")).to_have_count(len(CHECKLISTS["stroke"]))
    await page.click("[data-item=face]")
    await expect(page.locator("[data-item=face]")).to_have_attribute("aria-pressed", "true")
    await expect(page.locator("[data-item=face] .by")).to_contain_text(NAME)
    await page.click("[data-item=face]")
    await expect(page.locator("[data-item=face]")).to_have_attribute("aria-pressed", "false")
    assert [told["done"] for told in events(box, EventKind.CHECKLIST)] == [1, 0]


async def test_gcs_is_entered_by_three_touches_and_stands_beside_the_numbers(
    box: CrewBox, open_crew: OpenPage
) -> None:
    page = await open_crew()
    await page.click("#doors [data-sheet=scores]")
    for part, points in (("Eyes", "2"), ("Verbal", "NT"), ("Motor", "4")):
        await page.click(f"fieldset:has(legend:text-is('{part}')) [data-name='{points}']")
    await expect(page.locator(".fact.gcs b")).to_have_text("E2 VNT M4")
    (told,) = events(box, EventKind.ASSESSMENT)
    assert json.loads(str(told["value"])) == {"eye": 2, "verbal": None, "motor": 4}


async def test_news2_shock_index_and_oxygen_follow_the_values(box: CrewBox, open_crew: OpenPage) -> None:
    page = await open_crew()
    for metric, value in {"hr": 112, "spo2": 91, "rr_co2": 22, "nibp_sys": 98, "temp_core": 35.4}.items():
        box.says(metric, value)
    box.says("o2_cylinder_pressure", 98)
    box.says("o2_flow", 8)
    await expect(page.locator(".fact.news .figure-text")).to_have_text("10")
    await expect(page.locator(".fact.news .which")).to_contain_text("missing")
    await expect(page.locator(".fact.shock b")).to_have_text("1.14")
    await expect(page.locator(".fact.oxygen b")).to_have_text("21 min")
    await page.click(".fact.news")
    await expect(page.locator("#sheet tbody tr")).to_have_count(7)
    await expect(page.locator("#sheet tbody tr").first).to_contain_text("21–24")


async def test_a_request_waits_visibly_until_the_hospital_answers(box: CrewBox, open_crew: OpenPage) -> None:
    page = await open_crew()
    await page.click("[data-sheet=requests]")
    await page.fill("#request-note", "STEMI")
    await page.click("[data-resource=cath-lab]")
    await expect(page.locator(".entries li")).to_contain_text("waiting for the hospital")
    (told,) = events(box, EventKind.REQUEST)
    await box.crew.case.answer({"id": told["id"], "text": "lab 2 is ready", "by": "Dr Li"})
    await expect(page.locator(".entries li")).to_contain_text("lab 2 is ready")
    await expect(page.locator(".entries li")).to_contain_text("Dr Li")


async def test_an_instruction_stays_until_it_is_acknowledged_and_the_physician_learns_both(
    box: CrewBox, open_crew: OpenPage
) -> None:
    page = await open_crew()
    await box.crew.tell(EventKind.PATIENT, {"action": "begin"}, NAME)
    await box.crew.case.instruct({"id": "a" * 16, "text": "Aspirin 300 mg", "by": "Dr Li", "stay": ""})
    await expect(page.locator("#instructions")).to_contain_text("Aspirin 300 mg")
    await until(lambda: events(box, EventKind.INSTRUCTION), "it is told that it was shown")
    await page.click("[data-sheet=trends]")
    await expect(page.locator("#instructions")).to_contain_text("Dr Li")
    await page.click("#instructions button")
    await expect(page.locator("#instructions")).to_be_hidden()
    assert [told["state"] for told in events(box, EventKind.INSTRUCTION)] == ["shown", "acknowledged"]


async def test_the_crew_sees_what_the_hospital_sees_and_who_is_looking(
    box: CrewBox, open_crew: OpenPage
) -> None:
    page = await open_crew()
    await expect(page.locator("#uplink")).to_have_text("Hospital sees you live")
    box.uplink.update(pending_blocks=14, oldest_ms=240_000, online=False)
    await expect(page.locator("#uplink .live")).to_have_text("No network")
    await expect(page.locator("#uplink .follows")).to_have_text("last 4 min kept here, will follow")
    await box.crew.case.watched({"by": "Dr Li, Dr Wang"})
    await expect(page.locator("#watchers")).to_have_text("Looking: Dr Li, Dr Wang")


async def test_trends_come_from_the_boxs_own_record(box: CrewBox, open_crew: OpenPage) -> None:
    for ago in range(8, 0, -1):
        box.says("hr", 80 + ago, ago_s=ago)
    page = await open_crew()
    await page.click("[data-sheet=trends]")
    await expect(page.locator(".charts figure")).to_have_count(1)
    await expect(page.locator(".charts figcaption")).to_contain_text("81–88")
