"""Provisioning as a biomedical engineer does it: fill in a form, the box scans the code, it comes in."""

import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import zxingcpp
from PIL import Image
from playwright.async_api import Locator, Page, expect

from controller.announce import Announcer
from controller.identity.claims import USED_TWICE
from controller.identity.waiting import WaitingBoxes
from controller.presence import Presence
from controller.security.permissions import Role
from devices.model.claim import Claim
from gateway.enrolment.announce import announced
from gateway.enrolment.enrol import enrol
from gateway.enrolment.identity import IdentityFolder
from tests.browser.conftest import OpenPage, enter, log_in
from tests.support.accessible import violations
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.est import Est, Times, controller_est
from tests.support.letting_in import let_in

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    with quick_passwords():
        async with running(tmp_path, nurse=Role.NURSE, engineer=Role.ENGINEER) as started:
            await started.add_bed("amb-1", "Ambulance 1", ["ox-1"])
            yield started


@pytest_asyncio.fixture(loop_scope="module")
async def est(controller: RunningController, tmp_path: Path) -> AsyncIterator[Est]:
    async with controller_est(tmp_path, Times()) as authority:
        await let_in(controller, authority)
        yield authority


@pytest_asyncio.fixture(loop_scope="module")
async def page(est: Est, open_page: OpenPage) -> Page:
    return await open_gateways(open_page)


async def open_gateways(open_page: OpenPage, **options: int | str) -> Page:
    page = await enter(open_page, "/gateways", "engineer", **options)
    await expect(page.locator("#gateways tbody")).not_to_have_count(0)
    return page


async def record(page: Page, gateway: str = "box-17") -> None:
    """By the keyboard alone: id, name, asset tag, place, and Enter."""
    await expect(page.locator("#record-gateway")).to_be_focused()
    for text in (gateway, f"Box of {gateway}", f"BME-{gateway}"):
        await page.keyboard.type(text)
        await page.keyboard.press("Tab")
    await page.locator("#record-place").select_option("ward-a")
    await page.keyboard.press("Enter")
    await expect(page.locator("#claim-title")).to_be_focused()


async def scanned(page: Page) -> Claim:
    """What a camera reads from the screen."""
    picture = Image.open(io.BytesIO(await page.screenshot()))
    [code] = zxingcpp.read_barcodes(picture)
    return Claim.from_text(code.text)


async def come_in(folder: Path, claim: Claim) -> None:
    """The box itself."""
    await enrol(IdentityFolder(folder), claim, None, Times().gateway())


def state(page: Page, gateway: str = "box-17") -> Locator:
    return page.locator("#gateways tbody").filter(has_text=gateway).locator("[data-field=admitted]")


async def test_a_box_is_recorded_scans_the_code_comes_in_and_is_thrown_out(
    controller: RunningController, page: Page, tmp_path: Path
) -> None:
    await record(page)
    await expect(page.locator("#claim [role=status]").first).to_have_text("Waiting for box-17 to come in …")
    await expect(page.get_by_role("timer")).to_have_text(re.compile(r"^Good for 2[34]:\d\d:\d\d$"))
    await expect(state(page)).to_have_text(re.compile("^claim open until"))
    await come_in(tmp_path / "box", await scanned(page))
    await expect(page.locator("#claim [role=status]").first).to_have_text(
        "Enrolled: box-17 has its certificate."
    )
    await expect(page.locator("#claim .shown")).to_be_hidden()
    await expect(page.locator("#claim svg")).to_have_count(0)
    await expect(state(page)).to_have_text(re.compile("^certificate until .* old$"))
    controller.hub.gateway("box-17", {"state": "online", "software": "wardlink 1.2"})
    await expect(page.locator("#gateways tbody").filter(has_text="box-17")).to_contain_text("online")
    await page.get_by_role("button", name="box-17", exact=True).click()
    certificates = page.locator("#gateway tbody")
    await expect(certificates).to_have_count(1)
    await certificates.get_by_role("button", name="Revoke").click()
    await expect(page.locator("#gateway .problem")).to_have_text("Write a reason of at least 3 characters.")
    await page.get_by_label("Reason").fill("it was stolen")
    await certificates.get_by_role("button", name="Revoke").click()
    await expect(certificates).to_contain_text("it was stolen")
    await expect(state(page)).to_have_text("no certificate: make a claim")


