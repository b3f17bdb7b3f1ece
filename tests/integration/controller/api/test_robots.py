"""Robots over HTTP: who may, what they see, what is carried, and what was."""

import asyncio
import json
from collections.abc import AsyncIterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from controller.api.robots_context import ROBOTS
from controller.api.robots_schemas import Fleet, Replay, RobotMap, TransportAnswer, TransportList
from controller.errors import BadMap
from controller.robots import service
from controller.robots.map import demo
from controller.robots.replay import SEEN
from controller.robots.vehicles import Condition
from controller.sections import RobotsSection
from controller.security.permissions import Role
from controller.store import Store
from devices.codecs.vda5050.geometry import Pose
from devices.codecs.vda5050.topics import Topic
from devices.codecs.vda5050.version import V2_1
from devices.model.observation import DeviceEvent, Instant
from tests.support.controller import PASSWORD, RunningController, eventually, quick_passwords, running
from tests.support.database import plan
from tests.support.http import client, events, get, refusal, status
from tests.support.people import add_person
from tests.support.robots import Robot
from tests.support.waiting import DEADLINE_S

LIST, TRANSPORTS = "/api/robots", "/api/robots/transports"
NEW = {"pick": "pharmacy", "drop": "ward-a", "load": "medicines", "subject": "RX00000001/1"}
_ADD = """INSERT INTO device_event
(stream, number, place, boot, mono_us, at_us, gateway, device, kind, detail)
VALUES (1, 1, 1, 1, 0, ?, 'ward-a', 'robot-1', ?, ?)"""


@pytest.fixture
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    """With the demo's map; a nurse, a pharmacist, a viewer, an engineer."""
    text = files("controller.robots").joinpath("demo.toml").read_text("utf-8")
    (tmp_path / "map.toml").write_text(text, encoding="utf-8")
    with quick_passwords():
        async with running(tmp_path, nurse=Role.NURSE, viewer=Role.VIEWER) as started:
            await started.stop()
            started.robots = RobotsSection(map=tmp_path / "map.toml")
            await started.start()
            await add_person(started, "erik", Role.ENGINEER, None)
            await started.registry.add_gateway("ward-a", "Ward A")
            yield started


class Feed:
    """A robot at park-1; what its gateway tells is committed as the intake does."""

    def __init__(self, controller: RunningController) -> None:
        at = demo().by_id["park-1"]
        self.store, self.clock = controller.store, controller.clock
        self.robot = Robot("robot-1", Pose(at.x, at.y, 0.0, at.map), V2_1)
        self._sheet = True

    async def say(self) -> None:
        """How it is now."""
        now_ms = self.clock.now_us() // 1000
        said = self.robot.step(now_ms)
        if self._sheet:
            self._sheet = False
            at = Instant(now_ms * 1_000_000)
            sheet = self.robot.bridge.receive_message(Topic.FACTSHEET, self.robot.sheet(now_ms), at)
            said = [*(one for one in sheet if isinstance(one, DeviceEvent)), *said]
        rows = [(now_ms * 1000, one.kind, json.dumps(dict(one.detail))) for one in said]
        await self.store.write(lambda db: db.executemany(_ADD, rows))


async def sent(store: Store) -> None:
    """Wait until an order is in the store."""
    async with asyncio.timeout(DEADLINE_S):
        rows = list[object]()
        while not rows:
            await asyncio.sleep(0.02)
            rows = [*await store.read("SELECT id FROM robot_message WHERE topic = 'order'")]


async def asked(session: aiohttp.ClientSession, body: dict[str, Any]) -> dict[str, Any]:
    async with session.post(TRANSPORTS, json=body) as response:
        assert response.status == 200, await response.text()
        assert response.headers["ETag"]
        return TransportAnswer.model_validate(await response.json()).model_dump(mode="json")["transport"]


async def fleet(session: aiohttp.ClientSession) -> dict[str, Any]:
    return Fleet.model_validate(await get(session, LIST)).model_dump(mode="json")


