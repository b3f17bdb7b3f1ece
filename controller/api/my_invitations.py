"""Staff let a patient see their own medicines, or end that; and they see what the patient says of them."""

from dataclasses import asdict

from aiohttp import web

from controller.api.answers import answer
from controller.api.context import context
from controller.api.logins import origin
from controller.api.my_context import own
from controller.api.my_shown import is_open, lately, said_of
from controller.api.my_visits import shown_out
from controller.api.patients import own_sight, sight
from controller.api.prescriptions_shown import Json, by, now_ms, service
from controller.identity.qr import text_as_rows
from controller.imaging.sight import Sight
from controller.patients.model import Meant, PatientFacts
from controller.prescriptions.model import Prescription

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
    await shown_out(request, by(request))
    return web.Response(status=204)


async def taken(request: web.Request) -> web.StreamResponse:
    """GET /api/patients/{identifier}/taken."""
    facts = await _facts(request)
    found = await service(request).books.listed(Sight(frozenset({facts.identifier})))
    told = [{**_what(rx), **said_of(one)} for rx in found for one in await own(request).taken.of(rx)]
    told.sort(key=lambda one: one["id"], reverse=True)
    adherence = [await _adherence(request, rx) for rx in found if is_open(rx)]
    who = {"identifier": facts.identifier, "name": facts.name}
    return answer({"server_ms": now_ms(request), "patient": who, "taken": told, "adherence": adherence})


def _what(rx: Prescription) -> Json:
    return {"prescription": rx.number, "medicine": rx.wanted.medicine.code.display}


async def _adherence(request: web.Request, rx: Prescription) -> Json:
    """An Adherence."""
    doses = await lately(request, rx, context(request).clock.utc_us() // 1000)
    words = [one.said.said for one in doses if one.said]
    return {**_what(rx), "due": len(doses), "taken": words.count("taken"), "skipped": words.count("skipped")}


async def _facts(request: web.Request) -> PatientFacts:
    return await context(request).patients.find(request.match_info["identifier"], await sight(request))
