"""Staff let a patient see their own medicines, or end that; and they see what the patient says of them."""

from dataclasses import asdict

from aiohttp import web

from controller.api.answers import answer
from controller.api.context import context
from controller.api.logins import origin
from controller.api.my_context import own
from controller.api.my_shown import said_of
from controller.api.patients import own_sight, sight
from controller.api.prescriptions_shown import by, now_ms, service
from controller.identity.qr import text_as_rows
from controller.imaging.sight import Sight
from controller.patients.model import Meant, PatientFacts

_PAGE = "/my"


async def invite(request: web.Request) -> web.StreamResponse:
    """POST /api/patients/{identifier}/invitation."""
    meant = Meant(request.match_info["identifier"], await own_sight(request))
    made = await own(request).invitations.invite(meant, by(request))
    # A fragment is sent to no server: the code stands in no log.
    address = f"{origin(request)}{_PAGE}#{made.code}"
    told = {"code": made.code, "until_ms": made.until_ms, "address": address}
    return answer({**told, "patient": meant.identifier, "qr": text_as_rows(address)})


async def withdraw(request: web.Request) -> web.StreamResponse:
    """DELETE /api/patients/{identifier}/invitation."""
    meant = Meant(request.match_info["identifier"], await own_sight(request))
    await own(request).invitations.withdraw(meant, by(request))
    return web.Response(status=204)


async def access(request: web.Request) -> web.StreamResponse:
    """GET /api/patients/{identifier}/access."""
    facts = await _facts(request)
    invitation = await own(request).invitations.open(facts.identifier)
    sessions = await own(request).sessions.of(facts.identifier)
    who = {"identifier": facts.identifier, "name": facts.name}
    told = {"invitation": invitation and asdict(invitation), "sessions": [asdict(one) for one in sessions]}
    return answer({"server_ms": now_ms(request), "patient": who, **told})


async def end(request: web.Request) -> web.StreamResponse:
    """DELETE /api/patients/{identifier}/access/{session}."""
    facts = await context(request).patients.find(request.match_info["identifier"], await own_sight(request))
    await own(request).sessions.end_one(facts.identifier, request.match_info["session"], by(request))
    return web.Response(status=204)


async def taken(request: web.Request) -> web.StreamResponse:
    """GET /api/patients/{identifier}/taken."""
    facts = await _facts(request)
    told = [
        {"prescription": rx.number, "medicine": rx.wanted.medicine.code.display, **said_of(one)}
        for rx in await service(request).books.listed(Sight(frozenset({facts.identifier})))
        for one in await own(request).taken.of(rx)
    ]
    told.sort(key=lambda one: one["id"], reverse=True)
    who = {"identifier": facts.identifier, "name": facts.name}
    return answer({"server_ms": now_ms(request), "patient": who, "taken": told})


async def _facts(request: web.Request) -> PatientFacts:
    return await context(request).patients.find(request.match_info["identifier"], await sight(request))
