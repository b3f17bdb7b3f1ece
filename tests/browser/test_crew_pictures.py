"""A crew takes a picture on its page: it sees it before it goes, and how far each has come."""

import re

import pytest
from playwright.async_api import Page, expect

from devices.model.observation import EventKind
from gateway.crew.pictures import State
from tests.browser.conftest import OpenPage
from tests.support.crew_page import CrewBox
from tests.support.photos import held_sideways, photo
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

LARGE = photo(size=(2400, 1200))


async def opened(open_crew: OpenPage, **options: int | str) -> Page:
    page = await open_crew(**options)
    await page.click("#doors [data-sheet='pictures']")
    return page


async def choose(page: Page, data: bytes, name: str = "photo.jpg", kind: str = "image/jpeg") -> None:
    await page.set_input_files("#picture-file", {"name": name, "mimeType": kind, "buffer": data})


async def test_a_photograph_is_seen_told_and_goes_smaller_upright_and_without_its_place(
    box: CrewBox, open_crew: OpenPage
) -> None:
    page = await opened(open_crew)
    await expect(page.locator("#sheet")).to_contain_text("No pictures of this patient yet.")
    await expect(page.locator("#picture-file")).to_have_attribute("capture", "environment")
    await choose(page, held_sideways())
    preview = page.locator("canvas.preview")
    await expect(preview).to_be_visible()
    assert await preview.evaluate("node => node.height > node.width"), "it stands upright"
    await page.fill("#picture-shows", "left hand")
    await page.get_by_role("button", name="Add to the patient").click()
    await expect(page.locator("#pictures li")).to_contain_text("left hand")
    await expect(page.locator("#said")).to_contain_text("Kept on the box")
    await until(lambda: box.attached, "it is on its way")
    [told] = [event.detail for event in box.journal if event.kind is EventKind.PICTURE]
    assert (told["kind"], told["media"], told["shows"]) == ("camera", "image/jpeg", "left hand")
    await until(lambda: sum(len(one.data) for one in box.attached) == told["size"], "all of it")
    assert b"Secret" not in b"".join(one.data for one in box.attached)
    await choose(page, LARGE)
    await expect(preview).to_be_visible()
    assert await preview.evaluate("node => [node.width, node.height]") == [1600, 800]


async def test_an_ultrasound_still_goes_as_it_is(box: CrewBox, open_crew: OpenPage) -> None:
    page, data = await opened(open_crew), photo("PNG")
    await page.click("[data-name='ultrasound']")
    await expect(page.locator("button.pick")).to_have_text("Choose a file")
    assert await page.locator("#picture-file").get_attribute("capture") is None
    await choose(page, data, "still.png", "image/png")
    await page.get_by_role("button", name="Add to the patient").click()
    await expect(page.locator("#pictures li")).to_contain_text("Ultrasound machine")
    await until(lambda: sum(len(one.data) for one in box.attached) == len(data), "all of it")
    assert b"".join(one.data for one in box.attached) == data


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("received", "received by the hospital"),
        ("archived", "in the archive"),
        ("refused", "not archived: truncated. The hospital keeps the file."),
    ],
)
async def test_the_crew_sees_how_far_a_picture_has_come(
    box: CrewBox, open_crew: OpenPage, state: str, words: str
) -> None:
    page = await opened(open_crew)
    await choose(page, photo())
    await page.get_by_role("button", name="Add to the patient").click()
    await expect(page.locator("#pictures li")).to_contain_text(re.compile("on the box|sent"))
    await until(lambda: [one.state for one in box.crew.pictures.held.values()] == [State.SENT], "it is sent")
    await expect(page.locator("#pictures li")).to_contain_text("sent")
    [(digest, one)] = box.crew.pictures.held.items()
    await box.crew.pictures.told({"digest": digest, "stay": one.stay, "state": state, "why": "truncated"})
    await expect(page.locator("#pictures li")).to_contain_text(words)


async def test_what_is_no_picture_is_said_and_cannot_be_added(box: CrewBox, open_crew: OpenPage) -> None:
    page = await opened(open_crew)
    await choose(page, b"not a picture")
    await expect(page.locator("#sheet .problem")).to_contain_text("is no picture")
    await expect(page.get_by_role("button", name="Add to the patient")).to_be_hidden()
    assert not [event for event in box.journal if event.kind is EventKind.PICTURE]


async def test_the_sheet_speaks_chinese_too_and_keeps_its_choice(open_crew: OpenPage) -> None:
    page = await opened(open_crew, locale="zh-CN")
    await expect(page.locator("button.pick")).to_have_text("拍照")
    await page.click("#language")
    await expect(page.locator("button.pick")).to_have_text("Take a picture")
