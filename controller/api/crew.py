"""The crew of a vehicle: what they tell, what a physician asks of them, who looks on, who a patient is."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass

from aiohttp import web

from controller.api.answers import BadRequest, answer
from controller.api.bodies import read_body
from controller.api.context import context, own_bed, seen_bed, user, view
from controller.api.crew_schemas import IdentifyBody, InstructBody, Number
from controller.api.ward import check_elsewhere
from controller.crew import timeline
from controller.crew.instructions import Asked, InstructionDesk
from controller.crew.watching import Watching
from controller.errors import NotFound
from controller.identity.certificates import By
from controller.registry import Patient
from controller.shards.duty import on_duty

LOOK_S = 3.0
"""How often those who look on no more are looked for."""


@dataclass(frozen=True, slots=True)
class Crews:
    """What the handlers work with."""

    instructions: InstructionDesk
    watching: Watching


CREWS: web.AppKey[Crews] = web.AppKey("crews", Crews)
"""Of an application."""


async def lapses(app: web.Application) -> AsyncIterator[None]:
    """A handler of `Application.cleanup_ctx`: who looks on no more is forgotten soon."""
    watching = app[CREWS].watching

    async def look() -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            await watching.lapse()

    async with on_duty(app, "watching", look, begin=watching.take_up):
        yield


async def crew(request: web.Request) -> web.StreamResponse:
    """GET /api/beds/{bed}/crew."""
    bed, parts = seen_bed(request, request.match_info["bed"]).id, request.config_dict[CREWS]
    store, now_ms = context(request).store, context(request).clock.now_us() // 1000
    told = await timeline.timeline(store, bed, now_ms)
    instructions = [asdict(one) for one in await parts.instructions.present(bed)]
    shown = {**told, "instructions": instructions, "watchers": parts.watching.names(bed)}
    return answer({"server_ms": now_ms, "vehicle": await timeline.is_vehicle(store, bed), **shown})


async def watch(request: web.Request) -> web.StreamResponse:
    """POST /api/beds/{bed}/watching."""
    bed = seen_bed(request, request.match_info["bed"]).id
    if not await timeline.is_vehicle(context(request).store, bed):
        raise NotFound(f"bed {bed!r} is no vehicle: there is no crew to tell who looks on")
    await request.config_dict[CREWS].watching.beat(bed, user(request).name, request.remote or "")
    return web.Response(status=204)


async def instruct(request: web.Request) -> web.StreamResponse:
    """PUT /api/beds/{bed}/crew/instructions/{id}."""
    bed, number = own_bed(request, request.match_info["bed"]).id, request.match_info["id"]
    body = await read_body(request, InstructBody)
    if not re.fullmatch(Number, number):
        raise BadRequest(f"expected a new number of 16 hexadecimal digits, got {number!r:.60}")
    by, desk = By(user(request).name, request.remote or ""), request.config_dict[CREWS].instructions
    await desk.instruct(bed, Asked(number, body.text, body.patient), by)
    context(request).hub.crew([bed])
    return web.Response(status=204)


async def identify(request: web.Request) -> web.StreamResponse:
    """POST /api/beds/{bed}/identify."""
    bed = own_bed(request, request.match_info["bed"])
    body = await read_body(request, IdentifyBody)
    check_elsewhere(request, body.identifier)
    patient, who = Patient(body.identifier, body.name), user(request).name
    await context(request).registry.identify(bed.id, patient, who, request.remote or "")
    return web.Response(status=204)


async def problems(request: web.Request) -> web.StreamResponse:
    """GET /api/crew/problems: of vehicles that one may see, and of none."""
    registry, seen = context(request).registry, view(request)
    found = await timeline.problems(context(request).store)
    hidden = {bed.id for bed in registry.beds.values() if not seen.shows(bed.ward, None)}
    return answer({"problems": [one for one in found if one["vehicle"] not in hidden]})
