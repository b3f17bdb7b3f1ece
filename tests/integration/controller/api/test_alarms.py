"""A nurse says over HTTP that she has seen an alarm: its gateway is told, once, and nobody else's."""

import json
from typing import Any

from controller.live import AlertNow, Place
from controller.security.permissions import Role
from controller.stays import unknown
from devices.model.observation import DeviceEvent, EventKind, Instant
from devices.model.orders import SET_LIMIT, check_command
from tests.support.controller import RunningController
from tests.support.crew import ANN, BEN, Board, make_vehicle
from tests.support.http import client, get, refusal, status
from tests.support.people import add_person

PATH = "/api/beds/bed-1/alarms/seen"
BODY = {"gateway": "gw-a", "alarm": 7}


async def alarm(controller: RunningController, number: int = 7, *, active: bool = True) -> None:
    """SpO2 of ox-1, on bed-1, as its gateway told it."""
    await controller.store.write(lambda db: db.execute("UPDATE gateway SET provisioned = 1"))
    now = controller.clock.now_us()
    detail = {"alarm": number, "value": "79", "limit": "80", "onset-ms": 6000}
    place = Place(b"boot", now, now)
    controller.hub.alerts([AlertNow("gw-a", "ox-1", "spo2-desaturation", place, 3, active, detail, None)])


async def asked(controller: RunningController) -> list[tuple[str, str, dict[str, int]]]:
    """The commands that gateways were given."""
    rows = await controller.store.read("SELECT gateway, name, arguments FROM command ORDER BY issued_utc_us")
    return [(row["gateway"], row["name"], json.loads(row["arguments"])) for row in rows]


async def test_who_has_seen_an_alarm_tells_its_gateway_once(controller: RunningController) -> None:
    await alarm(controller)
    async with client(controller, "nurse") as nurse:
        assert await status(nurse, "POST", PATH, json=BODY) == 204
        assert await status(nurse, "POST", PATH, json=BODY) == 204
    assert await asked(controller) == [("gw-a", "acknowledge", {"alarm": 7})]


async def test_what_is_no_alarm_of_that_bed_now_cannot_be_seen(controller: RunningController) -> None:
    await alarm(controller)
    async with client(controller, "nurse") as nurse:
        for body in ({**BODY, "alarm": 8}, {**BODY, "gateway": "gw-b"}):
            assert await refusal(nurse, "POST", PATH, json=body) == (404, "not-found")
        await alarm(controller, active=False)
        assert await refusal(nurse, "POST", PATH, json=BODY) == (404, "not-found")
    assert await asked(controller) == []


async def test_nobody_says_so_of_another_wards_patient(controller: RunningController) -> None:
    await alarm(controller)
    await controller.registry.add_ward("ward-z", "Ward Z")
    await add_person(controller, "z", Role.NURSE, ["ward-z"])
    async with client(controller, "z") as other:
        assert await refusal(other, "POST", PATH, json=BODY) == (404, "not-found")
    assert await asked(controller) == []


async def test_who_only_looks_on_does_not_say_so(controller: RunningController) -> None:
    await alarm(controller)
    async with client(controller, "viewer") as viewer:
        assert (await refusal(viewer, "POST", PATH, json=BODY))[0] == 403


async def test_an_engineer_does_not_say_so_by_a_command_to_the_gateway(controller: RunningController) -> None:
    await alarm(controller)
    async with client(controller, "engineer") as engineer:
        path, named = "/api/provisioning/gw-a/commands", {"minutes": 5}
        body = {"name": "acknowledge", "arguments": {"alarm": 7}, **named}
        assert await refusal(engineer, "POST", path, json=body) == (400, "bad-request")
        assert await status(engineer, "POST", path, json={"name": "identify", **named}) == 200
        offered = [one["name"] for one in (await get(engineer, "/api/orders"))["commands"]]
    assert "identify" in offered
    assert "acknowledge" not in offered
    assert [name for _, name, _ in await asked(controller)] == ["identify"]


LIMITS = "/api/beds/amb-1/alarms/limits"
LIMIT = {"patient": unknown(ANN), "code": "hr-high", "value": "150"}


async def on_board(controller: RunningController, **about: str) -> Board:
    """Of amb-1: a patient whom nobody knows yet."""
    board = Board(controller, await make_vehicle(controller))
    await board.tell(board.crew.patient(board.now(), "begin", sex="male", age=60, **about))
    return board


def moved(board: Board, value: str, by: str, *, stay: str = ANN) -> DeviceEvent:
    """The box says so."""
    detail = {"bed": "amb-1", "stay": stay, "code": "hr-high", "value": value, "usual": "120", "by": by}
    return DeviceEvent(EventKind.LIMIT, Instant(board.now() * 10**9), detail)