async def test_without_the_section_there_are_no_robots(tmp_path: Path) -> None:
    with quick_passwords():
        async with running(tmp_path, nurse=Role.NURSE) as started, client(started, "nurse") as nurse:
            assert await status(nurse, "GET", LIST) == 404
            assert await status(nurse, "POST", TRANSPORTS, json=NEW) == 404


async def test_a_map_that_cannot_be_used_ends_the_start(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text("nodes = 3", encoding="utf-8")
    async with running(tmp_path) as started:
        started.robots = RobotsSection(map=tmp_path / "map.toml")
        with pytest.raises(BadMap):
            started._build()


async def test_who_may_what(controller: RunningController) -> None:
    async with client(controller, "viewer") as viewer, client(controller, "erik") as erik:
        for path in (LIST, LIST + "/map", TRANSPORTS):
            assert await status(viewer, "GET", path) == 200
        assert await status(viewer, "POST", TRANSPORTS, json=NEW) == 403
        assert await status(viewer, "PUT", LIST + "/stop") == 403
        assert await status(erik, "POST", TRANSPORTS, json=NEW) == 403
    async with client(controller, "nurse") as nurse:
        assert await status(nurse, "PUT", LIST + "/stop") == 204
        assert (await fleet(nurse))["stopped"] == "by nurse"
        assert await status(nurse, "DELETE", LIST + "/stop") == 403
        edge = {"blocked": True, "why": "a bed"}
        assert await status(nurse, "PUT", LIST + "/edges/G3-G4", json=edge) == 403


async def test_the_stop_of_all_outlives_a_start_and_an_engineer_lets_them_go_on(
    controller: RunningController,
) -> None:
    async with client(controller, "nurse") as nurse:
        assert await status(nurse, "PUT", LIST + "/stop") == 204
    await controller.stop()
    await controller.start()
    async with client(controller, "erik") as erik:
        assert (await fleet(erik))["stopped"] == "by nurse"
        assert await status(erik, "DELETE", LIST + "/stop") == 204
        assert (await fleet(erik))["stopped"] == ""


async def test_a_transport_is_asked_for_seen_and_cancelled_and_outlives_a_start(
    controller: RunningController,
) -> None:
    async with client(controller, "nurse") as nurse:
        made = await asked(nurse, NEW)
        assert (made["id"], made["state"], made["asked_by"]) == ("TR00000001", "wanted", "nurse")
        code, _ = await refusal(nurse, "POST", TRANSPORTS, json={**NEW, "drop": "park-1"})
        assert code == 404
        assert await status(nurse, "POST", TRANSPORTS, json={**NEW, "drop": "pharmacy"}) == 409
    await controller.stop()
    await controller.start()
    async with client(controller, "nurse") as nurse:
        found = TransportList.model_validate(await get(nurse, TRANSPORTS, open="1", subject=NEW["subject"]))
        assert [one.id for one in found.transports] == ["TR00000001"]
        path = f"{TRANSPORTS}/TR00000001"
        assert await status(nurse, "PUT", path + "/loaded") == 409
        async with nurse.put(path + "/cancelled", json={"why": "brought by hand"}) as response:
            assert (await response.json())["transport"]["state"] == "cancelled"
        assert await status(nurse, "PUT", path + "/cancelled", json={"why": "again"}) == 409
        assert await status(nurse, "GET", TRANSPORTS + "/TR00000009") == 404


async def test_a_robot_is_shown_with_its_age_and_is_sent_what_the_store_has_first(
    controller: RunningController,
) -> None:
    feed = Feed(controller)
    async with client(controller, "nurse") as nurse:
        await asked(nurse, NEW)
        await feed.say()
        await sent(controller.store)
        [robot] = (await fleet(nurse))["robots"]
        assert (robot["robot"], robot["gateway"], robot["battery_percent"]) == ("robot-1", "ward-a", 80)
        assert robot["position"]["map"] == "ground"
        assert robot["going"]["to"] == "pharmacy"
        assert "fetch medicines" in robot["going"]["why"]
        assert robot["stale"] is False
        controller.clock.let_pass(60)
        [robot] = (await fleet(nurse))["robots"]
        assert robot["stale"] is True
        assert robot["age_ms"] >= 60_000
    [row] = await controller.store.read("SELECT * FROM command WHERE name = 'robot-order'")
    arguments = json.loads(row["arguments"])
    order = json.loads(arguments["json"])
    assert (row["gateway"], arguments["vehicle"], arguments["topic"]) == ("ward-a", "robot-1", "order")
    assert order["orderId"].startswith("wl")
    [kept] = await controller.store.read("SELECT json, command FROM robot_message")
    assert (kept["json"], kept["command"]) == (arguments["json"], row["id"])


async def test_a_drawer_opens_only_for_who_proves_who_they_are_where_the_robot_is(
    controller: RunningController,
) -> None:
    feed, service = Feed(controller), controller.app[ROBOTS]
    async with client(controller, "nurse") as nurse:
        made = await asked(nurse, NEW)
        path = f"{TRANSPORTS}/{made['id']}/drawer"
        await feed.say()
        await eventually(lambda: "robot-1" in service.master.fleet.driving.traffic.claims)
        proof = {"drawer": 1, "password": PASSWORD}
        await eventually(lambda: service.master.fleet.jobs.open[made["id"]].robot is not None)
        assert await status(nurse, "PUT", path, json=proof) == 409, "it is not there yet"
        pharmacy = service.master.fleet.ground.node["pharmacy"]
        service.master.fleet.driving.traffic.place("robot-1", pharmacy)
        assert await status(nurse, "PUT", path, json={"drawer": 1, "password": "wrong"}) == 409
        assert (
            await status(nurse, "PUT", path, json={"drawer": 1, "person": "viewer", "password": PASSWORD})
            == 409
        )
        async with nurse.put(path, json=proof) as response:
            told = TransportAnswer.model_validate(await response.json()).transport.drawer
        assert told
        assert (told.drawer, told.person, told.state) == (1, "nurse", "asked")
        assert not await controller.store.read("SELECT * FROM robot_handled"), "it is not known to be open"
    rows = await controller.store.read("SELECT json FROM robot_message WHERE topic = 'instantActions'")
    assert any('"openDrawer"' in row["json"] for row in rows)
    trail = await controller.store.read("SELECT entry ->> 'action' AS action FROM audit")
    assert "drawer-opened-by-login" in [row["action"] for row in trail]


async def test_ways_are_blocked_positions_said_and_robots_taken_over(controller: RunningController) -> None:
    feed, service = Feed(controller), controller.app[ROBOTS]
    async with client(controller, "erik") as erik:
        await feed.say()
        await eventually(lambda: "robot-1" in service.master.fleet.vehicles)
        edge = f"{LIST}/edges/G3-G4"
        assert await status(erik, "PUT", edge, json={"blocked": True, "why": "a bed"}) == 204
        shown = RobotMap.model_validate(await get(erik, LIST + "/map"))
        assert [one.id for one in shown.edges if one.blocked] == ["G3-G4"]
        assert {one.rest for one in shown.edges} == {None, "21:00-06:00"}
        assert await status(erik, "PUT", f"{LIST}/edges/nowhere", json={"blocked": False}) == 404
        assert await status(erik, "PUT", edge, json={"blocked": False}) == 204
        where = {"x": 24.0, "y": -2.5, "theta": 0.0, "map": "ground"}
        assert await status(erik, "PUT", f"{LIST}/robot-1/position", json=where) == 204
        assert await status(erik, "PUT", f"{LIST}/robot-9/position", json=where) == 404
        assert await status(erik, "PUT", f"{LIST}/robot-1/taken-over") == 204
        assert (await fleet(erik))["robots"][0]["condition"] == "taken-over"
        assert await status(erik, "DELETE", f"{LIST}/robot-1/taken-over") == 204
        assert (await fleet(erik))["robots"][0]["condition"] != "taken-over"


async def test_questions_are_asked_until_somebody_has_seen_to_them(controller: RunningController) -> None:
    async with client(controller, "nurse") as nurse:
        await asked(nurse, NEW)
        [question] = (await fleet(nurse))["questions"]
        assert question["why"] == "no robot carries medicines: a person has to"
        path = f"{LIST}/questions/{question['number']}/seen-to"
        assert await status(nurse, "PUT", path) == 204
        assert (await fleet(nurse))["questions"] == []
        assert await status(nurse, "PUT", path) == 404


async def test_any_minute_can_be_seen_again_with_the_reasons(controller: RunningController) -> None:
    feed = Feed(controller)
    async with client(controller, "nurse") as nurse:
        begin = controller.clock.now_us() // 1000
        await asked(nurse, NEW)
        await feed.say()
        await sent(controller.store)
        span = {"from_ms": begin, "to_ms": begin + 60_000}
        told = Replay.model_validate(await get(nurse, LIST + "/replay", **span))
        assert told.positions[0][1:4] == ["robot-1", 24.0, -2.5]
        assert {"assigned", "go"} <= {one.kind for one in told.decisions}
        assert [one.topic for one in told.messages] == ["order"]
        longer = {"from_ms": begin, "to_ms": begin + 3_600_001}
        assert await status(nurse, "GET", LIST + "/replay", params=longer) == 400
    assert "device_event_vehicle" in await plan(controller.store, SEEN, (0, 1))


async def test_pages_are_told_what_is_new(controller: RunningController) -> None:
    feed = Feed(controller)
    async with client(controller, "nurse") as nurse, events(nurse) as stream:
        await feed.say()
        async for _, kind, data in stream:
            if kind == "robots":
                assert data["items"][0]["robot"] == "robot-1"
                break


async def test_nothing_goes_out_that_is_not_on_the_disk(controller: RunningController) -> None:
    service = controller.app[ROBOTS]
    await controller.store.write(lambda db: db.execute("DROP TABLE robot_decision"))
    async with client(controller, "nurse") as nurse:
        code, _ = await refusal(nurse, "POST", TRANSPORTS, json=NEW)
        assert code == 503
    await Feed(controller).say()
    await eventually(lambda: bool(service.master.pilots))
    assert await controller.store.read("SELECT * FROM command") == []


async def test_what_is_wanted_is_decided_at_once_and_not_at_the_next_second(
    controller: RunningController, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed, robots = Feed(controller), controller.app[ROBOTS]
    await feed.say()

    def is_ready() -> bool:
        held = robots.master.fleet.vehicles.get("robot-1")
        return held is not None and held.condition == Condition.READY

    await eventually(is_ready)
    monkeypatch.setattr(service, "TICK_MS", 3_600_000)
    monkeypatch.setattr(service, "LOOK_S", 3_600.0)
    async with client(controller, "nurse") as nurse:
        await asked(nurse, {**NEW, "load": "blood", "priority": 4})
        await eventually(lambda: bool(robots.master.fleet.vehicles["robot-1"].transport))


async def test_with_one_key_it_is_asked_once_and_what_was_changed_meanwhile_is_not_cancelled_unseen(
    controller: RunningController,
) -> None:
    once = {"Idempotency-Key": "a1"}
    async with client(controller, "nurse") as nurse, client(controller, "viewer") as viewer:
        told = [await (await nurse.post(TRANSPORTS, json=NEW, headers=once)).json() for _ in range(2)]
        assert [one["transport"]["id"] for one in told] == ["TR00000001"] * 2
        assert await status(nurse, "POST", TRANSPORTS, json={**NEW, "drop": "ward-b"}, headers=once) == 409
        assert await status(nurse, "POST", TRANSPORTS, json=NEW, headers={"Idempotency-Key": "a b"}) == 400
        assert (await asked(nurse, NEW))["id"] == "TR00000002"
        path, body = f"{TRANSPORTS}/TR00000001", {"why": "brought by hand"}
        old, new = {"If-Match": '"0"'}, {"If-Match": f'"{told[0]["transport"]["revision"]}"'}
        assert await status(nurse, "PUT", path + "/cancelled", json=body, headers=old) == 412
        assert await status(nurse, "PUT", path + "/cancelled", json=body, headers=new) == 200
        again = await (await nurse.post(TRANSPORTS, json=NEW, headers=once)).json()
        assert again["transport"]["state"] == "cancelled", "what is over is not begun again"
        assert len((await get(viewer, TRANSPORTS, open="1"))["transports"]) == 1
