"""Gateways are let in and out over HTTP: the service's own words, and nothing decided here.

A claim is a secret. It is in the one answer that made it, which no cache keeps.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from aiohttp import web

from controller.api.answers import answer
from controller.api.bodies import read_body
from controller.api.context import Context, context, user, view
from controller.api.gateway_schemas import (
    BedPlaceBody,
    EndingBody,
    GatewayRecordBody,
    PlaceBody,
    RevocationBody,
)
from controller.api.my_context import own
from controller.errors import IdentityError, NotFound
from controller.identity.certificates import By
from controller.identity.claims import USED_TWICE
from controller.identity.lifetimes import CODES
from controller.identity.provisioning import GatewayClass, Listed, Provisioning, Record
from controller.identity.qr import as_rows
from controller.identity.waiting import WaitingBoxes
from controller.live import AlertNow, Place
from controller.registry import CONTROLLER
from devices.errors import BadClaim
from devices.model.observation import Priority

MOST = 50
"""Certificates of a gateway that are told."""
_LIVE = "state", "seen_ms", "software"


@dataclass(frozen=True, slots=True)
class LettingIn:
    """What the routes work with; an application without it refuses."""

    service: Provisioning
    waiting: WaitingBoxes


LETTING_IN: web.AppKey[LettingIn] = web.AppKey("letting-in", LettingIn)
"""Of an application."""


async def provisioning(request: web.Request) -> web.StreamResponse:
    """GET /api/provisioning."""
    parts, held = context(request), _letting_in(request)
    listed = await held.service.listing()
    wards, beds = _places(request)
    return answer(
        {
            "server_ms": parts.clock.now_us() // 1000,
            "utc_ms": parts.clock.utc_us() // 1000,
            "gateways": [_shown(parts, one) for one in listed],
            "waiting": [asdict(box) for box in held.waiting.boxes()],
            "alerts": _alerts(parts),
            "endings": _endings(parts),
            "wards": wards,
            "beds": beds,
            "homes": sorted(await own(request).homes.all()),
        }
    )


async def certificates(request: web.Request) -> web.StreamResponse:
    """GET /api/provisioning/{gateway}/certificates."""
    held = await _letting_in(request).service.certificates(request.match_info["gateway"], MOST)
    return answer({"certificates": [asdict(one) for one in held]})


async def claim(request: web.Request) -> web.StreamResponse:
    """POST /api/provisioning/{gateway}/claim."""
    body = await read_body(request, GatewayRecordBody)
    own_place(request, body.place)
    record = Record(
        request.match_info["gateway"], body.name, body.asset_tag, body.place, GatewayClass(body.kind)
    )
    parts, service = context(request), _letting_in(request).service
    utc_s = parts.clock.utc_us() // 1_000_000
    with _addresses_right():
        made = await service.provision(record, _by(request))
    _settle(parts, record.gateway)
    await parts.registry.refresh()
    told = {"gateway": made.gateway, "text": made.to_text(), "rows": as_rows(made)}
    times = {"made_utc_s": utc_s, "expires_utc_s": made.expires}
    return answer({**told, **times}, headers={"Cache-Control": "no-store"})


async def revoke(request: web.Request) -> web.StreamResponse:
    """POST /api/provisioning/{gateway}/revocation."""
    body, gateway = await read_body(request, RevocationBody), request.match_info["gateway"]
    serials = await _letting_in(request).service.revoke(gateway, _by(request, body.why), body.serial)
    if not body.serial:
        _settle(context(request), gateway)
    return answer({"serials": serials})


async def decommission(request: web.Request) -> web.StreamResponse:
    """POST /api/provisioning/{gateway}/decommissioning."""
    body, gateway = await read_body(request, EndingBody), request.match_info["gateway"]
    receipt = await _letting_in(request).service.decommission(gateway, _by(request, body.why))
    _settle(context(request), gateway)
    await context(request).registry.refresh()
    return answer({"receipt": receipt})


async def add_ward(request: web.Request) -> web.StreamResponse:
    """PUT /api/wards/{ward}."""
    body, ward = await read_body(request, PlaceBody), request.match_info["ward"]
    await context(request).registry.add_ward(ward, body.name, user(request).name, request.remote or "")
    return web.Response(status=204)


async def add_bed(request: web.Request) -> web.StreamResponse:
    """PUT /api/beds/{bed}."""
    body, bed = await read_body(request, BedPlaceBody), request.match_info["bed"]
    own_place(request, body.ward)
    who = user(request).name, request.remote or ""
    await context(request).registry.add_bed(bed, body.ward, body.name, *who)
    return web.Response(status=204)


def _letting_in(request: web.Request) -> LettingIn:
    held = request.config_dict.get(LETTING_IN)
    if held is None:
        raise IdentityError("this controller has no certificate authority: start it with one")
    return held


def _by(request: web.Request, why: str = "") -> By:
    return By(user(request).name, request.remote or "", why)


@contextmanager
def _addresses_right() -> Iterator[None]:
    """What is wrong with a claim that the controller itself makes is wrong with its own addresses."""
    try:
        yield
    except BadClaim as error:
        raise IdentityError(f"{error}; correct `names` in [controller] of the configuration") from error


def _shown(parts: Context, one: Listed) -> dict[str, object]:
    live = parts.hub.gateway_held(one.gateway)
    told = {"state": "offline", **{name: live.get(name) for name in _LIVE if live.get(name) is not None}}
    return {**asdict(one), "provisioned": bool(one.provisioned), **dict.fromkeys(_LIVE), **told}


def _places(request: web.Request) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Wards, and beds and vehicles, of those that the one who asks may see."""
    registry, seen = context(request).registry, view(request)
    wards = [{"id": ward.id, "name": ward.name} for ward in registry.wards.values()]
    beds = [{"id": bed.id, "name": bed.name} for bed in registry.beds.values() if seen.shows(bed.ward, None)]
    return [ward for ward in wards if seen.shows(ward["id"], None)], beds


def own_place(request: web.Request, place: str) -> None:
    """Raises NotFound for a place that is there and that the one who asks may not see."""
    registry = context(request).registry
    ward = registry.beds[place].ward if place in registry.beds else place
    if ward in registry.wards and not view(request).shows(ward, None):
        raise NotFound(f"there is no ward or vehicle {place!r} that is yours: choose one of the list")


def _alerts(parts: Context) -> list[dict[str, object]]:
    active = [one for one in parts.hub.snapshot()["alerts"] if one["code"] == USED_TWICE]
    return [
        {"at_ms": one["at_ms"], "gateway": one["detail"]["gateway"], "where": one["detail"]["where"]}
        for one in active
    ]


def _endings(parts: Context) -> list[dict[str, object]]:
    codes = CODES.values()
    return [one["detail"] for one in parts.hub.snapshot()["alerts"] if one["code"] in codes]


def _settle(parts: Context, gateway: str) -> None:
    """An engineer has looked after the claim that was used twice: the alert ends."""
    for one in _alerts(parts):
        if one["gateway"] == gateway:
            now, detail = parts.clock.now_us(), {"gateway": gateway}
            place = Place(b"", now, now)
            ended = AlertNow(CONTROLLER, gateway, USED_TWICE, place, Priority.HIGH, False, detail, None)
            parts.hub.alerts([ended])
