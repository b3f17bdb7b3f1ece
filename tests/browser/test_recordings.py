"""A visit is recorded in real browsers, and looked at again: picture, sound, length, and what is missing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect
from yarl import URL

from controller.api.visits_schemas import VisitAnswer
from controller.identity.files import open_authority
from controller.security.permissions import Role
from tests.browser.conftest import CHROMIUM, FILMS, FLAGS, OpenPage, enter
from tests.browser.test_visits import come_in
from tests.support.accessible import violations
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.home import Home, at_home
from tests.support.visits import booked, link

pytestmark = pytest.mark.asyncio(loop_scope="module")
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}
_SMALL = """() => {
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (wanted) =>
    real({ ...wanted, video: wanted.video && { width: 160, height: 90, frameRate: 5 } });
}"""
_NONE = """() => {
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotFoundError"));
}"""
_CHUNKS = "SELECT to_ms FROM recording_chunk"
_PLAYS = """async (n) => {
  let video = null;
  while ((video = document.querySelector(`[data-stretch="${n}"] video`)) === null)
    await new Promise(requestAnimationFrame);
  const hash = () => {
    const paint = new OffscreenCanvas(96, 54).getContext("2d");
    paint.drawImage(video, 0, 0, 96, 54);
    return paint.getImageData(0, 0, 96, 50).data.reduce((sum, one) => (sum * 31 + one) % 1e9, 7);
  };
  video.muted = true;
  await video.play();
  const seen = new Set();
  while (seen.size < 4 && !video.ended) {
    await new Promise((done) => video.requestVideoFrameCallback(done));
    seen.add(hash());
  }
  const tracks = video.captureStream().getTracks().map((one) => one.kind).sort();
  video.pause();
  return { size: [video.videoWidth, video.videoHeight], pictures: seen.size, tracks, duration: video.duration,
    at: video.currentTime };
}"""
"""Different pictures follow each other; and what the file has."""
_SHOWN = """async ([n, times]) => {
  const video = document.querySelector(`[data-stretch="${n}"] video`);
  video.pause();
  const shown = [];
  for (const time of times) {
    const sought = new Promise((done) => video.addEventListener("seeked", done, { once: true }));
    video.currentTime = time;
    await sought;
    const paint = new OffscreenCanvas(96, 54).getContext("2d");
    paint.drawImage(video, 0, 0, 96, 54);
    shown.push([...paint.getImageData(0, 0, 96, 54).data].join());
  }
  return shown;
}"""
"""The pictures that a player shows at some times of the film, in s."""
_LOOKED = """async () =>
  (await (await fetch("/api/visits/TV00000001/recordings/RC00000001")).json()).stretches"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *FILMS])
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="module")
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    open_authority(tmp_path / "ca", datetime.now(UTC))
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        yield await at_home(await stack.enter_async_context(running(tmp_path, pia=Role.PHARMACIST)), stack)


@pytest_asyncio.fixture(loop_scope="module")
async def controller(home: Home) -> RunningController:
    return home.controller


async def rows(home: Home, query: str, fewest: int = 1) -> list[Any]:
    """What is kept, once there is so much."""
    async with asyncio.timeout(60):
        while len(found := await home.controller.store.read(query)) < fewest:  # noqa: ASYNC110 — rows ring no bell
            await asyncio.sleep(0.05)
    return found


async def let_in(
    home: Home, open_page: OpenPage, visit: VisitAnswer, films: str = _SMALL, **who: str
) -> Page:
    made = await link(home, visit, **who)
    page = await come_in(open_page, f"/visit#{URL(made.address).fragment}", made.code)
    await page.evaluate(films)
    return page


async def in_the_room(home: Home, open_page: OpenPage) -> tuple[VisitAnswer, Page, Page]:
    """A nurse, and a patient who agreed to be seen and heard."""
    visit = await booked(home, way="bedside", start_ms=None)
    nurse = await enter(open_page, "/visits", "nina")
    await nurse.evaluate(_SMALL)
    await nurse.locator(f"[data-visit={visit.visit.number}] button").click()
    await nurse.locator("#one [data-do=enter]").click()
    phone = await let_in(home, open_page, visit)
    await phone.locator("#agree").click()
    for page in (nurse, phone):
        await expect(page.locator(".tile:not(.me)")).to_have_attribute("data-state", "up")
    return visit, nurse, phone


def sign(page: Page) -> Any:
    return page.locator("#room .recording .sign")


async def do(page: Page, what: str) -> None:
    await page.locator(f"#room .recording [data-do={what}]").click(timeout=60_000)


