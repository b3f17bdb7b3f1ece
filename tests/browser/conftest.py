"""Debian's Chromium on the board of a running controller: one browser a module, a fresh profile a page.

The headless shell is the same engine without the window and what belongs to it, for half of the work.
"""

import os
import shutil
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.support.controller import PASSWORD, RunningController, quick_passwords, running
from tests.support.crew_page import NAME, PIN, CrewBox, serving
from tests.support.workers import CAMERAS

HERE = Path(__file__).parent
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium-headless-shell") or "/usr/bin/chromium"
PATIENCE_MS = 40_000
"""How long a page on a busy machine may take: nothing here is said of how long it should."""
expect.set_options(timeout=PATIENCE_MS)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
FILMS = ("--use-fake-device-for-media-stream=fps=5", "--use-fake-ui-for-media-stream")
"""A made-up camera; its twenty pictures a second would be most of what such a test costs."""
LOOKS = {"theme", "scheme", "locale", "width", "height"}
"""Parameters of a test that look at the same page another way."""
OpenPage = Callable[..., Awaitable[Page]]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each test sees its page in one of its looks, the next test in another; in the others with `-m long`.

    Tests with cameras, in whose module `FILMS` are what Chromium needs for them, are in one worker.
    """
    looks = defaultdict[Any, list[pytest.Item]](list)
    for item in items:
        if isinstance(item, pytest.Function) and item.path.parent == HERE and hasattr(item.module, "FILMS"):
            # Pages with cameras of all workers at once would have no processor left to show anything.
            item.add_marker(pytest.mark.xdist_group(CAMERAS))
        params = item.callspec.params if hasattr(item, "callspec") else {}
        if item.path.parent == HERE and LOOKS & params.keys():
            page = {name: value for name, value in params.items() if name not in LOOKS}
            looks[item.nodeid.partition("[")[0], str(page)].append(item)
    for number, seen in enumerate(looks.values()):
        shown = seen[number % len(seen)]
        for other in seen:
            if other is not shown:
                other.add_marker(pytest.mark.long)


@pytest_asyncio.fixture(loop_scope="module")
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    with quick_passwords():
        async with running(tmp_path) as started:
            await started.add_bed("bed-1", "Bed 1", ["ox-1"])
            yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="module")
async def open_page(browser: Browser, controller: RunningController) -> AsyncIterator[OpenPage]:
    """Opens a page in a fresh browser profile. A fault of the page, or a policy broken, fails the test."""
    faults: list[str] = []
    async with AsyncExitStack() as stack:

        async def opened(
            path: str = "/login", *, width: int = 1280, height: int = 800, **options: str
        ) -> Page:
            locale = options.pop("locale", "en")
            viewport = {"width": width, "height": height}
            context = await browser.new_context(viewport=viewport, locale=locale, **options)  # type: ignore[arg-type]
            stack.push_async_callback(context.close)
            page = await context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on("console", lambda said: "Policy" in said.text and faults.append(said.text))
            await page.goto(controller.address + path)
            return page

        yield opened
    assert faults == []


async def log_in(page: Page, password: str = PASSWORD, user: str = "nurse") -> None:
    """Fill the login form as a person would."""
    await page.fill("#user", user)
    await page.fill("#password", password)
    await page.keyboard.press("Enter")


async def enter(open_page: OpenPage, path: str, user: str, **options: int | str) -> Page:
    """Opens `path` as `user`, who has logged in before."""
    page = await open_page("/public/icon.svg", **options)
    origin = page.url.removesuffix("/public/icon.svg")
    who = {"user": user, "password": PASSWORD}
    answer = await page.context.request.post(f"{origin}/api/login", data=who, headers={"Origin": origin})
    assert answer.ok
    await page.goto(origin + path)
    return page


@pytest.fixture
async def open_board(open_page: OpenPage) -> OpenPage:
    """Opens the board, logged in, with at least one bed shown."""

    async def opened(**options: int | str) -> Page:
        page = await enter(open_page, "/", "nurse", **options)
        await page.wait_for_selector(".tile")
        return page

    return opened


@pytest_asyncio.fixture(loop_scope="module")
async def box(tmp_path: Path) -> AsyncIterator[CrewBox]:
    """The box of an ambulance, serving its crew's page."""
    async with serving(tmp_path) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def open_crew(browser: Browser, box: CrewBox) -> AsyncIterator[OpenPage]:
    """Opens the crew's page in a fresh profile, logged in unless `stranger`. A fault of it is a failure."""
    faults: list[str] = []
    async with AsyncExitStack() as stack:

        async def opened(
            *, stranger: bool = False, width: int = 1280, height: int = 800, **options: str
        ) -> Page:
            options.setdefault("locale", "en")
            viewport = {"width": width, "height": height}
            context = await browser.new_context(viewport=viewport, **options)  # type: ignore[arg-type]
            stack.push_async_callback(context.close)
            page = await context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on("console", lambda said: "Policy" in said.text and faults.append(said.text))
            await page.goto(f"{box.address}/")
            if not stranger:
                await begin_shift(page)
                await page.wait_for_selector("#login", state="hidden")
            return page

        yield opened
    assert faults == []


async def begin_shift(page: Page, name: str = NAME, pin: str = PIN) -> None:
    """Log in at the box as somebody with gloves does."""
    await page.fill("#login-name", name)
    for digit in pin:
        await page.click(f".pad [data-key='{digit}']")
    await page.click("#login .primary")
