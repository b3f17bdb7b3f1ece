"""What gateways found is a card each: scan, confirm, done; with its age, and a search when somebody asks."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from controller.security.permissions import Role
from devices.model.found import Candidate, Report, Way
from tests.browser.conftest import OpenPage
from tests.browser.test_inventory import open_inventory
from tests.support.accessible import violations
from tests.support.controller import RunningController, quick_passwords, running

pytestmark = pytest.mark.asyncio(loop_scope="module")
ADDRESS, PORT = "00:1C:05:FF:E8:74", "/dev/serial/by-id/usb-FTDI_0001-if00-port0"
OX = Candidate(ADDRESS, "Nonin3230_501900083", -61, ("nonin-3230",), 2000)
ADAPTER = Candidate(PORT, "USB adapter")
_EVENT = "INSERT INTO device_event VALUES (NULL, 1, 1, 1, 1, 1, ?, NULL, ?, NULL, NULL, 'found', ?)"


async def tell(controller: RunningController, *reports: Report, ago_s: int = 0) -> None:
    """As ingest keeps what a gateway found."""
    for one in reports:
        row = controller.clock.now_us() - ago_s * 1_000_000, "gw-a", json.dumps(one.detail())
        await controller.store.write(lambda db, row=row: db.execute(_EVENT, row))


@pytest_asyncio.fixture(loop_scope="module")
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    with quick_passwords():
        async with running(tmp_path, engineer=Role.ENGINEER) as started:
            await started.add_bed("bed-1", "Bed 1", ["ox-1"])
            await started.store.write(lambda db: db.execute("UPDATE gateway SET provisioned = 1"))
            await tell(started, Report(Way.BLE, (OX,), others=7, seconds=8), Report(Way.SERIAL, (ADAPTER,)))
            yield started


async def newest(controller: RunningController) -> dict[str, str]:
    """The settings that were last sent."""
    rows = await controller.store.read("SELECT settings FROM configuration ORDER BY revision DESC LIMIT 1")
    return json.loads(rows[0]["settings"]) if rows else {}


async def test_a_card_says_which_gateway_heard_what_how_near_and_how_long_ago(open_page: OpenPage) -> None:
    page = await open_inventory(open_page)
    await expect(page.locator("#found .cards li")).to_have_count(2)
    card = page.locator("#found .cards li").filter(has_text="Nonin3230_501900083")
    await expect(card).to_contain_text(f"Found by gw-a · {ADDRESS} · -61 dBm · ")
    await expect(card).to_contain_text("s ago")
    await expect(card).to_contain_text("nonin-3230")
    await expect(page.locator("#found-others")).to_contain_text("7 more are in reach")


async def test_a_card_is_recorded_placed_and_served_with_one_choice_and_enter(
    controller: RunningController, open_page: OpenPage
) -> None:
    page = await open_inventory(open_page)
    await page.get_by_role("button", name="Record it …: Nonin3230_501900083").press("Enter")
    await expect(page.locator("#record-profile")).to_have_value("nonin-3230")
    await expect(page.locator("#record-address")).to_have_value(ADDRESS)
    await expect(page.locator("#record-gateway")).to_have_value("gw-a")
    await expect(page.locator("#record-bed")).to_be_focused()
    await page.locator("#record-bed").select_option("bed-1")
    await page.keyboard.press("Enter")
    device = "nonin-3230-001c05ffe874"
    await expect(page.locator("#scan-said")).to_have_text(
        f"{device} is recorded, and gw-a is told to serve it. Next label?"
    )
    await expect(page.locator("#found .cards li")).to_have_count(1)
    assert controller.registry.bed_of(device) == "bed-1"
    assert await newest(controller) == {f"device.{device}": f"nonin-3230 {ADDRESS} bed-1"}


async def test_of_a_port_the_model_is_chosen_and_it_is_served_there(
    controller: RunningController, open_page: OpenPage
) -> None:
    page = await open_inventory(open_page)
    await page.get_by_role("button", name="Record it …: USB adapter").click()
    await expect(page.locator("#record-profile")).to_be_focused()
    await page.locator("#record-profile").select_option("nonin-xpod")
    device = await page.locator("#record-device").input_value()
    await page.keyboard.press("Enter")
    await expect(page.locator("#scan-said")).to_contain_text("is told to serve it")
    assert (await newest(controller))[f"device.{device}"] == f"nonin-xpod {PORT}"


async def test_a_card_that_is_old_says_so(controller: RunningController, open_page: OpenPage) -> None:
    page = await open_inventory(open_page)
    await expect(page.locator("#found .old").first).to_be_hidden()
    await tell(controller, Report(Way.BLE, (OX,)), ago_s=16 * 60)
    await page.reload()
    card = page.locator("#found .cards li").filter(has_text="Nonin3230_501900083")
    await expect(card.locator(".old")).to_have_text("Not heard for 16 min: it may be gone. Look again.")


async def test_looking_for_devices_is_one_press_and_its_fate_is_told(
    controller: RunningController, open_page: OpenPage
) -> None:
    page = await open_inventory(open_page)
    await expect(page.locator("#looker")).to_have_value("gw-a")
    await page.get_by_role("button", name="Look for devices").press("Enter")
    await expect(page.locator("#look-said")).to_contain_text("gw-a was asked")
    [row] = await controller.store.read("SELECT id, name, arguments FROM command")
    assert (row["name"], json.loads(row["arguments"])) == ("discover", {"seconds": 8})
    why = "no Bluetooth adapter: is it plugged in?"
    said = {"id": row["id"], "name": "discover", "outcome": "failed", "why": why}
    event = "INSERT INTO device_event VALUES (NULL, 1, 2, 1, 1, 1, 1, NULL, 'gw-a', NULL, NULL, 'command', ?)"
    await controller.store.write(lambda db: db.execute(event, (json.dumps(said),)))
    await expect(page.locator("#look-said")).to_contain_text("gw-a could not listen")
    await expect(page.locator("#look-said")).to_contain_text(why)


@pytest.mark.parametrize(("theme", "locale"), [("dark", "en"), ("light", "zh-CN")])
async def test_axe_finds_nothing_with_cards_shown_and_a_record_opened(
    controller: RunningController, open_page: OpenPage, theme: str, locale: str
) -> None:
    page = await open_inventory(open_page, color_scheme=theme, locale=locale, width=834, height=1112)
    await tell(controller, Report(Way.BLE, (OX,)), ago_s=16 * 60)
    await expect(page.locator("#found .old").last).to_be_visible()
    await page.locator("#found .cards button").first.click()
    await expect(page.locator("#record")).to_be_visible()
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
