"""Prescriptions: whoever sees the patient sees them, and those of nobody else."""

import json
from dataclasses import asdict
from typing import Any

from aiohttp import web
from pydantic import TypeAdapter

from controller.api import prescriptions_shown as shown
from controller.api.answers import BadRequest, answer
from controller.api.auditing import record_access
from controller.api.bodies import read_body
from controller.api.cds import check_asked
from controller.api.context import context, user
from controller.api.download import as_file
from controller.api.patients import own_sight, sight
from controller.api.prescriptions_schemas import (
    NewPrescriptionBody,
    PrescriptionBody,
    PrescriptionDeliveryBody,
    PrescriptionSignatureBody,
    PrescriptionStateBody,
    WantedBody,
    WhyBody,
)
from controller.api.prescriptions_shown import by, now_ms, service
from controller.api.replaced import replaced, tag
from controller.errors import Conflict, NotFound
from controller.prescriptions.dispensed import dispenses_of
from controller.prescriptions.document import document
from controller.prescriptions.model import Known, Person, Prescription, Quantity, Wanted, amount
from controller.prescriptions.prescribing import Draft
from controller.prescriptions.signatures import kept_of
from controller.prescriptions.states import RxState
from controller.signing.canonical import canonical

FHIR_JSON = "application/fhir+json"
SIGNED = "application/octet-stream"
"""The media type of a file of which every byte counts."""
_WANTED = TypeAdapter(Wanted)


async def prescriptions(request: web.Request) -> web.StreamResponse:
    """GET /api/prescriptions."""
    state = request.query.get("state", "")
    if state and state not in set(RxState):
        raise BadRequest(f"expected state as one of {', '.join(RxState)}, got {state!r:.40}")
    found = await service(request).books.listed(await sight(request), request.query.get("patient", ""), state)
    told = [shown.prescription(one) for one in found]
    return answer({"server_ms": now_ms(request), "prescriptions": told})


async def draft(request: web.Request) -> web.StreamResponse:
    """POST /api/prescriptions."""
    body, seen = await read_body(request, NewPrescriptionBody), await own_sight(request)
    facts = await context(request).patients.find(body.patient, seen)
    who = Person(facts.identifier, facts.name)
    return _told(request, await service(request).prescribing.draft(who, _draft(body), seen, by(request)))


async def redraft(request: web.Request) -> web.StreamResponse:
    """PUT /api/prescriptions/{rx}/draft."""
    known, body = await _known(request), await read_body(request, PrescriptionBody)
    return _told(request, await service(request).prescribing.change(known, _draft(body), by(request)))


async def prescription(request: web.Request) -> web.StreamResponse:
    """GET /api/prescriptions/{rx}."""
    rx, parts = await _rx(request), service(request)
    kept = await kept_of(parts.books, rx)
    deliveries = await parts.deliveries.listed(await _sight_of_own(request, rx), rx)
    told: dict[str, Any] = {
        "server_ms": now_ms(request),
        "prescription": shown.prescription(rx),
        "signed_by": kept and kept.by,
        "sources": shown.sources(request),
        "standing": asdict(await parts.repeats.standing(rx)),
        "tasks": [shown.task(one) for one in await parts.tasks.of(rx)],
        "dispenses": [shown.dispense(one) for one in await dispenses_of(parts.books, rx)],
        "deliveries": await shown.deliveries(request, deliveries),
        "given": [shown.given(one) for one in await parts.rounds.charted(rx)],
    }
    return answer(told, headers=tag(rx.revision))


async def to_sign(request: web.Request) -> web.StreamResponse:
    """GET /api/prescriptions/{rx}/document: of a draft what is to be signed, of others what was."""
    rx = await _rx(request)
    kept = await kept_of(service(request).books, rx)
    if kept is None and rx.state is not RxState.DRAFT:
        raise Conflict(f"prescription {rx.number} is {rx.state} and was never signed")
    content = kept.document.encode() if kept else canonical(document(rx))
    await record_access(request, {rx.identifier})
    return web.Response(body=content, content_type=FHIR_JSON, headers=tag(rx.revision))


