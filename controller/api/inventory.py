"""The engineers' inventory of devices over HTTP: the service's own words, and nothing decided here."""

from dataclasses import asdict

from aiohttp import web

from controller.api.answers import BadRequest, answer
from controller.api.bodies import read_body
from controller.api.context import context, own_bed, user, view
from controller.api.inventory_schemas import PairingBody, ReasonBody, RecordBody, ScanBody, SearchBody
from controller.api.orders import own_gateway
from controller.inventory import picture, table
from controller.inventory.record import COLUMNS, needed
from controller.inventory.records import Pairing
from controller.inventory.service import Inventory, Who
from devices.profiles import profiles

INVENTORY: web.AppKey[Inventory] = web.AppKey("inventory", Inventory)
"""The service of an application."""


async def inventory(request: web.Request) -> web.StreamResponse:
    """GET /api/inventory."""
    parts, seen = context(request), view(request)
    beds = [asdict(one) for one in parts.registry.beds.values() if seen.shows(one.ward, None)]
    beds = [{name: bed[name] for name in ("id", "name", "ward")} for bed in beds]
    choices = {"profiles": list(profiles()), "gateways": list(parts.registry.gateways), "beds": beds}
    devices = await _service(request).devices()
    near = {"found": await _service(request).found(), "searches": await _service(request).searches()}
    now = {"server_ms": parts.clock.now_us() // 1000, "utc_ms": parts.clock.utc_us() // 1000}
    return answer({**now, "devices": devices, **near, **choices})


async def search(request: web.Request) -> web.StreamResponse:
    """POST /api/inventory/gateways/{gateway}/search."""
    body, gateway = await read_body(request, SearchBody), await own_gateway(request)
    await _service(request).search(gateway, body.seconds, _who(request))
    return web.Response(status=204)


async def device(request: web.Request) -> web.StreamResponse:
    """GET /api/inventory/devices/{device}: of the beds that it was on, those of one's own wards."""
    told = await _service(request).device(request.match_info["device"])
    beds, seen = context(request).registry.beds, view(request)
    wards = {bed: held.ward for bed, held in beds.items()}
    placements = [one for one in told["placements"] if seen.shows(wards.get(one["bed"], ""), None)]
    return answer({**told, "placements": placements})


async def scan(request: web.Request) -> web.StreamResponse:
    """POST /api/inventory/scan."""
    found = await _service(request).scan((await read_body(request, ScanBody)).text)
    return answer(
        {**asdict(found.label), "devices": found.devices, "fits": [asdict(one) for one in found.fits]}
    )


async def photo(request: web.Request) -> web.StreamResponse:
    """POST /api/inventory/photo: the picture itself is the body."""
    data = await _bytes(request, "image/", picture.LARGEST_BYTES)
    return answer({"texts": await _service(request).look(data)})


async def record(request: web.Request) -> web.StreamResponse:
    """PUT /api/inventory/devices/{device}."""
    body = await read_body(request, RecordBody)
    if body.bed is not None:
        own_bed(request, body.bed)
    values = {name: getattr(body, name) for name in COLUMNS[1:]}
    kept = needed({**values, "device": request.match_info["device"]})
    outcome = await _service(request).record(
        kept, _who(request), bed=body.bed, move=body.move, again=body.again, found=body.found
    )
    return answer({"outcome": outcome})


async def pair(request: web.Request) -> web.StreamResponse:
    """PUT /api/inventory/devices/{device}/pairing."""
    body = await read_body(request, PairingBody)
    pairing = Pairing[body.pairing.upper()]
    await _service(request).pair(request.match_info["device"], pairing, body.why, _who(request))
    return web.Response(status=204)


async def decommission(request: web.Request) -> web.StreamResponse:
    """POST /api/inventory/devices/{device}/decommissioning."""
    body = await read_body(request, ReasonBody)
    await _service(request).decommission(request.match_info["device"], body.why, _who(request))
    return web.Response(status=204)


async def receipt(request: web.Request) -> web.StreamResponse:
    """GET /api/inventory/devices/{device}/receipt."""
    name = request.match_info["device"]
    return _file(
        f"decommissioned-{name}.p7s", "application/pkcs7-mime", await _service(request).receipt(name)
    )


async def take_in(request: web.Request) -> web.StreamResponse:
    """POST /api/inventory/import?dry_run=1: the table itself is the body."""
    dry_run = request.query.get("dry_run", "0")
    if dry_run not in ("0", "1"):
        raise BadRequest(f"expected dry_run 0 or 1, got {dry_run!r:.40}")
    data = await _bytes(request, "text/csv", table.LARGEST_BYTES)
    done = await _service(request).take_in(data, _who(request), dry_run=dry_run == "1")
    faults = [{"row": fault.row, **fault.problem._asdict()} for fault in done.faults]
    return answer({**done.outcomes, "faults": faults})


async def give_out(request: web.Request) -> web.StreamResponse:
    """GET /api/inventory/export."""
    return _file("wardlink-devices.csv", "text/csv", await _service(request).give_out())


def _service(request: web.Request) -> Inventory:
    return request.config_dict[INVENTORY]


def _who(request: web.Request) -> Who:
    return Who(user(request).name, request.remote or "")


async def _bytes(request: web.Request, media: str, most: int) -> bytes:
    """The body as it is. Raises BadRequest."""
    if not request.content_type.startswith(media):
        raise BadRequest(f"expected Content-Type {media}, got {request.content_type!r:.60}")
    data = bytearray()
    async for part in request.content.iter_any():
        data += part
        if len(data) > most:
            raise BadRequest(f"expected at most {most} bytes, there are more: send it in parts, or smaller")
    return bytes(data)


def _file(name: str, media: str, data: bytes | str) -> web.Response:
    body = data.encode() if isinstance(data, str) else data
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Type": media}
    return web.Response(body=body, headers=headers)
