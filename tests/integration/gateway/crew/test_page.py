"""The page of an ambulance's crew, asked over HTTP of a box that runs: no network but its own."""

import os
import subprocess
import sys
from base64 import b64decode
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import aiohttp
import pytest

from devices.model.lights import Light, spoken
from devices.model.observation import DeviceEvent, EventKind, Quality, Reading, Waveform, later
from devices.model.orders import CORRIDOR, INSTRUCT, WATCHED
from gateway.errors import CaseConflict
from tests.integration.gateway.crew.rig import (
    Box,
    box_folder,
    browser,
    crew_member,
    live,
    log_in,
    post,
    running,
)

ROOT = Path(__file__).parents[4]


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    async with running(box_folder(tmp_path, beds=("amb-1", "ward-bed"))) as made:
        yield made


@pytest.fixture
async def kim(box: Box) -> AsyncIterator[aiohttp.ClientSession]:
    async with crew_member(box) as session:
        yield session


async def test_a_page_that_opens_gets_all_that_is_true(box: Box, kim: aiohttp.ClientSession) -> None:
    box.says(DeviceEvent(EventKind.CONNECTED, box.gateway.clock.now()))
    box.measures("spo2", 97)
    async with live(kim) as events:
        kind, data = await events.any()
    assert kind == "snapshot"
    [value] = data["values"]
    assert (value["device"], value["metric"], value["value"]) == ("ox-1", "spo2", 97)
    assert 0 <= data["now_ms"] - value["at_ms"] < 60_000
    assert [(one["id"], one["connected"]) for one in data["devices"]] == [("ox-1", True)]
    assert data["metrics"]["spo2"]["stale_after_ms"] == 10_000
    assert data["uplink"]["online"] is False
    assert data["case"]["stay"] is None
    assert data["clock"]["sync"] in ("network", "free")
    assert data["scores"]["news2"]["total"] is None


async def test_values_and_waves_come_as_they_are_measured(box: Box, kim: aiohttp.ClientSession) -> None:
    async with live(kim) as events:
        await events.next("snapshot")
        box.measures("pr_spo2", 71)
        [value] = (await events.next("values"))["values"]
        assert (value["metric"], value["value"]) == ("pr_spo2", 71)
        samples = bytes(range(50))
        box.says(Waveform("pleth", box.gateway.clock.now(), 75_000, samples, Decimal(1)))
        [wave] = (await events.next("waves"))["waves"]
        assert (wave["rate_mhz"], b64decode(wave["samples"])) == (75_000, samples)
    async with live(kim) as events:
        again = await events.next("snapshot")
    assert again["waves"] == [wave]


async def test_nothing_of_another_bed_is_shown(box: Box, kim: aiohttp.ClientSession) -> None:
    box.measures("spo2", 71, device="ox-2")
    box.measures("spo2", 98)
    async with live(kim) as events:
        data = await events.next("snapshot")
    assert [value["value"] for value in data["values"]] == [98]
    assert [one["id"] for one in data["devices"]] == ["ox-1"]


async def test_an_alarm_rings_is_paused_and_is_seen(box: Box, kim: aiohttp.ClientSession) -> None:
    async with live(kim) as events:
        await events.next("snapshot")
        at = box.gateway.clock.now()
        for second in range(12):
            box.says(Reading("spo2", later(at, second), Decimal(70)))
        alarm = next(one for one in (await events.next("alarms"))["alarms"] if one["number"])
        assert (alarm["code"], alarm["priority"], alarm["seen"]) == ("spo2-desaturation", "high", False)
        assert alarm["value"] == "70"
        assert await post(kim, "/api/alarms/pause", seconds=120) == (204, None)
        paused = await events.next("alarms")
        assert 0 < paused["pause"]["until_ms"] - paused["now_ms"] <= 120_000
        assert (await post(kim, f"/api/alarms/{alarm['number']}/seen"))[0] == 204
        seen = next(one for one in (await events.next("alarms"))["alarms"] if one["number"])
        assert (seen["seen"], seen["by"], seen["crew"]) == (True, "kim", True)
        box.says(DeviceEvent(EventKind.DISCONNECTED, box.gateway.clock.now(), {"why": "silent"}))
        new = await events.next("alarms")
        assert "device-lost" in {one["code"] for one in new["alarms"]}
        assert new["pause"]["until_ms"] is None, "what is new is heard"
    assert (await post(kim, "/api/alarms/1/seen"))[0] == 404
    assert (await post(kim, "/api/alarms/pause", seconds=121))[0] == 422


async def test_who_pauses_the_sounds_and_for_how_long_is_in_the_journal(
    box: Box, kim: aiohttp.ClientSession
) -> None:
    for seconds in (90, 0):
        assert await post(kim, "/api/alarms/pause", seconds=seconds) == (204, None)
    told = [event.detail for event in await box.journaled(EventKind.PAUSE)]
    assert told == [{"vehicle": "amb-1", "seconds": seconds, "by": "kim"} for seconds in (90, 0)]


