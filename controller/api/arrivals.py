"""The arrivals board: vehicles with a patient on board, when they arrive, and what their crews ask for."""

from dataclasses import asdict, dataclass
from typing import Any

from aiohttp import web

from controller.api.answers import answer
from controller.api.arrivals_schemas import AcknowledgeBody, AskBody
from controller.api.auditing import record_access
from controller.api.bodies import read_body
from controller.api.context import context, own_bed, seen_bed, user, view
from controller.arrivals.corridor import Corridor
from controller.arrivals.eta import Eta, eta
from controller.arrivals.globe import Point
from controller.arrivals.position import Fix, Position, position
from controller.arrivals.requests import Request, RequestDesk
from controller.arrivals.streets import Line
from controller.arrivals.trend import Trend
from controller.arrivals.vehicles import Vehicles
from controller.errors import NotFound
from controller.identity.certificates import By
from controller.sections import ArrivalsSection

Json = dict[str, Any]
TRAIL_STEP_US = 10_000_000
"""Points of a trail are this far apart in time at least."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What the handlers work with. `hospital` None: the configuration does not say where it is."""

    vehicles: Vehicles
    desk: RequestDesk
    hospital: ArrivalsSection | None
    corridor: Corridor | None
    """None: no streets are known, and no city is asked for green lights."""
    trend: Trend


ARRIVALS: web.AppKey[Arrivals] = web.AppKey("arrivals", Arrivals)
"""Of an application."""


async def arrivals(request: web.Request) -> web.StreamResponse:
    """GET /api/arrivals."""
    parts = request.config_dict[ARRIVALS]
    seen = [one for one in await parts.vehicles.names() if _is_coming(request, one)]
    asked = await parts.desk.present(seen)
    tracks = {one: await parts.vehicles.track(one) for one in seen}
    now_us = context(request).clock.now_us()  # after the fixes were read: none of them is from the future
    found = [_arrival(parts, one, tracks[one], asked[one], now_us) for one in seen]
    found.sort(key=lambda one: (_soon(one["eta"]), one["vehicle"]))
    hospital = parts.hospital and parts.hospital.model_dump(include={"name", "latitude", "longitude"})
    return answer({"server_ms": now_us // 1000, "hospital": hospital, "arrivals": found})


async def street_map(request: web.Request) -> web.StreamResponse:
    """GET /api/arrivals/map."""
    corridor = request.config_dict[ARRIVALS].corridor
    lines = corridor.streets.lines if corridor else ()
    return answer({"lines": [_drawn(one) for one in lines]})


async def requests(request: web.Request) -> web.StreamResponse:
    """GET /api/vehicles/{vehicle}/requests."""
    vehicle = seen_bed(request, await vehicle_asked(request))
    held = await request.config_dict[ARRIVALS].desk.present([vehicle.id])
    await record_access(request, [vehicle.patient.identifier] if vehicle.patient else [])
    told = [asdict(one) for one in held[vehicle.id]]
    return answer({"server_ms": context(request).clock.now_us() // 1000, "requests": told})


async def ask(request: web.Request) -> web.StreamResponse:
    """POST /api/vehicles/{vehicle}/requests."""
    vehicle, body = own_bed(request, await vehicle_asked(request)), await read_body(request, AskBody)
    desk = request.config_dict[ARRIVALS].desk
    return answer(asdict(await desk.ask(vehicle.id, body.resource, body.note, _by(request))))


async def acknowledge(request: web.Request) -> web.StreamResponse:
    """PUT /api/vehicles/{vehicle}/requests/{id}/acknowledgement."""
    vehicle, body = own_bed(request, await vehicle_asked(request)), await read_body(request, AcknowledgeBody)
    number, desk = number_asked(request), request.config_dict[ARRIVALS].desk
    return answer(asdict(await desk.acknowledge(vehicle.id, number, body.answer, _by(request))))


def number_asked(request: web.Request) -> int:
    """That of the request in the path. Raises NotFound."""
    number = request.match_info["id"]
    if not (number.isascii() and number.isdecimal() and len(number) <= 15):
        raise NotFound(f"there is no request {number!r:.40}: see /api/arrivals for those there are")
    return int(number)


async def vehicle_asked(request: web.Request) -> str:
    """The vehicle in the path. Raises NotFound."""
    name = request.match_info["vehicle"]
    if name not in await request.config_dict[ARRIVALS].vehicles.names():
        raise NotFound(f"there is no vehicle {name!r}: see /api/arrivals for those with a patient on board")
    return name


def _is_coming(request: web.Request, vehicle: str) -> bool:
    """Whether somebody is on board whom the one who asks may see."""
    bed = context(request).registry.beds.get(vehicle)
    patient = bed.patient if bed else None
    return bed is not None and patient is not None and view(request).shows(bed.ward, patient.identifier)


def _by(request: web.Request) -> By:
    return By(user(request).name, request.remote or "")


def _arrival(parts: Arrivals, vehicle: str, track: list[Fix], asked: list[Request], now_us: int) -> Json:
    where, to = position(track, now_us), parts.hospital
    when = None if to is None else eta(where, track, Point(to.latitude, to.longitude))
    return {
        "vehicle": vehicle,
        "position": where and _shown(where),
        "trail": _trail(track),
        "eta": _when(when),
        "requests": [asdict(one) for one in asked],
        "news2": [asdict(one) for one in parts.trend.of(vehicle)],
        "corridor": parts.corridor.shown(vehicle) if parts.corridor else [],
    }


def _drawn(line: Line) -> Json:
    return {"kind": line.kind, "name": line.name, "points": [list(point) for point in line.points]}


def _shown(where: Position) -> Json:
    told = {"state": where.state, **where.point._asdict(), "at_ms": where.at_us // 1000}
    return {**told, "radius_m": where.radius_m, "speed": where.speed, "course": where.course}


def _when(when: Eta | None) -> Json:
    nothing = {"state": "no-hospital", "distance_m": None, "least_s": None, "most_s": None}
    return nothing if when is None else asdict(when)


def _trail(track: list[Fix]) -> list[Json]:
    """The fixes that are far enough apart in time, and the last one."""
    kept: list[Fix] = []
    for fix in reversed(track):
        if not kept or kept[-1].at_us - fix.at_us >= TRAIL_STEP_US:
            kept.append(fix)
    return [{**fix.point._asdict(), "at_ms": fix.at_us // 1000} for fix in reversed(kept)]


def _soon(when: Json) -> float:
    """Those that are here first, those of which nothing is known last."""
    if when["state"] == "here":
        return 0.0
    return float("inf") if when["most_s"] is None else when["most_s"]
