"""Conferences as answers show them: whose cases they are is told to who takes part, if the patient agrees,
and to who sees the patient anyway; to everybody else only what is asked."""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from controller.api.answers import answer
from controller.api.conferences_context import found, service, who
from controller.api.patients import own_sight
from controller.api.prescriptions_shown import now_ms
from controller.api.replaced import tag
from controller.conferences.model import Case, Conference, Member
from controller.conferences.sharing import SharingConsent
from controller.conferences.sight import is_open, knows
from controller.conferences.standing import Standing
from controller.conferences.states import CONFERENCE_STEPS
from controller.imaging.sight import Sight
from controller.steps import possible
from controller.telemedicine.words import CONSENTS

Json = dict[str, Any]


async def told(request: web.Request, conference: Conference | None = None) -> web.Response:
    """A ConferenceAnswer, with its revision."""
    one = conference or await found(request)
    held, at_ms = service(request), now_ms(request)
    shown = await conference_shown(request, one)
    words = {"words": CONSENTS["sharing"], "conference": shown}
    body = {"server_ms": at_ms, "utc_ms": held.books.utc_ms(), **words}
    return answer(body, headers=tag(one.revision))


async def conference_shown(request: web.Request, one: Conference) -> Json:
    """A ConferenceView."""
    held, me, seen = service(request), who(request).actor, await own_sight(request)
    consents = await held.sharing.said_for(one.entity)
    standing = {case.case.id: case for case in await held.conclusions.standing(one)}
    kept = asdict(one)
    for name in ("id", "plan", "members", "cases", "began_utc_ms"):
        del kept[name]
    about = {"me": me, "is_chair": one.chair.person.actor == me}
    cases = [
        _case(request, one, case, (consents.get(case.identifier), standing.get(case.id), seen))
        for case in one.cases
    ]
    more = {"members": [_member(member) for member in one.members], "cases": cases}
    return {**kept, **asdict(one.plan), **about, **more, "possible": possible(CONFERENCE_STEPS, one.state)}


def _case(
    request: web.Request,
    conference: Conference,
    case: Case,
    of: tuple[SharingConsent | None, Standing | None, Sight],
) -> Json:
    """A CaseView."""
    (consent, standing, seen), at_ms, person = of, now_ms(request), who(request)
    takes_part = knows(conference, person.actor) and is_open(conference, at_ms)
    holds = consent is not None and consent.holds(person.site, at_ms)
    is_seen = seen.shows(case.identifier, "")
    may_know = is_seen or (takes_part and holds)
    whose = {"identifier": case.identifier, "name": case.name}
    kept = asdict(case)
    for name in ("identifier", "name"):
        del kept[name]
    concluded = standing and standing.concluded
    return {
        **kept,
        "is_seen": is_seen,
        "patient": whose if may_know else None,
        "consent": _consent(consent, at_ms) if consent and may_know else None,
        "version": concluded.version if concluded else 0,
        "conclusion": _conclusion(standing) if standing and concluded and may_know else None,
        "missing": list(standing.missing) if standing else [],
    }


def _conclusion(standing: Standing) -> Json:
    votes = [
        {"actor": one.actor, "stand": one.stand, "words": one.words, "at_ms": one.at_ms}
        for one in standing.votes
    ]
    return {**(asdict(standing.concluded) if standing.concluded else {}), "votes": votes}


def _consent(one: SharingConsent, at_ms: int) -> Json:
    named = ("said", "by", "at_ms", "until_ms")
    said = {name: getattr(one, name) for name in named}
    return {**said, "sites": list(one.sites), "holds": one.holds("", at_ms)}


def _member(one: Member) -> Json:
    kept = asdict(one)
    del kept["person"]
    return {"actor": one.person.actor, "site": one.person.site, **kept}
