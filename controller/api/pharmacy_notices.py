"""What the pharmacy has to know: until somebody of it acknowledges it, by name."""

import json
from dataclasses import asdict

from aiohttp import web

from controller.api import prescriptions_shown as shown
from controller.api.answers import BadRequest, answer
from controller.api.patients import own_sight, sight
from controller.api.prescriptions_shown import Json, by, now_ms, number_in, service
from controller.prescriptions.alone import KIND
from controller.prescriptions.given import Given
from controller.prescriptions.pharmacy_notices import KINDS, PharmacyNotice


async def notices(request: web.Request) -> web.StreamResponse:
    """GET /api/pharmacy/notices."""
    kind, done = request.query.get("kind", ""), request.query.get("done", "false")
    if kind and kind not in KINDS:
        raise BadRequest(f"expected kind as one of {', '.join(KINDS)}, got {kind!r:.40}")
    if done not in ("true", "false"):
        raise BadRequest(f"expected done as true or false, got {done!r:.40}")
    parts, seen = service(request), await sight(request)
    found = await parts.pharmacy_notices.listed(seen, kind, done=done == "true")
    given = await parts.afterwards.of(json.dumps([one.about for one in found if one.kind == KIND]))
    told = [_notice(one, given.get(one.about)) for one in found]
    return answer(
        {"server_ms": now_ms(request), "open": await parts.pharmacy_notices.count(seen), "notices": told}
    )


async def acknowledge(request: web.Request) -> web.StreamResponse:
    """PUT /api/pharmacy/notices/{id}/acknowledged."""
    number, seen = number_in(request, "notice"), await own_sight(request)
    await service(request).pharmacy_notices.acknowledge(number, seen, by(request))
    return web.Response(status=204)


def _notice(one: PharmacyNotice, given: Given | None) -> Json:
    """A PharmacyNoticeView."""
    told = asdict(one)
    identifier, name = told.pop("identifier"), told.pop("name")
    patient = None if identifier is None else {"identifier": identifier, "name": name}
    return {**told, "patient": patient, "given": given and shown.given(given)}
