"""The page of robots: deliveries for the ward, the fleet for the engineer, the past, which is never now."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from controller.sections import RobotsSection
from controller.security.permissions import Role
from tests.browser.conftest import OpenPage, enter
from tests.support.accessible import violations
from tests.support.controller import PASSWORD, RunningController, eventually, quick_passwords, running
from tests.support.http import client
from tests.support.robots_here import RobotsHere

pytestmark = pytest.mark.asyncio(loop_scope="module")
MAP = Path(str(files("controller.robots").joinpath("demo.toml")))
LOW = """[...document.querySelectorAll("main button, main select, summary")]
.filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44).length"""
NEW = {"pick": "blood-bank", "drop": "laboratory", "load": "blood", "subject": "RX00000001/1"}


@pytest_asyncio.fixture(loop_scope="module")
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    with quick_passwords():
        async with running(tmp_path, nina=Role.NURSE, erik=Role.ENGINEER) as started:
            await started.stop()
            started.robots = RobotsSection(map=MAP)
            await started.start()
            yield started


@asynccontextmanager
async def one_robot(controller: RunningController) -> AsyncIterator[RobotsHere]:
    here = RobotsHere(controller, {"robot-1": "park-1"})
    async with here.living():
        yield here


async def asked(controller: RunningController) -> None:
    async with (
        client(controller, "nina") as nina,
        nina.post("/api/robots/transports", json=NEW) as response,
    ):
        assert response.status == 200, await response.text()


def robot(page: Page, plan: str = "#plan") -> Locator:
    return page.locator(f"{plan} .robot[data-key=robot-1]")


async def test_a_nurse_asks_for_a_delivery_sees_when_it_is_there_and_cancels_it_with_a_reason(
    controller: RunningController, open_page: OpenPage
) -> None:
    async with one_robot(controller) as here:
        here.robots["robot-1"].base.hands = False
        page = await enter(open_page, "/robots", "nina")
        await expect(robot(page)).to_have_attribute("data-state", "fresh")
        for name, chosen in {"pick": "pharmacy", "drop": "laboratory", "load": "medicines"}.items():
            await expect(page.locator(f"#want-{name}")).to_have_value("")
            await page.locator(f"#want-{name}").select_option(chosen)
        await expect(page.locator("#want-priority")).to_have_value("")
        await page.locator("#want-priority").select_option("2")
        await page.locator("#want-within").fill("600")
        await page.keyboard.press("Enter")
        await expect(page.locator("#want-said")).to_contain_text("TR00000001")
        item = page.locator("[data-transport=TR00000001]")
        await expect(item.locator("h3")).to_have_text("pharmacy → laboratory")
        eta = re.compile(r"^Here \d\d:\d\d to \d\d:\d\d – a wide guess: .*; estimated \d+ s ago$")
        await expect(item.locator(".eta")).to_have_text(eta)
        await expect(item.locator(".deadline")).to_contain_text("Wanted by")
        await expect(item.locator(".state")).to_have_text("robot-1 stands at pharmacy: load it")
        await expect(item.locator(".why")).to_have_text("with robot-1 · robot-1 is the nearest that can")
        await page.locator("#language").click()
        await expect(item.locator(".why")).to_have_text("由 robot-1 运送 · robot-1 是能承担的最近的机器人")
        await page.locator("#language").click()
        await item.locator("summary", has_text="Cancel it").click()
        await item.get_by_role("textbox", name="Why").fill("not needed")
        await page.keyboard.press("Enter")
        over = page.locator("#deliveries details", has_text="Over")
        await expect(over.locator("[data-transport=TR00000001] .state")).to_have_text("Cancelled")
        await expect(page.locator("#deliveries .none")).to_be_visible()
    rows = await controller.store.read(
        "SELECT actor, json_extract(entry, '$.why') FROM audit WHERE action = 'transport-cancelled'"
    )
    assert [tuple(row) for row in rows] == [("nina", "not needed")]


async def test_the_drawer_opens_only_for_who_proves_who_they_are_and_nothing_of_it_stays_on_the_page(
    controller: RunningController, open_page: OpenPage
) -> None:
    async with one_robot(controller) as here:
        base = here.robots["robot-1"].base
        base.hands = False
        await asked(controller)
        page = await enter(open_page, "/robots", "nina")
        item = page.locator("[data-transport=TR00000001]")
        await expect(item).to_have_attribute("data-here", "true")
        await item.locator("summary", has_text="Open the drawer").click()
        await item.get_by_label("Number of the drawer").fill("2")
        await item.get_by_label("or your password").fill("not that one")
        await page.keyboard.press("Enter")
        await expect(item.locator(".problem")).not_to_be_empty()
        await expect(item.get_by_label("or your password")).to_have_value("")
        assert base.drawers == []
        await item.get_by_label("or your password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(item.locator(".said")).to_have_text("2: the robot was told to open it.")
        await expect(item.get_by_label("or your password")).to_have_value("")
        await eventually(lambda: len(base.drawers) == 1)
        await item.get_by_role("button", name="It is loaded").click()
        await expect(item.locator(".state")).to_contain_text("laboratory")
    rows = await controller.store.read("SELECT actor FROM audit WHERE action LIKE 'drawer-opened-by-%'")
    assert [row["actor"] for row in rows] == ["nina"]


async def test_an_old_position_is_hollow_with_its_age_and_whatever_depends_on_it_says_so(
    controller: RunningController, open_page: OpenPage
) -> None:
    async with one_robot(controller) as here:
        page = await enter(open_page, "/robots", "erik")
        await expect(robot(page)).to_have_attribute("data-state", "fresh")
        await expect(robot(page).locator(".old")).to_be_empty()
        here.silent.add("robot-1")
        controller.clock.let_pass(20)
        await expect(robot(page)).to_have_attribute("data-state", "stale")
        await expect(robot(page).locator(".old")).to_have_text(re.compile(r"^\d+ s ago$"))
        filled = await robot(page).locator(".arrow").evaluate("one => getComputedStyle(one).fill")
        assert filled == await page.locator("#plan .plan").first.evaluate(
            "one => getComputedStyle(one).backgroundColor"
        )
        row = page.locator("tr[data-robot=robot-1]")
        await expect(row.locator(".position")).to_contain_text("OLD position: where it was")
        await expect(row.locator(".condition")).to_contain_text("silent")
        await expect(page.locator("#questions")).to_contain_text("robot-1 has not been heard of")
        await expect(page.locator("#plan svg[data-floor=ground]")).to_have_attribute(
            "aria-label", re.compile("robot-1, empty, OLD position")
        )


async def test_without_an_answer_the_page_says_how_old_all_is(
    controller: RunningController, open_page: OpenPage
) -> None:
    async with one_robot(controller):
        page = await enter(open_page, "/robots", "nina")
        await expect(robot(page)).to_have_attribute("data-state", "fresh")
        await page.context.set_offline(True)
        await expect(page.locator(".lost")).to_be_visible()
        await expect(page.locator(".lost")).to_contain_text(re.compile(r"\d+ s"))
        await expect(robot(page)).to_have_attribute("data-state", "stale")


async def test_a_way_that_an_engineer_blocks_is_shown_to_the_ward_until_it_is_open_again(
    controller: RunningController, open_page: OpenPage
) -> None:
    engineer = await enter(open_page, "/robots", "erik")
    ward = await enter(open_page, "/robots", "nina")
    way = "#plan .edge[data-edge=U1-U2]"
    await expect(ward.locator(way)).to_have_attribute("data-blocked", "false")
    await engineer.locator(way).dispatch_event("click")
    await expect(engineer.locator("#block-edge")).to_have_value("U1-U2")
    await expect(engineer.locator("#block-why")).to_be_focused()
    await engineer.keyboard.type("a bed in the way")
    await engineer.keyboard.press("Enter")
    await expect(ward.locator(way)).to_have_attribute("data-blocked", "true")
    await expect(ward.locator("#ways")).to_be_hidden()
    await engineer.get_by_role("button", name="Open it again U1-U2").click()
    await expect(ward.locator(way)).to_have_attribute("data-blocked", "false")


async def test_a_nurse_stops_all_after_one_question_and_only_an_engineer_lets_them_go_on(
    controller: RunningController, open_page: OpenPage
) -> None:
    async with one_robot(controller):
        nurse = await enter(open_page, "/robots", "nina")
        await nurse.locator("#stop-all").click()
        await expect(nurse.get_by_role("button", name="Back")).to_be_focused()
        await nurse.keyboard.press("Escape")
        await expect(nurse.locator("#all-stopped")).to_be_empty()
        await nurse.locator("#stop-all").click()
        await nurse.locator("dialog .danger").click()
        await expect(nurse.locator("#all-stopped")).to_have_text("ALL ROBOTS STAND, stopped by nina.")
        await expect(nurse.locator("#go-all")).to_be_hidden()
        engineer = await enter(open_page, "/robots", "erik")
        await engineer.locator("#go-all").click()
        await engineer.locator("dialog .danger").click()
        await expect(nurse.locator("#all-stopped")).to_be_empty()


async def test_an_engineer_takes_a_robot_over_says_where_it_stands_and_hands_it_back(
    controller: RunningController, open_page: OpenPage
) -> None:
    async with one_robot(controller) as here:
        page = await enter(open_page, "/robots", "erik")
        row = page.locator("tr[data-robot=robot-1]")
        await row.get_by_role("button", name="Take over").click()
        await page.locator("dialog .danger").click()
        await expect(row.locator(".condition")).to_contain_text("taken over by a person")
        await row.get_by_role("button", name="Set position").click()
        form = page.locator("dialog.placing")
        await form.locator("svg[data-floor=ground]").click()
        await expect(form.locator("#place-map")).to_have_value("ground")
        for name, value in {"x": "30", "y": "-2.5", "degrees": "90"}.items():
            await form.locator(f"#place-{name}").fill(value)
        await page.keyboard.press("Enter")
        await expect(page.locator("dialog.confirm")).to_contain_text("ground: x 30 m, y -2.5 m, 90°")
        await page.locator("dialog.confirm .danger").click()
        await expect(form).to_have_count(0)
        await eventually(lambda: here.robots["robot-1"].base.here is not None)
        await expect(row.locator(".position")).to_contain_text("x 30.0 m, y -2.5 m, 90°")
        await row.get_by_role("button", name="Hand back").click()
        await page.locator("dialog .danger").click()
        await expect(row.locator(".condition")).not_to_contain_text("taken over")


async def test_what_was_is_played_on_a_ground_of_its_own_under_its_time_and_never_beside_what_is(
    controller: RunningController, open_page: OpenPage
) -> None:
    async with one_robot(controller) as here:
        await asked(controller)
        page = await enter(open_page, "/robots", "erik")
        carried = page.locator("[data-transport=TR00000001] .state")
        await expect(carried).to_have_text("Delivered to laboratory")
        await expect(robot(page)).to_be_visible()
        now = await page.evaluate("getComputedStyle(document.body).backgroundImage")
        await page.locator("#tab-past").click()
        await expect(page.locator("#live")).to_be_hidden()
        await expect(page.locator("#time")).to_be_hidden()
        assert await page.evaluate("getComputedStyle(document.body).backgroundImage") != now
        await page.locator("#when-last").click()
        await expect(page.locator(".was")).to_contain_text("THE PAST – not now")
        await expect(page.locator(".was")).to_contain_text("ago")
        size = await page.locator("#past-time").evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
        assert size >= 30
        await page.locator("#scrub").focus()
        await page.keyboard.press("End")
        await expect(page.locator("#past-notes")).to_contain_text("delivered")
        await expect(page.locator("#past-robots")).to_contain_text("robot-1 · last passed")
        end = await page.locator("#past-time").inner_text()
        here.silent.add("robot-1")
        await page.keyboard.press("Home")
        await expect(page.locator("#past-notes li")).to_have_count(0)
        await page.keyboard.press("End")
        for _ in range(12):
            await page.keyboard.press("ArrowLeft")
        await expect(page.locator("#past-time")).not_to_have_text(end)
        await page.locator("#speed").select_option("16")
        await page.locator("#play").click()
        await expect(page.locator("#past-time")).to_have_text(end)
        await expect(page.locator("#play")).to_have_text("Play")
        await expect(page.locator("#past-notes")).to_contain_text("order sent")


async def test_the_header_leads_there_where_there_are_robots(
    controller: RunningController, open_page: OpenPage
) -> None:
    page = await enter(open_page, "/", "nina")
    await expect(page.locator("#to-robots")).to_be_visible()
    await controller.stop()
    controller.robots = None
    await controller.start()
    await page.reload()
    await expect(page.locator("#to-prescriptions")).to_be_visible()
    await expect(page.locator("#to-robots")).to_have_count(0)


@pytest.mark.parametrize(
    ("user", "theme", "locale", "width"),
    [("nina", "light", "en", 390), ("nina", "dark", "zh-CN", 820), ("erik", "light", "en", 1280)],
)
async def test_it_is_accessible_and_fits(
    controller: RunningController, open_page: OpenPage, user: str, theme: str, locale: str, width: int
) -> None:
    async with one_robot(controller) as here:
        here.robots["robot-1"].base.hands = False
        await asked(controller)
        page = await enter(open_page, "/robots", user, color_scheme=theme, locale=locale, width=width)
        await expect(page.locator("[data-transport=TR00000001]")).to_have_attribute("data-here", "true")
        for tab in ("deliveries", "fleet", "past"):
            await page.locator(f"#tab-{tab}").click()
            if tab == "past":
                await page.locator("#when-last").click()
                await expect(page.locator("#film")).to_be_visible()
            assert await violations(page) == [], tab
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), tab
            assert await page.evaluate(LOW) == 0, tab
