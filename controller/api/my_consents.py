"""Everything that a patient agreed to: visits, recordings, conferences, partners. It is taken back here."""

from typing import Any

from aiohttp import web

from controller.api.answers import answer
from controller.api.bodies import read_body
from controller.api.conferences_context import service as conferences
from controller.api.context import context
from controller.api.my_context import me
from controller.api.my_visits_schemas import TakenBackBody
from controller.api.partners_context import PARTNERS, partnership
from controller.api.prescriptions_shown import by, now_ms
from controller.api.visits import agreed
from controller.api.visits_context import telemedicine
from controller.conferences import sharing
from controller.partners import consents as partners
from controller.telemedicine.consents import Said

Json = dict[str, Any]
_SAID = ("said", "text", "language", "by")


async def consents(request: web.Request) -> web.StreamResponse:
    """GET /api/my/consents."""
    found = [*await _of_visits(request), *await _of_conferences(request), *await _of_partners(request)]
    found.sort(key=lambda one: one["at_ms"], reverse=True)
    times = {"utc_ms": context(request).clock.utc_us() // 1000, "patient": me(request).identifier}
    return answer({**times, "consents": found})


async def take_back(request: web.Request) -> web.StreamResponse:
    """POST /api/my/consents: it is given where it is asked for, and taken back here."""
    body, whose, who = await read_body(request, TakenBackBody), me(request), by(request)
    match body.kind:
        case "visit":
            held = telemedicine(request)
            visit = await held.books.find(body.about, whose.sight)
            await agreed(held, visit, Said(body.scope, "withdrawn", body.language), who)
        case "conference":
            said = sharing.Said("withdrawn", body.language)
            shared = sharing.Shared(whose.identifier, body.about)
            await conferences(request).sharing.say(shared, said, who)
        case "partner":
            said = partners.Said(whose.identifier, body.about, "withdrawn", body.language, 0)
            await partnership(request).consents.say(said, who)
    return await consents(request)


async def _of_visits(request: web.Request) -> list[Json]:
    held, whose = telemedicine(request), me(request)
    found = list[Json]()
    for visit in await held.books.of(whose.identifier, whose.sight):
        for one in (await held.consents.of(visit)).values():
            about = {"kind": "visit", "about": visit.number, "name": "", "start_ms": visit.plan.start_ms}
            when = {"holds": one.holds(now_ms(request)), "at_ms": _utc_ms(request, one.at_ms)}
            found.append({**about, "scope": one.scope, **when, **_said(one)})
    return found


async def _of_conferences(request: web.Request) -> list[Json]:
    """The last word on each."""
    found = dict[str, Json]()
    for one in await conferences(request).sharing.of(me(request).identifier):
        about = {"kind": "conference", "about": one.what, "name": ", ".join(one.sites), "start_ms": None}
        when = {"holds": one.holds("", now_ms(request)), "at_ms": _utc_ms(request, one.at_ms)}
        found.setdefault(one.what, {**about, "scope": "sharing", **when, **_said(one)})
    return list(found.values())


async def _of_partners(request: web.Request) -> list[Json]:
    """The last word on each, if there are any."""
    if PARTNERS not in request.config_dict:
        return []
    held, found = partnership(request), dict[str, Json]()
    for one in await held.consents.of(me(request).identifier):
        about = {"kind": "partner", "about": one.site, "name": one.site, "start_ms": None}
        when = {"holds": one.holds(held.book.utc_ms()), "at_ms": one.at_ms}
        found.setdefault(one.site, {**about, "scope": "sharing", **when, **_said(one)})
    return list(found.values())


def _said(one: Any) -> Json:
    return {name: getattr(one, name) for name in _SAID}


def _utc_ms(request: web.Request, at_ms: int) -> int:
    """Of the controller's time scale."""
    clock = context(request).clock
    return at_ms + (clock.utc_us() - clock.now_us()) // 1000
