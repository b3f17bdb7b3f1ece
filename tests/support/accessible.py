"""What axe-core finds wrong on a page, once the page is live: numbers are dimmed until then, on purpose."""

from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect


async def violations(page: Page, **options: Any) -> list[dict[str, Any]]:
    """The rules that are broken, with where; `options` are those of `Axe.run`."""
    await expect(page.locator("body.not-live")).to_have_count(0)
    return (await Axe().run(page, **options)).response["violations"]
