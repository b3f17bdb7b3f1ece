"""Conferences of experts over HTTP: asked for, answered, moved, held. Who was not asked learns of none."""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from controller.api import conferences_schemas as schemas
from controller.api.answers import answer
from controller.api.bodies import read_body
from controller.api.conferences_context import known, number_of, service, tell_room, who
from controller.api.conferences_shown import told
from controller.api.context import context
from controller.api.patients import own_sight
from controller.api.prescriptions_shown import by, now_ms
from controller.api.replaced import replaced
from controller.api.visits_context import telemedicine
from controller.conferences.model import (
    Answer,
    Asked,
    Conference,
    Known,
    Member,
    Plan,
    Request,
    person_of,
)
from controller.conferences.states import AnswerState, ConferenceState

Json = dict[str, Any]
ALL = "/api/conferences"
_DONE = 204


async def conferences(request: web.Request) -> web.StreamResponse:
    """GET /api/conferences."""
    held, me = service(request), who(request)
    found = [await _line(request, one) for one in await held.books.of(me)]
    notices = [asdict(one) for one in await held.notices.open(me.actor)]
    now = {"server_ms": now_ms(request), "utc_ms": held.books.utc_ms()}
    return answer({**now, "conferences": found, "notices": notices})


async def ask(request: web.Request) -> web.StreamResponse:
    """POST /api/conferences."""
    body = await read_body(request, schemas.RequestBody)
    plan = Plan(body.title, body.start_ms, body.minutes, body.scribe)
    cases = [await _asked(request, one) for one in body.cases]
    wanted = Request(plan, [_member(one) for one in body.members], cases)
    return await told(request, await service(request).conferences.request(wanted, by(request)))


async def conference(request: web.Request) -> web.StreamResponse:
    """GET /api/conferences/{number}."""
    return await told(request)


async def say(request: web.Request) -> web.StreamResponse:
    """PUT /api/conferences/{number}/answer."""
    body, number = await read_body(request, schemas.AnswerBody), request.match_info["number"]
    said = Answer(AnswerState(body.answer), body.why, body.proposed_ms)
    return await _changed(request, await service(request).conferences.answer(number, said, by(request)))


async def move(request: web.Request) -> web.StreamResponse:
    """PUT /api/conferences/{number}/time."""
    over, body = known(request, replaced(request)), await read_body(request, schemas.TimeBody)
    moved = await service(request).conferences.move(over, body.start_ms, body.minutes, by(request))
    return await _changed(request, moved)


async def invite(request: web.Request) -> web.StreamResponse:
    """POST /api/conferences/{number}/members."""
    over, body = known(request, replaced(request)), await read_body(request, schemas.MembersBody)
    members = [_member(one) for one in body.members]
    return await _changed(request, await service(request).conferences.invite(over, members, by(request)))


async def require(request: web.Request) -> web.StreamResponse:
    """PUT /api/conferences/{number}/required."""
    over, body = known(request, replaced(request)), await read_body(request, schemas.RequiredBody)
    made = await service(request).conferences.require(over, body.actor, by(request), required=body.required)
    return await _changed(request, made)


async def step(request: web.Request) -> web.StreamResponse:
    """PUT /api/conferences/{number}/state. If all is signed when the talk ends, it is closed."""
    over, body = known(request, replaced(request)), await read_body(request, schemas.StateBody)
    held, to, actor = service(request), ConferenceState(body.state), by(request, body.why)
    if to is ConferenceState.FULFILLED:
        return await _changed(request, await held.conclusions.close(over, actor))
    made = await held.conferences.step(over, to, actor)
    if to is ConferenceState.FINISHED:
        standing = await held.conclusions.standing(made)
        if standing and all(one.is_complete for one in standing):
            made = await held.conclusions.close(Known(made.number, made.revision), by(request))
    if to is not ConferenceState.IN_PROGRESS:
        await telemedicine(request).rooms.close(made.number, by(request))
    return await _changed(request, made)


async def add_case(request: web.Request) -> web.StreamResponse:
    """POST /api/conferences/{number}/cases."""
    over, body = known(request, replaced(request)), await read_body(request, schemas.CaseBody)
    asked = await _asked(request, body)
    return await _changed(request, await service(request).agenda.add(over, asked, by(request)))


async def change_case(request: web.Request) -> web.StreamResponse:
    """PUT /api/conferences/{number}/cases/{case}."""
    over, body = known(request, replaced(request)), await read_body(request, schemas.CaseChangeBody)
    said = Asked("", "", body.question, body.minutes, body.presenter)
    case = number_of(request, "case")
    return await _changed(request, await service(request).agenda.change(over, case, said, by(request)))


async def take_off(request: web.Request) -> web.StreamResponse:
    """PUT /api/conferences/{number}/cases/{case}/off."""
    over, body = known(request, replaced(request)), await read_body(request, schemas.OffBody)
    case = number_of(request, "case")
    made = await service(request).agenda.take_off(over, case, by(request), off=body.off)
    return await _changed(request, made)


async def arrange(request: web.Request) -> web.StreamResponse:
    """PUT /api/conferences/{number}/agenda."""
    over, body = known(request, replaced(request)), await read_body(request, schemas.AgendaOrderBody)
    return await _changed(request, await service(request).agenda.arrange(over, body.order, by(request)))


async def show(request: web.Request) -> web.StreamResponse:
    """PUT /api/conferences/{number}/now."""
    body, number = await read_body(request, schemas.NowBody), request.match_info["number"]
    return await _changed(request, await service(request).agenda.show(number, body.case, by(request)))


async def present(request: web.Request) -> web.StreamResponse:
    """POST /api/conferences/{number}/present."""
    body, number = await read_body(request, schemas.PresentBody), request.match_info["number"]
    made = await service(request).conclusions.took_part(number, body.actor, by(request))
    return await _changed(request, made)


async def read_notice(request: web.Request) -> web.StreamResponse:
    """PUT /api/conferences/notices/{id}/read."""
    await service(request).notices.read(number_of(request, "id"), by(request))
    return web.Response(status=_DONE)


async def _changed(request: web.Request, made: Conference) -> web.Response:
    await tell_room(request, made)
    return await told(request, made)


async def _asked(request: web.Request, body: schemas.CaseBody) -> Asked:
    """Whoever asks sees the patient, and not by breaking the glass. Raises NotFound."""
    facts = await context(request).patients.find(body.patient, await own_sight(request))
    return Asked(facts.identifier, facts.name, body.question, body.minutes, body.presenter)


def _member(body: schemas.MemberBody) -> Member:
    return Member(person_of(body.actor), "", body.part, body.required)


async def _line(request: web.Request, one: Conference) -> Json:
    """A ConferenceLine."""
    me = who(request).actor
    member = one.member(me)
    signing = {ConferenceState.IN_PROGRESS, ConferenceState.FINISHED}
    standing = await service(request).conclusions.standing(one) if one.state in signing else ()
    to_sign = sum(1 for case in standing if case.concluded and me in case.missing)
    plan = {name: getattr(one.plan, name) for name in ("title", "start_ms", "minutes")}
    about = {"number": one.number, "state": one.state, "chair": one.chair.display, "cases": len(one.cases)}
    mine = {"answer": member.answer if member else AnswerState.NEEDS_ACTION, "to_sign": to_sign}
    about |= {"mark": await service(request).books.mark(one)}
    return {**plan, **about, **mine}
