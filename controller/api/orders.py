"""Orders to gateways over HTTP: the desk's own words, the same as on the command line.

A command with an `Idempotency-Key` is kept once, however often it comes. A configuration says in `If-Match`
which revision it replaces, so that of two engineers neither takes back what the other did unseen.
"""

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path

from aiohttp import web

from controller.api.answers import BadRequest, answer
from controller.api.bodies import read_body
from controller.api.context import context, user
from controller.api.gateways import own_place
from controller.api.once import key_of
from controller.api.order_schemas import CommandBody, ConfigurationBody, SettingsBody
from controller.api.replaced import replaced
from controller.errors import NotFound
from controller.identity.certificates import By
from controller.orders.desk import LIFE_US, LONGEST_LIFE_US, OrderDesk
from controller.orders.followed import Followed, InForce
from controller.quality import latest as latest_quality
from controller.software.offered import FOLDER, offered
from controller.software.progress import latest
from devices.model.lying import without_lying
from devices.model.orders import COMMANDS, OF_CLINICIANS, OF_NETWORK, OF_ROBOTS, SETTINGS
from devices.wire.orders import Command, Configuration

Bounds = range | tuple[str, ...] | re.Pattern[str]
"""What a field may be, as the model has it."""

DESK: web.AppKey[OrderDesk] = web.AppKey("desk", OrderDesk)
"""Of an application."""
MOST = 50
"""Commands of a gateway that are told."""
_MINUTE_US = 60_000_000
_NOT_TECHNICAL = OF_CLINICIANS | OF_NETWORK | OF_ROBOTS


