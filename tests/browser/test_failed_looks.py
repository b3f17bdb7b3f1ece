"""What plug-ins could not look at, on the engineers' page."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from controller.api.imaging_context import Imaging
from controller.clock import SystemClock
from controller.imaging.client import ImagingClient
from controller.imaging.plugins.findings import FILE
from controller.imaging.plugins.queue import New, Queue
from controller.security.permissions import Role
from tests.browser.conftest import OpenPage, enter
from tests.support.accessible import violations
from tests.support.controller import RunningController, quick_passwords, running

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    queue = await Queue.open(tmp_path / FILE, SystemClock())
    await queue.add("archive", 1, [New("ecg", "1.0", "1.2.840.1", {"study": "1.2.3"})])
    for _ in range(2):
        job = await queue.next()
        assert job
        await queue.failed(job, "it ended with status -11")
    await queue.close()
    with quick_passwords():
        async with running(tmp_path, engineer=Role.ENGINEER) as started:
            await started.stop()
            started.imaging = Imaging(ImagingClient(tmp_path / "nobody.sock"), 1, tmp_path / FILE)
            await started.start()
            yield started


@pytest.mark.parametrize(
    ("locale", "scheme", "button", "none"),
    [("en", "light", "Try look 1 again", "failed (0)"), ("zh-CN", "dark", "重试第 1 项", "失败（0）")],
)
async def test_an_engineer_sees_why_and_has_it_tried_again(
    controller: RunningController, open_page: OpenPage, locale: str, scheme: str, button: str, none: str
) -> None:
    page = await enter(open_page, "/ledger", "engineer", locale=locale, color_scheme=scheme, width=834)
    failed = page.locator("#failed")
    await expect(failed.locator("li")).to_contain_text("it ended with status -11")
    assert await violations(page) == []
    await failed.get_by_role("button", name=button).click()
    await expect(failed.locator("#failed-title")).to_contain_text(none)
    await expect(failed.locator("#failed-title")).to_be_focused()
