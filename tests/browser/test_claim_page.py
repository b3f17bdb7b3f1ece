"""The page of a box that waits for its claim, as an engineer beside it uses it."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from gateway.enrolment.enrol import enrol
from gateway.enrolment.identity import IdentityFolder
from gateway.enrolment.page import ClaimPage
from gateway.enrolment.page_http import MOST_PHOTO
from gateway.links.network import Endpoint
from tests.support.accessible import violations
from tests.support.est import Est, Times, controller_est
from tests.support.qr_photo import code, on_a_desk, turned_and_dim

pytestmark = pytest.mark.asyncio(loop_scope="module")
OpenBox = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(loop_scope="module")
async def est(tmp_path: Path) -> AsyncIterator[Est]:
    async with controller_est(tmp_path, Times()) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def open_box(browser: Browser, tmp_path: Path) -> AsyncIterator[OpenBox]:
    """Opens the page of a box that has no identity. A policy broken fails the test."""
    faults, told = list[str](), asyncio.Queue[str]()
    folder, clock = IdentityFolder(tmp_path / "identity"), Times().gateway()
    box = ClaimPage(Endpoint("127.0.0.1", 0), "SN-42", lambda claim: enrol(folder, claim, None, clock))
    running = asyncio.create_task(box.run(told.put_nowait))
    address = await told.get()
    contexts = []

    async def opened(**options: Any) -> Page:
        viewport = {"width": 420, "height": 780}
        context = await browser.new_context(viewport=viewport, **options)
        contexts.append(context)
        page = await context.new_page()
        page.on("console", lambda said: "Policy" in said.text and faults.append(said.text))
        await page.goto(address)
        return page

    yield opened
    running.cancel()
    for context in contexts:
        await context.close()
    assert faults == []


async def test_a_scanner_types_the_claim_and_the_box_is_enrolled(est: Est, open_box: OpenBox) -> None:
    page = await open_box(locale="en")
    await expect(page.get_by_text("Box SN-42")).to_be_visible()
    await expect(page.get_by_label("Claim")).to_be_focused()
    await page.keyboard.insert_text("not a claim")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("That is not a claim")
    await expect(page.get_by_label("Claim")).to_have_value("")
    await expect(page.get_by_label("Claim")).to_be_focused()
    await page.keyboard.insert_text((await est.claim("ward-a")).to_text())
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading")).to_have_text("Enrolled")
    await expect(page.get_by_role("status")).to_contain_text("This gateway is ward-a")


async def test_a_phone_takes_a_photo_of_the_code_and_the_box_is_enrolled(
    est: Est, open_box: OpenBox, tmp_path: Path
) -> None:
    """As it is on a screen across the room: turned, and dim. No script runs."""
    shown = on_a_desk(code((await est.claim("ward-a")).to_text()), (900, 900))
    for name, picture in (("nothing.png", on_a_desk(code("x"), (300, 300))), ("claim.jpg", shown)):
        turned_and_dim(picture, 28).save(tmp_path / name)
    page = await open_box(locale="en", java_script_enabled=False)
    camera = page.get_by_label("Or a photo of its QR code")
    assert await camera.get_attribute("capture") == "environment"
    await camera.set_input_files(tmp_path / "nothing.png")
    await page.get_by_role("button", name="Read the photo").click()
    await expect(page.get_by_role("alert")).to_contain_text("No claim can be read in this photo")
    await camera.set_input_files(tmp_path / "claim.jpg")
    await page.get_by_role("button", name="Read the photo").click()
    await expect(page.get_by_role("status")).to_contain_text("This gateway is ward-a")


async def test_a_photo_that_is_too_large_is_refused_in_words(open_box: OpenBox, tmp_path: Path) -> None:
    (tmp_path / "large.jpg").write_bytes(bytes(MOST_PHOTO + 1))
    page = await open_box(locale="en")
    await page.get_by_label("Or a photo of its QR code").set_input_files(tmp_path / "large.jpg")
    await page.get_by_role("button", name="Read the photo").click()
    await expect(page.get_by_role("alert")).to_contain_text("more than 12 MB")


async def test_it_speaks_chinese_and_english(open_box: OpenBox) -> None:
    page = await open_box(locale="zh-CN")
    await expect(page.get_by_role("heading")).to_have_text("本网关正在等待登记凭证")
    await page.get_by_role("link", name="English").click()
    await expect(page.get_by_role("heading")).to_have_text("This gateway waits for its claim")
    await page.get_by_label("Claim").fill("x")
    await page.get_by_role("button", name="Enrol", exact=True).click()
    await expect(page.get_by_role("alert")).to_contain_text("That is not a claim")
    await expect(page).to_have_url(re.compile("lang=en"))


@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_axe_finds_nothing_and_nothing_is_cut_off(open_box: OpenBox, theme: str) -> None:
    page = await open_box(locale="zh-CN", color_scheme=theme)
    await page.get_by_label("登记凭证", exact=True).fill("x")
    await page.get_by_role("button", name="登记", exact=True).click()
    await expect(page.get_by_role("alert")).to_be_visible()
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