async def test_a_claim_is_copied_printed_and_forgotten_when_it_is_closed(page: Page) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await record(page)
    await page.get_by_role("button", name="Copy the text").click()
    await expect(page.get_by_text("Copied.")).to_be_visible()
    copied = Claim.from_text(await page.evaluate("navigator.clipboard.readText()"))
    assert copied == await scanned(page)
    await page.emulate_media(media="print")
    assert copied == await scanned(page)
    await expect(page.locator("#gateways")).to_be_hidden()
    await expect(page.locator("#claim .secret")).to_be_hidden()
    await page.emulate_media(media="screen")
    await page.get_by_role("button", name="Close").first.click()
    assert copied.token not in await page.content()
    await expect(page.locator("#record-gateway")).to_be_focused()


async def test_a_newer_claim_makes_the_one_that_is_shown_useless_and_the_page_says_so(
    est: Est, page: Page
) -> None:
    await record(page)
    await est.store.write(lambda db: db.execute("UPDATE claim SET ended = 1"))
    await expect(page.locator("#claim [role=status]").first).to_contain_text("good for nothing any more")
    await expect(page.locator("#claim svg")).to_have_count(0)


async def test_when_its_time_is_over_a_claim_is_gone(
    controller: RunningController, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    await record(page)
    real = controller.clock.utc_us
    monkeypatch.setattr(controller.clock, "utc_us", lambda: real() + 24 * 3600 * 1_000_000)
    await expect(page.locator("#claim [role=status]").first).to_have_text(
        "The claim has expired: make a new one."
    )


async def test_a_gateway_that_is_known_gets_a_new_claim_with_its_record_as_it_is(page: Page) -> None:
    await record(page)
    await page.get_by_role("button", name="box-17", exact=True).click()
    await expect(page.locator("#gateway-title")).to_have_text("Gateway box-17: Box of box-17")
    await page.get_by_role("button", name="New claim …").click()
    await expect(page.get_by_label("Id", exact=True)).to_have_value("box-17")
    await expect(page.get_by_label("Asset tag")).to_have_value("BME-box-17")
    await expect(page.get_by_role("button", name="Make its claim")).to_be_focused()
    first = await page.locator("#claim .secret").text_content()
    await page.keyboard.press("Enter")
    await expect(page.locator("#claim-title")).to_be_focused()
    assert await page.locator("#claim .secret").text_content() != first


async def test_decommissioning_gives_a_receipt_to_save(page: Page, tmp_path: Path) -> None:
    await record(page)
    await come_in(tmp_path / "box", await scanned(page))
    await page.get_by_role("button", name="box-17", exact=True).click()
    await page.get_by_label("Reason").fill("it is worn out")
    await page.get_by_role("button", name="Decommission").click()
    await expect(page.get_by_text("Save the signed receipt now")).to_be_visible()
    async with page.expect_download() as started:
        await page.get_by_role("link", name="Save receipt").click()
    download = await started.value
    assert download.suggested_filename == "decommissioned-box-17.p7s"
    await download.save_as(tmp_path / "receipt")
    assert '"why": "it is worn out"' in (tmp_path / "receipt").read_text()
    await expect(state(page)).to_have_text("not let in")


async def test_a_box_that_waits_in_the_network_is_a_card_that_fills_in_the_form(
    controller: RunningController, page: Page
) -> None:
    waiting = waiting_boxes(controller)
    async with waiting.watched(["127.0.0.1"]), announced("SN-4711", None, ["127.0.0.1"]):
        card = page.locator("#boxes li")
        await expect(card).to_contain_text("SN-4711no page of its own")
        await card.get_by_role("button", name="Make the claim of SN-4711").click()
        await expect(page.get_by_label("Id", exact=True)).to_have_value("gw-sn-4711")
        await expect(page.get_by_label("Name", exact=True)).to_have_value("SN-4711")
        await expect(page.get_by_label("Id", exact=True)).to_be_focused()
    await expect(page.locator("#boxes")).to_be_hidden()


def waiting_boxes(controller: RunningController) -> WaitingBoxes:
    assert controller.letting_in
    return controller.letting_in.waiting


async def test_a_claim_that_was_used_twice_is_an_alert_that_says_what_to_do(
    controller: RunningController, page: Page
) -> None:
    announcer = Announcer(controller.hub, Presence(), controller.clock)
    announcer.gateway_alert(USED_TWICE, "gw-a", {"where": "10.0.0.66"})
    await expect(page.locator("#twice")).to_contain_text("gw-a was used twice")
    await expect(page.locator("#twice")).to_contain_text("10.0.0.66")
    await expect(page.locator("#twice")).to_contain_text("revoke all its certificates")


async def test_wards_and_vehicles_are_added_and_offered_at_once(page: Page) -> None:
    await page.get_by_text("Wards, beds and vehicles").click()
    await page.get_by_label("Ward's id").fill("ward-z")
    await page.get_by_label("Ward's name").fill("Ward Z")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Ward Z was added.")).to_be_visible()
    await page.get_by_label("Bed's or vehicle's id").fill("amb-7")
    await page.get_by_label("Bed's or vehicle's name").fill("Ambulance 7")
    await page.locator("#bed-ward").select_option("ward-z")
    await page.get_by_role("button", name="Add bed or vehicle").click()
    await expect(page.locator("#record-place option[value=amb-7]")).to_have_text("Ambulance 7 (amb-7)")


async def test_a_place_is_marked_as_a_patients_home_and_unmarked(page: Page) -> None:
    await page.get_by_text("Wards, beds and vehicles").click()
    chosen = page.locator("#home-place option").nth(1)
    place = await chosen.get_attribute("value")
    await page.locator("#home-place").select_option(place)
    await page.get_by_role("button", name="A patient lives here").click()
    await expect(chosen).to_contain_text("a patient's home")
    await page.get_by_role("button", name="Nobody lives here any more").click()
    await expect(chosen).not_to_contain_text("a patient's home")


async def test_a_refusal_stands_beside_the_form_and_nothing_typed_is_lost(page: Page) -> None:
    await page.get_by_label("Id", exact=True).fill("controller")
    await page.locator("#record-place").select_option("ward-a")
    await page.keyboard.press("Enter")
    await expect(page.locator("#record .problem")).to_contain_text("give the gateway another")
    await expect(page.get_by_label("Id", exact=True)).to_have_value("controller")


async def test_the_board_has_a_link_for_engineers_and_none_for_nurses(est: Est, open_page: OpenPage) -> None:
    for user, is_there in (("nurse", False), ("engineer", True)):
        page = await open_page()
        await log_in(page, user=user)
        await expect(page.locator(".tile").first).to_be_visible()
        await expect(page.locator("#to-gateways")).to_be_visible(visible=is_there)


@pytest.mark.parametrize(("theme", "locale"), [("dark", "en"), ("light", "zh-CN")])
async def test_axe_finds_nothing_with_a_claim_a_certificate_and_an_alert_shown(
    controller: RunningController, est: Est, open_page: OpenPage, theme: str, locale: str, tmp_path: Path
) -> None:
    page = await open_gateways(open_page, color_scheme=theme, locale=locale, width=834, height=1112)
    await record(page, "box-16")
    await come_in(tmp_path / "box", await scanned(page))
    await expect(page.locator("#claim")).to_have_attribute("data-state", "enrolled")
    await page.get_by_role("button", name="box-16", exact=True).click()
    await expect(page.locator("#gateway tbody")).to_have_count(1)
    await page.locator("#record-gateway").focus()
    await record(page)
    announcer = Announcer(controller.hub, Presence(), controller.clock)
    announcer.gateway_alert(USED_TWICE, "gw-a", {"where": "10.0.0.66"})
    async with waiting_boxes(controller).watched(["127.0.0.1"]), announced("SN-4711", None, ["127.0.0.1"]):
        await expect(page.locator("#boxes li")).to_be_visible()
        await page.locator("#places summary").click()
        assert await violations(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


async def test_a_locked_session_covers_the_claim_with_the_way_back_in(page: Page) -> None:
    await record(page)
    origin = page.url.removesuffix("/gateways")
    await page.context.request.post(f"{origin}/api/lock", headers={"Origin": origin})
    await expect(page.locator("#cover")).to_be_visible()
    assert zxingcpp.read_barcodes(Image.open(io.BytesIO(await page.screenshot()))) == []
