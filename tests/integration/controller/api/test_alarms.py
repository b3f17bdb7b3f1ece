"""A nurse says over HTTP that she has seen an alarm: its gateway is told, once, and nobody else's."""

import json

from controller.live import AlertNow, Place
from controller.security.permissions import Role
from tests.support.controller import RunningController
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