async def choices(_request: web.Request) -> web.StreamResponse:
    """GET /api/orders."""
    known = {name: arguments for name, arguments in COMMANDS.items() if name not in _NOT_TECHNICAL}
    commands = [{"name": name, "arguments": _fields(arguments)} for name, arguments in known.items()]
    minutes = {"minutes": LIFE_US // _MINUTE_US, "most_minutes": LONGEST_LIFE_US // _MINUTE_US}
    return answer({"commands": commands, "settings": _fields(SETTINGS), **minutes})


async def orders(request: web.Request) -> web.StreamResponse:
    """GET /api/provisioning/{gateway}/orders."""
    parts, desk, gateway = context(request), request.config_dict[DESK], _known(request)
    newest = next(iter(await desk.configurations(gateway)), None)
    in_force = await desk.in_force(gateway)
    return answer(
        {
            "server_ms": parts.clock.now_us() // 1000,
            "utc_ms": parts.clock.utc_us() // 1000,
            "state": parts.hub.gateway_held(gateway).get("state", "offline"),
            "commands": [_shown(one) for one in await desk.commands(gateway, MOST)],
            "newest": newest and _shown(newest),
            "in_force": in_force and _applied(in_force),
            "software": await _software(request, gateway),
            "quality": await _quality(request, gateway),
            "releases": sorted({one.number for one in await asyncio.to_thread(offered, _mirror(request))}),
        }
    )


async def command(request: web.Request) -> web.StreamResponse:
    """POST /api/provisioning/{gateway}/commands."""
    gateway, body = await own_gateway(request), await read_body(request, CommandBody)
    if body.name in _NOT_TECHNICAL:
        raise BadRequest(
            f"expected a technical command, got {body.name!r}: who has seen an alarm says so on the board"
        )
    made = await request.config_dict[DESK].command(
        *(gateway, body.name, body.arguments, _by(request, body.why), body.minutes * _MINUTE_US),
        key=key_of(request),
    )
    times = {"issued_utc_ms": made.issued_us // 1000, "expires_utc_ms": made.expires_us // 1000}
    return answer({"id": made.id.hex(), **times})


async def configuration(request: web.Request) -> web.StreamResponse:
    """GET /api/provisioning/{gateway}/configuration."""
    held = await request.config_dict[DESK].configurations(_known(request))
    newest = held[0].order if held else None
    return _tagged(newest if isinstance(newest, Configuration) else None)


async def configure(request: web.Request) -> web.StreamResponse:
    """PUT /api/provisioning/{gateway}/configuration."""
    gateway, over = await own_gateway(request), replaced(request)
    body = await read_body(request, ConfigurationBody)
    by = _by(request, body.why)
    return _tagged(await request.config_dict[DESK].configure(gateway, body.settings, by, over=over))


async def compare(request: web.Request) -> web.StreamResponse:
    """POST /api/provisioning/{gateway}/configuration/comparison: nothing is sent."""
    gateway, body = _known(request), await read_body(request, SettingsBody)
    revision, changes = await request.config_dict[DESK].compare(gateway, body.settings)
    told = [{"name": one.name, "before": one.before, "after": one.after} for one in changes]
    return answer({"revision": revision, "changes": told})


async def _software(request: web.Request, gateway: str) -> dict[str, object] | None:
    told = await latest(context(request).store, gateway)
    if told is None:
        return None
    said = {"release": told.release, "progress": told.progress, "why": told.why}
    return {**said, "told_ms": told.told_us // 1000}


async def _quality(request: web.Request, gateway: str) -> dict[str, object] | None:
    told = await latest_quality(context(request).store, gateway)
    if told is None:
        return None
    said = {"state": told.state, "profile": told.profile, "why": told.why}
    return {**said, "told_ms": told.told_us // 1000}


def _mirror(request: web.Request) -> Path:
    return context(request).store.folder / FOLDER


def _known(request: web.Request) -> str:
    gateway = request.match_info["gateway"]
    if gateway not in context(request).registry.gateways:
        raise NotFound(f"there is no gateway {gateway!r}: see /api/provisioning for those there are")
    return gateway


async def own_gateway(request: web.Request) -> str:
    """The gateway that is asked for, which stands where the one who asks may put one. Raises NotFound."""
    gateway = _known(request)
    rows = await context(request).store.read("SELECT place FROM gateway WHERE id = ?", (gateway,))
    own_place(request, rows[0]["place"] if rows else "")
    return gateway


def _by(request: web.Request, why: str) -> By:
    return By(user(request).name, request.remote or "", why)


def _fields(known: Mapping[str, Bounds]) -> list[dict[str, object]]:
    return [{"name": name, **_bounds(bounds)} for name, bounds in known.items()]


def _bounds(bounds: Bounds) -> dict[str, object]:
    none = {"least": None, "most": None, "choices": [], "pattern": ""}
    match bounds:
        case range():
            return {**none, "kind": "whole", "least": bounds[0], "most": bounds[-1]}
        case re.Pattern():
            return {**none, "kind": "text", "pattern": bounds.pattern}
        case _:
            return {**none, "kind": "choice", "choices": list(bounds)}


def _shown(one: Followed) -> dict[str, object]:
    order = one.order
    told_ms = None if one.told_us is None else one.told_us // 1000
    progress = {"state": one.state, "why": one.why, "told_ms": told_ms, "more": dict(one.more)}
    whose = {"issuer": order.issuer, "issued_utc_ms": order.issued_us // 1000}
    return {**(_asked(order) if isinstance(order, Command) else _set(order)), **whose, **progress}


def _asked(order: Command) -> dict[str, object]:
    told = {"id": order.id.hex(), "name": order.name, "arguments": dict(order.arguments)}
    return {**told, "expires_utc_ms": order.expires_us // 1000}


def _set(order: Configuration) -> dict[str, object]:
    return {"revision": order.revision, "settings": without_lying(order.settings)}


def _applied(one: InForce) -> dict[str, object]:
    settings = None if one.settings is None else without_lying(one.settings)
    return {"revision": one.revision, "settings": settings, "told_ms": one.told_us // 1000}


def _tagged(held: Configuration | None) -> web.Response:
    told = {"revision": 0, "settings": {}} if held is None else _set(held)
    return answer(told, headers={"ETag": f'"{told["revision"]}"'})
