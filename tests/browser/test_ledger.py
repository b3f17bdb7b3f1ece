"""The engineers' page: whether anything is missing, as of when, and what lies behind each count."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from controller.security.permissions import Role
from tests.browser.conftest import OpenPage, log_in
from tests.support.accessible import violations
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.ledgers import fill, state
from tests.support.sender import Sender
from tests.unit.controller.conftest import Desk

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    with quick_passwords():
        async with running(tmp_path, nurse=Role.NURSE, engineer=Role.ENGINEER) as started:
            await started.add_bed("bed-1", "Bed 1", ["ox-1"])
            yield started


@pytest_asyncio.fixture(loop_scope="module")
async def desk(controller: RunningController) -> Desk:
    """What takes messages into the running controller's database, now."""
    desk = Desk(controller.store)
    await desk.load()
    desk.clock.at_us = controller.clock.now_us()
    return desk


async def open_ledger(open_page: OpenPage, **options: int | str) -> Page:
    page = await open_page(**options)
    await log_in(page, user="engineer")
    await page.get_by_role("link", name=re.compile("Ledger|数据台账")).click()
    await expect(page.locator("#verdict")).to_have_attribute("data-state", re.compile("."))
    return page


async def missing_two(desk: Desk) -> Sender:
    """A gateway of which two of four blocks are here, and that says what waits with it."""
    sender = Sender("ward-c")
    blocks = [sender.block() for _ in range(4)]
    await desk.take(blocks[0], blocks[2], gateway="ward-c")
    waiting = state(sender, (0, 2, 0, 0), (None, 61_000_000, None, None))
    await desk.take(waiting, what="state", gateway="ward-c")
    return sender


async def test_nothing_missing_is_said_in_one_sentence_and_becomes_a_number_when_it_is_not_so(
    desk: Desk, open_page: OpenPage
) -> None:
    await fill(desk, Sender())
    page = await open_ledger(open_page)
    await expect(page.locator("#verdict")).to_have_text(
        "Nothing is missing: 17 blocks were produced, and each is accounted for."
    )
    await expect(page.locator("#as-of")).to_have_text(
        re.compile(r"^as of [0-5] s ago · records stored twice")
    )
    await missing_two(desk)
    await expect(page.locator("#verdict")).to_have_text(
        "2 of 21 blocks are missing (journals with holes: 1). The gateways last said that 2 wait with them."
    )
    row = page.locator("#journals tbody").filter(has_text="ward-c")
    await expect(row.locator("[data-count=missing]")).to_have_text("2")
    await expect(row).to_contain_text(re.compile(r"1 min, 2 wait\s*as of \d+ s ago"))
    await expect(row).to_contain_text("not set ±2.5 ms · UTC unknown")


async def test_an_opened_row_shows_ranges_gaps_and_the_messages_in_quarantine(
    desk: Desk, open_page: OpenPage
) -> None:
    sender = Sender()
    sender.utc_us = 1_900_000_000_000_000
    await fill(desk, sender)
    late = [sender.block() for _ in range(5)]
    await desk.take(late[4])
    page = await open_ledger(open_page)
    button = page.get_by_role("button", name=re.compile("ward-a"))
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(button).to_have_attribute("aria-expanded", "true")
    detail = page.locator(".detail:visible")
    await expect(detail).to_contain_text("vital: 9–12")
    await expect(detail).to_contain_text(re.compile(r"wave: 3–5 · its quota was used up · measured .* UTC"))
    await expect(detail.get_by_role("row").filter(has_text="wave")).to_have_text("wave630031none")
    async with page.expect_download() as started:
        await detail.get_by_role("link", name=re.compile("Download message")).click()
    message = (await (await started.value).path()).read_bytes()
    assert message == (await desk.rows("SELECT payload FROM quarantine WHERE stream IS NOT NULL"))[0][0]
    await button.click()
    await expect(detail).to_have_count(0)


async def test_the_gateways_are_filtered_and_what_is_many_is_paged(desk: Desk, open_page: OpenPage) -> None:
    for number in range(130):
        name = f"ward-{number:03}"
        await desk.take(Sender(name).block(), gateway=name)
    page = await open_ledger(open_page)
    await expect(page.locator("#shown")).to_have_text("1–100 of 130 journals")
    await page.get_by_role("button", name="More").click()
    await expect(page.locator("#shown")).to_have_text("101–130 of 130 journals")
    await expect(page.locator("#journals tbody")).to_have_count(30)
    await page.get_by_label("Gateway", exact=True).fill("ward-01")
    await expect(page.locator("#shown")).to_have_text("1–10 of 10 journals")
    await expect(page.locator("#journals tbody")).to_have_count(10)


async def test_the_export_is_downloaded(desk: Desk, open_page: OpenPage) -> None:
    await fill(desk, Sender())
    page = await open_ledger(open_page)
    async with page.expect_download() as started:
        await page.get_by_role("link", name="Export").click()
    download = await started.value
    assert download.suggested_filename == "wardlink-ledger.jsonl"
    assert (await download.path()).read_bytes().startswith(b'{"kind":"export","format":"wardlink-ledger"')


async def test_a_controller_that_does_not_answer_is_said_over_everything_and_ages_go_on(
    controller: RunningController, desk: Desk, open_page: OpenPage
) -> None:
    await fill(desk, Sender())
    page = await open_ledger(open_page)
    await controller.stop()
    banner = page.get_by_role("alert").filter(has_text="CONNECTION LOST")
    await expect(banner).to_contain_text(re.compile(r"NOT live · last contact \d+ s ago"), timeout=15_000)
    await expect(page.locator("#as-of")).to_have_text(
        re.compile(r"^as of ([7-9]|\d\d) s ago"), timeout=15_000
    )
    await controller.start()
    await expect(banner).to_be_hidden(timeout=15_000)


async def test_a_nurse_has_no_link_and_gets_nothing_of_it(
    controller: RunningController, open_page: OpenPage
) -> None:
    page = await open_page()
    async with page.expect_response("**/api/me"):
        await log_in(page)
    await expect(page.locator(".tile")).to_be_visible()
    await expect(page.locator("#to-ledger")).to_be_hidden()
    for path in ("/ledger", "/ledger/main.js", "/api/ledger", "/api/ledger/export", "/api/quarantine"):
        answer = await page.request.get(controller.address + path)
        assert answer.status == 403, path


@pytest.mark.parametrize(("theme", "locale"), [("dark", "en"), ("light", "zh-CN")])
async def test_axe_finds_nothing_on_the_page_with_a_row_opened(
    desk: Desk, open_page: OpenPage, theme: str, locale: str
) -> None:
    await fill(desk, Sender())
    await missing_two(desk)
    page = await open_ledger(open_page, color_scheme=theme, locale=locale, width=834, height=1112)
    for name in ("ward-c", "ward-a"):
        await page.get_by_role("button", name=re.compile(name)).click()
        await expect(page.locator(".detail:visible li").first).to_be_visible()
        assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
