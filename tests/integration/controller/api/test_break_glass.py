"""Break-glass: a look at another ward's patient, seen by the ward, recorded, ended, judged."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from controller.registry import Patient
from controller.security.break_glass import LASTS_MS
from controller.security.cookie import COOKIE
from controller.security.permissions import Role
from tests.support.controller import RunningController
from tests.support.http import client, events, get, refusal, status
from tests.support.people import TEST, accounts, add_person, two_wards

PATH = "/api/break-glass"
ASK = {"patient": "P2", "reason": "Cardiac arrest call to ward B"}


@pytest.fixture
async def wards(controller: RunningController) -> RunningController:
    await two_wards(controller)
    controller.say("ox-b", spo2=91)
    return controller


async def broken(session: aiohttp.ClientSession, body: dict[str, str] = ASK) -> Any:
    async with session.post(PATH, json=body) as response:
        assert response.status == 200, await response.text()
        return await response.json()


async def beds(session: aiohttp.ClientSession) -> set[str]:
    return {bed["id"] for bed in (await get(session, "/api/snapshot"))["beds"]}


async def until(stream: AsyncIterator[tuple[str, str, Any]], kind: str) -> Any:
    async with asyncio.timeout(5):
        async for _, found, data in stream:
            if found == kind:
                return data
    raise AssertionError(f"the stream ended before {kind}")


async def test_a_reason_opens_one_patient_for_half_an_hour_and_no_other(wards: RunningController) -> None:
    await wards.registry.add_bed("bed-c", "ward-b", "Bed C")
    await wards.registry.admit("bed-c", Patient("P3", "Three"), "test")
    async with client(wards, "anna") as anna:
        assert await beds(anna) == {"bed-1"}
        assert (await broken(anna))["bed"] == "bed-b"
        assert await beds(anna) == {"bed-1", "bed-b"}
        assert await status(anna, "GET", "/api/beds/bed-b") == 200
        assert await status(anna, "GET", "/api/beds/bed-c") == 404
        wards.clock.let_pass(LASTS_MS / 2000)
        await status(anna, "POST", "/api/touched")
        wards.clock.let_pass(LASTS_MS / 2000)
        assert await beds(anna) == {"bed-1"}


async def test_looking_is_not_changing(wards: RunningController) -> None:
    async with client(wards, "anna") as anna:
        await broken(anna)
        assert await status(anna, "DELETE", "/api/beds/bed-b/patient") == 404
        assert await status(anna, "PUT", "/api/devices/ox-b/bed", json={"bed": None, "move": True}) == 404
        assert await status(anna, "PUT", "/api/devices/ox-1/bed", json={"bed": "bed-b", "move": True}) == 404
    assert wards.registry.beds["bed-b"].patient is not None


async def test_the_glass_is_broken_for_the_patient_not_for_the_bed(wards: RunningController) -> None:
    async with client(wards, "anna") as anna:
        await broken(anna)
        await wards.registry.admit("bed-b", Patient("P7", "The next one"), "test")
        assert await beds(anna) == {"bed-1"}


async def test_the_token_is_new_for_rights_rose(wards: RunningController) -> None:
    async with client(wards, "anna") as anna:
        before = next(cookie.value for cookie in anna.cookie_jar if cookie.key == COOKIE)
        await broken(anna)
        async with client(wards) as thief:
            assert await status(thief, "GET", "/api/me", cookies={COOKIE: before}) == 401


async def test_the_ward_s_people_are_told_at_once_and_others_are_not(wards: RunningController) -> None:
    await wards.registry.add_ward("ward-c", "Ward C")
    await add_person(wards, "cleo", Role.NURSE, ["ward-c"])
    async with client(wards, "anna") as anna, client(wards, "ben") as ben, client(wards, "cleo") as cleo:
        async with events(ben) as theirs, events(cleo) as others:
            await anext(others)
            await broken(anna)
            [item] = (await until(theirs, "break-glass"))["items"]
            assert (item["user"], item["bed"]) == ("anna", "bed-b")
            assert "reason" not in item
            assert (await until(others, "break-glass"))["items"] == []
        assert [one["user"] for one in (await get(ben, "/api/snapshot"))["break_glass"]] == ["anna"]


async def test_the_open_stream_shows_the_patient_and_hides_them_again(wards: RunningController) -> None:
    async with client(wards, "anna") as anna:
        async with events(anna) as stream:
            await broken(anna)
            last = [one async for one in stream][-1][0]
        async with events(anna, last) as stream:
            assert "P2" in str((await anext(stream))[2])
            assert await status(anna, "DELETE", PATH) == 204
            last = [one async for one in stream][-1][0]
        async with events(anna, last) as stream:
            assert "P2" not in str((await anext(stream))[2])


async def test_an_identifier_that_is_on_no_bed_is_refused_and_guessing_is_slowed(
    wards: RunningController,
) -> None:
    async with client(wards, "anna") as anna:
        guesses = [await status(anna, "POST", PATH, json={**ASK, "patient": f"P{n}"}) for n in range(90, 94)]
        assert guesses == [404, 404, 404, 429]
    rows = await wards.store.read("SELECT entry FROM audit WHERE patient = 'P90' AND action = 'break-glass'")
    assert [json.loads(row["entry"])["outcome"] for row in rows] == ["refused"]


@pytest.mark.parametrize("body", [{"patient": "P2"}, {**ASK, "reason": ""}, {**ASK, "reason": "    x   "}])
async def test_without_a_reason_nothing_is_shown(wards: RunningController, body: dict[str, str]) -> None:
    async with client(wards, "anna") as anna:
        assert await refusal(anna, "POST", PATH, json=body) == (400, "bad-request")
        assert await beds(anna) == {"bed-1"}


async def test_one_s_own_patients_need_no_breaking(wards: RunningController) -> None:
    async with client(wards, "anna") as anna:
        assert await refusal(anna, "POST", PATH, json={**ASK, "patient": "P1"}) == (409, "conflict")


@pytest.mark.parametrize("user", ["viewer", "engineer", "auditor", "administrator"])
async def test_only_who_treats_patients_may_break_it(wards: RunningController, user: str) -> None:
    async with client(wards, user) as person:
        assert await refusal(person, "POST", PATH, json=ASK) == (403, "not-allowed")


async def test_reason_patient_and_person_are_in_the_audit_trail(wards: RunningController) -> None:
    async with client(wards, "anna") as anna:
        await broken(anna)
    rows = await wards.store.read("SELECT entry FROM audit WHERE action = 'break-glass'")
    [entry] = [json.loads(row["entry"]) for row in rows]
    assert (entry["actor"], entry["patient"], entry["why"]) == ("anna", "P2", ASK["reason"])


async def test_an_auditor_judges_it_once_and_nobody_else_can(wards: RunningController) -> None:
    async with client(wards, "anna") as anna, client(wards, "auditor") as auditor:
        await broken(anna)
        [waiting] = (await get(auditor, PATH))["reviews"]
        assert (waiting["user"], waiting["patient"], waiting["reason"]) == ("anna", "P2", ASK["reason"])
        path, body = f"{PATH}/{waiting['id']}/review", {"verdict": "justified", "note": "Arrest team"}
        assert await refusal(anna, "PUT", path, json=body) == (403, "not-allowed")
        assert await status(auditor, "PUT", path, json=body) == 204
        assert (await get(auditor, PATH))["reviews"] == []
        [judged] = (await get(auditor, PATH, all="true"))["reviews"]
        assert (judged["verdict"], judged["reviewed_by"], judged["note"]) == (
            "justified",
            "auditor",
            "Arrest team",
        )
        assert await refusal(auditor, "PUT", path, json=body) == (409, "conflict")


async def test_nobody_judges_themselves(wards: RunningController) -> None:
    await accounts(wards).change("anna", [Role.NURSE, Role.AUDITOR], ["ward-a"], TEST)
    async with client(wards, "anna") as anna:
        await broken(anna)
        [waiting] = (await get(anna, PATH))["reviews"]
        path = f"{PATH}/{waiting['id']}/review"
        assert await refusal(anna, "PUT", path, json={"verdict": "justified"}) == (409, "conflict")


@pytest.mark.parametrize("number", ["0", "999", "x", "-1", "9" * 30])
async def test_a_look_that_is_not_there_cannot_be_judged(wards: RunningController, number: str) -> None:
    async with client(wards, "auditor") as auditor:
        body = {"verdict": "justified"}
        assert await refusal(auditor, "PUT", f"{PATH}/{number}/review", json=body) == (404, "not-found")


async def test_who_looks_is_still_told_after_a_restart(wards: RunningController) -> None:
    async with client(wards, "anna") as anna:
        await broken(anna)
    await wards.stop()
    await wards.start()
    async with client(wards, "ben") as ben, events(ben) as stream:
        snapshot = (await anext(stream))[2]
        items = snapshot["break_glass"] or (await until(stream, "break-glass"))["items"]
    assert [item["user"] for item in items] == ["anna"]
