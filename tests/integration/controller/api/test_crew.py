"""A vehicle's crew over HTTP: what they tell, what they are asked, who looks on, who a patient is."""

import json
from collections.abc import Sequence
from typing import Any

import aiohttp
import pytest

from controller.api.context import CONTEXT
from controller.api.crew import CREWS
from controller.api.crew_schemas import CrewProblems, CrewView
from controller.registry import Patient
from controller.security.permissions import GRANTS, Permission, Role
from controller.stays import unknown
from devices.model.observation import EventKind
from tests.support.controller import RunningController
from tests.support.crew import ANN, BEN, Board, make_vehicle
from tests.support.http import client, get, refusal, status
from tests.support.people import two_wards

PATH = "/api/beds/amb-1/crew"
NUMBER = "0123456789abcdef"
INSTRUCTION = f"{PATH}/instructions/{NUMBER}"
ECG = {"patient": unknown(ANN), "text": "12-lead ECG please"}


@pytest.fixture
async def board(controller: RunningController) -> Board:
    """amb-1 with an unknown patient."""
    board = Board(controller, await make_vehicle(controller))
    await board.tell(board.crew.patient(board.now(), "begin", sex="male", age=60))
    return board


async def shown(session: aiohttp.ClientSession, path: str = PATH) -> CrewView:
    return CrewView.model_validate(await get(session, path))


async def trail(controller: RunningController, *actions: str) -> list[dict[str, Any]]:
    rows = await controller.store.read("SELECT entry FROM audit ORDER BY number")
    entries = [json.loads(row[0]) for row in rows]
    return [one for one in entries if one["action"] in actions]


