"""Limits of one patient in a ward over HTTP: who may move them, for whom, what is shown until they hold."""

import json
from pathlib import Path
from typing import Any

import pytest

from controller.security.permissions import GRANTS, Permission, Role
from controller.stays import Patient
from tests.support.controller import RunningController
from tests.support.crew import ANN, Board, make_vehicle
from tests.support.http import client, get, refusal, status
from tests.support.people import add_person
from tests.support.ward_box import WardBox

LIMITS, MOVE, CLASS = (f"/api/beds/bed-1/alarms/{one}" for one in ("limits", "ward-limits", "class"))
LIMIT = {"patient": "P-ANN", "code": "hr-high", "value": "150"}
CHILD = {"patient": "P-ANN", "class": "child"}


@pytest.fixture
async def box(controller: RunningController, tmp_path: Path) -> WardBox:
    """Of bed-1, where Ann lies."""
    await controller.store.write(lambda db: db.execute("UPDATE gateway SET provisioned = 1"))
    box = WardBox(controller.store, controller.clock, tmp_path / "box", served={"ox-1": "bed-1"})
    await box.tell()
    await controller.registry.admit("bed-1", Patient("P-ANN", "Ann"), "nurse")
    return box


async def shown(controller: RunningController, code: str = "hr-high") -> dict[str, Any]:
    async with client(controller, "viewer") as person:
        held = (await get(person, LIMITS))["present"]
    return {**held, "limit": next(one for one in held["limits"] if one["code"] == code)}


async def test_a_nurse_moves_a_limit_and_it_is_shown_as_asked_until_the_box_has_it(
    controller: RunningController, box: WardBox
) -> None:
    async with client(controller, "nurse") as nurse:
        assert await status(nurse, "POST", MOVE, json=LIMIT) == 204
    held = await shown(controller)
    assert held["limit"]["value"] is None
    asked = held["limit"]["asked"]
    assert (asked["value"], asked["by"], asked["state"], asked["waits"]) == ("150", "nurse", "sent", ["gw-a"])
    await box.hear()
    held = await shown(controller)
    assert (held["limit"]["value"], held["limit"]["by"], held["limit"]["asked"]) == (150, "nurse", None)
    assert held["ward"]["boxes"] == [{"gateway": "gw-a", "usual": "adult", "class": "adult"}]
    assert box.limit("hr-high", "bed-1") == "150"


async def test_a_class_is_chosen_for_this_patient_and_limits_that_it_does_not_allow_go(
    controller: RunningController, box: WardBox
) -> None:
    async with client(controller, "nurse") as nurse:
        await status(nurse, "POST", MOVE, json={**LIMIT, "value": "100"})
        assert await status(nurse, "POST", CLASS, json=CHILD) == 204
        await box.hear()
        held = await shown(controller)
        assert (held["class"], held["ward"]["chosen"], held["ward"]["asked"]) == ("child", "child", None)
        assert (held["limit"]["value"], held["limit"]["ended"], held["limit"]["usual"]) == (None, 100, 160)
        for wrong in ("horse", None):
            assert (await refusal(nurse, "POST", CLASS, json={**CHILD, "class": wrong}))[0] == 400


async def test_who_nurses_or_treats_patients_may_and_nobody_else(
    controller: RunningController, box: WardBox
) -> None:
    may = {role for role in Role if Permission.MOVE_LIMITS in GRANTS[role]}
    assert may == {Role.NURSE, Role.PHYSICIAN}
    for role in Role:
        async with client(controller, role.value) as person:
            wanted = 204 if role in may else 403
            assert await status(person, "POST", MOVE, json=LIMIT) == wanted, role
            assert await status(person, "POST", CLASS, json=CHILD) == wanted, role


async def test_nobody_moves_a_limit_of_another_wards_patient_or_of_another_patient(
    controller: RunningController, box: WardBox
) -> None:
    await controller.registry.add_ward("ward-z", "Ward Z")
    await add_person(controller, "z", Role.NURSE, ["ward-z"])
    async with client(controller, "z") as other:
        assert await refusal(other, "POST", MOVE, json=LIMIT) == (404, "not-found")
        assert await refusal(other, "POST", CLASS, json=CHILD) == (404, "not-found")
    async with client(controller, "nurse") as nurse:
        for path, body in ((MOVE, LIMIT), (CLASS, CHILD)):
            wrong = {**body, "patient": "P-BEN"}
            assert await refusal(nurse, "POST", path, json=wrong) == (409, "conflict")
        await controller.registry.discharge("bed-1", "nurse")
        assert await refusal(nurse, "POST", MOVE, json=LIMIT) == (409, "conflict")
        assert (await get(nurse, LIMITS))["present"] is None


async def test_a_vehicle_keeps_its_own_way_and_never_gets_both(
    controller: RunningController, box: WardBox
) -> None:
    board = Board(controller, await make_vehicle(controller))
    await board.tell(board.crew.patient(board.now(), "begin", sex="male", age=60))
    async with client(controller, "physician") as physician:
        path = "/api/beds/amb-1/alarms"
        held = (await get(physician, f"{path}/limits"))["present"]
        assert held["ward"] is None
        body = {**LIMIT, "patient": held["patient"]}
        assert await refusal(physician, "POST", f"{path}/ward-limits", json=body) == (409, "conflict")
        assert await status(physician, "POST", f"{path}/limits", json=body) == 204
        assert await refusal(physician, "POST", LIMITS, json=LIMIT) == (409, "conflict"), "a ward's bed"
    [order] = await board.commands("set-limit")
    assert order["stay"] == ANN
    sent = [row[0] for row in await controller.store.read("SELECT settings FROM configuration")]
    assert not [text for text in sent if "bed.amb-1" in text]


async def test_an_engineer_neither_sees_nor_sends_them_with_the_gateways_configuration(
    controller: RunningController, box: WardBox
) -> None:
    async with client(controller, "nurse") as nurse:
        await status(nurse, "POST", MOVE, json=LIMIT)
    path = "/api/provisioning/gw-a/configuration"
    async with client(controller, "engineer") as engineer:
        async with engineer.get(path) as response:
            tag, held = response.headers["ETag"], await response.json()
        assert held["settings"] == {}
        (row,) = await controller.store.read(
            "SELECT settings FROM configuration ORDER BY revision DESC LIMIT 1"
        )
        (name, text) = next(one for one in json.loads(row[0]).items() if one[0] == "bed.bed-1")
        forged = {"settings": {name: text.replace("150", "220")}}
        replacing = {"If-Match": tag}
        assert (await refusal(engineer, "PUT", path, json=forged, headers=replacing))[0] == 400
        good = {"settings": {"log-level": "debug"}}
        assert await status(engineer, "PUT", path, json=good, headers=replacing) == 200
        change = {"settings": {"log-level": "info"}}
        async with engineer.post(f"{path}/comparison", json=change) as response:
            changes = (await response.json())["changes"]
        assert changes == [{"name": "log-level", "before": "debug", "after": "info"}]
    await box.hear()
    assert box.limit("hr-high", "bed-1") == "150"
