"""The crew's page without its box: all numbers visibly old, then gone, and a page that opens all the same."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from gateway.crew import shell
from tests.browser.conftest import OpenPage, begin_shift
from tests.support.crew_page import CrewBox, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEPT = "navigator.serviceWorker.ready.then((worker) => worker.active.state)"
MADE = shell.known


async def test_a_lost_box_makes_every_number_visibly_old_and_calls_somebody(
    browser: Browser, tmp_path: Path
) -> None:
    async with serving(tmp_path) as box:
        page = await (await browser.new_context(locale="en")).new_page()
        await page.goto(f"{box.address}/")
        await begin_shift(page)
        box.says("hr", 84)
        await expect(page.locator(".cell.hr .number")).to_have_text("84")
        port = int(box.address.rpartition(":")[2])
    await expect(page.locator(".lost")).to_contain_text("values are NOT live")
    await expect(page.locator(".cell.hr .figure")).to_have_css("text-decoration-line", "line-through")
    await expect(page.locator("body")).to_have_attribute("data-sounded", "medium")
    await page.click("#marks [data-mark=rosc]")
    await expect(page.locator("#said")).to_contain_text("NOT RECORDED")
    await expect(page.locator("body:not([data-sounded])")).to_be_attached()
    await expect(page.locator(".cell.hr .number")).to_have_text("– –", timeout=15_000)
    async with serving(tmp_path, port) as box:
        box.says("hr", 91)
        await expect(page.locator(".cell.hr .number")).to_have_text("91", timeout=15_000)
        await expect(page.locator(".lost")).to_be_hidden()
        await expect(page.locator("#login")).to_be_hidden()
        await page.context.close()


async def test_the_page_opens_without_the_box_and_has_no_number(browser: Browser, tmp_path: Path) -> None:
    async with serving(tmp_path) as box:
        page = await (await browser.new_context(locale="en")).new_page()
        await page.goto(f"{box.address}/")
        await page.evaluate(KEPT)
        await begin_shift(page)
        box.says("hr", 84)
        await expect(page.locator(".cell.hr .number")).to_have_text("84")
    await page.reload()
    await expect(page.locator("#waiting")).to_contain_text("No connection to the box")
    assert "84" not in await page.inner_text("body")
    await expect(page.locator(".lost")).to_contain_text("NO CONNECTION")
    await page.context.close()


async def test_what_the_box_says_is_never_kept_in_the_browser(box: CrewBox, open_crew: OpenPage) -> None:
    page = await open_crew()
    await page.evaluate(KEPT)
    script = """async () => {
      const kept = [];
      for (const name of await caches.keys())
        for (const { url } of await (await caches.open(name)).keys()) kept.push(new URL(url).pathname);
      return kept;
    }"""
    kept = await page.evaluate(script)
    assert {"/", "/main.js", "/known.js", "/screen/freshness.js", "/manifest.webmanifest"} <= set(kept)
    assert not [path for path in kept if path.startswith("/api/")]


async def test_a_page_of_another_version_takes_the_place_of_the_old_one_whole(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(tmp_path) as box:
        page = await (await browser.new_context(locale="en")).new_page()
        await page.goto(f"{box.address}/")
        await page.evaluate(KEPT)
        before = await page.evaluate("caches.keys()")
        port = int(box.address.rpartition(":")[2])
    monkeypatch.setattr(shell, "known", lambda: b"// another release\n" + MADE())
    async with serving(tmp_path, port):
        await page.reload()
        names = before
        while set(names) & set(before):
            await asyncio.sleep(0.1)
            names = await page.evaluate("caches.keys()")
        assert len(names) == 1
        await page.context.close()
