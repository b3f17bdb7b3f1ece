"""Beds, patients, devices and gateways: what is there, and who and what is on which bed."""

from dataclasses import asdict

from aiohttp import web

from controller.api.answers import answer
from controller.api.bodies import DeviceBedBody, PatientBody, read_body
from controller.api.context import context, own_bed, seen_bed, seen_device, user, view
from controller.errors import Conflict
from controller.registry import Patient


async def snapshot(request: web.Request) -> web.StreamResponse:
    """GET /api/snapshot."""
    return answer(context(request).hub.snapshot(view(request)))


async def wards(request: web.Request) -> web.StreamResponse:
    """GET /api/wards."""
    registry, seen = context(request).registry, view(request)
    return answer({"wards": [asdict(ward) for ward in registry.wards.values() if seen.shows(ward.id, None)]})


async def bed(request: web.Request) -> web.StreamResponse:
    """GET /api/beds/{bed}."""
    name = seen_bed(request, request.match_info["bed"]).id
    now = context(request).hub.snapshot(view(request))
    found = next(one for one in now["beds"] if one["id"] == name)
    parts = ("devices", "values", "scores")
    here = {key: [item for item in now[key] if item["bed"] == name] for key in parts}
    return answer({"server_ms": now["server_ms"], "bed": found, **here})


async def admit(request: web.Request) -> web.StreamResponse:
    """PUT /api/beds/{bed}/patient."""
    bed = own_bed(request, request.match_info["bed"])
    body = await read_body(request, PatientBody)
    patient = Patient(body.identifier, body.name)
    check_elsewhere(request, patient.identifier)
    await context(request).registry.admit(bed.id, patient, user(request).name, request.remote or "")
    return web.Response(status=204)


async def discharge(request: web.Request) -> web.StreamResponse:
    """DELETE /api/beds/{bed}/patient."""
    bed = own_bed(request, request.match_info["bed"])
    await context(request).registry.discharge(bed.id, user(request).name, request.remote or "")
    return web.Response(status=204)


async def devices(request: web.Request) -> web.StreamResponse:
    """GET /api/devices."""
    return _part(request, "devices")


async def assign(request: web.Request) -> web.StreamResponse:
    """PUT /api/devices/{device}/bed."""
    body = await read_body(request, DeviceBedBody)
    registry, who = context(request).registry, user(request).name
    device = seen_device(request, request.match_info["device"])
    if body.bed is not None:
        own_bed(request, body.bed)
    await registry.assign(device, body.bed, who, request.remote or "", move=body.move)
    return web.Response(status=204)


async def gateways(request: web.Request) -> web.StreamResponse:
    """GET /api/gateways."""
    return _part(request, "gateways")


def _part(request: web.Request, key: str) -> web.StreamResponse:
    now = context(request).hub.snapshot(view(request))
    return answer({"server_ms": now["server_ms"], key: now[key]})


def check_elsewhere(request: web.Request, identifier: str) -> None:
    """The registry's refusal names the bed where the patient is: not to those who may not see it."""
    for bed in context(request).registry.beds.values():
        found = bed.patient is not None and bed.patient.identifier == identifier
        if found and not view(request).shows(bed.ward, identifier):
            raise Conflict(f"patient {identifier!r} is on a bed of another ward: ask there for the discharge")
