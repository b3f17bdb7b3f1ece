"""A patient pays on the provider's own page: once, whatever is pressed, closed, lost or loaded again."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, Request, expect

from controller.identity.files import open_authority
from controller.security.permissions import Role
from tests.browser.conftest import OpenPage, enter
from tests.browser.test_my import opened
from tests.support.accessible import violations
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.home import Home, at_home
from tests.support.http import get
from tests.support.payments import SandboxProcess
from tests.support.prescribed import send

pytestmark = pytest.mark.asyncio(loop_scope="module")
INSURED, CARD = "A98765430001", "4000 0000 0000 0001"
REFUSED, SLOW = "4000 0000 0000 0004", "4000 0000 0000 0005"
LINES = [{"code": "04012345000016", "display": "Metoprolol", "quantity": 2}]


@pytest_asyncio.fixture(loop_scope="module")
async def sandbox(tmp_path: Path) -> AsyncIterator[SandboxProcess]:
    with SandboxProcess(tmp_path / "pay", slow_s=600, back="http://localhost/my") as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def home(tmp_path: Path, sandbox: SandboxProcess) -> AsyncIterator[Home]:
    open_authority(tmp_path / "ca", datetime.now(UTC))
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        started = await stack.enter_async_context(running(tmp_path, pia=Role.PHARMACIST))
        started.payments = sandbox.section.model_copy(update={"sandbox": True})
        made = await at_home(started, stack)
        sandbox.order(back=f"{started.address}/my", callback=f"{started.address}/api/payments/callback")
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def controller(home: Home) -> RunningController:
    return home.controller


async def offered(home: Home) -> None:
    """5.00 EUR are due of 4713."""
    rx = await home.anna.signed("4713", setting="community", delivery="pick-up")
    subject = f"{rx['number']}/1"
    made = await send(home.pia, "POST", "/api/payments", subject=subject, patient="4713", lines=LINES)
    await send(home.pia, "POST", f"/api/payments/{made['payment']['number']}/eligibility", card=INSURED)


async def pressed(page: Page, name: str = "Pay €5.00") -> None:
    """Twice, as people do; and the provider's page is there."""
    await page.get_by_role("button", name=name).dblclick()
    await page.wait_for_url("**/pay/**")


async def typed(page: Page, card: str) -> None:
    await page.fill("#card", card)
    await page.get_by_role("button").click()


async def test_it_is_paid_once_and_there_is_a_receipt_and_no_card_comes_to_the_hospital(
    home: Home, sandbox: SandboxProcess, open_page: OpenPage
) -> None:
    await offered(home)
    page = await opened(home, open_page)
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.url.startswith(home.controller.address):
            sent.append(f"{request.url} {request.post_data or ''}")

    page.on("request", note)
    await expect(page.locator("#paying .sandbox")).to_have_text("Sandbox for trying out: no money moves.")
    await expect(page.locator("#payment-list")).to_contain_text("Sandbox insurance answered")
    await pressed(page)
    await page.go_back()
    await page.reload()
    await page.get_by_role("link", name="Go on to pay").click()
    await typed(page, REFUSED)
    await expect(page.locator(".said")).to_contain_text("Nothing was taken")
    await typed(page, CARD)
    await page.get_by_role("link", name="Back to the hospital").click()
    await page.get_by_text("Earlier payments (1)").click()
    await expect(page.locator("#paid-list [role=status]")).to_contain_text("Paid on")
    await page.get_by_role("button", name="Receipt").click()
    receipt = page.locator("dialog.receipt")
    await expect(receipt).to_contain_text("Receipt PY00000001")
    await expect(receipt.locator("tr.insured")).to_contain_text("-€20.00")
    await expect(receipt.locator("tr.paid")).to_contain_text("€5.00")
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.emulate_media(media="print")
    await expect(page.locator("#mine")).to_be_hidden()
    await expect(receipt.locator(".paper")).to_be_visible()
    assert [one["amount_minor"] for one in sandbox.movements] == [500]
    assert len(sent) > 3
    assert not [one for one in sent if "4000" in one.replace(" ", "").replace("+", "")]