async def test_a_limit_of_the_patient_on_board_is_moved_told_and_ends_with_the_stay(
    box: Box, kim: aiohttp.ClientSession
) -> None:
    async with live(kim) as events:
        limits = (await events.next("snapshot"))["limits"]
        assert limits == {"stay": "", "class": "adult", "moved": {}}
        nobody = {"stay": "a" * 16, "code": "hr-high", "value": "150"}
        assert (await post(kim, "/api/alarms/limits", **nobody))[0] == 409
        await post(kim, "/api/case/patient", action="begin", **{"class": "child"})
        stay = (await events.next("limits"))["limits"]["stay"]
        body = {"stay": stay, "code": "hr-high"}
        assert await post(kim, "/api/alarms/limits", **body, value="180") == (204, None)
        limits = (await events.next("limits"))["limits"]
        assert (limits["class"], limits["moved"]) == ("child", {"hr-high": {"value": 180.0, "by": "kim"}})
        status, said = await post(kim, "/api/alarms/limits", **body, value="215")
        assert (status, said) == (409, {"error": "hr-high of child: expected 110 to 210, got 215"})
        for wrong in ("1e2", "-5", None, 150):
            assert (await post(kim, "/api/alarms/limits", **body, value=wrong))[0] == 422
        (event,) = await box.journaled(EventKind.LIMIT)
        assert {"stay": stay, "code": "hr-high", "value": "180", "by": "kim"}.items() <= event.detail.items()
        await post(kim, "/api/case/patient", action="end")
        assert (await events.next("limits"))["limits"]["moved"] == {}


async def test_what_the_crew_tells_is_in_the_journal_when_it_is_answered(
    box: Box, kim: aiohttp.ClientSession
) -> None:
    async with live(kim) as events:
        await events.next("snapshot")
        begin = {"action": "begin", "sex": "male", "age": 60}
        status, told = await post(kim, "/api/case/patient", **begin)
        assert (status, told["case"]["stay"]["age"]) == (200, 60)
        status, told = await post(kim, "/api/case/mark", code="defibrillation")
        [event] = await box.journaled(EventKind.MARK)
        assert (event.detail["code"], event.detail["by"]) == ("defibrillation", "kim")
        assert event.detail["vehicle"] == "amb-1"
        [mark] = told["case"]["marks"]
        assert (mark["code"], mark["by"]) == ("defibrillation", "kim")
        assert (await events.next("case"))["case"]["stay"]["sex"] == "male"


async def test_what_cannot_be_told_is_refused_and_changes_nothing(
    box: Box, kim: aiohttp.ClientSession
) -> None:
    assert (await post(kim, "/api/case/patient", action="end"))[0] == 409
    assert (await post(kim, "/api/case/mark", code="party"))[0] == 422
    assert (await post(kim, "/api/case/mark", code=True))[0] == 422
    assert (await post(kim, "/api/case/connected"))[0] == 404
    assert await box.journaled(EventKind.MARK) == []


async def test_scores_follow_what_is_measured_and_what_the_crew_assesses(
    box: Box, kim: aiohttp.ClientSession
) -> None:
    await post(kim, "/api/case/assessment", kind="consciousness", value='{"acvpu": "V"}')
    box.measures("spo2", 90)
    async with live(kim) as events:
        data = await events.next("scores")
        while data["scores"]["news2"]["least"] < 6:
            data = await events.next("scores")
    news2 = data["scores"]["news2"]
    assert (news2["total"], news2["least"], news2["risk"]) == (None, 6, "medium")
    assert "respiration" in news2["missing"]


async def test_the_next_patient_has_nothing_of_the_one_before(box: Box, kim: aiohttp.ClientSession) -> None:
    await post(kim, "/api/case/patient", action="begin")
    box.measures("spo2", 71)
    await box.crew.trends.keep()
    await post(kim, "/api/case/patient", action="end")
    await post(kim, "/api/case/patient", action="begin")
    async with live(kim) as events:
        assert (await events.next("snapshot"))["values"] == []
    async with kim.get("/api/trends?metrics=spo2&minutes=10") as response:
        series = (await response.json())["series"]["spo2"]
    assert not any(series)
    box.measures("spo2", 99)
    async with live(kim) as events:
        assert [one["value"] for one in (await events.next("snapshot"))["values"]] == [99]


async def test_oxygen_lasts_as_long_as_the_cylinder_and_the_flow_say(
    box: Box, kim: aiohttp.ClientSession
) -> None:
    box.measures("o2_cylinder_pressure", 114)
    box.measures("o2_flow", 10)
    async with live(kim) as events:
        [item] = (await events.next("time"))["oxygen"]
    assert (item["litres"], item["minutes_left"]) == (200, 20)


async def test_a_stored_value_never_replaces_what_is_measured_now(
    box: Box, kim: aiohttp.ClientSession
) -> None:
    box.measures("spo2", 97)
    box.measures("spo2", 71, Quality.STORED)
    async with live(kim) as events:
        assert [one["value"] for one in (await events.next("snapshot"))["values"]] == [97]


