"""A patient's own visits: those to come, with the way in, and those that were."""

from typing import Any

from aiohttp import web

from controller.api.answers import answer
from controller.api.context import context
from controller.api.my_context import me
from controller.api.my_cookie import COOKIE
from controller.api.prescriptions_shown import by, now_ms
from controller.api.visit_cookie import OF_VISIT
from controller.api.visit_notes_context import written
from controller.api.visit_summary import shown as summary_shown
from controller.api.visits_context import telemedicine
from controller.identity.certificates import By
from controller.patient_access.reminders import Reminder
from controller.patient_access.sessions import digest_of
from controller.prescriptions.timing import Span
from controller.telemedicine.links import EARLY_MS, why_shut
from controller.telemedicine.model import Visit
from controller.telemedicine.notes.model import SummaryVersion
from controller.telemedicine.states import OPEN, VisitState

Json = dict[str, Any]


async def visits(request: web.Request) -> web.StreamResponse:
    """GET /api/my/visits."""
    held, seen = telemedicine(request), me(request)
    found = await held.books.of(seen.identifier, seen.sight)
    summaries = await written(request).summaries.of_patient(seen.identifier)
    signed = {one.summary.number: one for one in summaries}
    told = [
        {**_shown(request, one), "summary": _summary(signed.get(one.number))}
        for one in found
        if one.state is not VisitState.ENTERED_IN_ERROR
    ]
    times = {"server_ms": now_ms(request), "utc_ms": held.books.utc_ms()}
    return answer({**times, "patient": seen.identifier, "visits": told})


async def enter(request: web.Request) -> web.StreamResponse:
    """POST /api/my/visits/{visit}/session: as by a link and its code; it ends with this access."""
    held, visit, who = telemedicine(request), await _visit(request), by(request)
    began = await held.links.enter_own(visit, digest_of(request.cookies[COOKIE]), who)
    await held.rooms.show_out(visit.number, who.actor, who)  # whoever came in as the patient before
    await held.visits.arrive(visit.number, who)
    response = web.Response(status=204)
    OF_VISIT.put(response, began.token)
    return response


async def visits_ahead(request: web.Request, ahead: Span) -> list[Reminder]:
    """Those agreed upon that begin in that span."""
    found = await telemedicine(request).books.of(me(request).identifier, me(request).sight)
    times = [one.plan.start_ms for one in found if one.state in OPEN and one.began_ms is None]
    return [Reminder(at_ms, "visit") for at_ms in times if ahead.from_ms <= at_ms < (ahead.to_ms or 0)]


async def shown_out(request: web.Request, who: By) -> None:
    """After a patient's access ended: whoever entered a visit from it has to go."""
    held = telemedicine(request)
    for number, actor in await held.sessions.end_orphans():
        await held.rooms.show_out(number, actor, who)


async def _visit(request: web.Request) -> Visit:
    return await telemedicine(request).books.find(request.match_info["visit"], me(request).sight)


def _summary(signed: SummaryVersion | None) -> Json | None:
    """A SummaryView."""
    return signed and summary_shown(signed)


def _shown(request: web.Request, one: Visit) -> Json:
    """A MyVisit, without its summary."""
    utc_ms = context(request).clock.utc_us() // 1000
    plan = {name: getattr(one.plan, name) for name in ("host", "start_ms", "minutes", "reason", "way")}
    when = {"began_ms": one.began_ms, "ended_ms": one.ended_ms}
    way_in = {
        "is_open": one.state in OPEN,
        "may_enter": not why_shut(one, utc_ms),
        "opens_ms": one.plan.start_ms - EARLY_MS,
    }
    return {"number": one.number, "state": one.state, **plan, **when, **way_in}
