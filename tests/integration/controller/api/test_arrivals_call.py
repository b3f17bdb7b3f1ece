"""A crew calls the hospital by video from its box: whoever takes the call, and the way into the room."""

import json
from typing import Any

import aiohttp
import pytest
from yarl import URL

from controller.api import arrivals_schemas as arrivals
from controller.api import visits_schemas as visits
from controller.registry import Patient
from controller.security.permissions import Role
from controller.stays import unknown
from devices.model.observation import EventKind
from tests.support.controller import RunningController
from tests.support.crew import ANN, Board, make_vehicle
from tests.support.http import client, get, refusal
from tests.support.people import add_person
from tests.support.prescribed import send
from tests.support.visits import OWN_ROOM, sit

REQUESTS = "/api/vehicles/amb-1/requests"


@pytest.fixture
async def board(controller: RunningController) -> Board:
    """amb-1, whose crew calls, with a patient of whom nobody knows who it is."""
    board = Board(controller, await make_vehicle(controller))
    await board.tell(board.crew.patient(board.now(), "begin", sex="male", age=60))
    asked = {"id": "c" * 16, "resource": "call", "note": ""}
    await board.tell(board.crew.event(EventKind.REQUEST, board.now(), **asked))
    return board


async def called(session: aiohttp.ClientSession) -> arrivals.ArrivalRequest:
    found = arrivals.RequestList.model_validate(await get(session, REQUESTS))
    [one] = [one for one in found.requests if one.resource == "call"]
    return one


async def taken(session: aiohttp.ClientSession) -> visits.VisitView:
    number = (await send(session, "POST", f"{REQUESTS}/{(await called(session)).id}/call"))["visit"]
    told = visits.VisitAnswer.model_validate(await get(session, f"/api/visits/{number}"))
    return told.visit


async def test_whoever_takes_the_call_is_in_the_room_and_so_is_the_crew_by_what_its_box_was_told(
    board: Board,
) -> None:
    async with client(board.controller, "physician") as physician, client(board.controller) as tablet:
        visit = await taken(physician)
        assert (visit.way, visit.state, visit.host) == ("vehicle", "in-progress", "physician")
        assert visit.patient.identifier == unknown(ANN)
        [told] = await board.commands("answer")
        assert (told["id"], told["by"]) == ("c" * 16, "physician")
        link, code = URL(str(told["text"])).fragment.split("/")
        await send(tablet, "POST", "/api/visit/session", link=link, code=code)
        await sit(physician, f"/api/visits/{visit.number}/room", "p" * 32)
        crew = await sit(tablet, OWN_ROOM, "c" * 32)
        assert crew.answer.patient is None
        again = {"link": link, "code": code}
        assert await refusal(tablet, "POST", "/api/visit/session", json=again) == (409, "conflict")


async def test_the_way_in_is_told_to_the_box_alone(board: Board) -> None:
    async with client(board.controller, "physician") as physician:
        visit = await taken(physician)
        [told] = await board.commands("answer")
        secret = URL(str(told["text"])).fragment
        one = await called(physician)
        assert (one.answer, one.acknowledged_by) == (visit.number, "physician")
        assert secret not in json.dumps(await get(physician, "/api/arrivals"))
        assert secret not in json.dumps(await get(physician, "/api/beds/amb-1/crew"))
    rows = await board.controller.store.read("SELECT entry FROM audit")
    assert not any(part in row[0] for row in rows for part in secret.split("/"))


async def test_of_two_who_take_a_call_one_has_it(board: Board) -> None:
    async with client(board.controller, "physician") as physician, client(board.controller, "nurse") as nurse:
        one = await called(physician)
        await send(nurse, "POST", f"{REQUESTS}/{one.id}/call")
        told = await refusal(physician, "POST", f"{REQUESTS}/{one.id}/call")
        assert told == (409, "conflict")
        found: dict[str, Any] = await get(nurse, "/api/visits", patient=unknown(ANN))
        assert [one["state"] for one in found["visits"]] == ["in-progress"]


async def test_a_call_goes_on_with_the_patient_once_it_is_known_who_that_is(board: Board) -> None:
    async with client(board.controller, "physician") as physician:
        visit = await taken(physician)
        await board.controller.registry.identify("amb-1", Patient("4711", "Muster, Max"), "physician")
        told = visits.VisitAnswer.model_validate(await get(physician, f"/api/visits/{visit.number}"))
        assert (told.visit.patient.identifier, told.visit.patient.name) == ("4711", "Muster, Max")


async def test_only_a_call_is_taken_and_only_by_who_sees_the_vehicle(board: Board) -> None:
    controller = board.controller
    await board.tell(board.crew.event(EventKind.REQUEST, board.now(), id="d" * 16, resource="bed", note=""))
    await controller.registry.add_ward("ward-x", "X")
    await add_person(controller, "xeno", Role.PHYSICIAN, ["ward-x"])
    async with client(controller, "physician") as physician, client(controller, "xeno") as xeno:
        one = await called(physician)
        found = arrivals.RequestList.model_validate(await get(physician, REQUESTS))
        [bed] = [one for one in found.requests if one.resource == "bed"]
        assert (await refusal(physician, "POST", f"{REQUESTS}/{bed.id}/call"))[0] == 404
        assert (await refusal(xeno, "POST", f"{REQUESTS}/{one.id}/call"))[0] == 404
        asked = {"resource": "call"}
        assert (await refusal(physician, "POST", REQUESTS, json=asked))[0] == 400