async def shown(controller: RunningController, user: str = "nurse") -> dict[str, Any] | None:
    """hr-high, as the board is told."""
    async with client(controller, user) as person:
        held = (await get(person, LIMITS))["present"]
    return held and next(one for one in held["limits"] if one["code"] == "hr-high")


async def test_a_physician_moves_a_limit_for_the_patient_on_board(controller: RunningController) -> None:
    await on_board(controller)
    async with client(controller, "physician") as physician:
        assert await status(physician, "POST", LIMITS, json=LIMIT) == 204
        assert await status(physician, "POST", LIMITS, json={**LIMIT, "value": ""}) == 204
    orders = [arguments for _, name, arguments in await asked(controller) if name == SET_LIMIT]
    whose = {"bed": "amb-1", "stay": ANN, "code": "hr-high", "by": "physician"}
    assert sorted(orders, key=lambda one: one["value"]) == [{**whose, "value": ""}, {**whose, "value": "150"}]
    for arguments in orders:
        check_command(SET_LIMIT, arguments)


async def test_a_limit_meant_for_another_patient_is_sent_to_nobody(controller: RunningController) -> None:
    await on_board(controller)
    async with client(controller, "physician") as physician:
        body = {**LIMIT, "patient": unknown(BEN)}
        assert await refusal(physician, "POST", LIMITS, json=body) == (409, "conflict")
        path = "/api/beds/bed-1/alarms/limits"
        assert (await refusal(physician, "POST", path, json=LIMIT))[0] == 409
        for wrong in ({"value": "-1"}, {"value": "off"}, {"code": "HR HIGH"}):
            assert await refusal(physician, "POST", LIMITS, json={**LIMIT, **wrong}) == (400, "bad-request")
    assert SET_LIMIT not in [name for _, name, _ in await asked(controller)]


async def test_who_does_not_treat_patients_from_afar_moves_no_limit(controller: RunningController) -> None:
    await on_board(controller)
    for role in ("nurse", "viewer", "engineer"):
        async with client(controller, role) as person:
            assert (await refusal(person, "POST", LIMITS, json=LIMIT))[0] == 403


async def test_what_holds_is_what_the_box_said_last_with_who_and_when(controller: RunningController) -> None:
    board = await on_board(controller)
    usual = await shown(controller)
    assert usual is not None
    assert (usual["usual"], usual["least"], usual["most"], usual["value"]) == (120, 90, 180, None)
    await board.tell(moved(board, "150", "Mei"), moved(board, "170", "Ben", stay=BEN))
    held = await shown(controller)
    assert held is not None
    assert (held["value"], held["by"], held["asked"]) == (150, "Mei", None)
    assert abs(held["at_ms"] - controller.clock.now_us() // 1000) < 60_000
    await board.tell(moved(board, "", "Mei"))
    held = await shown(controller)
    assert held is not None
    assert (held["value"], held["by"]) == (None, "Mei")


async def test_limits_are_those_of_the_class_that_the_crew_said(controller: RunningController) -> None:
    await on_board(controller, **{"class": "neonate"})
    held = await shown(controller)
    assert held is not None
    assert (held["usual"], held["least"], held["most"]) == (200, 140, 240)


async def test_what_was_asked_for_is_shown_as_asked_until_the_box_has_done_it(
    controller: RunningController,
) -> None:
    board = await on_board(controller)
    async with client(controller, "physician") as physician:
        await status(physician, "POST", LIMITS, json=LIMIT)
    held = await shown(controller)
    assert held is not None
    assert held["value"] is None
    assert {"value": "150", "by": "physician", "state": "sent"}.items() <= held["asked"].items()
    await board.answers("failed", SET_LIMIT, why="amb-1: another patient")
    held = await shown(controller)
    assert held is not None
    assert (held["asked"]["state"], held["asked"]["why"]) == ("refused", "amb-1: another patient")
    async with client(controller, "physician") as physician:
        await status(physician, "POST", LIMITS, json=LIMIT)
    await board.tell(moved(board, "150", "physician"))
    await board.answers("done", SET_LIMIT)
    held = await shown(controller)
    assert held is not None
    assert (held["value"], held["asked"]) == (150, None)


async def test_of_a_bed_whose_stay_no_crew_began_nothing_is_claimed(controller: RunningController) -> None:
    async with client(controller, "nurse") as nurse:
        assert (await get(nurse, "/api/beds/bed-1/alarms/limits"))["present"] is None