async def test_session_and_trends_outlive_a_restart(tmp_path: Path) -> None:
    config = box_folder(tmp_path)
    jar = aiohttp.CookieJar(unsafe=True)
    async with running(config) as box, browser(box, jar=jar) as kim:
        assert await log_in(kim) == 204
        box.measures("hr", 61)
        box.measures("hr", 63)
    async with running(config) as box, browser(box, jar=jar) as kim:
        async with kim.get("/api/me") as response:
            assert (await response.json()) == {"name": "kim"}
        async with kim.get("/api/trends?metrics=hr&minutes=10") as response:
            trends = await response.json()
        found = [step for step in trends["series"]["hr"] if step]
        assert min(low for low, _, _ in found) == 61
        assert max(high for _, high, _ in found) == 63


async def test_what_the_hospital_says_is_shown_and_acknowledged(box: Box, kim: aiohttp.ClientSession) -> None:
    status, told = await post(kim, "/api/case/patient", action="begin")
    commands, number = box.gateway.orders.commands.slow, "00000000000000a1"
    text = {"vehicle": "amb-1", "by": "Dr. Li", "text": "12-lead ECG, please"}
    async with live(kim) as events:
        await events.next("snapshot")
        await commands[INSTRUCT]({**text, "id": number, "stay": told["case"]["stay"]["id"]})
        [shown] = (await events.next("case"))["case"]["instructions"]
        assert (shown["text"], shown["by"], shown["acknowledged"]) == (text["text"], "Dr. Li", None)
        await commands[WATCHED]({"vehicle": "amb-1", "by": "Dr. Li, Dr. Wu"})
        assert (await events.next("case"))["case"]["watchers"] == ["Dr. Li", "Dr. Wu"]
    status, told = await post(kim, "/api/case/instruction", id=number, state="acknowledged")
    assert status == 200
    assert told["case"]["instructions"][0]["acknowledged"]["by"] == "kim"
    [event] = await box.journaled(EventKind.INSTRUCTION)
    assert event.detail["state"] == "acknowledged"


async def test_what_is_for_another_vehicle_is_shown_to_nobody_here(
    box: Box, kim: aiohttp.ClientSession
) -> None:
    text = {"vehicle": "amb-2", "by": "Dr. Li", "text": "stop", "id": "00000000000000a1", "stay": ""}
    await post(kim, "/api/case/patient", action="begin")
    with pytest.raises(CaseConflict):
        await box.gateway.orders.commands.slow[INSTRUCT](text)
    async with live(kim) as events:
        assert (await events.next("snapshot"))["case"]["instructions"] == []


async def test_the_class_of_who_is_on_board_decides_the_limits(box: Box, kim: aiohttp.ClientSession) -> None:
    await post(kim, "/api/case/patient", **{"action": "begin", "class": "neonate"})
    assert box.gateway.bedside.patients.at("amb-1") is not None
    await post(kim, "/api/case/patient", action="end")
    assert box.gateway.bedside.patients.at("amb-1") is None


async def test_the_page_knows_how_old_the_oldest_is_that_the_hospital_does_not_have(
    box: Box, kim: aiohttp.ClientSession
) -> None:
    await post(kim, "/api/case/mark", code="rosc")
    async with live(kim) as events:
        uplink = (await events.next("uplink"))["uplink"]
    assert uplink["online"] is False
    assert uplink["pending_blocks"] >= 1
    assert 0 <= uplink["oldest_ms"] < 120_000


async def test_the_files_of_the_page_are_served_and_asked_for_once(box: Box) -> None:
    async with browser(box) as stranger:
        for path in ("/", "/screen/dom.js", "/sw.js", "/known.js", "/manifest.webmanifest"):
            async with stranger.get(path) as response:
                assert response.status == 200, path
                assert response.headers["Cache-Control"] == "no-cache"
                assert "require-trusted-types-for 'script'" in response.headers["Content-Security-Policy"]
                tag = response.headers["ETag"]
            async with stranger.get(path, headers={"If-None-Match": tag}) as response:
                assert response.status == 304
        async with stranger.get("/../config.py") as response:
            assert response.status == 404


def test_a_gateway_without_a_crew_loads_nothing_of_it() -> None:
    code = "import sys, gateway.cli; print([m for m in ('aiohttp', 'argon2', 'sqlite3') if m in sys.modules])"
    command = [sys.executable, "-c", code]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


async def test_lights_ahead_come_with_the_time_they_were_heard_of(
    box: Box, kim: aiohttp.ClientSession
) -> None:
    commands = box.gateway.onboard.commands
    async with live(kim) as events:
        assert (await events.next("snapshot"))["corridor"] == {"lights": [], "at_ms": None}
        lights = spoken([Light("Bridge Street", "granted")])
        await commands[CORRIDOR]({"vehicle": "amb-1", "lights": lights})
        told = await events.next("corridor")
        assert told["corridor"]["lights"] == [{"name": "Bridge Street", "status": "granted"}]
        assert 0 <= told["now_ms"] - told["corridor"]["at_ms"] < 60_000
    for wrong in ({"vehicle": "amb-2", "lights": lights}, {"vehicle": "amb-1", "lights": "green"}):
        with pytest.raises(CaseConflict):
            await commands[CORRIDOR](wrong)
