"""Marks, frozen pictures and pictures for the record over HTTP: who is told, who may, who may not."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from controller.api.room_marks_schemas import MarksAnswer, SnapshotAnswer
from controller.identity.files import open_authority
from controller.imaging.sight import WHOLE
from controller.registry import Patient
from controller.security.permissions import Role
from controller.telemedicine.marks.stills import LARGEST
from tests.support.archive import BesideController, beside
from tests.support.controller import quick_passwords, running
from tests.support.home import Home, at_home
from tests.support.http import client, get, refusal, status
from tests.support.photos import photo
from tests.support.prescribed import send
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

PICTURE = photo(size=(320, 180))
STILL = "s" * 22
ARROW = {"k": "mark", "id": "m" * 22, "seat": 1, "kind": "arrow", "points": [[0.1, 0.2], [1, 0]]}
ARROW |= {"size": [320, 180], "still": "", "text": "", "patch": ""}


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    open_authority(tmp_path / "ca", datetime.now(UTC))
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        controller = await stack.enter_async_context(running(tmp_path, pia=Role.PHARMACIST))
        yield await at_home(controller, stack)


@pytest.fixture
async def archive(home: Home, tmp_path: Path) -> AsyncIterator[BesideController]:
    async with beside(home.controller, tmp_path) as started:
        yield started


async def both(home: Home) -> tuple[Sitting, Sitting]:
    """The nurse, and the patient who came in by a link and agreed."""
    visit = await booked(home, way="bedside", start_ms=None)
    phone = await agreed(await entered(home, await link(home, visit)))
    return await sit(home.nina, room_of(visit)), await sit(phone, OWN_ROOM)


async def guest_of(home: Home, nurse: Sitting) -> Sitting:
    visit = await send(home.nina, "GET", nurse.base.removesuffix("/room"))
    made = await send(
        home.nina, "POST", f"{VISITS}/{visit['visit']['number']}/links", guest="guest", name="Wang"
    )
    phone = await home.stack.enter_async_context(client(home.controller))
    token = made["address"].partition("#")[2]
    await send(phone, "POST", "/api/visit/session", link=token, code=made["code"])
    return await sit(phone, OWN_ROOM)


async def marks(one: Sitting) -> MarksAnswer:
    return MarksAnswer.model_validate(await get(one.session, f"{one.base}/marks", seat=one.answer.seat))


async def frozen(one: Sitting, of: int, data: bytes = PICTURE, media: str = "image/jpeg") -> tuple[int, str]:
    path, query = f"{one.base}/stills/{STILL}", {"seat": one.answer.seat, "of": of}
    async with one.session.put(path, params=query, data=data, headers={"Content-Type": media}) as response:
        return response.status, "" if response.status == 204 else (await response.json())["error"]["code"]


async def kept(one: Sitting, **parts: bytes) -> aiohttp.ClientResponse:
    form = aiohttp.FormData()
    for name, data in parts.items():
        form.add_field(name, data, content_type="image/jpeg", filename="picture.jpg")
    return await one.session.post(f"{one.base}/snapshots", params={"seat": one.answer.seat}, data=form)


async def test_who_comes_late_has_the_marks_the_frozen_picture_and_the_checklist(home: Home) -> None:
    nurse, phone = await both(home)
    await nurse.say(1, {"to": 0, "body": {**ARROW, "seat": phone.answer.seat}})
    await nurse.say(2, {"to": 0, "body": {"k": "checklist", "which": "ecg-placement"}})
    assert await frozen(nurse, phone.answer.seat) == (204, "")
    told = await marks(phone)
    assert [(one.id, one.author, one.name) for one in told.marks] == [("m" * 22, nurse.answer.seat, "nina")]
    assert [(one.seat, one.name) for one in told.stills] == [(phone.answer.seat, "nina")]
    assert told.checklist and told.checklist.which == "ecg-placement"
    path = f"{phone.base}/stills/{STILL}"
    async with phone.session.get(path, params={"seat": phone.answer.seat}) as response:
        assert (await response.read(), response.content_type) == (PICTURE, "image/jpeg")
        assert response.headers["Cache-Control"] == "no-store"


async def test_a_guest_draws_and_freezes_only_when_staff_lets_them(home: Home) -> None:
    nurse, phone = await both(home)
    guest = await guest_of(home, nurse)
    await guest.say(1, {"to": 0, "body": ARROW})
    assert await frozen(guest, phone.answer.seat) == (403, "not-allowed")
    assert (await marks(nurse)).marks == []
    await nurse.say(1, {"to": 0, "body": {"k": "marking", "guests": True}})
    await guest.say(2, {"to": 0, "body": ARROW})
    assert await frozen(guest, phone.answer.seat) == (204, "")
    assert len((await marks(nurse)).marks) == 1


async def test_a_visit_shows_no_image_of_a_case_to_draw_on(home: Home) -> None:
    nurse, _ = await both(home)
    on = {**ARROW, "seat": 0, "still": "image-1"}
    for wrong in (
        {"still": ""},
        {"seat": 1},
        {"kind": "measure", "mm": 5},
        {"kind": "text", "points": [[2, 0]]},
    ):
        body = nurse.body(1, {"to": 0, "body": {**on, **wrong}})
        assert await refusal(nurse.session, "POST", f"{nurse.base}/said", json=body) == (400, "bad-request")
    await nurse.say(1, {"to": 0, "body": on})
    told = await marks(nurse)
    assert (told.marks, told.image) == ([], None)


async def test_without_a_seat_of_ones_own_nothing_is_seen_nor_drawn(home: Home) -> None:
    nurse, phone = await both(home)
    await frozen(nurse, phone.answer.seat)
    guest = await guest_of(home, nurse)
    for seat in (nurse.answer.seat, 99):
        for way in ("marks", f"stills/{STILL}"):
            told = await refusal(guest.session, "GET", f"{OWN_ROOM}/{way}", params={"seat": seat})
            assert told == (412, "outdated")
    assert await refusal(guest.session, "GET", f"{OWN_ROOM}/marks") == (400, "bad-request")
    assert await status(home.pia, "GET", f"{nurse.base}/marks", params={"seat": 1}) in (403, 404)


async def test_what_is_no_plain_picture_of_somebody_here_is_not_frozen(home: Home) -> None:
    nurse, phone = await both(home)
    for data, media in (
        (photo("PNG"), "image/jpeg"),
        (PICTURE, "image/png"),
        (PICTURE[:40], "image/jpeg"),
        (photo(progressive=True), "image/jpeg"),
        (PICTURE + bytes(LARGEST), "image/jpeg"),
    ):
        assert await frozen(nurse, phone.answer.seat, data, media) == (400, "bad-request")
    assert await frozen(nurse, 99) == (409, "conflict")
    assert (await marks(nurse)).stills == []


async def test_a_picture_is_kept_bare_and_as_it_was_drawn_upon(home: Home, archive: BesideController) -> None:
    await home.controller.registry.admit("bed-1", Patient("4713", "Bach, Carla"), "test")
    nurse, phone = await both(home)
    drawn = photo(size=(320, 180), quality=60)
    async with await kept(nurse, bare=PICTURE, annotated=drawn) as response:
        assert response.status == 200, await response.text()
        told = SnapshotAnswer.model_validate(await response.json())
    listed = await get(home.anna.session, "/api/patients/4713/imaging/studies")
    assert [one["study"] for one in listed["studies"]] == [told.study]
    stored = await archive.archive.find(WHOLE, told.study)
    assert [(one.instance, one.patient_id) for one in stored] == [
        (told.bare, "4713"),
        (told.annotated, "4713"),
    ]
    rows = await home.controller.store.read("SELECT entry FROM audit")
    assert any('"visit-picture-kept"' in row["entry"] and '"nina"' in row["entry"] for row in rows)
    async with phone.told() as stream:
        async for _, message in stream:
            if message["kind"] == "snapshot":
                assert message["name"] == "nina"
                break


async def test_without_the_patients_consent_and_for_who_is_no_staff_no_picture_is_kept(
    home: Home, archive: BesideController
) -> None:
    nurse, phone = await both(home)
    for parts in ({}, {"other": PICTURE}, {"bare": b"text"}, {"annotated": PICTURE}):
        async with await kept(nurse, **parts) as response:
            assert response.status == 400
    path = f"{nurse.base}/snapshots"
    assert await status(phone.session, "POST", path, params={"seat": phone.answer.seat}) == 401
    await send(phone.session, "POST", "/api/visit/consents", scope="video", said="withdrawn")
    async with await kept(nurse, bare=PICTURE) as response:
        assert response.status == 409
        assert "expected the patient's consent to video" in await response.text()
    assert (await get(home.anna.session, "/api/patients/4713/imaging/studies"))["studies"] == []


async def test_without_an_archive_it_is_said_that_there_is_none(home: Home) -> None:
    nurse, _ = await both(home)
    async with await kept(nurse, bare=PICTURE) as response:
        assert response.status == 404
        assert "no archive of images" in await response.text()
