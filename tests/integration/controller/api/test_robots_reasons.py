"""Why robots do what they do, over HTTP: English, and a code for other languages, also after a start."""

import json
from collections.abc import AsyncIterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from controller.api.robots_context import ROBOTS
from controller.api.robots_schemas import Fleet, Replay, TransportList
from controller.robots.eta import LEAST, Ahead
from controller.robots.told import Decided
from controller.sections import RobotsSection
from controller.security.permissions import Role
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.http import client, get, status
from tests.support.people import add_person
from tests.support.riding import until
from tests.support.robots_here import RobotsHere

TRANSPORTS = "/api/robots/transports"
NEW = {"pick": "pharmacy", "drop": "ward-a", "load": "medicines"}


@pytest.fixture
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    """With the demo's map; a nurse and an engineer."""
    text = files("controller.robots").joinpath("demo.toml").read_text("utf-8")
    (tmp_path / "map.toml").write_text(text, encoding="utf-8")
    with quick_passwords():
        async with running(tmp_path, nurse=Role.NURSE) as started:
            await started.stop()
            started.robots = RobotsSection(map=tmp_path / "map.toml")
            await started.start()
            await add_person(started, "erik", Role.ENGINEER, None)
            yield started


async def the_transport(session: Any) -> dict[str, Any]:
    told = TransportList.model_validate(await get(session, TRANSPORTS)).model_dump(mode="json")
    return told["transports"][0]


async def test_every_why_of_robots_has_its_code_beside_the_english_also_in_what_was(
    controller: RunningController,
) -> None:
    here = RobotsHere(controller, {"robot-1": "park-1"})
    here.robots["robot-1"].base.hands = False
    async with client(controller, "nurse") as nurse, here.living():
        began = controller.clock.now_us() // 1000
        assert await status(nurse, "POST", TRANSPORTS, json=NEW) == 200

        async def is_going() -> bool:
            eta = (await the_transport(nurse))["eta"]
            return eta is not None and eta["ms"] is not None

        await until(is_going)
        one = await the_transport(nurse)
        assert one["reason"] == {"code": "nearest", "params": {"robot": "robot-1"}}
        assert one["why"] == "robot-1: it is the nearest that can"
        assert (one["eta"]["reason"]["code"], one["eta"]["observed"]) == ("with", False)
        assert await status(nurse, "PUT", "/api/robots/stop") == 204
        fleet = Fleet.model_validate(await get(nurse, "/api/robots")).model_dump(mode="json")
        by = {"code": "by", "params": {"who": "nurse"}}
        assert (fleet["stopped"], fleet["stopped_reason"]) == ("by nurse", by)
        assert fleet["robots"][0]["hold_reason"] == {"code": "all-stand", "params": {"why": by}}
        span = {"from_ms": began, "to_ms": began + 60_000}
        told = Replay.model_validate(await get(nurse, "/api/robots/replay", **span)).model_dump(mode="json")
        notes = [*told["messages"], *told["decisions"]]
        assert {"fetch", "nearest", "with", "by"} <= {note["reason"]["code"] for note in notes}


async def test_after_a_start_it_is_known_how_long_transports_took_and_why_ways_are_blocked(
    controller: RunningController,
) -> None:
    async with client(controller, "erik") as erik:
        edge = "/api/robots/edges/G3-G4"
        assert await status(erik, "PUT", edge, json={"blocked": True, "why": "a bed"}) == 204
    ahead = Ahead(60_000, picked=False, before=0)
    took = {"took": [[*ahead, 70_000]] * LEAST}
    note = Decided(0, "arrived", "there", "robot-1", "TR00000001", took)
    await controller.app[ROBOTS].books.keep([note])
    await controller.stop()
    await controller.start()
    fleet = controller.app[ROBOTS].master.fleet
    span = fleet.forecast._lately.span(ahead, 0)
    assert span.observed and span.low_ms == 70_000
    rows = await controller.store.read("SELECT why, reason FROM robot_edge")
    assert [(row["why"], json.loads(row["reason"])["code"]) for row in rows] == [
        ("erik: a bed", "by-because")
    ]