async def test_a_phone_that_is_closed_while_the_bank_works_shows_it_when_it_is_opened_again(
    home: Home, sandbox: SandboxProcess, open_page: OpenPage
) -> None:
    await offered(home)
    page = await opened(home, open_page)
    await pressed(page)
    await typed(page, SLOW)
    await expect(page.locator(".said")).to_contain_text("You may close this page")
    await page.close()
    page = await opened(home, open_page, locale="zh-CN")
    await expect(page.locator("#payment-list .state")).to_contain_text("正在等待银行")
    await expect(page.locator("#payment-list a.button")).to_have_count(0)
    assert await violations(page) == []
    sandbox.order(release=True)
    await expect(page.locator("#paid-title")).to_have_text("以前的付款（1）")
    assert [one["amount_minor"] for one in sandbox.movements] == [500]


async def test_an_answer_that_is_lost_is_asked_for_and_what_is_given_back_is_said(
    home: Home, sandbox: SandboxProcess, open_page: OpenPage
) -> None:
    await offered(home)
    page = await opened(home, open_page)
    sandbox.order(down=True)
    await page.get_by_role("button", name="Pay €5.00").click()
    await expect(page.locator("#payment-list .state")).to_contain_text("Waiting for the bank")
    sandbox.order(down=False)
    await page.get_by_role("button", name="Look whether it is paid").click()
    await page.get_by_role("link", name="Go on to pay").click()
    await typed(page, CARD)
    [made] = (await get(home.pia, "/api/payments"))["payments"]
    assert made["state"] == "paid"
    await send(home.pia, "POST", f"/api/payments/{made['number']}/refund", why="wrong")
    await page.get_by_role("link", name="Back to the hospital").click()
    await page.get_by_text("Earlier payments (1)").click()
    await expect(page.locator("#paid-list .state")).to_contain_text("You got €5.00 back.")
    assert [one["amount_minor"] for one in sandbox.movements] == [500, 500]


async def test_the_pharmacist_asks_offers_sees_it_paid_and_gives_it_back(
    home: Home, sandbox: SandboxProcess, open_page: OpenPage
) -> None:
    await home.anna.signed("4713", setting="community", delivery="pick-up")
    page = await enter(open_page, "/pharmacy", "pia")
    await page.locator(".list-of-queue li button").first.click()
    charge = page.locator(".charge")
    await expect(charge.locator(".charge-state")).to_contain_text("not asked to pay yet")
    await charge.get_by_label("Packs of").fill("2")
    await charge.get_by_role("button", name="Ask the price and offer it").click()
    await charge.get_by_label("Number of the insurance card").fill("A9876543 0003")
    await charge.get_by_role("button", name="Ask the insurance").click()
    await expect(charge.locator(".problem")).to_have_text("The card has expired: take another.")
    await charge.get_by_label("Number of the insurance card").fill("A9876543 0001")
    await charge.get_by_role("button", name="Ask the insurance").click()
    await expect(charge.locator(".charge-state")).to_contain_text("Offered: €5.00")
    await expect(charge.locator(".eligibility")).to_contain_text("Sandbox insurance: insured (card …0001)")
    await expect(charge.locator(".eligibility [data-at]")).to_contain_text("ago")
    await expect(charge).to_contain_text("Price: Sandbox price list")
    await expect(charge.locator("tr.due")).to_contain_text("€5.00")
    await charge.get_by_role("button", name="The patient pays here").click()
    await expect(charge.get_by_role("img")).to_be_visible()
    assert await violations(page) == []
    [made] = (await get(home.pia, "/api/payments"))["payments"]
    phone = await page.context.new_page()
    await phone.goto(made["page"])
    await typed(phone, CARD)
    await charge.get_by_role("button", name="Look whether it is paid").click()
    await expect(charge.locator(".charge-state")).to_contain_text("Paid: €5.00")
    await charge.get_by_text("Give it back …").click()
    await charge.get_by_label("Reason").fill("wrong medicine")
    await charge.get_by_role("button", name="Give it back PY").click()
    await expect(charge.locator(".charge-state")).to_contain_text("€5.00 was given back: wrong medicine")
    assert [one["amount_minor"] for one in sandbox.movements] == [500, 500]
