"""Recordings of conferences over HTTP: everybody's consent, of partner sites too; who looks afterwards."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from controller.api.recordings_context import RECORDED
from tests.integration.controller.api.test_partners import CONFERENCES, GUEST, came, held, trail
from tests.integration.controller.api.test_recordings import told
from tests.support.hospitals import Hospital, Two, hospitals
from tests.support.http import get, refusal, status
from tests.support.prescribed import send
from tests.support.recordings import Page, asked, say
from tests.support.visits import Sitting, sit
from tests.unit.controller.telemedicine.recordings.test_webm import CLUSTER, HEAD

CONFLICT = (409, "conflict")


@dataclass
class Scene:
    """The chair, who asks, and an expert of a partner hospital in the room; only who asks has agreed."""

    here: Hospital
    number: str
    chair: Sitting
    expert: Sitting
    browser: aiohttp.ClientSession
    page: Page

    @property
    def kept(self) -> str:
        return f"{CONFERENCES}/{self.number}/recordings"

    async def actions(self, begin: str) -> list[tuple[str, str]]:
        entries = [one for one in await trail(self.here) if one["action"].startswith(begin)]
        return [(one["action"].removeprefix(begin), one["actor"]) for one in entries]


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with hospitals(tmp_path) as two:
        yield await begun(two)


async def begun(two: Two) -> Scene:
    await two.agreed()
    made = await held(two)
    browser, number = await came(two, made), made["number"]
    chair = await sit(two.a.anna, f"{CONFERENCES}/{number}/room")
    expert = await sit(browser, f"{GUEST}/{number}/room")
    return Scene(two.a, number, chair, expert, browser, await asked(chair))


async def test_an_expert_of_another_site_is_asked_in_words_of_a_conference_and_it_waits_for_them(
    scene: Scene,
) -> None:
    page = scene.page
    before = await told(scene.expert, "asked")
    assert [one["name"] for one in before["missing"]] == ["Dr. Anna of B (Hospital B)"]
    shown = await get(scene.browser, f"{scene.expert.base}/recording")
    assert "recorded in this conference" in shown["words"]["en"] and shown["aloud"] is None
    assert (shown["mine"], shown["may_record"]) == ([], False)
    assert (await get(scene.here.anna, f"{scene.chair.base}/recording"))["may_record"]
    refused = await refusal(scene.here.anna, "POST", f"{page.path}/runs", json={"seat": page.seat})
    assert refused == CONFLICT
    await say(scene.expert, page)
    await page.begin()
    assert (await told(scene.expert, "running"))["by"] == "Dr. Anna"


async def test_who_is_of_another_site_does_not_record_and_gets_no_key(scene: Scene) -> None:
    await say(scene.expert, scene.page)
    made = f"{scene.expert.base}/recordings"
    assert await status(scene.browser, "POST", made, json={"seat": 1, "media": "video/webm"}) == 401
    runs = f"{made}/{scene.page.number}/runs"
    assert await status(scene.browser, "POST", runs, json={"seat": 1}) == 401
    assert await status(scene.browser, "GET", scene.kept) == 401


async def test_who_joins_later_pauses_it_until_they_agree_and_who_refuses_stops_it(scene: Scene) -> None:
    page = scene.page
    await say(scene.expert, page)
    await page.begin()
    await page.send(HEAD + CLUSTER + b"first", 0, 0)
    late = await sit(scene.here.anna, scene.chair.base, "l" * 32)  # another page of who has agreed
    assert (await told(late, "running"))["agreed"] == [1, 2, 3]
    again = await sit(scene.browser, scene.expert.base, "b" * 32)
    await say(again, page, "withdrawn")
    stopped = await told(scene.chair, "stopped")
    assert stopped["number"] == page.number
    assert "recording-said" in [action for action, _ in await scene.actions("conference-")]
    place, box = page.make(CLUSTER + b"second", 0, 9000)
    assert "not everybody had agreed" in await page.why(place, box)


async def test_it_is_kept_looked_at_by_who_took_part_with_audit_and_erased_by_the_chair(scene: Scene) -> None:
    page = scene.page
    await say(scene.expert, page)
    await page.begin()
    await page.send(HEAD + CLUSTER + b"first", 0, 0)
    await page.stop()
    await page.keep()
    [one] = (await get(scene.here.anna, scene.kept))["recordings"]
    assert one["state"] == "kept"
    shown = await get(scene.here.anna, f"{scene.kept}/{one['number']}")
    assert {each["name"] for each in shown["said"]} == {"Dr. Anna", "Dr. Anna of B (Hospital B)"}
    assert shown["may"] == ["export", "erase"]
    async with scene.here.anna.get(f"{scene.kept}/{one['number']}/stretches/0") as response:
        assert (await response.read()).endswith(b"first")
    assert ("-play", "anna") in await scene.actions("conference-recording")
    assert await status(scene.here.home.nina, "GET", scene.kept) == 404
    gone = await send(
        scene.here.anna, "POST", f"{scene.kept}/{one['number']}/erasure", why="an expert asks for it"
    )
    assert gone["erased"] is True
    recorded = scene.here.home.controller.app[RECORDED]
    assert recorded.recordings.vault.objects.groups() == set()


async def test_when_the_conference_is_over_it_stops(scene: Scene) -> None:
    await say(scene.expert, scene.page)
    await scene.page.begin()
    made = (await get(scene.here.anna, f"{CONFERENCES}/{scene.number}"))["conference"]
    path = f"{CONFERENCES}/{scene.number}/state"
    await send(scene.here.anna, "PUT", path, made["revision"], state="finished")
    live = scene.here.home.controller.app[RECORDED].recordings.live
    async with asyncio.timeout(10):
        while live(scene.number) is not None:  # noqa: ASYNC110 — nobody is told any more
            await asyncio.sleep(0.05)
    [one] = (await get(scene.here.anna, scene.kept))["recordings"]
    assert (one["state"], one["why"]) == ("stopped", "meeting-over")
