"""An engineer gives orders to a gateway: what was asked, and what became of it, is seen live."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, Route, expect

from controller.api import orders
from controller.api.orders import DESK
from controller.identity.certificates import By
from controller.orders.desk import OrderDesk
from controller.security.permissions import Role
from controller.software.mirror import Mirror
from controller.software.offered import FOLDER
from devices.model.orders import SETTINGS
from devices.wire.orders import Configuration
from hil.faults.releases import repository, tiny
from tests.browser.conftest import OpenPage
from tests.browser.test_gateways import open_gateways
from tests.support.accessible import violations
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.est import Times, controller_est
from tests.support.letting_in import let_in

pytestmark = pytest.mark.asyncio(loop_scope="module")

BEN = By("ben")
DEVICE = {"device.ox-2": "nonin-3230 00:1C:05:FF:E8:74 bed-1"}
ISO = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
TOLD = """INSERT INTO device_event (stream, number, place, boot, mono_us, at_us, gateway, kind, detail)
VALUES (1, (SELECT count(*) FROM device_event), 0, 1, 0, ?, 'gw-a', ?, ?)"""


@pytest_asyncio.fixture(loop_scope="module")
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    with quick_passwords():
        async with running(tmp_path, engineer=Role.ENGINEER) as started:
            await started.add_bed("amb-1", "Ambulance 1", ["ox-1"])
            async with controller_est(tmp_path, Times()) as authority:
                await let_in(started, authority)
                online(started)
                yield started


@pytest_asyncio.fixture(loop_scope="module")
async def page(controller: RunningController, open_page: OpenPage) -> Page:
    return await open_orders(open_page)


async def open_orders(open_page: OpenPage, **options: int | str) -> Page:
    """The page of gateways with gw-a opened."""
    page = await open_gateways(open_page, **options)
    await page.get_by_role("button", name="gw-a", exact=True).click()
    await expect(page.locator("#settings tbody").first).to_be_visible()
    return page


def online(controller: RunningController, state: str = "online") -> None:
    controller.hub.gateway("gw-a", {"state": state, "seen_ms": controller.clock.now_us() // 1000})


async def gateway_says(controller: RunningController, kind: str, **detail: str | int) -> None:
    """`gw-a` told in its journal, which ingest wrote down."""
    row = controller.clock.now_us(), kind, json.dumps(detail)
    await controller.store.write(lambda db: db.execute(TOLD, row))


def desk(controller: RunningController) -> OrderDesk:
    return controller.app[DESK]


async def newest(controller: RunningController) -> Configuration:
    [held] = await desk(controller).newest()
    return held


def sent(page: Page) -> Locator:
    return page.locator("#commands tbody")


def setting(page: Page, name: str) -> Locator:
    return page.locator(f"#setting-{name}")


def problem(page: Page) -> Locator:
    return page.locator("#configuration .problem")


async def test_a_command_is_sent_by_one_press_or_with_its_fields_and_its_answer_comes_by_itself(
    controller: RunningController, page: Page
) -> None:
    await page.get_by_role("button", name="Identify this box").click()
    await expect(page.get_by_text("Sent: Identify this box")).to_be_visible()
    await expect(sent(page)).to_contain_text(re.compile(f"Identify this box{ISO}.* ago by engineer"))
    await expect(sent(page)).to_contain_text("no answer for")
    [made] = await desk(controller).unanswered()
    await gateway_says(controller, "command", id=made.id.hex(), name=made.name, outcome="done", lamps=2)
    await expect(sent(page).locator("[data-field=state]")).to_have_text(
        re.compile(r"^done \d+ s ago.*lamps: 2$")
    )


async def test_to_a_gateway_that_is_away_it_says_that_it_waits_and_for_how_long(
    controller: RunningController, page: Page
) -> None:
    online(controller, "offline")
    await expect(page.get_by_text("gw-a is offline.")).to_be_visible()
    await page.get_by_role("button", name="Rebirth").click()
    await expect(page.locator("#orders [role=status]")).to_have_text(
        re.compile(f"^Kept: Rebirth. It will be delivered when the gateway is back, and expires at {ISO}.$")
    )
    await expect(sent(page).locator("[data-field=state]")).to_have_text(
        re.compile(f"^will be delivered when it is back *expires at {ISO}$")
    )
    online(controller)
    await expect(page.get_by_text("gw-a is offline.")).to_be_hidden()
    await expect(sent(page).locator("[data-field=state]")).to_contain_text("no answer for")
    expire = "UPDATE command SET issued_utc_us = 0, expires_utc_us = 1"
    await controller.store.write(lambda db: db.execute(expire))
    await expect(sent(page)).to_contain_text("expired at 1970-01-01")


async def test_a_press_again_after_a_lost_answer_asks_once(controller: RunningController, page: Page) -> None:
    async def lose_the_answer(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await page.route("**/commands", lose_the_answer)
    identify = page.get_by_role("button", name="Identify this box")
    await identify.click()
    await expect(page.locator("#orders .problem")).not_to_be_empty()
    await page.unroute("**/commands")
    await identify.click()
    await expect(page.get_by_text("Sent: Identify this box")).to_be_visible()
    assert len(await desk(controller).commands()) == 1
    await identify.click()  # its answer came: this is another one
    await expect(sent(page)).to_have_count(2)


async def test_a_configuration_is_judged_in_the_models_words_compared_sent_and_followed_to_the_box(
    controller: RunningController, page: Page
) -> None:
    box, last = page.locator("#configuration > p").first, page.locator("#configuration > p").nth(1)
    await expect(box).to_have_text("At the box: all as in its own file.")
    await expect(last).to_have_text("Nothing was sent yet.")
    await setting(page, "dscp-wave").fill("8")
    await setting(page, "log-level").select_option("debug")
    await setting(page, "log-level").press("Tab")
    await page.get_by_role("button", name="Show what changes").click()
    changes = page.locator(".changes li")
    await expect(changes).to_have_text(
        ["DSCP of waveforms: its own file → 8", "Log level: its own file → debug"]
    )
    await setting(page, "dscp-alert").fill("high")
    await setting(page, "dscp-alert").press("Enter")
    await expect(problem(page)).to_have_text("dscp-alert: expected 0 to 63, got 'high'")
    await expect(page.get_by_role("button", name="Send to the gateway")).to_be_hidden()
    assert await desk(controller).newest() == []
    await setting(page, "dscp-alert").fill("")
    await page.get_by_role("button", name="Show what changes").click()
    await page.get_by_label("Note for the trail").fill("too much traffic")
    await page.get_by_role("button", name="Send to the gateway").click()
    await expect(page.get_by_text(re.compile(r"^Sent: revision \d+\.$"))).to_be_visible()
    made = await newest(controller)
    assert made.settings == {"dscp-wave": 8, "log-level": "debug"}
    await expect(last).to_contain_text(f"Sent last: revision {made.revision}, ")
    await gateway_says(controller, "configuration", revision=made.revision, outcome="applied")
    await expect(box).to_have_text(
        re.compile(rf"^At the box: revision {made.revision}, applied \d+ s ago\.$")
    )
    await expect(last).to_contain_text("applied")
    await setting(page, "dscp-wave").fill("")
    await setting(page, "dscp-wave").press("Enter")
    await expect(changes).to_have_text(["DSCP of waveforms: 8 → its own file"])


async def test_two_engineers_lose_nothing_of_each_other(controller: RunningController, page: Page) -> None:
    await desk(controller).configure("gw-a", {**DEVICE, "dscp-wave": 8, "dscp-bulk": 1}, BEN)
    await expect(setting(page, "dscp-wave")).to_have_value("8")
    device = page.locator("#settings tbody").filter(has_text="device.ox-2")
    await expect(device).to_contain_text("stays as it is")  # it has no field, and goes along
    await setting(page, "dscp-wave").fill("10")
    await page.get_by_role("button", name="Show what changes").click()
    await expect(page.locator(".changes li")).to_have_text(["DSCP of waveforms: 8 → 10"])
    theirs = await desk(controller).configure("gw-a", {"dscp-wave": 8, "dscp-bulk": 2}, BEN)
    await expect(page.locator(".meanwhile")).to_contain_text(
        f"Meanwhile ben sent revision {theirs.revision}."
    )
    await expect(page.get_by_role("button", name="Send to the gateway")).to_be_hidden()
    await expect(setting(page, "dscp-wave")).to_have_value("10")
    await expect(setting(page, "dscp-bulk")).to_have_value("2")
    await page.get_by_role("button", name="Show what changes").click()
    await page.route("**/gw-a/orders", lambda route: route.abort())  # the page does not hear of the next one
    theirs = await desk(controller).configure("gw-a", {**DEVICE, "dscp-wave": 8, "dscp-bulk": 3}, BEN)
    await page.get_by_role("button", name="Send to the gateway").click()
    await expect(problem(page)).to_contain_text(f"revision {theirs.revision}, which ben sent, got")
    assert await newest(controller) == theirs
    await page.unroute("**/gw-a/orders")
    await expect(setting(page, "dscp-bulk")).to_have_value("3")
    await page.get_by_role("button", name="Show what changes").click()
    await page.get_by_role("button", name="Send to the gateway").click()
    await expect(page.get_by_text(re.compile(r"^Sent: revision \d+\.$"))).to_be_visible()
    assert (await newest(controller)).settings == {**DEVICE, "dscp-wave": 10, "dscp-bulk": 3}


async def test_what_is_new_in_the_models_table_appears_by_itself(
    controller: RunningController, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    more: Mapping[str, Any] = {**SETTINGS, "lamp": ("off", "on")}
    monkeypatch.setattr(orders, "SETTINGS", MappingProxyType(more))
    monkeypatch.setattr(orders, "COMMANDS", MappingProxyType({"blink": {"times": range(1, 10)}}))
    page = await open_orders(open_page)
    await expect(setting(page, "lamp").locator("option")).to_have_text(["its own file", "off", "on"])
    await expect(page.get_by_role("button", name="Send: blink")).to_be_visible()
    await expect(page.locator("#blink-times")).to_have_attribute("placeholder", "1–9")


async def test_how_far_the_box_is_with_its_release_is_shown_with_its_age_and_why(
    controller: RunningController, page: Page, tmp_path: Path
) -> None:
    line = page.locator("#software")
    await expect(line).to_have_text("")
    repo = repository(tmp_path / "releases")
    repo.publish([tiny(tmp_path / "releases", 2), tiny(tmp_path / "releases", 3)])
    Mirror(controller.store.folder / FOLDER).take(repo.folder, repo.root())
    await expect(line).to_have_text("Releases offered: 2, 3.")
    waits = "it waits: ox-1 measures a patient"
    await gateway_says(controller, "software", release=3, progress="filled", why=waits)
    told = re.compile(
        rf"Software: release 3 is at the box, said \d+ s ago · {waits} · Releases offered: 2, 3\."
    )
    await expect(line).to_have_text(told)
    await gateway_says(controller, "software", release=3, progress="failed", why="not healthy within 60 s")
    await expect(line).to_contain_text("release 3 did not get healthy, the old one runs")


async def test_how_the_box_stands_with_its_mobile_network_is_one_line(
    controller: RunningController, page: Page
) -> None:
    line = page.locator("#quality")
    await expect(line).to_have_text("")
    await gateway_says(controller, "quality", state="available", profile="QOS_L")
    there = re.compile(r"^Mobile network: better connection \(QOS_L\) is there, since \d+ s$")
    await expect(line).to_have_text(there)
    await expect(line).to_have_attribute("data-state", "plain")
    why = "429 QUOTA_EXCEEDED"
    await gateway_says(controller, "quality", state="refused", profile="QOS_L", why=why)
    await expect(line).to_have_text(re.compile(rf"the usual one is used, said \d+ s ago · {why}$"))
    await expect(line).to_have_attribute("data-state", "behind")


async def test_another_gateway_shows_its_own_and_closing_hides_them(
    controller: RunningController, page: Page
) -> None:
    await controller.registry.add_gateway("gw-b", "Gateway B")
    await desk(controller).configure("gw-b", {"dscp-wave": 3}, BEN)
    await desk(controller).command("gw-a", "identify", {}, BEN)
    await expect(sent(page)).to_have_count(1)
    await setting(page, "dscp-wave").fill("10")
    await page.get_by_role("button", name="gw-b", exact=True).click()
    await expect(setting(page, "dscp-wave")).to_have_value("3")
    await expect(sent(page)).to_have_count(0)
    await page.locator("#gateway").get_by_role("button", name="Close").click()
    await expect(page.locator("#orders")).to_be_hidden()
    await expect(page.locator("#configuration")).to_be_hidden()


@pytest.mark.parametrize(("theme", "locale"), [("dark", "en"), ("light", "zh-CN")])
async def test_axe_finds_nothing_with_orders_of_every_state_and_a_change_to_be_sent(
    controller: RunningController, open_page: OpenPage, theme: str, locale: str
) -> None:
    work = desk(controller)
    await work.configure("gw-a", {**DEVICE, "dscp-wave": 8}, BEN)
    for outcome in ("done", "refused", "failed", "interrupted", "of a newer gateway"):
        made = await work.command("gw-a", "identify", {}, BEN)
        told = {"id": made.id.hex(), "name": "identify", "outcome": outcome, "why": "a reason"}
        await gateway_says(controller, "command", **told)
    await work.command("gw-a", "rebirth", {}, BEN)
    online(controller, "offline")
    page = await open_orders(open_page, color_scheme=theme, locale=locale, width=834, height=1112)
    await expect(sent(page)).to_have_count(6)
    await setting(page, "dscp-wave").fill("10")
    await setting(page, "dscp-wave").press("Enter")
    await expect(page.locator(".changes li")).to_have_count(1)
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
