"""Beds, patients, devices and gateways: what is there, and who and what is on which bed."""

from dataclasses import asdict

from aiohttp import web

from controller.api.answers import answer
from controller.api.bodies import DeviceBedBody, PatientBody, read_body
from controller.api.context import context, user
from controller.errors import NotFound
from controller.registry import Patient


async def snapshot(request: web.Request) -> web.StreamResponse:
    """GET /api/snapshot."""
    return answer(context(request).hub.snapshot())


async def wards(request: web.Request) -> web.StreamResponse:
    """GET /api/wards."""
    return answer({"wards": [asdict(ward) for ward in context(request).registry.wards.values()]})


async def bed(request: web.Request) -> web.StreamResponse:
    """GET /api/beds/{bed}."""
    name = request.match_info["bed"]
    now = context(request).hub.snapshot()
    found = next((one for one in now["beds"] if one["id"] == name), None)
    if found is None:
        raise NotFound(f"there is no bed {name!r}: see /api/snapshot for those there are")
    here = {key: [item for item in now[key] if item["bed"] == name] for key in ("devices", "values")}
    return answer({"server_ms": now["server_ms"], "bed": found, **here})


async def admit(request: web.Request) -> web.StreamResponse:
    """PUT /api/beds/{bed}/patient."""
    body = await read_body(request, PatientBody)
    patient = Patient(body.identifier, body.name)
    await context(request).registry.admit(request.match_info["bed"], patient, user(request).name)
    return web.Response(status=204)


async def discharge(request: web.Request) -> web.StreamResponse:
    """DELETE /api/beds/{bed}/patient."""
    await context(request).registry.discharge(request.match_info["bed"], user(request).name)
    return web.Response(status=204)


async def devices(request: web.Request) -> web.StreamResponse:
    """GET /api/devices."""
    return _part(request, "devices")


async def assign(request: web.Request) -> web.StreamResponse:
    """PUT /api/devices/{device}/bed."""
    body = await read_body(request, DeviceBedBody)
    await context(request).registry.assign(request.match_info["device"], body.bed, user(request).name)
    return web.Response(status=204)


async def gateways(request: web.Request) -> web.StreamResponse:
    """GET /api/gateways."""
    return _part(request, "gateways")


def _part(request: web.Request, key: str) -> web.StreamResponse:
    now = context(request).hub.snapshot()
    return answer({"server_ms": now["server_ms"], key: now[key]})
