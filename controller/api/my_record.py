"""What devices at home measured, whether it was the patient, and who looked at the record."""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from controller.api.answers import answer
from controller.api.bodies import read_body
from controller.api.context import context
from controller.api.my_context import me, own
from controller.api.my_targets import shown
from controller.api.my_visits_schemas import HomeBody, ReadingSaidBody
from controller.api.patients import sight
from controller.api.prescriptions_shown import by, now_ms, number_in
from controller.api.visit_notes_context import written
from controller.audit.search import Question, found
from controller.patient_access.looks import looks_of
from controller.patient_access.reminders import Reminder, measuring, times_of_day
from controller.patient_access.targets import against
from controller.prescriptions.timing import DAY_MS, Span
from controller.security.users import accounts_of
from controller.telemedicine.notes.plans import Going, plans_of

LOOK_DAYS, MOST_ENTRIES, MOST_LOOKS = 30, 5000, 300
_DAY_US = 86_400_000_000
Json = dict[str, Any]


async def measured(request: web.Request) -> web.StreamResponse:
    """GET /api/my/measured."""
    return await _readings(request, me(request).identifier)


async def say(request: web.Request) -> web.StreamResponse:
    """POST /api/my/measured/{id}."""
    body, reading, whose = (
        await read_body(request, ReadingSaidBody),
        number_in(request, "reading"),
        me(request),
    )
    await own(request).measured.say(whose.identifier, reading, body.said, by(request))
    return await _readings(request, whose.identifier)


async def of_patient(request: web.Request) -> web.StreamResponse:
    """GET /api/patients/{identifier}/measured-at-home: for staff."""
    facts = await context(request).patients.find(request.match_info["identifier"], await sight(request))
    return await _readings(request, facts.identifier)


async def looks(request: web.Request) -> web.StreamResponse:
    """GET /api/my/looks."""
    parts, whose = context(request), me(request).identifier
    now_us = parts.clock.utc_us()
    asked = Question(now_us - LOOK_DAYS * _DAY_US, now_us, patient=whose, limit=MOST_ENTRIES)
    entries = await parts.auditor.beside.read(lambda db: list(found(db, asked)))
    seen = looks_of(entries)
    people = await accounts_of(parts.store, {one.name for one in seen if one.who == "person"})
    roles = {name: sorted(account.user.roles) for name, account in people.items()}
    told = [{**asdict(one), "roles": roles.get(one.name, [])} for one in seen[:MOST_LOOKS]]
    whole = len(entries) < MOST_ENTRIES and len(seen) <= MOST_LOOKS
    return answer({"patient": whose, "days": LOOK_DAYS, "looks": told, "is_whole": whole})


async def use_home(request: web.Request) -> web.StreamResponse:
    """PUT /api/beds/{bed}/home."""
    body = await read_body(request, HomeBody)
    await own(request).homes.use(request.match_info["bed"], by(request), is_home=body.home)
    return web.Response(status=204)


async def measuring_ahead(request: web.Request, ahead: Span) -> list[Reminder]:
    """When the one who asks is to measure in that span."""
    found = await _plans(request, me(request).identifier)
    times = [at_ms for one in found for at_ms in _times(one, ahead)]
    return [Reminder(at_ms, "measure") for at_ms in times]


async def _readings(request: web.Request, identifier: str) -> web.Response:
    found = await own(request).measured.lately(identifier)
    planned = [_planned(request, one) for one in await _plans(request, identifier)]
    targets = await own(request).targets.of(identifier)
    readings = [{**asdict(one), "against": against(one, targets.get(one.kind))} for one in found]
    told = {"server_ms": now_ms(request), "patient": identifier, "planned": planned}
    return answer({**told, "targets": [shown(one) for one in targets.values()], "readings": readings})


async def _plans(request: web.Request, identifier: str) -> list[Going]:
    signed = await written(request).summaries.of_patient(identifier)
    return plans_of(signed, context(request).clock.utc_us() // 1000)


def _times(one: Going, ahead: Span) -> list[int]:
    last = min(ahead.to_ms or one.until_ms, one.until_ms)
    return measuring(one.plan.times, ahead.from_ms, last)


def _planned(request: web.Request, one: Going) -> Json:
    """A HomePlanned."""
    utc_ms = context(request).clock.utc_us() // 1000
    coming = _times(one, Span(utc_ms, utc_ms + 2 * DAY_MS))
    when = {
        "at": times_of_day(one.plan.times),
        "until_ms": one.until_ms,
        "next_ms": min(coming, default=None),
    }
    return {"what": one.plan.what, **when, "visit": one.visit, "by": one.by}
