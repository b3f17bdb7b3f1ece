"""The arrivals board as the emergency department's wall and a crew see it: honest about every number."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from controller.arrivals.globe import Point, moved
from controller.arrivals.position import Fix, position
from controller.registry import Patient
from controller.sections import ArrivalsSection
from controller.security.permissions import Role
from tests.browser.conftest import OpenPage, enter, log_in
from tests.support.accessible import violations
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.fixes import GNSS, ride, write_fixes

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOSPITAL = ArrivalsSection(name="General", latitude=22.28, longitude=114.158)
STREETS = """{"type": "FeatureCollection", "features": [
{"type": "Feature", "properties": {"kind": "street", "name": "North Road"},
 "geometry": {"type": "LineString", "coordinates": [[114.158, 22.27], [114.158, 22.35]]}},
{"type": "Feature", "properties": {"kind": "water"},
 "geometry": {"type": "LineString", "coordinates": [[114.13, 22.3], [114.19, 22.31]]}},
{"type": "Feature", "properties":
 {"kind": "approach", "intersection": 7, "approach": 1, "heading": 180, "name": "North Road / Ring"},
 "geometry": {"type": "Point", "coordinates": [114.158, 22.314]}}]}"""
ESTIMATE, ROUNDED_M = re.compile(r"^ESTIMATED: no position for (\d+) s, ± (\d+) m$"), 5
PEOPLE = {"nurse": Role.NURSE, "physician": Role.PHYSICIAN, "crew": Role.CREW, "wall": Role.VIEWER}


@pytest_asyncio.fixture(loop_scope="module")
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    """Ambulance 1 with a patient, a receiver and an oximeter comes from the north, and is 5 km away."""
    with quick_passwords():
        async with running(tmp_path, **PEOPLE) as started:
            streets = tmp_path / "streets.geojson"
            streets.write_text(STREETS, encoding="utf-8")
            started.hospital = HOSPITAL.model_copy(update={"map": streets, "priority": "always"})
            await started.stop()
            await started.start()
            await started.add_bed("amb-1", "Ambulance 1", ["ox-1"])
            await started.add_device("gnss-1", GNSS)
            await started.registry.assign("gnss-1", "amb-1", "test")
            await started.registry.admit("amb-1", Patient("T-0815", "unknown, male, about 60"), "test")
            start = moved(Point(HOSPITAL.latitude, HOSPITAL.longitude), 0, 5_000 + 40 / 3.6 * 199)
            fixes = ride(start, 180, 40, range(200), started.clock.now_us())
            await write_fixes(started.store, "amb-1", fixes)
            started.say("ox-1", spo2=91, pr_spo2=118)
            yield started


async def open_arrivals(open_page: OpenPage, user: str, **options: int | str) -> Page:
    return await enter(open_page, "/arrivals", user, **options)


async def test_a_wall_shows_who_comes_when_from_where_and_how_they_are(
    controller: RunningController, open_page: OpenPage
) -> None:
    page = await open_arrivals(open_page, "wall", width=1920, height=1080)
    card = page.locator(".arrival")
    await expect(card.locator("header")).to_have_text("Ambulance 1unknown, male, about 60")
    await expect(card.locator(".eta strong")).to_have_text(re.compile(r"^[78]–1[345] min$"))
    await expect(card.locator(".way")).to_have_text(
        re.compile(r"^(5\.0|4\.9) km straight to General, by a position \d+ s old$")
    )
    controller.say("ox-1", spo2=91)  # again: on a slow machine the first one is old by now
    await expect(card.locator(".spo2 .number")).to_have_text("91")
    await expect(card.locator(".spo2 .age")).to_have_text(re.compile(r"^\d s$"))
    await expect(card.locator("svg.map")).to_have_attribute("aria-label", re.compile("Ambulance 1.*General"))
    await expect(card.locator(".score")).to_contain_text("NEWS2")
    await expect(card.locator("form").first).to_be_hidden()
    controller.say("ox-1", spo2=88)
    await expect(card.locator(".spo2 .number")).to_have_text("88")
    await controller.registry.discharge("amb-1", "test")
    await expect(card).to_have_count(0)
    await expect(page.locator("#nobody")).to_have_text("No vehicle has a patient on board.")


async def test_streets_the_way_with_its_tunnel_green_lights_and_how_news2_went_are_drawn(
    controller: RunningController, open_page: OpenPage
) -> None:
    for spo2 in (96, 91):
        controller.say("ox-1", spo2=spo2)
        controller.hub.tick()
        controller.trend.look()
        controller.clock.let_pass(60)
    controller.say("ox-1", spo2=91)
    door = Point(HOSPITAL.latitude, HOSPITAL.longitude)
    start = moved(door, 0, 4_000 + 40 / 3.6 * 19)
    await write_fixes(controller.store, "amb-1", ride(start, 180, 40, range(20), controller.clock.now_us()))
    await controller.corridor.look()
    page = await open_arrivals(open_page, "nurse")
    card = page.locator(".arrival")
    await expect(card.locator("svg .streets .street")).to_have_attribute("d", re.compile("^M.*L"))
    await expect(card.locator("svg .streets")).to_have_attribute("transform", re.compile("scale"))
    await expect(card.locator("svg .trail")).to_have_attribute("d", re.compile("^M.*L"))
    await expect(card.locator("svg .gap")).to_have_attribute("d", re.compile("^M[^M]*L[^M]*$"))
    await expect(card.locator(".corridor li")).to_have_text(
        re.compile(r"^North Road / Ring, in \d+ s: asked, no answer yet$")
    )
    await expect(card.locator(".news2-trend")).to_have_attribute(
        "aria-label", re.compile("2 minutes: from 2, at most 3, last 3; incomplete in 2")
    )
    controller.clock.let_pass(20)
    await expect(card.locator("svg .gap")).to_have_attribute("d", re.compile("^M.*M.*L"))


def radius_m(age_s: float) -> float:
    """How wrong a position may be that is reckoned so long after the last fix."""
    at = Fix(0, HOSPITAL.latitude, HOSPITAL.longitude, 40, 180, 0.9)
    reckoned = position([at], int(age_s * 1_000_000))
    assert reckoned is not None
    assert reckoned.radius_m is not None
    return reckoned.radius_m


async def estimate(card: Locator) -> tuple[int, int]:
    """Seconds and metres as they are shown, once no position has come for 30 s."""
    least_m = radius_m(30) - ROUNDED_M
    async with asyncio.timeout(20):
        while True:
            said = ESTIMATE.match(await card.locator(".where").inner_text())
            if said and int(said[1]) >= 30 and int(said[2]) >= least_m:
                return int(said[1]), int(said[2])
            await asyncio.sleep(0.1)


async def test_without_satellites_the_position_is_marked_and_then_given_up(
    controller: RunningController, open_page: OpenPage
) -> None:
    page = await open_arrivals(open_page, "nurse")
    card = page.locator(".arrival")
    controller.clock.let_pass(30)
    await expect(card).to_have_attribute("data-state", "reckoned")
    seconds, metres = await estimate(card)
    [(last_us,)] = await controller.store.read("SELECT max(at_us) FROM observation")
    age_s = (controller.clock.now_us() - last_us) / 1_000_000
    assert seconds <= age_s
    assert metres <= radius_m(age_s) + ROUNDED_M
    controller.clock.let_pass(240)
    await expect(card.locator(".where")).to_have_text("position lost: last seen 4 min ago")
    await expect(card.locator(".eta strong")).to_have_text("no ETA")
    await expect(card.locator("svg .error")).to_be_hidden()


async def test_a_crew_asks_by_the_keyboard_and_sees_who_acknowledged_and_a_refusal_loses_nothing(
    open_page: OpenPage,
) -> None:
    crew = await open_arrivals(open_page, "crew")
    nurse = await open_page()
    await log_in(nurse, user="nurse")
    await nurse.locator("#to-arrivals").click()
    note = crew.get_by_label("Note with: Cath lab")
    await note.fill("STEMI")
    await crew.route("**/requests", lambda route: route.continue_(post_data='{"resource": "helicopter"}'))
    await crew.keyboard.press("Enter")
    await expect(crew.locator(".requests .problem")).to_contain_text("resource")
    await expect(note).to_have_value("STEMI")
    await crew.unroute("**/requests")
    await crew.keyboard.press("Enter")
    lab = "li[data-resource=cath-lab]"
    await expect(crew.locator(f"{lab} .said")).to_have_text(re.compile(r"^asked \d+ s ago by crew: STEMI$"))
    await expect(crew.locator(f"{lab} form")).to_be_hidden()
    await nurse.get_by_label("Answer with: Cath lab").fill("lab 2")
    await nurse.get_by_role("button", name="Acknowledge: Cath lab").click()
    for page in (nurse, crew):
        await expect(page.locator(lab)).to_have_attribute("data-state", "acknowledged")
        await expect(page.locator(f"{lab} .said")).to_contain_text(re.compile(r"✓ .* ago by nurse: lab 2$"))


@pytest.mark.parametrize(("theme", "locale"), [("dark", "en"), ("light", "zh-CN")])
async def test_axe_finds_nothing_in_either_theme_and_nothing_overflows(
    controller: RunningController, open_page: OpenPage, theme: str, locale: str
) -> None:
    controller.trend.look()
    controller.clock.let_pass(20)
    controller.trend.look()
    page = await open_arrivals(open_page, "physician", color_scheme=theme, locale=locale, width=390)
    await expect(page.locator(".arrival[data-state=reckoned]")).to_have_count(1)
    await page.locator("li[data-resource=bed] button").click()
    await expect(page.locator("li[data-resource=bed]")).to_have_attribute("data-state", "open")
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
