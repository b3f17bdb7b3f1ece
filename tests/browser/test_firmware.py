"""A node's firmware in its record: its version, what is newer, one press, how far it is, and the outcome."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from controller.firmware.images import Images
from controller.identity.certificates import By
from controller.security.permissions import Role
from devices.wire import node_image
from tests.browser.conftest import OpenPage
from tests.browser.test_inventory import open_inventory
from tests.support.accessible import violations
from tests.support.controller import RunningController, quick_passwords, running

pytestmark = pytest.mark.asyncio(loop_scope="module")
_EVENT = "INSERT INTO device_event VALUES (NULL, 1, 1, 1, 1, 1, ?, NULL, 'gw-a', ?, NULL, ?, ?)"
_NODE = "INSERT INTO device VALUES ('node-1', 'gw-a', 'wardlink-node-vitals', '[]', 0)"
IDENTITY = {"manufacturer": "Wardlink", "model": "esp32", "firmware": "1", "version": "1"}
WAITS = "it measures a patient: it begins five minutes after"


async def tell(controller: RunningController, kind: str, device: str | None, **detail: str | int) -> None:
    """As ingest keeps what a gateway says."""
    row = controller.clock.now_us(), device, kind, json.dumps(detail)
    await controller.store.write(lambda db: db.execute(_EVENT, row))


@pytest_asyncio.fixture(loop_scope="module")
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    with quick_passwords():
        async with running(tmp_path, engineer=Role.ENGINEER) as started:
            await started.add_bed("bed-1", "Bed 1", ["ox-1"])
            await started.store.write(lambda db: db.execute("UPDATE gateway SET provisioned = 1"))
            await started.store.write(lambda db: db.execute(_NODE))
            await started.registry.load()
            await tell(started, "identity", "node-1", **IDENTITY)
            images = Images(started.store, started.clock)
            for board, version in (("esp32", 2), ("esp32", 3), ("pico_w", 4)):
                image = node_image.pack(board, version, {"a.mpy": bytes(20_000 + version)})
                await images.add(image, By("test"))
            yield started


async def opened(open_page: OpenPage, device: str = "node-1", **options: int | str) -> Page:
    page = await open_inventory(open_page, **options)
    await page.locator("#devices").get_by_role("button", name=device).click()
    await expect(page.locator("#record-title")).to_be_focused()
    return page


async def ordered(controller: RunningController) -> tuple[str, dict[str, str | int], str]:
    [row] = await controller.store.read("SELECT id, arguments, issuer FROM command")
    return row["id"], json.loads(row["arguments"]), row["issuer"]


async def test_a_node_shows_its_version_and_what_is_newer_for_its_board(open_page: OpenPage) -> None:
    page = await opened(open_page)
    box = page.locator("#firmware")
    await expect(box).to_contain_text("It runs version 1 on the board esp32.")
    await expect(box.locator("option")).to_have_count(3)
    await expect(box.locator("select")).to_have_value("3")
    await expect(box.locator("progress")).to_be_hidden()


async def test_a_device_that_is_no_node_shows_nothing_of_it(open_page: OpenPage) -> None:
    page = await opened(open_page, "ox-1")
    await expect(page.locator("#record-profile")).to_have_value("nonin-xpod")
    await expect(page.locator("#firmware")).to_be_hidden()


async def test_one_press_orders_it_and_its_progress_and_outcome_are_shown(
    controller: RunningController, open_page: OpenPage
) -> None:
    page = await opened(open_page)
    box = page.locator("#firmware")
    await box.locator("#firmware-why").fill("mends the clock")
    await box.get_by_role("button", name="Update it").press("Enter")
    await expect(box).to_contain_text("Version 3, ordered by engineer: waits for gw-a")
    await expect(box.get_by_role("button", name="Update it")).to_be_hidden()
    number, arguments, issuer = await ordered(controller)
    assert (arguments["device"], arguments["version"], issuer) == ("node-1", 3, "engineer")
    [row] = await controller.store.read(
        "SELECT entry ->> '$.why' AS why FROM audit WHERE action = 'command-issued'"
    )
    assert row["why"] == "mends the clock"
    await tell(controller, "software", "node-1", version=3, progress="sending", percent=40)
    await expect(box).to_contain_text("goes to the node")
    await expect(box.locator("progress")).to_have_js_property("value", 40)
    await tell(controller, "software", "node-1", version=3, progress="taken", percent=100, why=WAITS)
    await expect(box).to_contain_text(f"is at the node, and not begun yet{WAITS}")
    await tell(controller, "identity", "node-1", **{**IDENTITY, "version": "3"})
    await tell(controller, "command", None, id=number, name="update-node", outcome="done")
    await expect(box).to_contain_text("It runs, and is healthy.")
    await expect(box).to_contain_text("It runs version 3 on the board esp32. There is nothing newer")
    await expect(box.locator("progress")).to_be_hidden()


async def test_a_refusal_is_shown_with_the_reason_of_its_gateway_and_may_be_ordered_again(
    controller: RunningController, open_page: OpenPage
) -> None:
    page = await opened(open_page)
    box = page.locator("#firmware")
    await box.get_by_role("button", name="Update it").click()
    await expect(box).to_contain_text("waits for gw-a")
    number, _, _ = await ordered(controller)
    why = "the image is not the one that was signed: somebody changed it after it was signed"
    await tell(controller, "command", None, id=number, name="update-node", outcome="refused", why=why)
    await expect(box.locator("[data-state=bad]")).to_contain_text("Refused: nothing was changed.")
    await expect(box).to_contain_text(why)
    await expect(box.get_by_role("button", name="Update it")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en", "zh"])
async def test_it_is_usable_by_everybody(
    controller: RunningController, open_page: OpenPage, theme: str, locale: str
) -> None:
    page = await opened(open_page, color_scheme=theme, locale=locale)
    await page.locator("#firmware button").click()
    await tell(controller, "software", "node-1", version=3, progress="taken", percent=100, why=WAITS)
    await expect(page.locator("#firmware")).to_contain_text(WAITS)
    found = await violations(page)
    assert found == []
    assert "firmware." not in await page.locator("#firmware").inner_text()
