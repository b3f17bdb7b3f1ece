"""Orders over HTTP: kept once, audited, by an engineer only; nobody replaces what they have not seen."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession

from controller.api import order_schemas as schemas
from controller.api.order_routes import ORDER_ROUTES
from controller.api.orders import DESK
from controller.orders.desk import LONGEST_LIFE_US
from controller.security.permissions import GRANTS, Permission, Role
from devices.model.orders import COMMANDS, OF_CLINICIANS, OF_NETWORK, OF_ROBOTS, SETTINGS
from tests.support.controller import RunningController
from tests.support.http import client, get, refusal
from tests.support.people import add_person

PATH = "/api/provisioning/gw-a"
IDENTIFY = {"name": "identify"}
DEBUG = {"settings": {"log-level": "debug"}}
TOLD = """INSERT INTO device_event (stream, number, place, boot, mono_us, at_us, gateway, kind, detail)
VALUES (1, (SELECT count(*) FROM device_event), 0, 1, 0, ?, ?, ?, ?)"""


@pytest.fixture
async def engineer(controller: RunningController) -> AsyncIterator[ClientSession]:
    async with client(controller, "engineer") as session:
        yield session


async def command(session: ClientSession, key: str = "", **body: Any) -> schemas.IssuedCommand:
    headers = {"Idempotency-Key": key} if key else {}
    async with session.post(f"{PATH}/commands", json={**IDENTIFY, **body}, headers=headers) as response:
        assert response.status == 200, await response.text()
        return schemas.IssuedCommand.model_validate(await response.json())


async def configure(session: ClientSession, over: int, **settings: int | str) -> int:
    """The new revision; the answer's ETag is the same."""
    headers = {"If-Match": f'"{over}"'}
    body = {"settings": settings}
    async with session.put(f"{PATH}/configuration", json=body, headers=headers) as response:
        assert response.status == 200, await response.text()
        made = schemas.GatewayConfiguration.model_validate(await response.json())
        assert response.headers["ETag"] == f'"{made.revision}"'
        return made.revision


async def shown(session: ClientSession) -> schemas.GatewayOrders:
    return schemas.GatewayOrders.model_validate(await get(session, f"{PATH}/orders"))


async def gateway_says(controller: RunningController, kind: str, detail: str) -> None:
    """`gw-a` told in its journal, which ingest wrote down."""
    row = controller.clock.now_us(), "gw-a", kind, detail
    await controller.store.write(lambda db: db.execute(TOLD, row))


async def trail(controller: RunningController, action: str) -> list[tuple[Any, ...]]:
    query = """SELECT json_extract(entry, '$.actor'), json_extract(entry, '$.entity'),
    json_extract(entry, '$.why'), json_extract(entry, '$.where') FROM audit
    WHERE json_extract(entry, '$.action') = ?"""
    return [tuple(row) for row in await controller.store.read(query, (action,))]


