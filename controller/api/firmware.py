"""A node's firmware over HTTP: what it runs, what it could run, and having it run that."""

from dataclasses import asdict

from aiohttp import web

from controller.api.answers import answer
from controller.api.bodies import read_body
from controller.api.context import context, user
from controller.api.firmware_schemas import UpdateBody
from controller.api.gateways import own_place
from controller.errors import NotFound
from controller.firmware.desk import Asked, FirmwareDesk
from controller.identity.certificates import By

_GATEWAY = "SELECT gateway FROM device WHERE id = ?"
_PLACE = "SELECT place FROM gateway WHERE id = ?"


async def firmware(request: web.Request) -> web.StreamResponse:
    """GET /api/inventory/devices/{device}/firmware."""
    device, gateway = await _device(request)
    told = await _desk(request).told(gateway, device)
    newer = [{"version": one.version, "size": one.size, "digest": one.digest} for one in told.newer]
    running = told.running and asdict(told.running)
    asked = told.asked and _asked(told.asked)
    return answer({"gateway": gateway, "running": running, "newer": newer, "asked": asked})


async def update(request: web.Request) -> web.StreamResponse:
    """POST /api/inventory/devices/{device}/firmware."""
    body, (device, gateway) = await read_body(request, UpdateBody), await _device(request)
    by = By(user(request).name, request.remote or "", body.why)
    made = await _desk(request).ask(gateway, device, body.version, by)
    times = {"issued_utc_ms": made.issued_us // 1000, "expires_utc_ms": made.expires_us // 1000}
    return answer({"id": made.id.hex(), **times})


def _desk(request: web.Request) -> FirmwareDesk:
    parts = context(request)
    return FirmwareDesk(parts.store, parts.clock)


async def _device(request: web.Request) -> tuple[str, str]:
    """The device, and the gateway that speaks of it, which stands where the one who asks may see one.

    Raises NotFound.
    """
    device, store = request.match_info["device"], context(request).store
    rows = await store.read(_GATEWAY, (device,))
    if not rows:
        raise NotFound(f"no gateway has spoken of a device {device!r}: is it in stock?")
    places = await store.read(_PLACE, (rows[0]["gateway"],))
    own_place(request, places[0]["place"] if places else "")
    return device, rows[0]["gateway"]


def _asked(asked: Asked) -> dict[str, object]:
    told = asdict(asked)
    issued_us = told.pop("issued_utc_us")
    return {**told, "issued_utc_ms": issued_us // 1000}
