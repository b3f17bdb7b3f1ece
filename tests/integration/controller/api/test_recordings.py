"""Recordings over HTTP: asked for, agreed to by everybody, sent by one page, and attacked."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from controller.api.visits_context import TELEMEDICINE
from controller.api.visits_schemas import VisitAnswer
from controller.identity.certificates import By
from controller.identity.files import open_authority
from controller.imaging.sight import WHOLE
from controller.sections import TelemedicineSection
from controller.security.permissions import Role
from controller.telemedicine.consents import Said
from controller.telemedicine.recordings.chunks import LARGEST
from tests.support.controller import quick_passwords, running
from tests.support.home import Home, at_home
from tests.support.http import get, refusal, status
from tests.support.prescribed import send
from tests.support.recordings import SEALED, Page, asked, say
from tests.support.visits import (
    OWN_ROOM,
    VISITS,
    Sitting,
    agreed,
    booked,
    entered,
    link,
    room_of,
    sit,
)

CONFLICT, OUTDATED = (409, "conflict"), (412, "outdated")


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    open_authority(tmp_path / "ca", datetime.now(UTC))
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        controller = await stack.enter_async_context(running(tmp_path, pia=Role.PHARMACIST))
        yield await at_home(controller, stack)


class Scene:
    """A nurse and a patient in a room, the nurse has asked; nobody else has agreed."""

    def __init__(self, home: Home, visit: VisitAnswer, nurse: Sitting, phone: Sitting, page: Page) -> None:
        self.home, self.visit, self.nurse, self.phone, self.page = home, visit, nurse, phone, page

    @property
    def kept(self) -> str:
        return f"{VISITS}/{self.visit.visit.number}/recordings"

    @property
    def folder(self) -> Path:
        return self.home.controller.store.folder / "recordings" / self.page.number

    async def state(self) -> str:
        [one] = (await get(self.home.nina, self.kept))["recordings"]
        return one["state"]

    async def trail(self, action: str) -> list[dict[str, Any]]:
        rows = await self.home.controller.store.read("SELECT entry FROM audit ORDER BY number")
        entries = [json.loads(row["entry"]) for row in rows]
        name = f"visit-recording-{action}".rstrip("-")
        return [entry for entry in entries if entry["action"] == name]

    async def running(self) -> Page:
        await say(self.phone, self.page)
        await self.page.begin()
        return self.page

    async def guest(self) -> Sitting:
        made = await link(self.home, self.visit, guest="guest", name="Wang")
        return await sit(await entered(self.home, made), OWN_ROOM, "g" * 32)


@pytest.fixture
async def scene(home: Home) -> Scene:
    return await begun(home)


async def begun(home: Home, patient: str = "4713") -> Scene:
    visit = await booked(home, way="bedside", start_ms=None, patient=patient)
    phone = await agreed(await entered(home, await link(home, visit)))
    nurse, patients = await sit(home.nina, room_of(visit)), await sit(phone, OWN_ROOM)
    return Scene(home, visit, nurse, patients, await asked(nurse))


async def told(sitting: Sitting, state: str, after: int | None = None) -> dict[str, Any]:
    """The next that the seat is told of the recording in that state."""
    async with asyncio.timeout(10), sitting.told(after) as messages:
        async for _, message in messages:
            if message["kind"] == "recording" and message["state"] == state:
                return message
    raise AssertionError(f"the stream ended without {state}")


async def until(scene: Scene, state: str) -> None:
    """The controller has written it down by itself."""
    async with asyncio.timeout(10):
        while await scene.state() != state:  # noqa: ASYNC110 — nobody is told any more
            await asyncio.sleep(0.05)


async def test_it_begins_once_everybody_has_agreed_and_everybody_is_told(scene: Scene) -> None:
    page = scene.page
    before = await told(scene.phone, "asked")
    assert before["missing"] == [{"name": "Bach, Carla", "part": "patient"}]
    assert before["agreed"] == [scene.nurse.answer.seat]
    assert await refusal(scene.home.nina, "POST", f"{page.path}/runs", json={"seat": page.seat}) == CONFLICT
    await say(scene.phone, page)
    assert (await told(scene.phone, "agreed"))["missing"] == []
    await page.begin()
    running = await told(scene.phone, "running")
    assert (running["by"], running["seat"]) == ("nina", page.seat)


async def test_what_everybody_said_is_kept_with_the_words_that_were_shown(scene: Scene) -> None:
    guest = await scene.guest()
    shown = await get(guest.session, f"{OWN_ROOM}/recording")
    assert (shown["aloud"], shown["holds"], shown["mine"]) == (None, False, [])
    assert not shown["may_record"]
    assert (await get(scene.home.nina, f"{scene.nurse.base}/recording"))["may_record"]
    await say(guest, scene.page)
    one = await get(scene.home.nina, f"{scene.kept}/{scene.page.number}")
    assert [(each["name"], each["said"], each["text"]) for each in one["said"]] == [
        ("nina", "permit", shown["words"]["en"]),
        ("Wang", "permit", shown["words"]["en"]),
    ]
    await say(scene.phone, scene.page)
    at = VisitAnswer.model_validate(await get(scene.home.nina, f"{VISITS}/{scene.visit.visit.number}"))
    [consent] = [each for each in at.consents if each.scope == "recording"]
    assert (consent.by, consent.holds) == ("patient:4713", True)


async def test_chunks_are_kept_in_order_sealed_on_the_disk_and_said_again_once(scene: Scene) -> None:
    page = await scene.running()
    for n in range(3):
        assert await page.send(b"a picture of Carla" * 100, n * 300, (n + 1) * 300) == n + 1
    assert await page.put(page.sitting.session, *page.boxes[1]) == 3
    files = sorted(scene.folder.iterdir())
    assert [one.read_bytes() for one in files] == [box for _, box in page.boxes]
    assert not any(b"picture" in one.read_bytes() for one in files)
    assert {one.stat().st_mode & 0o777 for one in files} == {0o600}
    await page.stop()
    await page.keep()
    assert await scene.state() == "kept"


async def test_who_comes_and_has_not_agreed_pauses_it_at_once_until_they_do(scene: Scene) -> None:
    page = await scene.running()
    await page.send(b"before", 0, 300)
    guest = await scene.guest()
    paused = await told(scene.phone, "paused")
    assert paused["missing"] == [{"name": "Wang", "part": "guest"}]
    late = page.make(b"Wang is in it", 300, 9000)
    assert "not everybody had agreed" in await page.why(*late)
    assert await refusal(scene.home.nina, "POST", f"{page.path}/runs", json={"seat": page.seat}) == CONFLICT
    await say(guest, page)
    await page.begin()
    assert (page.run, page.n) == (2, 2)
    assert await page.send(b"all agreed", 0, 500) == 2


async def test_who_leaves_again_without_agreeing_lets_it_go_on(scene: Scene) -> None:
    page = await scene.running()
    guest = await scene.guest()
    await told(scene.phone, "paused")
    await say(guest, page, "deny")
    assert await refusal(scene.home.nina, "POST", f"{page.path}/runs", json={"seat": page.seat}) == CONFLICT
    await send(guest.session, "POST", f"{OWN_ROOM}/left", seat=guest.answer.seat)
    await page.begin()
    assert page.run == 2


@pytest.mark.parametrize("who", ["patient", "guest"])
async def test_taking_the_consent_back_stops_it_for_good(scene: Scene, who: str) -> None:
    page, guest = scene.page, await scene.guest()
    await say(guest, page)
    await scene.running()
    await page.send(b"agreed", 0, 300)
    await say(scene.phone if who == "patient" else guest, page, "withdrawn")
    assert (await told(guest, "stopped"))["state"] == "stopped"
    assert "not everybody had agreed" in await page.why(*page.make(b"not agreed", 3000, 9000))
    assert await refusal(scene.home.nina, "POST", f"{page.path}/runs", json={"seat": page.seat}) == CONFLICT


async def test_a_consent_that_runs_out_pauses_it(scene: Scene) -> None:
    page, held = await scene.running(), scene.home.controller.app[TELEMEDICINE]
    visit = await held.books.find(scene.visit.visit.number, WHOLE)
    soon_ms = held.books.now_ms() + 1000
    await held.consents.say(visit, Said("recording", "permit", "en"), soon_ms, By("nina"))
    assert await scene.state() == "running"
    await until(scene, "paused")
    assert await refusal(scene.home.nina, "POST", f"{page.path}/runs", json={"seat": page.seat}) == CONFLICT


async def test_what_is_sealed_for_another_place_or_is_of_another_seat_is_not_kept(scene: Scene) -> None:
    page = await scene.running()
    await page.send(b"first", 0, 300)
    good = page.make(b"second", 300, 600)
    assert await page.refused(*page.make(b"third", 300, 600, n=3)) == OUTDATED
    assert await page.refused(page.boxes[0][0], good[1]) == CONFLICT
    assert await page.refused(good[0], good[1], seat=scene.phone.answer.seat) == CONFLICT
    assert await page.refused(good[0], good[1], to_ms=599) == CONFLICT
    assert await page.refused(good[0], good[1], before="00" * 32) == CONFLICT
    assert await page.refused(good[0], good[1][:-1] + bytes([good[1][-1] ^ 1])) == CONFLICT
    assert await page.refused(good[0], b"") == CONFLICT
    assert await page.refused(*page.make(b"over again", 100, 400)) == CONFLICT
    assert await page.refused(good[0], bytes(LARGEST + 1)) == (400, "bad-request")
    assert await page.refused(good[0], good[1], run="x") == (400, "bad-request")
    assert (await page.refused(good[0], good[1], session=scene.phone.session))[0] == 401
    assert await page.refused(good[0], good[1], session=scene.home.anna.session) == CONFLICT
    assert await page.put(page.sitting.session, *good) == 2


async def test_a_chunk_of_another_recording_is_not_kept(scene: Scene) -> None:
    page, other = await scene.running(), await (await begun(scene.home, "4714")).running()
    await page.send(b"mine", 0, 300)
    place, box = page.boxes[0]
    assert await other.refused(place, box) == CONFLICT
    told = other.address(place)
    foreign = f"{other.sitting.base}/recordings/{page.number}/chunks/2"
    options = {"params": told["params"], "data": box, "headers": SEALED}
    assert (await refusal(scene.home.nina, "POST", foreign, **options))[0] == 404


async def test_only_who_asked_records_and_only_staff_asks(scene: Scene) -> None:
    anna = await sit(scene.home.anna.session, room_of(scene.visit), "z" * 32)
    await say(anna, scene.page)
    await say(scene.phone, scene.page)
    body = {"seat": anna.answer.seat}
    assert await refusal(anna.session, "POST", f"{scene.page.path}/runs", json=body) == CONFLICT
    body = {"seat": scene.nurse.answer.seat}
    assert await refusal(anna.session, "POST", f"{scene.page.path}/runs", json=body) == OUTDATED
    assert await status(scene.phone.session, "POST", f"{OWN_ROOM}/recordings", json={}) == 401
    body = {"recording": scene.page.number, "seat": scene.nurse.answer.seat, "said": "permit"}
    said = await refusal(scene.phone.session, "POST", f"{OWN_ROOM}/recording/said", json=body)
    assert said == OUTDATED


async def test_a_controller_that_is_started_again_goes_on_with_the_same_run(scene: Scene) -> None:
    page = await scene.running()
    await page.send(b"before", 0, 300)
    await scene.home.controller.stop()
    await scene.home.controller.start()
    assert await scene.state() == "running"
    assert await page.send(b"after", 300, 600) == 2


async def test_with_the_visits_end_it_stops_and_what_was_on_its_way_is_kept(scene: Scene) -> None:
    page = await scene.running()
    await page.send(b"first", 0, 300)
    second = page.make(b"second", 300, 600)
    path = f"{VISITS}/{scene.visit.visit.number}"
    now = VisitAnswer.model_validate(await get(scene.home.nina, path))
    await send(scene.home.nina, "PUT", f"{path}/state", now.visit.revision, state="fulfilled")
    await until(scene, "stopped")
    assert await page.put(page.sitting.session, *second) == 2
    page.n = 3
    body = {"chunks": 3}
    assert await refusal(scene.home.nina, "POST", f"{page.path}/kept", json=body) == CONFLICT
    await page.keep()
    assert await scene.state() == "kept"
    assert await page.refused(*page.make(b"third", 600, 900)) == CONFLICT


async def test_the_patient_has_it_erased_and_nothing_opens_it_any_more(scene: Scene) -> None:
    page = await scene.running()
    await page.send(b"first", 0, 300)
    guest = await scene.guest()
    path = f"{OWN_ROOM}/recording/erasure"
    body = {"recording": page.number}
    assert await refusal(guest.session, "POST", path, json=body) == (403, "not-allowed")
    assert (await send(scene.phone.session, "POST", path, recording=page.number))["erased"] is True
    assert not scene.folder.exists()
    rows = await scene.home.controller.store.read("SELECT key FROM recording")
    assert [row["key"] for row in rows] == [None]
    one = await get(scene.home.nina, f"{scene.kept}/{page.number}")
    assert (one["recording"]["state"], one["stretches"]) == ("erased", [])
    film = f"{scene.kept}/{page.number}/stretches/0"
    assert await refusal(scene.home.nina, "GET", film) == CONFLICT
    assert await page.refused(*page.make(b"second", 300, 600)) == CONFLICT


async def test_where_the_hospital_keeps_them_by_law_the_demand_is_on_record(home: Home) -> None:
    secret = home.controller.store.folder / "turn-secret"
    secret.touch(0o600)
    secret.write_text("a secret", encoding="utf-8")
    turn = ("turn:relay.example:3478",)
    home.controller.telemedicine = TelemedicineSection(
        turn=turn, secret_file=secret, recording_erasure="retention"
    )
    await home.controller.stop()
    await home.controller.start()
    scene = await begun(home)
    page = await scene.running()
    await page.send(b"first", 0, 300)
    told = await send(scene.phone.session, "POST", f"{OWN_ROOM}/recording/erasure", recording=page.number)
    assert told["erased"] is False and scene.folder.exists()
    assert len(await scene.trail("erasure-demanded")) == 1
    assert await scene.state() == "stopped"


async def test_when_the_room_for_recordings_is_used_up_it_says_so(scene: Scene) -> None:
    page = await scene.running()
    await page.send(b"first", 0, 300)
    [recordings] = [
        scene.home.controller.app[key] for key in scene.home.controller.app if "recorded" in str(key)
    ]
    object.__setattr__(recordings.recordings.rule, "quota_bytes", 60)
    assert await page.refused(*page.make(b"second", 300, 600)) == CONFLICT
