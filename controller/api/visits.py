"""Visits by video, for staff: whoever sees the patient sees them, and who holds one does."""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from controller.api.answers import BadRequest, answer
from controller.api.bodies import read_body
from controller.api.context import context, user
from controller.api.logins import origin
from controller.api.patients import own_sight, sight
from controller.api.prescriptions_shown import by, now_ms, number_in
from controller.api.replaced import replaced, tag
from controller.api.robots_context import robots
from controller.api.visits_context import Telemedicine, telemedicine
from controller.api.visits_schemas import (
    ConsentBody,
    VisitBody,
    VisitLinkBody,
    VisitStateBody,
    VisitTimeBody,
)
from controller.identity.certificates import By
from controller.identity.qr import text_as_rows
from controller.robots.people import pilot_of
from controller.steps import possible
from controller.telemedicine.consents import Said
from controller.telemedicine.links import MOST_TRIES, Invitee
from controller.telemedicine.model import Consent, Known, Link, Plan, Subject, Visit
from controller.telemedicine.states import OPEN, VISIT_STEPS, VisitState

ALL, PAGE = "/api/visits", "/visit"
DAY_MS = 24 * 3_600_000
MOST_DAYS = 62
"""So much is listed at once."""
Json = dict[str, Any]


async def visits(request: web.Request) -> web.StreamResponse:
    """GET /api/visits."""
    held, seen, who = telemedicine(request), await sight(request), user(request).name
    if patient := request.query.get("patient", ""):
        found = await held.books.of(patient, seen, who)
    else:
        found = await held.books.between(_span(request), seen, who)
    told = [shown(one) for one in found]
    return answer({"server_ms": now_ms(request), "utc_ms": held.books.utc_ms(), "visits": told})


async def book(request: web.Request) -> web.StreamResponse:
    """POST /api/visits."""
    body, held = await read_body(request, VisitBody), telemedicine(request)
    facts = await context(request).patients.find(body.patient, await own_sight(request))
    start_ms = held.books.utc_ms() if body.start_ms is None else body.start_ms
    plan = Plan(body.host or user(request).name, start_ms, body.minutes, body.reason, body.way, body.follows)
    await held.visits.check_host(plan.host)
    return await _told(
        request, await held.visits.book(Subject(facts.identifier, facts.name), plan, by(request))
    )


async def visit(request: web.Request) -> web.StreamResponse:
    """GET /api/visits/{visit}."""
    return await _told(request, await _found(request))


async def move(request: web.Request) -> web.StreamResponse:
    """PUT /api/visits/{visit}/time."""
    known, body = await _known(request), await read_body(request, VisitTimeBody)
    moved = await telemedicine(request).visits.move(known, body.start_ms, body.minutes, by(request))
    return await _told(request, moved)


async def step(request: web.Request) -> web.StreamResponse:
    """PUT /api/visits/{visit}/state."""
    known, body = await _known(request), await read_body(request, VisitStateBody)
    held = telemedicine(request)
    made = await held.visits.step(known, VisitState(body.state), by(request, body.why))
    if made.state not in OPEN:
        await held.rooms.close(made.number, by(request))
    return await _told(request, made)


async def make_link(request: web.Request) -> web.StreamResponse:
    """POST /api/visits/{visit}/links."""
    body, found = await read_body(request, VisitLinkBody), await _own(request)
    held = telemedicine(request)
    if body.guest == "robot":
        pilot_of(robots(request).master, body.name)
    made = await held.links.make(found, Invitee(body.guest, body.name), by(request))
    if body.guest == "patient":  # it ends who came in by the one before
        await held.rooms.show_out(found.number, f"patient:{found.identifier}", by(request))
    # A fragment is sent to no server: what opens the visit stands in no log.
    address = f"{origin(request)}{PAGE}#{made.token}"
    told = {"id": made.id, "address": address, "qr": text_as_rows(address), "code": made.code}
    return answer({"patient": found.identifier, **told})


async def revoke_link(request: web.Request) -> web.StreamResponse:
    """DELETE /api/visits/{visit}/links/{id}."""
    held, found, number = telemedicine(request), await _own(request), number_in(request, "link")
    link = await held.links.revoke(found, number, by(request))
    await held.rooms.show_out(found.number, link.who(found.identifier), by(request))
    return web.Response(status=204)


async def consent(request: web.Request) -> web.StreamResponse:
    """POST /api/visits/{visit}/consents: what the patient said, written down by who heard it."""
    body, held, found = await read_body(request, ConsentBody), telemedicine(request), await _own(request)
    said = Said(body.scope, body.said, body.language)
    await agreed(held, found, said, by(request))
    return await _told(request, found)


async def agreed(held: Telemedicine, visit: Visit, said: Said, who: By) -> None:
    """Keep it; without consent to being seen and heard the patient is out of the room."""
    await held.consents.say(visit, said, until(held, visit), who)
    held.rooms.look_again(visit.number)
    if said.scope == "video" and said.said != "permit":
        await held.rooms.show_out(visit.number, f"patient:{visit.identifier}", who)


def until(held: Telemedicine, visit: Visit) -> int:
    """Until when a consent to it holds: a day after the agreed time, or after now if that is later."""
    late_ms = max(0, visit.plan.start_ms - held.books.utc_ms())
    return held.books.now_ms() + late_ms + DAY_MS


def shown(one: Visit) -> Json:
    """A VisitView."""
    kept = asdict(one)
    plan, identifier, name = kept.pop("plan"), kept.pop("identifier"), kept.pop("name")
    kept.pop("id")
    whose = {"patient": {"identifier": identifier, "name": name}}
    return {**kept, **plan, **whose, "possible": possible(VISIT_STEPS, one.state)}


def consent_shown(one: Consent, at_ms: int) -> Json:
    """A ConsentView."""
    return {**asdict(one), "holds": one.holds(at_ms)}


async def _told(request: web.Request, one: Visit) -> web.Response:
    held, at_ms = telemedicine(request), now_ms(request)
    consents = [consent_shown(said, at_ms) for said in (await held.consents.of(one)).values()]
    links = [_link(link) for link in await held.links.of(one)]
    told = {"visit": shown(one), "consents": consents, "links": links}
    busy = await held.visits.busy(one.plan, one.number)
    return answer({"server_ms": at_ms, **told, "busy": busy}, headers=tag(one.revision))


def _link(one: Link) -> Json:
    kept = asdict(one)
    del kept["visit"], kept["tries"]
    return {**kept, "spent": one.tries >= MOST_TRIES}


async def _found(request: web.Request) -> Visit:
    seen = await sight(request)
    return await telemedicine(request).books.find(request.match_info["visit"], seen, user(request).name)


async def _own(request: web.Request) -> Visit:
    """The same, without patients whom one sees by breaking the glass: that lets look, not change."""
    seen = await own_sight(request)
    return await telemedicine(request).books.find(request.match_info["visit"], seen, user(request).name)


async def _known(request: web.Request) -> Known:
    return Known(request.match_info["visit"], replaced(request), await own_sight(request))


def _span(request: web.Request) -> tuple[int, int]:
    try:
        from_ms, to_ms = (int(request.query[name]) for name in ("from_ms", "to_ms"))
    except (KeyError, ValueError):
        raise BadRequest(
            "expected from_ms and to_ms (UTC, ms), or the patient whose visits are asked for"
        ) from None
    if not 0 <= from_ms <= to_ms <= from_ms + MOST_DAYS * DAY_MS:
        raise BadRequest(f"expected at most {MOST_DAYS} days from from_ms to to_ms, got something else")
    return from_ms, to_ms
