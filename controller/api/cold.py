"""Medicines that must stay cold: the boxes, what is packed into them, and what a pharmacist says of it."""

from dataclasses import asdict
from typing import Literal

from aiohttp import web

from controller.api.alarm_routes import SeenBody, tell_gateway
from controller.api.answers import answer
from controller.api.bodies import Body, read_body
from controller.api.context import context
from controller.api.patients import own_sight
from controller.api.prescriptions_deliveries import over_of, told_of
from controller.api.prescriptions_schemas import Said
from controller.api.prescriptions_shown import by, now_ms, service
from controller.api.robots_schemas import Id
from controller.errors import NotFound


class PackedBody(Body):
    """Into which cooled box it is put, as it stands on the box."""

    place: Id


class VerdictBody(Body):
    """What a pharmacist says of it."""

    verdict: Literal["released", "discarded"]
    why: Said


class BoxBody(Body):
    """Whether a place is a cooled box that is in use."""

    in_use: bool


async def boxes(request: web.Request) -> web.StreamResponse:
    """GET /api/pharmacy/boxes."""
    found = await service(request).boxes.listed()
    return answer({"server_ms": now_ms(request), "boxes": [asdict(one) for one in found]})


async def use_box(request: web.Request) -> web.StreamResponse:
    """PUT /api/pharmacy/boxes/{place}."""
    body = await read_body(request, BoxBody)
    await service(request).boxes.use(request.match_info["place"], by(request), in_use=body.in_use)
    return web.Response(status=204)


async def pack(request: web.Request) -> web.StreamResponse:
    """PUT /api/deliveries/{delivery}/box."""
    over, body = await over_of(request), await read_body(request, PackedBody)
    return await told_of(request, await service(request).cold.pack(over, body.place, by(request)))


async def judge(request: web.Request) -> web.StreamResponse:
    """PUT /api/deliveries/{delivery}/verdict."""
    over, body = await over_of(request), await read_body(request, VerdictBody)
    made = await service(request).cold.judge(over, body.verdict, by(request, body.why))
    return await told_of(request, made)


async def seen(request: web.Request) -> web.StreamResponse:
    """POST /api/deliveries/{delivery}/alarms/seen: whoever carries it may not see the ward of the box."""
    body, parts = await read_body(request, SeenBody), service(request)
    one, _ = await parts.deliveries.find(request.match_info["delivery"], await own_sight(request))
    told = (await parts.cold.shown([one.id])).get(one.id)
    place = told and told.cold.ended_ms is None and told.cold.boxes and told.cold.boxes[-1].place
    if not place or context(request).hub.alarm_bed(body.gateway, body.alarm) != place:
        raise NotFound(f"there is no alarm {body.alarm} of the box of {one.number} any more: look again")
    return await tell_gateway(request, body)
