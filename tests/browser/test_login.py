"""Logging in, as a person does it."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenPage, log_in

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_board_sends_a_stranger_to_the_login(open_page: OpenPage) -> None:
    page = await open_page("/")
    assert page.url.endswith("/login")


async def test_a_right_login_opens_the_board(open_page: OpenPage) -> None:
    page = await open_page()
    await log_in(page)
    await expect(page.get_by_role("button", name="Bed 1: open trends and devices")).to_be_visible()


async def test_a_password_that_is_sent_before_the_page_works_is_in_no_address(open_page: OpenPage) -> None:
    page = await open_page()
    await page.route("**/login.js", lambda route: route.abort())
    await page.reload()
    await page.get_by_label("User name").fill("nurse")
    async with page.expect_request(lambda request: request.is_navigation_request()) as sent:
        await page.get_by_label("Password").press_sequentially("secret")
        await page.get_by_label("Password").press("Enter")
    assert "secret" not in (await sent.value).url
    assert "secret" not in page.url


async def test_a_wrong_login_says_so_and_many_are_slowed(open_page: OpenPage) -> None:
    page = await open_page()
    for _ in range(3):
        async with page.expect_response("**/api/login"):
            await log_in(page, "wrong")
        await expect(page.get_by_role("alert")).to_have_text("User name or password is wrong.")
        await expect(page.get_by_role("button", name="Log in")).to_be_enabled()
    await log_in(page, "wrong")
    await expect(page.get_by_role("alert")).to_contain_text("Too many tries. Try again in")


async def test_logging_out_closes_the_board(open_page: OpenPage) -> None:
    page = await open_page()
    await log_in(page)
    await expect(page.get_by_text("Bed 1").first).to_be_visible()  # the page works from here on
    await page.get_by_role("button", name="Log out").click()
    await page.wait_for_url("**/login")
    await page.goto(page.url.replace("/login", "/"))
    assert page.url.endswith("/login")
