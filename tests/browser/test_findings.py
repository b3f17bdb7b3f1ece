"""What programs have found is in the opened bed, with the words that a physician has to look."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from playwright.async_api import expect

from controller.api.imaging_context import Imaging
from controller.clock import SystemClock
from controller.imaging.client import ImagingClient
from controller.imaging.plugins.findings import FILE
from controller.imaging.plugins.model import Code, Finding
from controller.imaging.plugins.queue import Found, New, Queue
from controller.stays import Patient
from tests.browser.conftest import OpenPage
from tests.support.accessible import violations
from tests.support.controller import RunningController

pytestmark = pytest.mark.asyncio(loop_scope="module")

AF = Finding(Code("164889003", "SCT", "AF"), "RR intervals without order (30 s)", "ecg", "1.0", 0.54, 1)
POTASSIUM = Finding(Code("HH", "v3", "x"), "potassium 6.9 mmol/L: at or above 6.5", "lab", "1.0", None, 3)


async def found(path: Path) -> None:
    queue = await Queue.open(path, SystemClock())
    await queue.add("results", 1, [New("p", "1", "lab-result", {"event": n}) for n in range(2)])
    for finding in (AF, POTASSIUM):
        job = await queue.next()
        assert job
        await queue.done(job, [Found(json.dumps(asdict(finding)), "P1", "bed-1", 0)])
    await queue.close()


@pytest.mark.parametrize(
    ("locale", "scheme", "said"),
    [
        (
            "en",
            "light",
            (
                "For review by a physician",
                "Atrial fibrillation?",
                "right in 54 %",
                "Critically high",
                "at once",
            ),
        ),
        ("zh-CN", "dark", ("须由医生审阅", "疑似心房颤动", "实测正确率 54%", "危急高值", "立即")),
    ],
)
async def test_findings_are_in_the_opened_bed(
    controller: RunningController,
    open_board: OpenPage,
    tmp_path: Path,
    locale: str,
    scheme: str,
    said: tuple[str],
) -> None:
    await found(tmp_path / FILE)
    await controller.stop()
    controller.imaging = Imaging(ImagingClient(tmp_path / "nobody.sock"), 1, tmp_path / FILE)
    await controller.start()
    await controller.registry.admit("bed-1", Patient("P1", "One"), by="test")
    page = await open_board(locale=locale, color_scheme=scheme)
    await page.locator(".tile button").first.click()
    section = page.get_by_role("dialog").locator("section", has=page.locator(".findings"))
    for text in said:
        await expect(section).to_contain_text(text)
    await section.scroll_into_view_if_needed()
    assert await violations(page) == []
    await section.screenshot(path=str(tmp_path / "findings.png"))
