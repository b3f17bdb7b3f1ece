"""Rooms over HTTP: seats, what they are told, what they say, and who may not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from controller.api.visits_schemas import VisitAnswer
from controller.identity.files import open_authority
from controller.registry import Patient
from controller.sections import TelemedicineSection
from controller.security.permissions import Role
from tests.support.controller import quick_passwords, running
from tests.support.home import Home, at_home
from tests.support.http import client, refusal, status
from tests.support.prescribed import send
from tests.support.visits import (
    OWN_ROOM,
    VISITS,
    Sitting,
    agreed,
    booked,
    entered,
    link,
    over,
    room_of,
    sit,
)

OFFER = {"k": "offer", "n": 1, "fresh": True, "sdp": "v=0"}
SEAT = {"instance": "y" * 32}


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    open_authority(tmp_path / "ca", datetime.now(UTC))
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        controller = await stack.enter_async_context(running(tmp_path, pia=Role.PHARMACIST))
        yield await at_home(controller, stack)


async def begun(home: Home) -> VisitAnswer:
    return await booked(home, way="bedside", start_ms=None)


async def both(home: Home) -> tuple[VisitAnswer, Sitting, Sitting]:
    """The nurse, and the patient who came in by a link and agreed."""
    visit = await begun(home)
    phone = await agreed(await entered(home, await link(home, visit)))
    return visit, await sit(home.nina, room_of(visit)), await sit(phone, OWN_ROOM)


async def kinds(told: AsyncIterator[tuple[int, Any]], wanted: str) -> Any:
    """The next message of that kind."""
    async for _, message in told:
        if message["kind"] == wanted:
            return message
    raise AssertionError(f"the stream ended without {wanted}")


async def test_what_one_page_says_to_another_reaches_it_and_nobody_else(home: Home) -> None:
    _, nurse, phone = await both(home)
    assert (nurse.answer.patient, phone.answer.patient) == ("4713", "4713")
    await phone.say(1, {"to": nurse.answer.seat, "body": OFFER})
    async with nurse.told() as told:
        signal = await kinds(told, "signal")
    assert (signal["from"], signal["body"]) == (phone.answer.seat, OFFER)


async def test_a_stream_goes_on_after_the_last_number(home: Home) -> None:
    _, nurse, phone = await both(home)
    for n in range(1, 4):
        await phone.say(n, {"to": nurse.answer.seat, "body": {**OFFER, "n": n}})
    async with nurse.told() as told:
        first = [item async for item in _some(told, 3)]
    async with nurse.told(first[-1][0]) as told:
        later = [item async for item in _some(told, 1)]
    assert later[0][0] == first[-1][0] + 1


async def _some(told: AsyncIterator[tuple[int, Any]], count: int) -> AsyncIterator[tuple[int, Any]]:
    for _ in range(count):
        yield await anext(told)


async def test_a_seat_is_nobody_elses(home: Home) -> None:
    """Another person's page knows the number of the seat, and gets nothing by it."""
    visit, nurse, phone = await both(home)
    anna = await sit(home.anna.session, room_of(visit), "z" * 32)
    for method, way, more in (
        ("POST", "/said", {"json": anna.body(1, seat=nurse.answer.seat)}),
        ("POST", "/left", {"json": {"seat": nurse.answer.seat}}),
        ("GET", "/events", {"params": {"seat": nurse.answer.seat, "after": 0}}),
    ):
        told = await refusal(home.anna.session, method, room_of(visit) + way, **more)
        assert told == (412, "outdated")
    assert await refusal(phone.session, "POST", f"{OWN_ROOM}/left", json={"seat": nurse.answer.seat}) == (
        412,
        "outdated",
    )


async def test_before_the_visit_begins_and_before_the_patient_agrees_nobody_comes_in_by_a_link(
    home: Home,
) -> None:
    visit = await booked(home)
    phone = await entered(home, await link(home, visit))
    guest = await entered(home, await link(home, visit, guest="guest", name="Wang"))
    for page in (phone, guest):
        assert await refusal(page, "POST", f"{OWN_ROOM}/seats", json=SEAT) == (409, "conflict")
    at = await send(home.nina, "GET", f"{VISITS}/{visit.visit.number}")
    path = f"{VISITS}/{visit.visit.number}/state"
    now = VisitAnswer.model_validate(at)
    assert await status(home.nina, "PUT", path, json={"state": "in-progress"}, headers=over(now)) == 200
    assert await refusal(phone, "POST", f"{OWN_ROOM}/seats", json=SEAT) == (409, "conflict")
    assert await status(guest, "POST", f"{OWN_ROOM}/seats", json=SEAT) == 200
    await agreed(phone)
    assert await status(phone, "POST", f"{OWN_ROOM}/seats", json=SEAT) == 200