async def test_it_runs_while_all_agree_and_plays_with_picture_sound_and_its_length(
    home: Home, open_page: OpenPage
) -> None:
    visit, nurse, phone = await in_the_room(home, open_page)
    await do(nurse, "ask")
    await expect(sign(phone)).to_contain_text("Nothing is recorded yet. Not agreed yet: Bach, Carla")
    await expect(phone.locator(".recording .words")).to_contain_text("I agree that this visit is recorded")
    await do(phone, "agree")
    for page in (nurse, phone):
        await expect(sign(page)).to_have_text("● Being recorded, by nina")
    found = await violations(phone, options=WCAG)
    assert found == []
    await rows(home, f"{_CHUNKS} WHERE run = 1", 3)

    guest = await let_in(home, open_page, visit, _NONE, guest="guest", name="Wang")
    for page in (nurse, phone, guest):
        await expect(sign(page)).to_have_text("Recording paused, nothing is recorded: Wang has not agreed")
    await do(guest, "agree")
    await expect(sign(guest)).to_have_text("● Being recorded, by nina")
    await rows(home, f"{_CHUNKS} WHERE run = 2")
    await do(nurse, "stop")
    await expect(sign(guest)).to_contain_text("Nothing is recorded any more")
    await rows(home, "SELECT id FROM recording WHERE state = 'kept'")

    await nurse.locator("#room .leave").click()
    await nurse.get_by_role("button", name="Watch recording RC00000001").click()
    stretch, _ = await nurse.evaluate(_LOOKED)
    first = await nurse.evaluate(_PLAYS, 0)
    assert first["size"] == [960, 540] and first["pictures"] == 4 and first["tracks"] == ["audio", "video"]
    end_s = first["duration"]
    assert end_s * 1000 == stretch["to_ms"]
    times = [end_s - 2, end_s - 1, end_s - 0.5]
    whole = await nurse.evaluate(_SHOWN, [0, times])
    assert (await nurse.evaluate(_PLAYS, 1))["pictures"] >= 2

    box = home.controller.store.folder / "recordings/RC00000001/000002.box"
    stored = box.read_bytes()
    box.write_bytes(stored[:-1] + bytes([stored[-1] ^ 1]))
    await nurse.get_by_role("button", name="Watch recording RC00000001").click()
    await expect(nurse.locator("#recordings .gap")).to_contain_text("are not as they were recorded")
    after = await nurse.evaluate(_PLAYS, 1)
    [begin_ms] = [one["from_ms"] for one in await nurse.evaluate(_LOOKED) if one["from_ms"] > 0]
    assert after["pictures"] >= 2 and after["duration"] == end_s and after["at"] * 1000 >= begin_ms
    # Each picture is where it was before there was a gap: in the film's own time, whatever the page's was.
    assert begin_ms < times[0] * 1000
    shown = await nurse.evaluate(_SHOWN, [1, times])
    for at, picture in enumerate(shown):  # a decoder that begins elsewhere may round otherwise, by one or two
        apart = [distance(picture, one) for one in whole]
        assert apart[at] < 0.5, apart
        assert apart[at] < min(other for place, other in enumerate(apart) if place != at), apart
    found = await violations(nurse, options=WCAG)
    assert found == []


def distance(one: str, other: str) -> float:
    """Of two pictures: the mean of how far their bytes are apart."""
    pairs = list(zip(one.split(","), other.split(","), strict=True))
    return sum(abs(int(a) - int(b)) for a, b in pairs) / len(pairs)


async def test_a_page_that_is_loaded_again_goes_on_and_the_patient_stops_it_and_has_it_erased(
    home: Home, open_page: OpenPage
) -> None:
    _, nurse, phone = await in_the_room(home, open_page)
    await do(nurse, "ask")
    await do(phone, "agree")
    await rows(home, f"{_CHUNKS} WHERE run = 1", 2)
    await nurse.reload()
    await expect(sign(phone)).to_contain_text("the page of nina, which records, is gone")
    await nurse.evaluate(_SMALL)
    await nurse.locator("[data-visit=TV00000001] button").click()
    await nurse.locator("#one [data-do=enter]").click()
    await do(nurse, "go-on")
    await expect(sign(phone)).to_have_text("● Being recorded, by nina")
    await rows(home, f"{_CHUNKS} WHERE run = 2")
    await do(phone, "withdraw")
    for page in (nurse, phone):
        await expect(sign(page)).to_contain_text("Nothing is recorded any more")
    await do(phone, "erase")
    await do(phone, "erase-sure")
    await expect(phone.locator("#room .recording .fault")).to_have_text("The recording was erased.")
    assert await rows(home, "SELECT id FROM recording WHERE state = 'erased' AND key IS NULL")
    assert list((home.controller.store.folder / "recordings").iterdir()) == []
