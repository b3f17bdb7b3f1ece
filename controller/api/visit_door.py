"""Who has a link comes in by its code, sees the one visit, agrees to it, and goes again."""

from aiohttp import web

from controller.api.answers import answer, refusal
from controller.api.bodies import read_body
from controller.api.context import context
from controller.api.prescriptions_shown import by, now_ms
from controller.api.visit_cookie import COOKIE, OF_VISIT
from controller.api.visits import agreed, consent_shown
from controller.api.visits_context import telemedicine, visitor
from controller.api.visits_schemas import ConsentBody, VisitEnterBody
from controller.identity.certificates import By
from controller.imaging.sight import WHOLE
from controller.security.gate import Refused
from controller.telemedicine.consents import Said
from controller.telemedicine.model import Visit
from controller.telemedicine.words import CONSENTS

_TRIES = "link to a visit"
"""For the throttle, which is that of logins: no user's name is so."""


async def enter(request: web.Request) -> web.StreamResponse:
    """POST /api/visit/session."""
    body, parts, address = await read_body(request, VisitEnterBody), context(request), request.remote or ""
    held = telemedicine(request)
    wait_s = parts.throttle.wait_s(_TRIES, address) or held.tries.take(address)
    if wait_s:
        message = f"too many codes were tried from here: try again in {wait_s} s"
        raise Refused(429, "slow-down", message, {"Retry-After": str(wait_s)})
    parts.throttle.tried(_TRIES, address)
    began = await held.links.enter(body.link, body.code, address)
    if began is None:
        return refusal(
            401, "wrong-code", "the link or the code is wrong, or it was withdrawn: ask for another"
        )
    parts.throttle.succeeded(_TRIES, address)
    if began.patient:
        await held.visits.arrive(began.visit, By(f"patient:{began.patient}", address))
    response = web.Response(status=204)
    OF_VISIT.put(response, began.token)
    return response


async def leave(request: web.Request) -> web.StreamResponse:
    """DELETE /api/visit/session."""
    held, who = telemedicine(request), visitor(request)
    await held.sessions.end(who, request.cookies[COOKIE], request.remote or "")
    await held.rooms.show_out(who.visit, who.user.name, by(request))
    response = web.Response(status=204)
    OF_VISIT.drop(response)
    return response


async def own(request: web.Request) -> web.StreamResponse:
    """GET /api/visit."""
    return await _told(request, await _visit(request))


async def consent(request: web.Request) -> web.StreamResponse:
    """POST /api/visit/consents."""
    body, held, who = await read_body(request, ConsentBody), telemedicine(request), visitor(request)
    if not who.is_patient:
        raise Refused(403, "not-allowed", "expected the patient, a guest agrees to nothing: ask the patient")
    visit = await _visit(request)
    said = Said(body.scope, body.said, body.language)
    await agreed(held, visit, said, by(request))
    return await _told(request, visit)


async def _visit(request: web.Request) -> Visit:
    return await telemedicine(request).books.find(visitor(request).visit, WHOLE)


async def _told(request: web.Request, visit: Visit) -> web.Response:
    held, who, at_ms = telemedicine(request), visitor(request), now_ms(request)
    seen = {"server_ms": at_ms, "utc_ms": held.books.utc_ms(), "number": visit.number, "state": visit.state}
    plan = {"host": visit.plan.host, "start_ms": visit.plan.start_ms, "minutes": visit.plan.minutes}
    me = {"name": who.name, "guest": who.guest, "patient": visit.identifier if who.is_patient else None}
    said = (await held.consents.of(visit)).values() if who.is_patient else ()
    asked = [{"scope": scope, **words} for scope, words in CONSENTS.items()] if who.is_patient else []
    return answer(
        {**seen, **plan, **me, "consents": [consent_shown(one, at_ms) for one in said], "words": asked}
    )