async def test_marks_and_checklists_are_told_with_when_and_by_whom(board: Board) -> None:
    crew, now = board.crew, board.now()
    await board.tell(
        crew.mark(now - 60, "drug-given", text="adrenaline"),
        crew.event(EventKind.CHECKLIST, now - 50, list="stroke", item="face", done=1),
        crew.event(EventKind.CHECKLIST, now - 40, list="stroke", item="face", done=0),
        crew.mark(now - 30, "rosc"),
    )
    async with client(board.controller, "nurse") as nurse:
        found = await shown(nurse)
    assert found.vehicle
    assert [(one.code, one.text, one.by) for one in found.marks] == [
        ("rosc", "", "Mei"),
        ("drug-given", "adrenaline", "Mei"),
    ]
    assert found.marks[1].at_ms == (board.began_us // 1000) + (now - 60) * 1000
    assert [(one.item, one.done) for one in found.checklists] == [("face", False)]
    assert found.problems == []


async def test_a_bed_without_a_crew_has_nothing_to_show_and_nobody_to_tell(board: Board) -> None:
    async with client(board.controller, "physician") as physician:
        found = await shown(physician, "/api/beds/bed-1/crew")
        assert not found.vehicle
        assert await refusal(physician, "POST", "/api/beds/bed-1/watching") == (404, "not-found")
        await board.controller.registry.admit("bed-1", Patient("P1", "One"), "test")
        path = INSTRUCTION.replace("amb-1", "bed-1")
        body = {**ECG, "patient": "P1"}
        assert await refusal(physician, "PUT", path, json=body) == (404, "not-found")


async def test_nothing_of_the_patient_before_is_shown_with_the_next(board: Board) -> None:
    crew = board.crew
    await board.tell(crew.mark(board.now(), "rosc"))
    async with client(board.controller, "physician") as physician:
        assert await status(physician, "PUT", INSTRUCTION, json=ECG) == 204
        await board.tell(crew.patient(board.now(), "end"), crew.patient(board.now() + 1, "begin", BEN))
        found = await shown(physician)
    assert (found.marks, found.instructions) == ([], [])


async def test_an_instruction_is_followed_until_it_is_acknowledged_by_name(board: Board) -> None:
    crew = board.crew
    async with client(board.controller, "physician") as physician:
        assert await status(physician, "PUT", INSTRUCTION, json=ECG) == 204
        assert await status(physician, "PUT", INSTRUCTION, json=ECG) == 204
        [sent] = (await shown(physician)).instructions
        assert (sent.state, sent.text, sent.by) == ("sent", ECG["text"], "physician")
        [told] = await board.commands("instruct")
        expected = {"vehicle": "amb-1", "stay": ANN, "id": NUMBER, "text": ECG["text"], "by": "physician"}
        assert told == expected
        await board.answers("done")
        assert [one.state for one in (await shown(physician)).instructions] == ["delivered"]
        for state, by in (("shown", "Mei"), ("acknowledged", "Kim")):
            crew.by = by
            await board.tell(crew.event(EventKind.INSTRUCTION, board.now(), id=NUMBER, state=state))
            [one] = (await shown(physician)).instructions
            assert one.state == state
    assert one.shown and one.shown.by == "Mei"
    assert one.acknowledged and one.acknowledged.by == "Kim"
    issued = await trail(board.controller, "instruct", "command-issued")
    assert [one["actor"] for one in issued] == ["physician"] * 2
    assert ECG["text"] not in str(issued)


async def test_what_the_box_refuses_and_what_comes_too_late_is_said(board: Board) -> None:
    async with client(board.controller, "physician") as physician:
        assert await status(physician, "PUT", INSTRUCTION, json=ECG) == 204
        await board.answers("failed", why="the patient has left")
        [refused] = (await shown(physician)).instructions
        other = INSTRUCTION.replace(NUMBER, "f" * 16)
        assert await status(physician, "PUT", other, json=ECG) == 204
        late = (
            "UPDATE command SET expires_utc_us = 0 WHERE id = (SELECT command FROM instruction WHERE id = ?)"
        )
        await board.controller.store.write(lambda db: db.execute(late, ("f" * 16,)))
        states = {one.id: one.state for one in (await shown(physician)).instructions}
    assert (refused.state, refused.why) == ("refused", "the patient has left")
    assert states["f" * 16] == "expired"


async def test_an_instruction_for_somebody_who_is_gone_is_refused(board: Board) -> None:
    async with client(board.controller, "physician") as physician:
        for body, number, expected in (
            ({**ECG, "patient": "P1"}, NUMBER, (409, "conflict")),
            (ECG, "not-a-number", (400, "bad-request")),
            ({**ECG, "text": "a\nb"}, NUMBER, (400, "bad-request")),
        ):
            path = INSTRUCTION.replace(NUMBER, number)
            assert await refusal(physician, "PUT", path, json=body) == expected
        assert await status(physician, "PUT", INSTRUCTION, json=ECG) == 204
        again = {**ECG, "text": "something else"}
        assert await refusal(physician, "PUT", INSTRUCTION, json=again) == (409, "conflict")
    assert len(await board.commands("instruct")) == 1


async def test_another_gateway_cannot_acknowledge_an_instruction(board: Board) -> None:
    foreign = Board(board.controller, board.follower, "ward-box")
    async with client(board.controller, "physician") as physician:
        assert await status(physician, "PUT", INSTRUCTION, json=ECG) == 204
        event = foreign.crew.event(EventKind.INSTRUCTION, board.now(), id=NUMBER, state="acknowledged")
        await foreign.tell(event)
        [one] = (await shown(physician)).instructions
        problems = (await shown(physician)).problems
    assert one.state == "sent"
    assert [one.gateway for one in problems] == ["ward-box"]


async def test_physicians_instruct_and_nobody_else(board: Board) -> None:
    may = {role for role in Role if Permission.INSTRUCT in GRANTS[role]}
    assert may == {Role.PHYSICIAN}


async def test_who_looks_on_is_told_to_the_crew_until_they_close_the_panel(board: Board) -> None:
    controller, heard = board.controller, list[tuple[str, list[str]]]()
    watching = controller.app[CREWS].watching

    def hear(bed: str, names: Sequence[str]) -> None:
        heard.append((bed, list(names)))

    watching.watched.append(hear)
    async with client(controller, "physician") as physician, client(controller, "nurse") as nurse:
        for person in (physician, nurse, physician):
            assert await status(person, "POST", "/api/beds/amb-1/watching") == 204
        assert (await shown(nurse)).watchers == ["physician", "nurse"]
        controller.clock.let_pass(30)
        assert await status(physician, "POST", "/api/beds/amb-1/watching") == 204
        controller.clock.let_pass(20)
        await watching.lapse()
        assert (await shown(nurse)).watchers == ["physician"]
        controller.clock.let_pass(50)
        await watching.lapse()
    told = [one["by"] for one in await board.commands("watched")]
    assert told == ["physician", "physician, nurse", "physician", ""]
    expected = [["physician"], ["physician", "nurse"], ["physician"], []]
    assert heard == [("amb-1", names) for names in expected]
    entries = await trail(controller, "watch-vehicle", "watch-vehicle-ended")
    assert [(one["action"], one["actor"]) for one in entries] == [
        ("watch-vehicle", "physician"),
        ("watch-vehicle", "nurse"),
        ("watch-vehicle-ended", "nurse"),
        ("watch-vehicle-ended", "physician"),
    ]
    assert {one["patient"] for one in entries} == {unknown(ANN)}


async def test_after_a_restart_the_crew_hears_that_nobody_looks_on_any_more(board: Board) -> None:
    controller = board.controller
    async with client(controller, "physician") as physician:
        assert await status(physician, "POST", "/api/beds/amb-1/watching") == 204
    await controller.stop()
    await controller.start()
    watching = controller.app[CREWS].watching
    await watching.take_up()
    controller.clock.let_pass(50)
    await watching.lapse()
    assert [one["by"] for one in await board.commands("watched")] == ["physician", ""]


async def test_an_answer_to_what_was_asked_at_the_box_goes_back_to_it(board: Board) -> None:
    crew = board.crew
    await board.tell(crew.event(EventKind.REQUEST, board.now(), id="c" * 16, resource="team", note=""))
    async with client(board.controller, "nurse") as nurse:
        await board.controller.store.write(
            lambda db: db.execute("UPDATE gateway SET place = 'amb-1' WHERE id = 'box-1'")
        )
        [asked] = (await get(nurse, "/api/vehicles/amb-1/requests"))["requests"]
        assert asked["asked_by"] == "crew:Mei"
        path = f"/api/vehicles/amb-1/requests/{asked['id']}/acknowledgement"
        assert await status(nurse, "PUT", path, json={"answer": "room 2"}) == 200
    assert await board.commands("answer") == [
        {"vehicle": "amb-1", "id": "c" * 16, "text": "room 2", "by": "nurse"}
    ]


async def test_the_hospital_identifies_an_unknown_patient_and_the_same_stay_goes_on(board: Board) -> None:
    controller, body = board.controller, {"identifier": "P1", "name": "Li Na"}
    await board.tell(board.crew.mark(board.now(), "rosc"))
    async with client(controller, "nurse") as nurse, client(controller, "physician") as physician:
        assert await status(physician, "POST", "/api/beds/amb-1/identify", json=body) == 403
        assert await status(nurse, "POST", "/api/beds/amb-1/identify", json=body) == 204
        assert [one.code for one in (await shown(nurse)).marks] == ["rosc"]
        assert await refusal(nurse, "POST", "/api/beds/amb-1/identify", json=body) == (409, "conflict")
    assert controller.registry.beds["amb-1"].patient == Patient("P1", "Li Na")
    entries = await trail(controller, "identify")
    assert [(one["actor"], one["patient"]) for one in entries if one["outcome"] == "done"] == [
        ("nurse", unknown(ANN)),
        ("nurse", "P1"),
    ]


async def test_of_a_patient_on_another_wards_bed_nobody_learns_where(board: Board) -> None:
    await two_wards(board.controller)
    body = {"identifier": "P2", "name": "Two Beta"}
    async with client(board.controller, "anna") as anna:
        async with anna.post("/api/beds/amb-1/identify", json=body) as response:
            text = await response.text()
        assert response.status == 409
        assert "bed-b" not in text
    async with client(board.controller, "ben") as ben:
        for method, path in (("GET", PATH), ("POST", "/api/beds/amb-1/watching")):
            assert await refusal(ben, method, path) == (404, "not-found")


async def test_what_could_not_be_taken_over_is_an_engineers_to_see(board: Board) -> None:
    foreign = Board(board.controller, board.follower, "ward-box")
    await foreign.tell(foreign.crew.patient(1, "begin", BEN, name="Somebody"))
    assert board.controller.app[CONTEXT].registry.beds["bed-1"].patient is None
    async with client(board.controller, "engineer") as engineer, client(board.controller, "nurse") as nurse:
        found = CrewProblems.model_validate(await get(engineer, "/api/crew/problems"))
        assert await status(nurse, "GET", "/api/crew/problems") == 403
    [one] = found.problems
    assert (one.gateway, one.vehicle, one.kind) == ("ward-box", "amb-1", "patient")
    assert "engineer records which" in one.why