async def sign(request: web.Request) -> web.StreamResponse:
    """PUT /api/prescriptions/{rx}/signature."""
    known, body = await _known(request), await read_body(request, PrescriptionSignatureBody)
    await check_asked(request, known)
    return _told(request, await service(request).prescribing.sign(known, body.signature, by(request)))


async def signed(request: web.Request) -> web.StreamResponse:
    """GET /api/prescriptions/{rx}/signed."""
    rx = await _rx(request)
    kept = await kept_of(service(request).books, rx)
    if kept is None:
        raise NotFound(f"prescription {rx.number} was not signed")
    await record_access(request, {rx.identifier})
    file = {"document": json.loads(kept.document), "signature": kept.signature, "receipt": kept.receipt}
    return web.Response(body=canonical(file), headers=as_file(f"{rx.number}.json", SIGNED))


async def step(request: web.Request) -> web.StreamResponse:
    """PUT /api/prescriptions/{rx}/state."""
    known, body = await _known(request), await read_body(request, PrescriptionStateBody)
    who = by(request, body.why)
    return _told(request, await service(request).prescribing.step(known, RxState(body.state), who))


async def choose(request: web.Request) -> web.StreamResponse:
    """PUT /api/prescriptions/{rx}/delivery."""
    known, body = await _known(request), await read_body(request, PrescriptionDeliveryBody)
    return _told(request, await service(request).prescribing.choose(known, body.delivery, by(request)))


async def repeat(request: web.Request) -> web.StreamResponse:
    """POST /api/prescriptions/{rx}/repeats."""
    known, body = await _known(request), await read_body(request, WhyBody)
    return _told(request, await service(request).repeats.ask(known, by(request, body.why)))


async def sources(request: web.Request) -> web.StreamResponse:
    """GET /api/prescriptions/sources."""
    return answer({"sources": shown.sources(request)})


async def notices(request: web.Request) -> web.StreamResponse:
    """GET /api/prescriptions/notices."""
    found = await service(request).notices.open(user(request).name)
    told = [asdict(one) for one in found]
    for one in told:
        one["patient"] = {"identifier": one.pop("identifier"), "name": one.pop("name")}
    return answer({"server_ms": now_ms(request), "notices": told})


async def read(request: web.Request) -> web.StreamResponse:
    """PUT /api/prescriptions/notices/{id}/read."""
    await service(request).notices.read(shown.number_in(request, "notice"), by(request))
    return web.Response(status=204)


def wanted_of(body: WantedBody) -> Wanted:
    """What a body wants, with amounts in their one form. Raises OrderError."""
    wanted = _WANTED.validate_python(body.model_dump())
    dose, quantity = (Quantity(amount(one.value), one.unit) for one in (wanted.dose, wanted.quantity))
    told = {name: getattr(wanted, name) for name in Wanted.__dataclass_fields__}
    return Wanted(**{**told, "dose": dose, "quantity": quantity})


def _draft(body: PrescriptionBody) -> Draft:
    return Draft(wanted_of(body.wanted), body.delivery, body.replaces, body.reasons)


def _told(request: web.Request, rx: Prescription) -> web.Response:
    service(request).tell(rx)
    return answer(shown.prescription(rx), headers=tag(rx.revision))


async def _rx(request: web.Request) -> Prescription:
    number, name = request.match_info["rx"], user(request).name
    return await service(request).books.find(number, await sight(request), name)


async def _sight_of_own(request: web.Request, rx: Prescription) -> Any:
    """Who prescribed it sees what became of it, wherever the patient is by now."""
    seen = await sight(request)
    if seen.patients is None or rx.identifier in seen.patients:
        return seen
    return type(seen)(seen.patients | {rx.identifier}, seen.held)


async def _known(request: web.Request) -> Known:
    """Breaking the glass lets a person look, not change."""
    return Known(request.match_info["rx"], replaced(request), await own_sight(request))
