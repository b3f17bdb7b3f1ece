"""What a page shows beside a prescription: what the checks find while it is written, and its signature."""

from typing import Any

from aiohttp import web

from controller.api import prescriptions_shown as shown
from controller.api.answers import answer
from controller.api.bodies import read_body
from controller.api.context import context
from controller.api.patients import own_sight, sight
from controller.api.prescriptions import wanted_of
from controller.api.prescriptions_looks_schemas import ChecksBody
from controller.api.prescriptions_schemas import MedicineBody, WantedBody
from controller.api.prescriptions_shown import by, service
from controller.errors import Conflict
from controller.prescriptions.checking import begun_line, draft_line, issues_of
from controller.prescriptions.checks.model import Line
from controller.prescriptions.model import Coded, Ingredient, Medicine, Person
from controller.prescriptions.signatures import verified


async def checks(request: web.Request) -> web.StreamResponse:
    """POST /api/prescriptions/checks."""
    body, seen = await read_body(request, ChecksBody), await own_sight(request)
    facts = await context(request).patients.find(body.patient, seen)
    who = Person(facts.identifier, facts.name)
    others = await service(request).prescribing.beside(who, body.number, body.replaces)
    found = await service(request).checks.look(who, _line(body), others)
    told = {"issues": [shown.issue(one) for one in issues_of(found)]}
    sources = [shown.source(one) for one in found.sources]
    return answer({"server_ms": shown.now_ms(request), **told, "sources": sources})


async def signature(request: web.Request) -> web.StreamResponse:
    """GET /api/pharmacy/tasks/{id}/signature."""
    number, parts = shown.number_in(request, "task"), service(request)
    _, rx = await parts.tasks.find(number, await sight(request))
    try:
        kept = await verified(parts.books, parts.signatures, rx, by(request))
    except Conflict as refused:
        return answer({"holds": False, "by": "", "utc_ms": None, "why": str(refused)})
    return answer({"holds": True, "by": kept.by, "utc_ms": kept.utc_ms, "why": ""})


def _line(body: ChecksBody) -> Line:
    """All of it as soon as dose, route and time are said; until then the medicine alone."""
    if body.dose is None or body.route is None or body.timing is None:
        return begun_line(_medicine(body.medicine))
    parts: dict[str, Any] = {name: getattr(body, name) for name in ("medicine", "dose", "route", "timing")}
    return draft_line(wanted_of(WantedBody(setting="inpatient", quantity=body.dose, **parts)))


def _medicine(what: MedicineBody) -> Medicine:
    inside = (Ingredient(Coded(**one.substance.model_dump()), one.strength) for one in what.ingredients)
    return Medicine(Coded(**what.code.model_dump()), what.form, tuple(inside))
