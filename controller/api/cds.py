"""Decision support for people: services are asked of a patient, or of what is to be signed; cards judged."""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from controller.api import prescriptions_shown as shown
from controller.api.answers import BadRequest, answer
from controller.api.auditing import record_access
from controller.api.bodies import read_body
from controller.api.cds_context import Support, support, support_of
from controller.api.cds_schemas import CdsOutcomeBody, CdsPatientBody, GenotypeBody
from controller.api.context import context, user
from controller.api.fhir import to_utc_ms
from controller.api.patients import own_sight, sight
from controller.api.replaced import replaced
from controller.cds.context import order_sign, patient_view
from controller.cds.looks import Judged, Look, Looks, told, unacknowledged
from controller.cds.resources import Resources
from controller.errors import Conflict, NotFound
from controller.identity.certificates import By
from controller.patients.genotypes import GENES, Genotypes, Said
from controller.patients.model import Meant, PatientFacts
from controller.prescriptions.books import check_revision
from controller.prescriptions.model import Known, Prescription
from controller.prescriptions.states import RxState

_UNSAID = "expected a word on each critical card of decision support, none is said on {}: say why"
HOLDS_MS = 3_600_000
"""What services said does for a signature so long: meanwhile more may be known of the patient."""
_LONG_AGO = "decision support was asked more than an hour ago: open the draft again, and look at what it says"
_UNASKED = "decision support was not asked about this version: ask it, and look at what it says"


async def open_patient(request: web.Request) -> web.StreamResponse:
    """POST /api/cds/patient-view."""
    body, seen = await read_body(request, CdsPatientBody), await own_sight(request)
    facts = await context(request).patients.find(body.patient, seen)
    parts = support_of(request)
    if parts is None or not parts.desk.services("patient-view"):
        return await _asked(request, None)
    known = await _resources(request, parts, facts)
    about = patient_view(user(request).name, facts.identifier, known)
    return await _asked(request, await parts.desk.ask(about, shown.by(request)), facts.identifier)


async def before_signing(request: web.Request) -> web.StreamResponse:
    """POST /api/prescriptions/{rx}/cds."""
    over, seen = replaced(request), await own_sight(request)
    rx = await shown.service(request).books.find(request.match_info["rx"], seen)
    check_revision(rx.number, rx.revision, over)
    if rx.state is not RxState.DRAFT:
        raise Conflict(f"prescription {rx.number} is {rx.state}: only what is not signed is asked about")
    parts = support_of(request)
    if parts is None or not parts.desk.services("order-sign"):
        return await _asked(request, None)
    facts = await context(request).patients.find(rx.identifier, seen)
    about = order_sign(user(request).name, rx, await _resources(request, parts, facts))
    return await _asked(request, await parts.desk.ask(about, shown.by(request)), rx.identifier)


async def looks(request: web.Request) -> web.StreamResponse:
    """GET /api/prescriptions/{rx}/cds."""
    name = user(request).name
    rx = await shown.service(request).books.find(request.match_info["rx"], await sight(request), name)
    parts = context(request)
    found = await Looks(parts.store, parts.clock).of(rx.id)
    await record_access(request, {rx.identifier})
    return answer({"server_ms": shown.now_ms(request), "looks": [told(one) for one in found]})


async def judge(request: web.Request) -> web.StreamResponse:
    """PUT /api/cds/looks/{id}/cards/{card}."""
    parts, body = support(request), await read_body(request, CdsOutcomeBody)
    look = await parts.looks.find(shown.number_in(request, "look"), await own_sight(request))
    key, coding = request.match_info["card"], body.coding
    if key not in look.cards:
        raise NotFound(f"there is no card {key!r:.40} in this look: ask again")
    card = look.cards[key][1]
    if coding and coding not in card.overrideReasons:
        raise BadRequest("expected one of the card's own override reasons, got another")
    if body.outcome == "accepted" and body.suggestion not in {one.uuid or "" for one in card.suggestions}:
        raise BadRequest("expected a suggestion of the card, got another")
    says_why = coding or body.comment.strip() or body.outcome == "accepted"
    if card.indicator == "critical" and not says_why:
        raise BadRequest("expected why a critical card is gone over: choose a reason, or write one")
    judged = Judged(key, body.outcome, body.suggestion, coding, body.comment.strip())
    after = await parts.looks.judge(look, judged, shown.by(request))
    parts.teller.wake()
    return await _asked(request, after, look.identifier)


async def check_asked(request: web.Request, known: Known) -> None:
    """Before a signature: services were asked about this very version within the hour, and each critical card
    has a word.

    Whether they answered does not matter: what was not checked was shown. Raises Conflict, NotFound.
    """
    parts = support_of(request)
    if parts is None or not parts.desk.services("order-sign"):
        return
    rx = await shown.service(request).books.find(known.number, known.sight)
    last = next((one for one in await parts.looks.of(rx.id) if one.revision == rx.revision), None)
    if rx.revision != known.over or rx.state is not RxState.DRAFT:
        return  # refused where it is signed, in its own words
    if last is None:
        raise Conflict(_UNASKED)
    if shown.now_ms(request) - last.asked_ms > HOLDS_MS:
        raise Conflict(_LONG_AGO)
    if unsaid := unacknowledged(last):
        raise Conflict(_UNSAID.format("; ".join(one.summary for one in unsaid.values())))


async def genotypes(request: web.Request) -> web.StreamResponse:
    """GET /api/patients/{identifier}/genotypes."""
    return await _genotypes(request, request.match_info["identifier"])


async def say_genotype(request: web.Request) -> web.StreamResponse:
    """POST /api/patients/{identifier}/genotypes."""
    body, parts = await read_body(request, GenotypeBody), context(request)
    who = Meant(request.match_info["identifier"], await own_sight(request))
    by = By(user(request).name, request.remote or "")
    await Genotypes(parts.store, parts.clock).say(who, Said(**body.model_dump()), by)
    return await _genotypes(request, who.identifier)


async def _genotypes(request: web.Request, identifier: str) -> web.Response:
    parts = context(request)
    found = await Genotypes(parts.store, parts.clock).of(identifier, await sight(request))
    whose: dict[str, Any] = {"patient": {"identifier": identifier}, "genes": list(GENES)}
    return answer({"server_ms": shown.now_ms(request), **whose, "genotypes": [asdict(one) for one in found]})


async def _resources(request: web.Request, parts: Support, facts: PatientFacts) -> Resources:
    """What is known of the patient, within what the one who asks sees."""
    known = await parts.genotypes.of(facts.identifier)
    holds = await _holding(request, facts.identifier)
    codes = shown.service(request).medicines.common_codes
    return Resources(facts, known, holds, to_utc_ms(request), codes)


async def _holding(request: web.Request, identifier: str) -> list[Prescription]:
    found = await shown.service(request).books.listed(await own_sight(request), identifier)
    return [one for one in found if one.state is not RxState.DRAFT]


async def _asked(request: web.Request, look: Look | None, identifier: str = "") -> web.Response:
    """It is recorded here who is seen: a service's words are not asked for it."""
    await record_access(request, {identifier} if identifier else ())
    return answer({"server_ms": shown.now_ms(request), "look": look and told(look)})