async def test_a_guest_is_not_told_whose_visit_it_is_by_number(home: Home) -> None:
    visit = await begun(home)
    guest = await entered(home, await link(home, visit, guest="guest", name="Wang"))
    assert (await sit(guest, OWN_ROOM)).answer.patient is None


async def test_who_takes_the_consent_back_loses_seat_and_stream_at_once(home: Home) -> None:
    _, _, phone = await both(home)
    async with phone.told() as told:
        await send(phone.session, "POST", "/api/visit/consents", scope="video", said="withdrawn")
        async with asyncio.timeout(20):
            assert [message["kind"] async for _, message in told][-1:] in ([], ["room"])
    assert await refusal(phone.session, "POST", f"{OWN_ROOM}/said", json=phone.body(1)) == (412, "outdated")
    assert await refusal(phone.session, "POST", f"{OWN_ROOM}/seats", json=SEAT) == (409, "conflict")


async def test_another_link_for_the_patient_takes_the_seat_of_who_came_in_by_the_one_before(
    home: Home,
) -> None:
    visit, _, phone = await both(home)
    async with phone.told() as told:
        await link(home, visit)
        async with asyncio.timeout(20):
            async for _ in told:
                continue
    assert await status(phone.session, "POST", f"{OWN_ROOM}/seats", json=SEAT) == 401


async def test_breaking_the_glass_lets_a_person_look_and_not_sit_in_the_room(home: Home) -> None:
    await home.controller.registry.admit("bed-1", Patient("4713", "Bach, Carla"), "nina")
    visit = await begun(home)
    other = await home.stack.enter_async_context(client(home.controller, "other"))
    reason = {"patient": "4713", "reason": "she collapsed in the corridor of our ward"}
    assert await status(other, "POST", "/api/break-glass", json=reason) < 300
    assert await status(other, "GET", f"{VISITS}/{visit.visit.number}") == 200
    assert (await refusal(other, "POST", f"{room_of(visit)}/seats", json=SEAT))[0] == 404


async def test_who_is_shown_out_loses_the_stream_too(home: Home) -> None:
    visit = await begun(home)
    made = await link(home, visit, guest="guest", name="Wang")
    page = await sit(await entered(home, made), OWN_ROOM)
    async with page.told() as told:
        assert await status(home.nina, "DELETE", f"{VISITS}/{visit.visit.number}/links/{made.id}") == 204
        async with asyncio.timeout(20):
            async for _ in told:
                continue
    assert await status(page.session, "POST", f"{OWN_ROOM}/seats", json=SEAT) == 401


async def test_another_wards_staff_and_who_came_in_by_another_link_are_not_in_the_room(home: Home) -> None:
    visit = await begun(home)
    other = await home.stack.enter_async_context(client(home.controller, "other"))
    assert (await refusal(other, "POST", f"{room_of(visit)}/seats", json=SEAT))[0] == 404
    elsewhere = await booked(home, patient="4714", way="bedside", start_ms=None)
    stranger = await agreed(await entered(home, await link(home, elsewhere)))
    seat = await sit(stranger, OWN_ROOM)
    assert seat.answer.patient == "4714"
    assert await status(stranger, "POST", f"{room_of(visit)}/seats", json=SEAT) == 401


async def test_who_has_a_seat_is_given_the_relay_with_a_name_for_that_seat_alone(home: Home) -> None:
    secret = home.controller.store.folder / "turn-secret"
    secret.touch(0o600)
    secret.write_text("a secret", encoding="utf-8")
    relay = TelemedicineSection(turn=("turn:relay.example:3478",), secret_file=secret)
    home.controller.telemedicine = relay
    await home.controller.stop()
    await home.controller.start()
    visit, nurse, phone = await both(home)
    [one], [other] = nurse.answer.ice, phone.answer.ice
    assert one.urls == other.urls == ["turn:relay.example:3478"]
    assert one.username.endswith(f":{visit.visit.number}-{nurse.answer.seat}")
    assert one.credential != other.credential


@pytest.mark.parametrize(
    "said",
    [
        {"to": 0, "body": OFFER},
        {"to": 1, "body": {"k": "chat", "text": "x", "key": "y" * 32}},
        {"to": 1, "body": {**OFFER, "more": 1}},
        {"to": 0, "body": {"k": "chat", "text": "x" * 2001, "key": "y" * 32}},
        {"to": -1, "body": OFFER},
    ],
)
async def test_what_no_page_of_ours_says_is_refused_and_passed_to_nobody(
    home: Home, said: dict[str, Any]
) -> None:
    _, nurse, _ = await both(home)
    path = f"{nurse.base}/said"
    assert await refusal(home.nina, "POST", path, json=nurse.body(1, said)) == (400, "bad-request")
    assert await nurse.say(1) == 0
