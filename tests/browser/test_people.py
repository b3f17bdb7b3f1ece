"""Pages about people: one's own account, all accounts, the lock, and break-glass with its review."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from pyotp.totp import TOTP

from controller.api.context import CONTEXT
from controller.security.badges import Shown
from controller.security.permissions import Role
from tests.browser.conftest import OpenPage, enter, log_in
from tests.support.accessible import violations
from tests.support.controller import PASSWORD, RunningController, quick_passwords, running
from tests.support.people import TEST, accounts, two_wards

pytestmark = pytest.mark.asyncio(loop_scope="module")

OPENS = """() => {
  const place = document.querySelector(".open").getBoundingClientRect();
  return Boolean(document.elementFromPoint(place.x + 5, place.y + 5)?.closest(".tile"));
}"""
"""Whether a tap on the first bed would come to it."""
LOOKS = [("dark", "en"), ("light", "zh-CN")]


@pytest_asyncio.fixture(loop_scope="module")
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    people = {"nurse": Role.NURSE, "admin": Role.ADMINISTRATOR, "auditor": Role.AUDITOR}
    with quick_passwords():
        async with running(tmp_path, **people) as started:
            await started.add_bed("bed-1", "Bed 1", ["ox-1"])
            await two_wards(started)
            started.say("ox-1", spo2=97)
            started.say("ox-b", spo2=91)
            yield started


async def overflow(page: Page) -> int:
    return await page.evaluate("document.documentElement.scrollWidth - innerWidth")


async def administer(open_page: OpenPage, controller: RunningController, **options: int | str) -> Page:
    """The administrator's page, after the way there: the second factor is set up first."""
    page = await open_page(**options)
    await log_in(page, user="admin")
    await page.wait_for_url("**/account")
    await page.fill("#factor-password", PASSWORD)
    await page.click("#set-up button")
    await expect(page.locator("#qr svg")).to_be_visible()
    secret = (await page.inner_text("#secret")).split()[-1].split("：")[-1]
    await page.fill("#code", TOTP(secret).at(controller.clock.utc_us() // 1_000_000))
    assert await violations(page) == []
    await page.click("#confirm button")
    await expect(page.locator("#codes li")).to_have_count(8)
    await page.click("#go-on")
    await page.get_by_role("link", name=re.compile("People|人员")).click()
    await expect(page.locator("#people tr")).to_have_count(5)
    return page


@pytest.mark.parametrize(("theme", "locale"), LOOKS)
async def test_an_administrator_lets_a_person_in_who_chooses_a_password_and_works(
    controller: RunningController, open_page: OpenPage, theme: str, locale: str
) -> None:
    page = await administer(open_page, controller, color_scheme=theme, locale=locale)
    assert await violations(page) == []
    await page.fill("#name", "cleo")
    await page.locator("#add").get_by_label(re.compile("^(Nurse|护士)$")).check()
    await page.locator("#add").get_by_label("Ward A").check()
    await page.click("#add button.primary")
    once = await page.inner_text("#once .secret")
    assert await violations(page) == []
    await page.keyboard.press("Escape")
    await expect(page.locator("#once .secret")).to_have_count(0)
    assert once not in await page.content()
    await expect(page.locator("#people tr", has_text="cleo")).to_contain_text("Ward A")

    phone = await open_page(color_scheme=theme, locale=locale, width=390, height=844)
    await log_in(phone, once, "cleo")
    await phone.wait_for_url("**/account")
    await expect(phone.locator("#first")).to_be_visible()
    assert await violations(phone) == []
    for field in ("new", "again"):
        await phone.fill(f"#{field}", "words of my own")
    await phone.fill("#present", once)
    await phone.click("#password button")
    await phone.click("#go-on")
    await expect(phone.locator(".tile")).to_have_count(1)
    assert await overflow(phone) <= 0


async def test_a_person_is_changed_reset_and_shut_out_and_their_board_ends_at_once(
    controller: RunningController, open_page: OpenPage
) -> None:
    page = await administer(open_page, controller)
    await page.get_by_role("button", name="Roles and wards of ben").click()
    edit = page.locator("#edit")
    await expect(edit.get_by_label("Ward B")).to_be_checked()
    assert await violations(page) == []
    await edit.get_by_label("Pharmacist").check()
    await edit.get_by_role("button", name="Save").click()
    await expect(page.locator("#people tr", has_text="ben")).to_contain_text("Nurse, Pharmacist")

    board = await open_page()
    await log_in(board, user="anna")
    await board.wait_for_selector(".tile")
    await page.get_by_role("button", name="Disable anna").click()
    await board.wait_for_url("**/login")
    await page.get_by_role("button", name="New one-time password for anna").click()
    await expect(page.locator("#once .secret")).to_have_text(re.compile(r"^(\w{4}-){3}\w{4}$"))


async def test_what_cannot_be_is_told_in_a_sentence(
    controller: RunningController, open_page: OpenPage
) -> None:
    page = await administer(open_page, controller)
    await page.fill("#name", "dora")
    await page.locator("#add").get_by_label("Nurse").check()
    await page.click("#add button.primary")
    await expect(page.get_by_role("alert")).to_contain_text("expected the wards")
    await expect(page.locator("#add").get_by_label("Nurse")).to_be_checked()


@pytest.mark.parametrize(("theme", "locale"), LOOKS)
async def test_a_locked_board_shows_its_numbers_and_takes_no_action_until_it_is_unlocked(
    controller: RunningController, open_page: OpenPage, theme: str, locale: str
) -> None:
    page = await open_page(color_scheme=theme, locale=locale)
    await log_in(page, user="anna")
    await expect(page.locator(".cell.spo2 .number")).to_have_text("97")
    await page.click("#lock")
    cover = page.locator("#cover")
    await expect(cover).to_be_visible()
    controller.say("ox-1", spo2=94)
    await expect(page.locator(".cell.spo2 .number")).to_have_text("94")
    assert await violations(page) == []
    for _ in range(2):
        await page.keyboard.press("Escape")
    await expect(cover).to_be_visible()
    assert not await page.evaluate(OPENS)
    await page.fill("#cover-password", "wrong")
    await page.keyboard.press("Enter")
    await expect(cover.get_by_role("alert")).not_to_be_empty()
    await page.fill("#cover-password", PASSWORD)
    await page.keyboard.press("Enter")
    await expect(cover).to_be_hidden()
    assert await page.evaluate(OPENS)
    await page.locator(".open").first.click()
    await expect(page.locator("#bed")).to_be_visible()


async def test_a_locked_phone_shows_nothing_of_a_patient(
    controller: RunningController, open_page: OpenPage
) -> None:
    page = await open_page(width=390, height=844)
    await log_in(page, user="anna")
    await page.wait_for_selector(".tile")
    await page.click("#lock")
    await expect(page.locator("#cover")).to_be_visible()
    backdrop = "getComputedStyle(document.querySelector('#cover'), '::backdrop').backgroundColor"
    solid = await page.evaluate(backdrop)
    await page.set_viewport_size({"width": 1280, "height": 800})
    assert await page.evaluate(backdrop) == "rgba(0, 0, 0, 0)"
    assert re.fullmatch(r"rgb\(\d+, \d+, \d+\)", solid)
    assert await violations(page) == []


async def test_a_screen_that_nobody_touches_is_covered_even_after_a_reload(
    controller: RunningController, open_page: OpenPage
) -> None:
    page = await open_page()
    await log_in(page, user="anna")
    await page.wait_for_selector(".tile")
    controller.clock.let_pass(3600)
    await page.reload()
    await expect(page.locator("#cover")).to_be_visible()
    await expect(page.locator(".tile")).to_have_count(1)


async def test_a_refused_action_covers_a_page_whose_session_is_locked_already(
    controller: RunningController, open_page: OpenPage
) -> None:
    page = await open_page()
    await log_in(page, user="anna")
    await page.wait_for_selector(".tile")
    controller.clock.let_pass(3600)
    await page.locator(".open").first.click()
    await expect(page.locator("#cover")).to_be_visible()
    await expect(page.locator("#bed")).to_be_hidden()


async def test_another_person_takes_the_screen_over_without_losing_the_page(
    controller: RunningController, open_page: OpenPage
) -> None:
    page = await open_page()
    await log_in(page, user="anna")
    await expect(page.locator(".tile")).to_contain_text("Bed 1")
    await page.evaluate("window.sameDocument = true")
    await page.click("#lock")
    await page.fill("#cover-user", "ben")
    await page.fill("#cover-password", PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("#to-account")).to_have_text("ben")
    await expect(page.locator(".tile")).to_contain_text("Bed B")
    assert await page.evaluate("window.sameDocument")
    assert await page.locator("#cover").is_hidden()


@pytest.mark.parametrize(("theme", "locale"), LOOKS)
async def test_one_sets_a_pin_and_enrols_a_badge_after_a_proof_and_withdraws_them(
    controller: RunningController, open_page: OpenPage, theme: str, locale: str
) -> None:
    page = await enter(open_page, "/account", "anna", color_scheme=theme, locale=locale, width=390)
    is_en = locale == "en"
    held, problem = page.locator("#held"), page.locator("#pin-form .problem")
    await expect(held).to_contain_text("none" if is_en else "无")
    await page.fill("#pin-password", PASSWORD)
    for pin, why in (("12", "4"), ("7777", "same|相同"), ("4321", "run|连续"), ("4848", "again|重复")):
        for field in ("#pin", "#pin-again"):
            await page.fill(field, pin)
        await page.click("#pin-do")
        await expect(problem).to_have_text(re.compile(why))
    for field in ("#pin", "#pin-again"):
        await page.fill(field, "4713")
    await page.fill("#pin-password", "a wrong password")
    await page.click("#pin-do")
    await expect(problem).to_contain_text("wrong" if is_en else "错误")
    await page.fill("#pin-password", PASSWORD)
    await page.click("#pin-do")
    await expect(page.locator("#held-said")).to_have_text("The PIN is set." if is_en else "PIN 已设置。")
    await page.fill("#badge-password", PASSWORD)
    await page.locator("#badge").press_sequentially("04A2F1C9")  # as a reader types it
    await page.keyboard.press("Enter")
    await expect(held.locator("[data-held=badge]")).to_contain_text("anna")
    await controller.app[CONTEXT].badges.who(Shown(badge="04A2F1C9"), "robot:R1")
    await page.reload()
    await expect(held.locator("[data-held=badge]")).to_contain_text("last used" if is_en else "最近使用")
    await expect(held.locator("[data-held=pin]")).to_contain_text("not used yet" if is_en else "尚未使用")
    assert await violations(page) == []
    assert await overflow(page) <= 0
    assert "04A2F1C9" not in await page.content()
    withdraw = held.locator("[data-held=badge] button")
    await withdraw.click()
    await withdraw.click()
    await expect(held.locator("[data-held=badge] button")).to_have_count(0)
    await expect(page.locator("#held-said")).not_to_be_empty()


async def test_an_administrator_sees_who_has_a_badge_and_withdraws_it_without_ever_seeing_it(
    controller: RunningController, open_page: OpenPage
) -> None:
    badges = controller.app[CONTEXT].badges
    await badges.enrol("ben", "04A2F1CB", TEST)
    await badges.set_pin("ben", "4713", TEST)
    page = await administer(open_page, controller)
    row = page.locator("#people tr", has_text="ben")
    await expect(row).to_contain_text("badge · PIN")
    await row.get_by_role("button", name="Badge and PIN of ben").click()
    dialog = page.locator("#edit")
    await expect(dialog.locator("[data-held=badge]")).to_contain_text(f"enrolled by {TEST.actor}")
    assert await violations(page) == []
    assert "04A2F1CB" not in await page.content()
    lost = dialog.get_by_role("button", name="Withdraw the badge of ben")
    await lost.click()
    await lost.click()
    await expect(row).not_to_contain_text("badge ·")
    await row.get_by_role("button", name="Badge and PIN of ben").click()
    await page.fill("#their-badge", "04A2F1CC")
    await page.keyboard.press("Enter")
    await expect(row).to_contain_text("badge · PIN")
    assert (await badges.who(Shown(badge="04A2F1CC"), "robot:R1")).user.name == "ben"


@pytest.mark.parametrize(("theme", "locale"), LOOKS)
async def test_the_glass_is_broken_seen_by_the_ward_ended_and_judged(
    controller: RunningController, open_page: OpenPage, theme: str, locale: str
) -> None:
    looks = {"color_scheme": theme, "locale": locale}
    theirs, page = await open_page(**looks), await open_page(**looks)
    for one, user in ((theirs, "ben"), (page, "anna")):
        await log_in(one, user=user)
        await one.wait_for_selector(".tile")
    await page.click("#glass-open")
    await page.fill("#glass-patient", "P2")
    await page.fill("#glass-reason", "Cardiac arrest call to ward B")
    assert await violations(page) == []
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    banner = page.locator("#glass li[data-state=own]")
    await expect(banner).to_contain_text("Bed B")
    await expect(banner.locator(".left")).to_have_text(re.compile(r"(29:\d\d|30:00)"))
    await expect(page.locator(".tile")).to_have_count(2)
    await expect(theirs.locator("#glass li[data-state=theirs]")).to_contain_text("anna")
    assert await violations(page) == []
    assert await violations(theirs) == []
    await banner.get_by_role("button").click()
    await expect(page.locator(".tile")).to_have_count(1)
    await expect(page.locator("#glass")).to_be_hidden()
    await expect(theirs.locator("#glass")).to_be_hidden()

    auditor = await open_page(**looks)
    await log_in(auditor, user="auditor")
    await auditor.get_by_role("link", name=re.compile("Break-glass|紧急访问")).click()
    review = auditor.locator("#reviews li")
    await expect(review).to_contain_text("Cardiac arrest call to ward B")
    assert await violations(auditor) == []
    await review.get_by_label(re.compile("Note|备注")).fill("Arrest team")
    await review.get_by_role("button").first.click()
    await expect(auditor.locator("#none")).to_be_visible()
    await auditor.locator("#all").check()
    await expect(auditor.locator("#reviews li[data-state=justified]")).to_contain_text("Arrest team")


async def test_a_nurse_of_all_wards_has_no_glass_to_break(
    controller: RunningController, open_page: OpenPage
) -> None:
    page = await open_page()
    await log_in(page)
    await expect(page.locator("#to-account")).to_have_text("nurse")
    await expect(page.locator("#glass-open")).to_be_hidden()


async def test_a_login_with_a_second_factor_asks_for_its_code(
    controller: RunningController, open_page: OpenPage
) -> None:
    page = await administer(open_page, controller)
    await page.click("#logout")
    await page.wait_for_url("**/login")
    await expect(page.locator("#code")).to_be_hidden()
    await log_in(page, user="admin")
    await expect(page.locator("#code")).to_be_focused()
    await page.fill("#code", "000000")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("The code is wrong")
    assert await violations(page) == []


async def test_a_disabled_person_is_told_no_more_than_a_stranger(
    controller: RunningController, open_page: OpenPage
) -> None:
    await accounts(controller).set_disabled("ben", TEST, disabled=True)
    page = await open_page()
    await log_in(page, user="ben")
    await expect(page.get_by_role("alert")).to_have_text("User name or password is wrong.")


@pytest.mark.parametrize(("theme", "locale"), LOOKS)
async def test_a_screen_that_was_left_behind_is_logged_out_from_the_account_page(
    controller: RunningController, open_page: OpenPage, theme: str, locale: str
) -> None:
    looks = {"color_scheme": theme, "locale": locale}
    left, page = await open_page(**looks), await open_page(width=420, **looks)
    for screen in (left, page):
        await log_in(screen, user="anna")
        await expect(screen.locator(".tile")).to_have_count(1)
    await page.goto(f"{controller.address}/account")
    sessions = page.locator("#sessions li")
    await expect(sessions).to_have_count(2)
    await expect(sessions.get_by_text(re.compile("This screen|本屏幕"))).to_have_count(1)
    assert await violations(page) == []
    assert await overflow(page) <= 0
    button = page.get_by_role("button", name=re.compile("Log out the screen|退出 .* 登录的屏幕"))
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(sessions).to_have_count(1)
    await left.wait_for_url("**/login")