async def test_everything_technical_of_the_models_table_is_offered(engineer: ClientSession) -> None:
    told = schemas.Offered.model_validate(await get(engineer, "/api/orders"))
    others = OF_CLINICIANS | OF_NETWORK | OF_ROBOTS
    technical = {name: list(arguments) for name, arguments in COMMANDS.items() if name not in others}
    assert [one.name for one in told.commands] == list(technical)
    assert {one.name: [field.name for field in one.arguments] for one in told.commands} == technical
    settings = {one.name: one for one in told.settings}
    assert list(settings) == list(SETTINGS)
    assert (settings["dscp-alert"].least, settings["dscp-alert"].most) == (0, 63)
    assert settings["log-level"].choices == ["debug", "info", "warning", "error"]
    assert (told.minutes, told.most_minutes) == (60, LONGEST_LIFE_US // 60_000_000)


async def test_a_command_is_kept_told_and_in_the_trail(
    controller: RunningController, engineer: ClientSession
) -> None:
    made = await command(engineer, name="set-log-level", arguments={"level": "debug"}, minutes=5, why="noise")
    [held] = (await shown(engineer)).commands
    assert (held.id, held.name, held.arguments) == (made.id, "set-log-level", {"level": "debug"})
    assert (held.issuer, held.state, held.told_ms) == ("engineer", "sent", None)
    assert held.expires_utc_ms - held.issued_utc_ms == 5 * 60_000
    assert await trail(controller, "command-issued") == [("engineer", "gateway/gw-a", "noise", "127.0.0.1")]
    [kept] = await controller.app[DESK].unanswered()
    assert kept.id.hex() == made.id


async def test_what_the_gateway_said_of_it_is_told_with_its_time_and_all_else(
    controller: RunningController, engineer: ClientSession
) -> None:
    made = await command(engineer)
    detail = f'{{"id": "{made.id}", "name": "identify", "outcome": "failed", "why": "no lamp", "lamps": 0}}'
    await gateway_says(controller, "command", detail)
    told = await shown(engineer)
    [held] = told.commands
    assert (held.state, held.why, held.more) == ("failed", "no lamp", {"lamps": 0})
    assert held.told_ms is not None
    assert held.told_ms <= told.server_ms


async def test_the_same_key_asks_once_however_often_and_at_once(
    controller: RunningController, engineer: ClientSession
) -> None:
    made = await asyncio.gather(*(command(engineer, "key-1") for _ in range(5)))
    assert len({one.id for one in made}) == 1
    assert len((await shown(engineer)).commands) == 1
    assert len(await trail(controller, "command-issued")) == 1
    # Without the same key each request is a command of its own.
    await command(engineer, "key-2")
    await command(engineer)
    await command(engineer)
    assert len((await shown(engineer)).commands) == 4


async def test_a_key_is_for_one_command_of_one_person(
    controller: RunningController, engineer: ClientSession
) -> None:
    await add_person(controller, "other", Role.ENGINEER, None)
    made = await command(engineer, "key-1")
    headers = {"Idempotency-Key": "key-1"}
    rebirth = {"name": "rebirth"}
    asked = await refusal(engineer, "POST", f"{PATH}/commands", json=rebirth, headers=headers)
    assert asked == (409, "conflict")
    async with client(controller, "other") as other:
        assert (await command(other, "key-1")).id != made.id


async def test_a_configuration_replaces_only_the_one_that_its_sender_has_seen(
    controller: RunningController, engineer: ClientSession
) -> None:
    await add_person(controller, "other", Role.ENGINEER, None)
    async with client(controller, "other") as other:
        first = await configure(engineer, 0, **{"log-level": "debug"})
        for unseen in (0, first - 1, first + 1):
            headers = {"If-Match": f'"{unseen}"'}
            asked = await refusal(other, "PUT", f"{PATH}/configuration", json=DEBUG, headers=headers)
            assert asked == (412, "outdated")
        second = await configure(other, first, **{"log-level": "debug", "dscp-wave": 8})
    assert second > first
    told = await get(engineer, f"{PATH}/configuration")
    assert told == {"revision": second, "settings": {"log-level": "debug", "dscp-wave": 8}}
    assert [who for who, *_ in await trail(controller, "configuration-issued")] == ["engineer", "other"]


async def test_a_configuration_whose_answer_was_lost_may_come_again_and_is_sent_once(
    controller: RunningController, engineer: ClientSession
) -> None:
    first = await configure(engineer, 0, **{"log-level": "debug"})
    assert await configure(engineer, 0, **{"log-level": "debug"}) == first
    assert len(await trail(controller, "configuration-issued")) == 1


async def test_a_configuration_that_does_not_say_what_it_replaces_is_refused(
    engineer: ClientSession,
) -> None:
    asked = await refusal(engineer, "PUT", f"{PATH}/configuration", json=DEBUG)
    assert asked == (428, "unconditional")
    for tag in ("1", "*", 'W/"1"', '"1", "2"', '"-1"', '"01"', '"one"'):
        headers = {"If-Match": tag}
        asked = await refusal(engineer, "PUT", f"{PATH}/configuration", json=DEBUG, headers=headers)
        assert asked == (400, "bad-request"), tag
    assert (await shown(engineer)).newest is None


async def test_the_revision_at_the_box_is_told_beside_the_newest_that_was_sent(
    controller: RunningController, engineer: ClientSession
) -> None:
    assert (await shown(engineer)).in_force is None
    first = await configure(engineer, 0, **{"dscp-wave": 8})
    await gateway_says(controller, "configuration", f'{{"revision": {first}, "outcome": "applied"}}')
    second = await configure(engineer, first, **{"dscp-wave": 10})
    refused = f'{{"revision": {second}, "outcome": "refused", "why": "no space"}}'
    await gateway_says(controller, "configuration", refused)
    told = await shown(engineer)
    assert told.in_force is not None
    assert (told.in_force.revision, told.in_force.settings) == (first, {"dscp-wave": 8})
    assert told.newest is not None
    assert (told.newest.revision, told.newest.state, told.newest.why) == (second, "refused", "no space")


async def test_what_would_change_is_told_before_anything_is_sent(engineer: ClientSession) -> None:
    first = await configure(engineer, 0, **{"dscp-wave": 8, "log-level": "debug"})
    body = {"settings": {"dscp-wave": 10, "journal-quota-mb": 64}}
    async with engineer.post(f"{PATH}/configuration/comparison", json=body) as response:
        told = schemas.Comparison.model_validate(await response.json())
    assert told.revision == first
    assert [(one.name, one.before, one.after) for one in told.changes] == [
        ("dscp-wave", 8, 10),
        ("journal-quota-mb", None, 64),
        ("log-level", "debug", None),
    ]
    assert (await get(engineer, f"{PATH}/configuration"))["revision"] == first


WRONG = (
    ("POST", "commands", {"name": "explode"}, "expected one of"),
    ("POST", "commands", {"name": "set-log-level"}, "expected level, it is missing"),
    ("POST", "commands", {"name": "identify", "arguments": {"loud": 1}}, "expected only nothing, got 'loud'"),
    ("POST", "commands", {"name": "identify", "minutes": 0}, "minutes"),
    ("POST", "commands", {"name": "identify", "minutes": 10**9}, "minutes"),
    ("POST", "commands", {"name": "identify", "why": "a\nb"}, "why"),
    ("PUT", "configuration", {"settings": {"dscp-wave": 64}}, "dscp-wave: expected 0 to 63, got 64"),
    ("PUT", "configuration", {"settings": {"dscp-wave": True}}, "settings"),
    ("PUT", "configuration", {"settings": {"colour": "red"}}, "got 'colour'"),
    ("POST", "configuration/comparison", {"settings": {"log-level": "loud"}}, "expected debug, info"),
)


async def test_what_no_gateway_would_take_is_refused_in_the_models_words(
    controller: RunningController, engineer: ClientSession
) -> None:
    for method, path, body, says in WRONG:
        headers = {"If-Match": '"0"'}
        async with engineer.request(method, f"{PATH}/{path}", json=body, headers=headers) as response:
            assert response.status == 400, body
            assert says in (await response.json())["error"]["message"]
    headers = {"Idempotency-Key": "a b"}
    asked = await refusal(engineer, "POST", f"{PATH}/commands", json=IDENTIFY, headers=headers)
    assert asked == (400, "bad-request")
    assert (await shown(engineer)).commands == []
    assert await trail(controller, "command-issued") == []


async def test_a_gateway_that_is_unknown_out_or_elsewhere_takes_no_orders(
    controller: RunningController, engineer: ClientSession
) -> None:
    elsewhere = f"{PATH.replace('gw-a', 'nobody')}/commands"
    assert await refusal(engineer, "POST", elsewhere, json=IDENTIFY) == (404, "not-found")
    await controller.registry.add_ward("ward-z", "Ward Z")
    await add_person(controller, "z", Role.ENGINEER, ["ward-z"])
    await controller.store.write(lambda db: db.execute("UPDATE gateway SET place = 'ward-a'"))
    headers = {"If-Match": '"0"'}
    async with client(controller, "z") as other:
        assert await refusal(other, "POST", f"{PATH}/commands", json=IDENTIFY) == (404, "not-found")
        asked = await refusal(other, "PUT", f"{PATH}/configuration", json=DEBUG, headers=headers)
        assert asked == (404, "not-found")
    await command(engineer)  # whose ward it is may
    await controller.store.write(lambda db: db.execute("UPDATE gateway SET provisioned = 0"))
    asked = await refusal(engineer, "POST", f"{PATH}/commands", json=IDENTIFY)
    assert asked == (409, "not-provisioned")


async def test_nobody_but_an_engineer_reaches_any_of_it(controller: RunningController) -> None:
    others = [role for role in Role if Permission.READ_GATEWAYS not in GRANTS[role]]
    assert Role.NURSE in others
    for role in others:
        async with client(controller, role.value) as person:
            for route in ORDER_ROUTES:
                path = re.sub(r"{\w+}", "gw-a", route.path)
                body = IDENTIFY if route.body else None
                assert (await refusal(person, route.method, path, json=body))[0] == 403, (role, route.name)
