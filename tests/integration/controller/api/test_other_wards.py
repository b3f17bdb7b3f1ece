"""Another ward's patients are not listed, guessed, watched or changed: as if they were not there."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import orjson
import pytest

from controller.live import AlertNow
from controller.registry import Patient
from controller.security.permissions import Role
from tests.support.controller import RunningController
from tests.support.http import client, events, get, refusal, status
from tests.support.people import add_person, two_wards

SPAN = {"from_ms": 0, "to_ms": 60_000}
THEIRS = ("bed-b", "ox-b", "P2", "Two Beta", "ward-b", "Ward B")
"""Whatever would tell of ward B."""
READS = [
    ("GET", "/api/beds/{bed}", {}),
    ("GET", "/api/beds/{bed}/trends", {"params": {"metric": "spo2", **SPAN}}),
    ("GET", "/api/beds/{bed}/waveforms", {"params": SPAN}),
    ("GET", "/api/beds/{bed}/results", {}),
]
CHANGES = [
    ("PUT", "/api/beds/{bed}/patient", {"json": {"identifier": "P9", "name": "Nine"}}),
    ("DELETE", "/api/beds/{bed}/patient", {}),
]


@pytest.fixture
async def wards(controller: RunningController) -> RunningController:
    await two_wards(controller)
    controller.say("ox-1", spo2=97)
    controller.say("ox-b", spo2=91)
    alert = AlertNow("gw-a", "ox-b", "sensor-off", controller.place(), 3, True, {}, None)
    controller.hub.alerts([alert])
    return controller


def tells_of_ward_b(data: Any) -> list[str]:
    text = orjson.dumps(data).decode()
    return [word for word in THEIRS if word in text]


@pytest.mark.parametrize("path", ["/api/snapshot", "/api/wards", "/api/devices", "/api/gateways"])
async def test_lists_have_one_s_own_ward_only(wards: RunningController, path: str) -> None:
    async with client(wards, "anna") as anna, client(wards, "engineer") as engineer:
        assert tells_of_ward_b(await get(anna, path)) == []
        if path != "/api/gateways":
            assert tells_of_ward_b(await get(engineer, path))


@pytest.mark.parametrize(("method", "path", "options"), READS + CHANGES)
async def test_a_guessed_bed_of_another_ward_is_answered_like_one_that_is_not_there(
    wards: RunningController, method: str, path: str, options: dict[str, Any]
) -> None:
    async with client(wards, "anna") as anna, client(wards, "ben") as ben:
        there = await whole(anna, method, path.format(bed="bed-b"), **options)
        not_there = await whole(anna, method, path.format(bed="bed-x"), **options)
        assert there[0] == 404
        assert there == (404, not_there[1], not_there[2].replace("bed-x", "bed-b"))
        assert wards.registry.beds["bed-b"].patient == Patient("P2", "Two Beta")
        assert await status(ben, method, path.format(bed="bed-b"), **options) in (200, 204)


async def whole(
    session: aiohttp.ClientSession, method: str, path: str, **options: Any
) -> tuple[int, set[str], str]:
    """Status, names of headers, and body of an answer."""
    async with session.request(method, path, **options) as response:
        return response.status, set(response.headers), await response.text()


@pytest.mark.parametrize(("device", "bed"), [("ox-b", "bed-1"), ("ox-b", None), ("ox-1", "bed-b")])
async def test_no_device_is_taken_from_another_ward_or_put_there(
    wards: RunningController, device: str, bed: str | None
) -> None:
    body = {"bed": bed, "move": True}
    async with client(wards, "anna") as anna:
        assert await status(anna, "PUT", f"/api/devices/{device}/bed", json=body) == 404
        missing = await whole(anna, "PUT", "/api/devices/ox-x/bed", json=body)
        theirs = await whole(anna, "PUT", "/api/devices/ox-b/bed", json=body)
        assert theirs == (404, missing[1], missing[2].replace("ox-x", "ox-b"))
    assert wards.registry.bed_of("ox-b") == "bed-b"
    assert wards.registry.bed_of("ox-1") == "bed-1"


async def test_admitting_a_patient_of_another_ward_does_not_tell_where_they_are(
    wards: RunningController,
) -> None:
    async with client(wards, "anna") as anna:
        body = {"identifier": "P2", "name": "Two"}
        code, _, text = await whole(anna, "PUT", "/api/beds/bed-1/patient", json=body)
    assert code == 409
    assert "bed-b" not in text
    assert "ward-b" not in text


async def test_the_stream_tells_nothing_of_another_ward(wards: RunningController) -> None:
    async with client(wards, "anna") as anna, events(anna) as stream:
        assert tells_of_ward_b((await anext(stream))[2]) == []
        wards.say("ox-b", spo2=80)
        wards.wave("ox-b", bytes(20))
        wards.hub.device("ox-b", {"battery_percent": 3})
        wards.hub.alerts([AlertNow("gw-a", "ox-b", "sensor-off", wards.place(), 3, False, {}, None)])
        wards.say("ox-1", spo2=96)
        seen = [event async for event in until(stream, "values")]
    assert [tells_of_ward_b(data) for _, _, data in seen] == [[]] * len(seen)
    assert seen[-1][2]["items"][0]["value"] == 96


async def until(
    stream: AsyncIterator[tuple[str, str, Any]], kind: str
) -> AsyncIterator[tuple[str, str, Any]]:
    """Events up to the first of `kind`."""
    async with asyncio.timeout(5):
        async for event in stream:
            yield event
            if event[1] == kind:
                return


async def test_a_patient_who_is_moved_appears_in_one_ward_s_stream_and_disappears_from_the_other_s(
    wards: RunningController,
) -> None:
    async with (
        client(wards, "anna") as anna,
        client(wards, "ben") as ben,
        events(anna) as first,
        events(ben) as second,
    ):
        assert "P2" not in str(await anext(first))
        assert "P2" in str(await anext(second))
        await wards.registry.discharge("bed-b", "test")
        await wards.registry.admit("bed-1", Patient("P2", "Two Beta"), "test")
        gone = [data async for _, kind, data in until(second, "registry") if kind == "registry"]
        assert "P2" not in str(gone)
        [_] = [data async for _, kind, data in until(first, "registry") if kind == "registry"]
        [came] = [data async for _, kind, data in until(first, "registry") if kind == "registry"]
        assert "Two Beta" in str(came)


async def test_nobody_resumes_with_the_place_of_a_reader_who_sees_more(wards: RunningController) -> None:
    async with client(wards, "engineer") as engineer, events(engineer) as stream:
        last, _, _ = await anext(stream)
    wards.say("ox-b", spo2=85)
    async with client(wards, "anna") as anna, events(anna, last) as stream:
        _, kind, data = await anext(stream)
        assert kind == "snapshot"
        assert tells_of_ward_b(data) == []


async def test_a_raw_message_is_given_only_to_those_who_may_see_every_ward(wards: RunningController) -> None:
    await add_person(wards, "ed", Role.ENGINEER, ["ward-a"])
    row = 1, b"", "gw-a", "t", "malformed", "", b"P2", 2, None, None, 0, 0, 1
    marks = ", ".join("?" * len(row))
    await wards.store.write(lambda db: db.execute(f"INSERT INTO quarantine VALUES ({marks})", row))
    async with client(wards, "ed") as ed, client(wards, "engineer") as engineer:
        assert await status(engineer, "GET", "/api/quarantine/1/message") == 200
        assert await refusal(ed, "GET", "/api/quarantine/1/message") == (404, "not-found")


async def test_where_a_device_was_is_told_for_the_beds_of_one_s_own_wards(wards: RunningController) -> None:
    """The stays on a bed tell when its patients came and went."""
    await wards.registry.assign("ox-1", "bed-b", "test", move=True)
    await wards.registry.assign("ox-1", "bed-1", "test", move=True)
    await add_person(wards, "erin", Role.ENGINEER, ["ward-a"])
    async with client(wards, "erin") as theirs, client(wards, "engineer") as everywhere:
        path = "/api/inventory/devices/ox-1"
        whole = (await get(everywhere, path))["placements"]
        assert [one["bed"] for one in whole] == ["bed-1", "bed-b", "bed-1"]
        assert whole[1]["stays"]
        seen = await get(theirs, path)
        assert [one["bed"] for one in seen["placements"]] == ["bed-1", "bed-1"]
        assert tells_of_ward_b(seen) == []
