"""Patients whom crews hand over: the hospital takes them over, and goes on to see the ride."""

from typing import Any

from aiohttp import web

from controller.api.answers import BadRequest, answer
from controller.api.arrivals import ARRIVALS
from controller.api.asked import asked_metrics, whole
from controller.api.bodies import read_body
from controller.api.context import context, own_bed, seen_bed, seen_device, user, view
from controller.api.takeover_schemas import TakeOverBody
from controller.api.trends import MOST_METRICS, MOST_POINTS, POINTS, measured
from controller.crew.offers import Offered, offers, unanswered
from controller.crew.ride import Ride, ride
from controller.crew.takeover import Asked
from controller.errors import NotFound
from controller.handover.reading import read_case
from controller.history.reading import Steps

Json = dict[str, Any]


async def offered(request: web.Request) -> web.StreamResponse:
    """GET /api/offers."""
    parts, now_ms = context(request), context(request).clock.now_us() // 1000
    found = [one for one in await offers(parts.store, now_ms) if _may_see(request, one)]
    told = [await _offer(request, one) for one in found]
    return answer({"server_ms": now_ms, "offers": told, "beds": await _free_beds(request) if told else []})


async def take_over(request: web.Request) -> web.StreamResponse:
    """POST /api/vehicles/{vehicle}/handover."""
    parts, body = context(request), await read_body(request, TakeOverBody)
    vehicle = own_bed(request, request.match_info["vehicle"]).id
    own_bed(request, body.bed)
    for device in body.devices:
        seen_device(request, device)
    asked = Asked(vehicle, body.stay, body.bed, tuple(dict.fromkeys(body.devices)))
    await parts.registry.take_over(asked, user(request).name, request.remote or "")
    parts.hub.crew([vehicle, body.bed])
    return web.Response(status=204)


async def the_ride(request: web.Request) -> web.StreamResponse:
    """GET /api/beds/{bed}/ride."""
    found = await _ride(request)
    return answer({"ride": found and await _told(request, found)})


async def ride_trends(request: web.Request) -> web.StreamResponse:
    """GET /api/beds/{bed}/ride/trends: of the vehicle, while the patient was on board and not longer."""
    found, metrics = await _ride(request), asked_metrics(request, MOST_METRICS)
    points = whole(request, "points", POINTS)
    if not 1 <= points <= MOST_POINTS:
        raise BadRequest(f"expected points from 1 to {MOST_POINTS}, got {points}")
    if found is None:
        raise NotFound("this patient did not come by a vehicle within the last day: there is no ride to show")
    steps = Steps(found.from_ms, max(found.to_ms, found.from_ms + 1), points)
    store, began_us = context(request).store, found.from_ms * 1000
    return answer(await measured(store, found.vehicle, metrics, steps, began_us))


async def _ride(request: web.Request) -> Ride | None:
    bed, parts = seen_bed(request, request.match_info["bed"]), context(request)
    found = await ride(parts.store, bed.id, parts.clock.now_us() // 1000)
    seen_bed(request, bed.id)  # who came meanwhile may not be one whom this person sees
    return found


async def _told(request: web.Request, found: Ride) -> Json:
    parts = context(request)
    case = await read_case(parts.store, [found.id], parts.clock.now_us() // 1000)
    alarms = ("code", "priority", "value", "limit", "from_ms", "to_ms")
    return {
        **{name: getattr(found, name) for name in ("vehicle", "name", "from_ms", "to_ms", "at_ms", "by")},
        "metrics": [one.name for one in case.vitals],
        "alarms": [{name: getattr(one, name) for name in alarms} for one in case.alarms],
        "marks": [
            {"code": one.code, "text": one.text, "by": one.by, "at_ms": one.at_ms} for one in case.marks
        ],
        "unanswered": await unanswered(parts.store, found.id),
    }


def _may_see(request: web.Request, offer: Offered) -> bool:
    bed = context(request).registry.beds.get(offer.vehicle)
    return bed is not None and view(request).shows(bed.ward, offer.patient.identifier)


async def _offer(request: web.Request, offer: Offered) -> Json:
    parts = context(request)
    who = {"identifier": offer.patient.identifier, "name": offer.patient.name}
    told = ("vehicle", "stay", "to", "by", "at_ms", "from_ms", "to_ms")
    return {
        **{name: getattr(offer, name) for name in told},
        "name": parts.registry.beds[offer.vehicle].name,
        "patient": None if offer.to_ms is None else who,
        "devices": sorted(
            one for one in parts.registry.devices if parts.registry.bed_of(one) == offer.vehicle
        ),
        "unanswered": await unanswered(parts.store, offer.id),
    }


async def _free_beds(request: web.Request) -> list[Json]:
    vehicles = await request.config_dict[ARRIVALS].vehicles.names()
    beds = context(request).registry.beds.values()
    free = [one for one in beds if one.patient is None and one.id not in vehicles]
    return [
        {"id": one.id, "name": one.name, "ward": one.ward}
        for one in free
        if view(request).shows(one.ward, None)
    ]
