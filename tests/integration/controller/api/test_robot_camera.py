"""A robot's tablet in a room: it comes in under the robot's name, staff turn its camera and stop it."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest
from yarl import URL

from controller.api.robots_context import ROBOTS
from controller.identity.files import open_authority
from controller.robots.people import LOOK_AT
from controller.sections import RobotsSection
from controller.security.permissions import Role
from tests.integration.controller.api.test_robots import Feed
from tests.support.controller import eventually, quick_passwords, running
from tests.support.home import Home, at_home
from tests.support.http import client, refusal, status
from tests.support.prescribed import send
from tests.support.visits import OWN_ROOM, VISITS, booked, room_of, sit

LOOK = "/api/robots/robot-1/look"
TURN = {"pan": 15, "tilt": -10.5}


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    """With robot-1 on the demo's map."""
    open_authority(tmp_path / "ca", datetime.now(UTC))
    text = files("controller.robots").joinpath("demo.toml").read_text("utf-8")
    (tmp_path / "map.toml").write_text(text, encoding="utf-8")
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        controller = await stack.enter_async_context(running(tmp_path, pia=Role.PHARMACIST))
        controller.robots = RobotsSection(map=tmp_path / "map.toml")
        made = await at_home(controller, stack)
        await controller.registry.add_gateway("ward-a", "Ward A")
        await Feed(controller).say()
        await eventually(lambda: "robot-1" in controller.app[ROBOTS].master.fleet.vehicles)
        yield made


async def asked_of_it(home: Home) -> list[dict[str, object]]:
    rows = await home.controller.store.read(
        "SELECT json FROM robot_message WHERE topic = 'instantActions' ORDER BY id"
    )
    return [action for row in rows for action in json.loads(row["json"])["actions"]]


async def test_a_robots_tablet_is_in_the_room_under_its_name_and_learns_nothing_of_the_patient(
    home: Home,
) -> None:
    visit = await booked(home, way="bedside", start_ms=None)
    path = f"{VISITS}/{visit.visit.number}/links"
    assert await refusal(home.nina, "POST", path, json={"guest": "robot", "name": "robot-9"}) == (
        404,
        "not-found",
    )
    made = await send(home.nina, "POST", path, guest="robot", name="robot-1")
    tablet = await home.stack.enter_async_context(client(home.controller))
    link = URL(made["address"]).fragment
    await send(tablet, "POST", "/api/visit/session", link=link, code=made["code"])
    seat = await sit(tablet, OWN_ROOM)
    assert seat.answer.patient is None
    told = await refusal(tablet, "GET", f"{OWN_ROOM}/vitals", params={"seat": seat.answer.seat})
    assert told == (403, "not-allowed")
    nurse = await sit(home.nina, room_of(visit), "n" * 32)
    async with nurse.told() as stream:
        async for _, message in stream:
            if message["kind"] == "room":
                assert ("robot-1", "robot") in [(one["name"], one["part"]) for one in message["seats"]]
                break


async def test_its_camera_turns_by_an_instant_action_that_its_factsheet_declares(home: Home) -> None:
    assert await refusal(home.nina, "POST", LOOK, json=TURN) == (409, "conflict")
    pilot = home.controller.app[ROBOTS].master.pilots["robot-1"]
    pilot.sheet = None  # it has not said what it can: it is asked, and answers for itself
    assert await status(home.nina, "POST", LOOK, json=TURN) == 204
    [asked] = [one for one in await asked_of_it(home) if one["actionType"] == LOOK_AT]
    given = {one["key"]: one["value"] for one in asked["actionParameters"]}  # type: ignore[attr-defined]
    assert given == TURN
    assert await status(home.nina, "POST", "/api/robots/robot-9/look", json=TURN) == 404
    assert await status(home.nina, "POST", LOOK, json={"pan": 400, "tilt": 0}) == 400
    rows = await home.controller.store.read("SELECT entry ->> 'action' AS action FROM audit")
    assert [row["action"] for row in rows].count("robot-looked") == 1


async def test_stop_is_the_robots_own_and_it_stands_until_it_is_handed_back(home: Home) -> None:
    assert await status(home.nina, "PUT", "/api/robots/robot-1/taken-over") == 204
    pilot = home.controller.app[ROBOTS].master.pilots["robot-1"]
    assert pilot.pausing.reasons
    await eventually(lambda: pilot.pausing.is_open)
    assert await status(home.nina, "DELETE", "/api/robots/robot-1/taken-over") == 403
