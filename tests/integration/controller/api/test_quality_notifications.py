"""What an operator tells of a session: let in by that session's token, done once, and never believed."""

import json
import logging
import secrets
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import ClientSession

from controller.api.orders import DESK
from controller.api.quality import AT_ONCE, LARGEST
from devices.model.orders import LOOK_AT_QUALITY
from devices.model.quality_on_demand import sink_mark
from hil.sims.notices import MEDIA, Notice, status_event
from tests.integration.controller.api.test_orders import gateway_says, trail
from tests.support.controller import RunningController
from tests.support.http import client, refusal, status

PATH = "/api/quality/notifications"
SESSION, OTHER = "3fa85f64-5717-4562-b3fc-2c963f66afa6", "3fa85f64-5717-4562-b3fc-2c963f66afa7"
TOKEN = "ab" * 32


def notice(session: str = SESSION, token: str = TOKEN, **changes: Any) -> Notice:
    asked = {"sink": f"https://hospital.example{PATH}", "sinkCredential": {"accessToken": token}}
    made = status_event(asked, session, "UNAVAILABLE", "NETWORK_TERMINATED")
    return replace(made, event={**made.event, **changes})


async def holds(controller: RunningController, session: str = SESSION, token: str = TOKEN) -> None:
    """`gw-a` said in its journal that it holds a session of which it gave the operator this token."""
    told = {"state": "available", "profile": "QOS_L", "session": session, "sink": sink_mark(token)}
    await gateway_says(controller, "quality", json.dumps(told))


async def commands(controller: RunningController) -> list[tuple[str, str, dict[str, Any]]]:
    return [(one.gateway, one.name, dict(one.arguments)) for one in await controller.app[DESK].unanswered()]


def sent(event: Notice, **headers: str) -> dict[str, Any]:
    """A request of a server: it names no Origin."""
    shown = {"Content-Type": MEDIA, "Authorization": f"Bearer {event.token}", "Origin": "", **headers}
    return {"data": json.dumps(event.event), "headers": shown}


async def test_an_event_makes_its_gateway_look_and_is_in_the_trail(controller: RunningController) -> None:
    await holds(controller)
    assert await notice().post(controller.address) == 204
    assert await commands(controller) == [("gw-a", LOOK_AT_QUALITY, {"session": SESSION})]
    told = "UNAVAILABLE NETWORK_TERMINATED"
    expected = [("mobile-network", "gateway/gw-a", told, "127.0.0.1")]
    assert await trail(controller, "command-issued") == expected


async def test_the_same_event_again_changes_nothing_and_another_one_does(
    controller: RunningController,
) -> None:
    await holds(controller)
    event = notice()
    for _ in range(3):
        assert await event.post(controller.address) == 204
    assert len(await commands(controller)) == 1
    assert await notice().post(controller.address) == 204
    assert await notice(id=event.event["id"], source="/another").post(controller.address) == 204
    assert len(await commands(controller)) == 3


@pytest.mark.parametrize("token", ["cd" * 32, "", TOKEN.upper(), TOKEN[:-1], sink_mark(TOKEN)])
async def test_with_any_other_token_nothing_happens(controller: RunningController, token: str) -> None:
    await holds(controller)
    async with client(controller) as stranger:
        request = sent(notice(token=token))
        assert await refusal(stranger, "POST", PATH, **request) == (401, "no-session")
    assert await commands(controller) == []
    assert await notice().post(controller.address) == 204  # with its own it does


async def test_without_a_token_nothing_happens_even_for_an_engineer(controller: RunningController) -> None:
    await holds(controller)
    for user in (None, "engineer"):
        async with client(controller, user) as session:
            body = sent(notice())
            del body["headers"]["Authorization"]
            assert await refusal(session, "POST", PATH, **body) == (401, "no-session")
    assert await commands(controller) == []


async def test_a_token_opens_nothing_for_another_session(controller: RunningController) -> None:
    await holds(controller)
    async with client(controller) as operator:
        assert await refusal(operator, "POST", PATH, **sent(notice(OTHER))) == (403, "other-session")
    assert await commands(controller) == []


async def test_a_token_ends_with_its_session(controller: RunningController) -> None:
    await holds(controller)
    await gateway_says(controller, "quality", '{"state": "released", "profile": "QOS_L"}')
    assert await notice().post(controller.address) == 401
    await holds(controller, OTHER, "ef" * 32)
    assert await notice().post(controller.address) == 401
    assert await notice(OTHER, "ef" * 32).post(controller.address) == 204


@pytest.mark.parametrize(
    "changes",
    [
        {"specversion": "0.3"},
        {"type": "org.camaraproject.quality-on-demand.v1.something"},
        {"id": ""},
        {"id": 7},
        {"source": None},
        {"datacontenttype": "text/plain"},
        {"data": None},
        {"data": {"sessionId": SESSION, "qosStatus": "GOOD"}},
        {"data": {"sessionId": "session 1", "qosStatus": "AVAILABLE"}},
        {"data": {"sessionId": SESSION, "qosStatus": "UNAVAILABLE", "statusInfo": "<b>"}},
        {"extension": "x" * LARGEST},
    ],
)
async def test_what_is_no_such_event_is_refused(
    controller: RunningController, changes: dict[str, Any]
) -> None:
    await holds(controller)
    async with client(controller) as operator:
        assert await refusal(operator, "POST", PATH, **sent(notice(**changes))) == (400, "bad-request")
    assert await commands(controller) == []


async def test_an_extension_of_the_event_is_passed_over(controller: RunningController) -> None:
    await holds(controller)
    assert await notice(traceparent="00-1-1-00").post(controller.address) == 204


async def test_an_event_in_another_mode_is_refused(controller: RunningController) -> None:
    await holds(controller)
    async with client(controller) as operator:
        request = sent(notice(), **{"Content-Type": "application/json"})
        assert await refusal(operator, "POST", PATH, **request) == (400, "bad-request")


async def test_who_tells_too_much_waits_and_nobody_else_does(controller: RunningController) -> None:
    await holds(controller)

    async def told(session: ClientSession) -> int:
        return await status(session, "POST", PATH, **sent(notice(token=secrets.token_hex(32))))

    async with client(controller) as guesser:
        assert {await told(guesser) for _ in range(AT_ONCE)} == {401}
        async with guesser.post(PATH, **sent(notice())) as response:
            assert response.status == 429
            wait_s = int(response.headers["Retry-After"])
        controller.clock.let_pass(wait_s)
        assert await status(guesser, "POST", PATH, **sent(notice())) == 204


async def test_neither_token_nor_event_is_in_a_log_or_in_the_trail(
    controller: RunningController, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await holds(controller)
    wrong = "cd" * 32
    async with client(controller) as stranger:
        await status(stranger, "POST", PATH, **sent(notice(token=wrong)))
    assert await notice().post(controller.address) == 204
    await controller.app.shutdown()
    rows = await controller.store.read("SELECT entry FROM audit", ())
    written = caplog.text + "".join(str(row["entry"]) for row in rows)
    assert "mobile-network" in written
    for secret in (TOKEN, wrong):
        assert secret not in written
