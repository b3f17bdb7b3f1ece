"""Robots over HTTP: the fleet, its map, transports, what was, and what people do to robots."""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from controller.api.answers import BadRequest, answer
from controller.api.bodies import read_body
from controller.api.context import context, user
from controller.api.once import key_of
from controller.api.replaced import replaced, tag
from controller.api.robots_context import robots
from controller.api.robots_schemas import (
    DrawerBody,
    EdgeBody,
    PositionBody,
    TakenBody,
    TransportBody,
    TransportCancelBody,
)
from controller.errors import Conflict, NotFound, NotProved
from controller.identity.certificates import By
from controller.robots import people
from controller.robots.books import Carriage, Wanted
from controller.robots.errand import Pose
from controller.robots.reasons import coded
from controller.robots.replay import LONGEST_MS, replay
from controller.robots.shown import STALE_MS, eta_item, map_item, robot_items, why_item
from controller.security.badges import Shown
from controller.security.permissions import Permission, permissions_of

LIST = "/api/robots"
_NOTHING = 204


async def fleet(request: web.Request) -> web.StreamResponse:
    """GET /api/robots."""
    held, now_ms = robots(request), _now_ms(request)
    shown = [_aged(one, now_ms) for one in robot_items(held.master)]
    questions = [{**asdict(one), **why_item(one.why)} for one in held.master.attention.open.values()]
    stopped = held.master.stopped
    told = {
        "stopped": str(stopped),
        "stopped_reason": coded(stopped),
        "robots": shown,
        "questions": questions,
    }
    return answer({"server_ms": now_ms, **told})


async def robot_map(request: web.Request) -> web.StreamResponse:
    """GET /api/robots/map."""
    return answer({"server_ms": _now_ms(request), **map_item(robots(request).master)})


async def past(request: web.Request) -> web.StreamResponse:
    """GET /api/robots/replay."""
    held = robots(request)
    from_ms, to_ms = (_ms(request, name) for name in ("from_ms", "to_ms"))
    if not 0 < to_ms - from_ms <= LONGEST_MS:
        raise BadRequest(f"expected to_ms after from_ms, by at most {LONGEST_MS} ms, got {to_ms - from_ms}")
    return answer({"from_ms": from_ms, "to_ms": to_ms, **await replay(held.books.store, from_ms, to_ms)})


async def seen_to(request: web.Request) -> web.StreamResponse:
    """PUT /api/robots/questions/{question}/seen-to."""
    held, number = robots(request), request.match_info["question"]
    is_number = number.isascii() and number.isdecimal() and len(number) < 10
    if not (is_number and held.master.attention.seen_to(int(number))):
        raise NotFound(f"there is no question {number!r:.20}: see /api/robots for those there are")
    await held.books.act("robot-question-seen-to", f"question/{number}", _by(request))
    return web.Response(status=_NOTHING)


# Transports


async def transports(request: web.Request) -> web.StreamResponse:
    """GET /api/robots/transports."""
    held, query = robots(request), request.query
    found = await held.books.listed(query.get("subject", "")[:64], only_open=query.get("open") == "1")
    shown = [_transport(request, one) for one in found]
    return answer({"server_ms": _now_ms(request), "transports": shown})


async def ask(request: web.Request) -> web.StreamResponse:
    """POST /api/robots/transports."""
    held, body = robots(request), await read_body(request, TransportBody)
    wanted = Wanted(body.pick, body.drop, body.load, body.priority, body.subject, body.deadline_ms)
    return _told(request, await held.transport(wanted, _by(request), key=key_of(request)))


async def transport(request: web.Request) -> web.StreamResponse:
    """GET /api/robots/transports/{transport}."""
    return _told(request, await robots(request).books.find(request.match_info["transport"]))


async def cancel(request: web.Request) -> web.StreamResponse:
    """PUT /api/robots/transports/{transport}/cancelled."""
    held, body = robots(request), await read_body(request, TransportCancelBody)
    over = replaced(request) if "If-Match" in request.headers else None
    name, by = request.match_info["transport"], _by(request, body.why)
    return _told(request, await held.cancel(name, by, over))


async def loaded(request: web.Request) -> web.StreamResponse:
    """PUT /api/robots/transports/{transport}/loaded."""
    return _told(request, await robots(request).loaded(request.match_info["transport"], _by(request)))


