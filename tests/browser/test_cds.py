"""Decision support beside a prescription: a card is read, gone over with a word, kept; silence is told."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from controller.cds.section import CdsSection, CdsService
from controller.identity.files import open_authority
from controller.sections import SigningSection
from controller.security.permissions import Role
from controller.signing.model import Unlock
from controller.stays import Patient
from tests.browser.conftest import OpenPage
from tests.browser.test_prescriptions import PHRASE, with_key, write
from tests.support.accessible import violations
from tests.support.cds import odd, port
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.people import add_person

pytestmark = pytest.mark.asyncio(loop_scope="module")
CARD: dict[str, Any] = {
    "uuid": "22222222-2222-4222-8222-222222222222",
    "summary": "CYP2C19 *2/*2: think again",
    "indicator": "critical",
    "detail": "**Avoid it**\n\n- found *2/*2\n- <img src=x onerror=alert(1)>\n\n[here](javascript:alert(1))",
    "source": {"label": "Somebody", "url": "https://example.org/"},
    "overrideReasons": [{"code": "seen", "system": "urn:odd", "display": "I have seen it"}],
}


@pytest_asyncio.fixture(loop_scope="module")
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    open_authority(tmp_path / "ca", datetime.now(UTC))
    with quick_passwords():
        async with running(tmp_path, aud=Role.AUDITOR) as started:
            started.signing = SigningSection(unlock=frozenset(Unlock))
            await started.add_bed("bed-1", "Bed 1")
            await add_person(started, "anna", Role.PHYSICIAN, ["ward-a"])
            await started.registry.admit("bed-1", Patient("4711", "Muster, Anna"), "nina")
            yield started


async def test_a_card_is_gone_over_with_a_word_silence_is_told_and_both_are_kept(
    controller: RunningController, open_page: OpenPage
) -> None:
    async with odd(body=json.dumps({"cards": [CARD]}).encode()) as service:
        gone = CdsService(name="Gone", url=f"http://127.0.0.1:{port()}", hooks=("order-sign",))
        await controller.stop()
        controller.cds = CdsSection(services=(service.section("Somebody", 5000), gone))
        await controller.start()
        page = await with_key(open_page)
        await write(page, "amox 250")
        support = page.locator("#support")
        await expect(support).to_contain_text("About the patient")
        await page.locator("#sign").click()
        await expect(page.locator("#write-problem")).to_have_text(
            "A critical card of decision support needs a word before you can sign."
        )
        about = support.locator("li[data-indicator=critical]").last
        await expect(about).to_contain_text("found *2/*2")
        await expect(about).to_contain_text("<img src=x onerror=alert(1)>")
        assert await about.locator("img, [href^=javascript]").count() == 0
        await expect(support.locator(".missed")).to_have_text("NOT CHECKED: Gone – it cannot be reached")
        found = await violations(page, context="#support")
        assert found == []
        go = about.get_by_role("button", name="Go on in spite of it")
        await go.click()
        await expect(about.locator(".problem")).to_have_text("Choose a reason, or write one.")
        await about.locator("select").select_option(label="I have seen it")
        await go.click()
        await expect(about.locator(".done")).to_contain_text("Gone over by anna")
        await page.locator("#sign").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("NOT CHECKED: Gone")
        await dialog.locator("#signing-phrase").fill(PHRASE)
        await page.keyboard.press("Enter")
        await expect(page.locator("#said")).to_have_text("RX00000001 is signed: the pharmacy has it.")
        assert len([one for one in service.asked if one["hook"] == "order-sign"]) == 1, "not asked twice"
        rx = page.locator("#current > li").first
        await rx.locator(".story summary").first.click()
        await expect(rx.locator(".story")).to_contain_text("I have seen it")
        await expect(rx.locator(".story .missed")).to_contain_text("NOT CHECKED: Gone")