async def drawer(request: web.Request) -> web.StreamResponse:
    """PUT /api/robots/transports/{transport}/drawer."""
    held, body = robots(request), await read_body(request, DrawerBody)
    name = request.match_info["transport"]
    robot = people.at_stop(held.master, name)
    shown = Shown(body.person or user(request).name, body.pin, body.badge, body.password)
    known = await context(request).badges.who(shown, f"robot:{robot}")
    if Permission.ASK_ROBOTS not in permissions_of(known.user.roles):
        raise NotProved(f"{known.user.name} may not take deliveries: another person has to")
    await context(request).prescriptions.riding.check_taker(name, known.user, body.drawer)
    by = By(known.user.name, request.remote or "")
    return _told(request, await held.open_drawer(name, body.drawer, by, known.how))


async def taken(request: web.Request) -> web.StreamResponse:
    """PUT /api/robots/transports/{transport}/taken."""
    held, body = robots(request), await read_body(request, TakenBody)
    if not body.taken and not body.why:
        raise BadRequest("expected why it was not taken, got nothing: say it in a few words")
    name, by = request.match_info["transport"], _by(request, body.why)
    if body.taken:
        await context(request).prescriptions.riding.check_taker(name, user(request), None)
    return _told(request, await held.taken(name, by, taken=body.taken))


# Robots


async def take_over(request: web.Request) -> web.StreamResponse:
    """PUT /api/robots/{robot}/taken-over."""
    await robots(request).take_over(request.match_info["robot"], _by(request))
    return web.Response(status=_NOTHING)


async def hand_back(request: web.Request) -> web.StreamResponse:
    """DELETE /api/robots/{robot}/taken-over."""
    await robots(request).hand_back(request.match_info["robot"], _by(request))
    return web.Response(status=_NOTHING)


async def say_position(request: web.Request) -> web.StreamResponse:
    """PUT /api/robots/{robot}/position."""
    held, body = robots(request), await read_body(request, PositionBody)
    pose = Pose(body.x, body.y, body.map)
    await held.say_position(request.match_info["robot"], pose, body.theta, _by(request))
    return web.Response(status=_NOTHING)


async def stop(request: web.Request) -> web.StreamResponse:
    """PUT /api/robots/stop."""
    await robots(request).stop_all(_by(request))
    return web.Response(status=_NOTHING)


async def release(request: web.Request) -> web.StreamResponse:
    """DELETE /api/robots/stop."""
    await robots(request).go_all(_by(request))
    return web.Response(status=_NOTHING)


async def edge(request: web.Request) -> web.StreamResponse:
    """PUT /api/robots/edges/{edge}."""
    held, body = robots(request), await read_body(request, EdgeBody)
    name, by = request.match_info["edge"], _by(request, body.why)
    await (held.block(name, by) if body.blocked else held.reopen(name, by))
    return web.Response(status=_NOTHING)


def _aged(item: dict[str, Any], now_ms: int) -> dict[str, Any]:
    """With its age, which the answer's reader cannot know better."""
    age = None if item["at_ms"] is None else max(0, now_ms - item["at_ms"])
    return {**item, "age_ms": age, "stale": age is None or age > STALE_MS}


def _transport(request: web.Request, one: Carriage) -> dict[str, Any]:
    told = {name: value for name, value in asdict(one).items() if name != "wanted"} | why_item(one.why)
    master = robots(request).master
    try:
        waits = bool(people.at_stop(master, one.id))
    except (NotFound, Conflict):
        waits = False
    rest = {
        "waits_here": waits,
        "eta": eta_item(master, one.id, _now_ms(request)),
        "drawer": _drawer(request, one),
    }
    return {**told, **asdict(one.wanted), **rest}


def _drawer(request: web.Request, one: Carriage) -> dict[str, Any] | None:
    asked = robots(request).master.drawers.of(one.id)
    if asked is None:
        return None
    told = {"drawer": asked.drawer, "person": asked.person, "at_ms": asked.at_ms, "state": asked.state}
    return {**told, **why_item(asked.why)}


def _told(request: web.Request, one: Carriage) -> web.Response:
    told = {"server_ms": _now_ms(request), "transport": _transport(request, one)}
    return answer(told, headers=tag(one.revision))


def _ms(request: web.Request, name: str) -> int:
    text = request.query.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise BadRequest(f"expected {name} in ms since 1970, got {text!r:.40}")
    return int(text)


def _by(request: web.Request, why: str = "") -> By:
    return By(user(request).name, request.remote or "", why)


def _now_ms(request: web.Request) -> int:
    return context(request).clock.now_us() // 1000
