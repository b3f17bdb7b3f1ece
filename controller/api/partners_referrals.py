"""Referrals over HTTP: patients whom we ask partners to treat, or they us; and consents."""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from controller.api import partners_schemas as schemas
from controller.api.answers import answer
from controller.api.auditing import record_access
from controller.api.bodies import read_body
from controller.api.context import context, user
from controller.api.partners_context import partnership
from controller.api.partners_documents import documents
from controller.api.partners_meetings import meetings_of
from controller.api.partners_notices import notices_of
from controller.api.partners_pictures import papers, studies, without_pictures
from controller.api.patients import own_sight, sight
from controller.api.prescriptions_shown import by, service
from controller.api.replaced import replaced, tag
from controller.api.route import Query
from controller.errors import Conflict, NotFound
from controller.handover.fhir import document
from controller.handover.reading import chain, read_case
from controller.partners.case import Known
from controller.partners.consents import WORDS, Said
from controller.partners.model import Consent, Referral
from controller.partners.referrals import Wanted
from controller.partners.states import REFERRAL_STEPS, ReferralState
from controller.prescriptions.fhir import medication_request
from controller.prescriptions.signatures import kept_of_all
from controller.security.gate import ACCESS
from controller.security.permissions import Permission
from controller.steps import possible

Json = dict[str, Any]
ALL = "/api/referrals"
CONSENTS = "/api/partner-consents"
WHOSE = Query("patient", "whose: an identifier", {"type": "string"})
_OF_WAY = {
    "out": frozenset({ReferralState.CANCELLED}),
    "in": frozenset({ReferralState.ACCEPTED, ReferralState.REJECTED, ReferralState.COMPLETED}),
}
"""Which steps are which side's."""
_ACTIVE = frozenset({"active", "on-hold"})


async def referrals(request: web.Request) -> web.StreamResponse:
    """GET /api/referrals."""
    parts, me = partnership(request), user(request).name
    refers = Permission.REFER in request[ACCESS].permissions
    found = await parts.referrals.listed(await sight(request), me) if refers else []
    shown = [_shown(request, one) for one in found]
    await record_access(request, {one.whose for one in found if one.is_shown(parts.book.utc_ms())})
    names = [
        {
            **{"site": one.site, "name": one.name},
            "words": {language: text.format(name=one.name) for language, text in WORDS.items()},
        }
        for one in (await parts.book.active() if refers else [])
    ]
    notices = await notices_of(request)
    more = {"partners": names, "meetings": await meetings_of(request), "notices": notices}
    return answer({"utc_ms": parts.book.utc_ms(), **more, "referrals": shown})


async def ask(request: web.Request) -> web.StreamResponse:
    """POST /api/referrals."""
    body = await read_body(request, schemas.ReferralBody)
    known = await _known(request, body)
    wanted = Wanted(body.site, body.patient, body.expert, body.reason)
    return await _told(request, await partnership(request).referrals.ask(wanted, known, by(request)))


async def referral(request: web.Request) -> web.StreamResponse:
    """GET /api/referrals/{id}."""
    return await _told(request, await _found(request))


async def step(request: web.Request) -> web.StreamResponse:
    """PUT /api/referrals/{id}/state."""
    over, body = replaced(request), await read_body(request, schemas.ReferralStateBody)
    held, who, number = partnership(request).referrals, by(request, body.why), (await _own(request)).id
    if body.state == "cancelled":
        return await _told(request, await held.cancel(number, over, who))
    return await _told(request, await held.answer(number, over, ReferralState(body.state), who))


async def give_back(request: web.Request) -> web.StreamResponse:
    """PUT /api/referrals/{id}/letter."""
    over, body = replaced(request), await read_body(request, schemas.LetterBody)
    number = (await _own(request)).id
    made = await partnership(request).referrals.give_back(number, over, body.words, by(request))
    return await _told(request, made)


async def consents(request: web.Request) -> web.StreamResponse:
    """GET /api/partner-consents."""
    patient = request.query.get("patient", "")
    await context(request).patients.find(patient, await sight(request))
    return await _consents(request, patient)


async def consent(request: web.Request) -> web.StreamResponse:
    """POST /api/partner-consents."""
    body = await read_body(request, schemas.PartnerConsentBody)
    await context(request).patients.find(body.patient, await own_sight(request))
    said = Said(body.patient, body.site, body.said, body.language, body.until_ms)
    await partnership(request).consents.say(said, by(request))
    return await _consents(request, body.patient)


async def _consents(request: web.Request, patient: str) -> web.Response:
    parts = partnership(request)
    utc_ms = parts.book.utc_ms()
    found = await parts.consents.of(patient)
    await record_access(request, {patient})
    return answer({"utc_ms": utc_ms, "consents": _with_holds(found, utc_ms)})


def _with_holds(found: list[Consent], utc_ms: int) -> list[Json]:
    """The newest of each partner alone can hold."""
    seen, shown = set[str](), list[Json]()
    for one in found:
        shown.append({**asdict(one), "holds": one.site not in seen and one.holds(utc_ms)})
        seen.add(one.site)
    return shown


async def _found(request: web.Request) -> Referral:
    held = partnership(request).referrals
    return await held.find(_number(request), await sight(request), user(request).name)


async def _own(request: web.Request) -> Referral:
    """To be changed: of a patient whom one sees without breaking the glass. Raises NotFound."""
    held = partnership(request).referrals
    return await held.find(_number(request), await own_sight(request), user(request).name)


def _number(request: web.Request) -> int:
    text = request.match_info["id"]
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise NotFound(f"there is no referral {text!r:.40}: see {ALL} for those there are")
    return int(text)


async def _known(request: web.Request, body: schemas.ReferralBody) -> Known:
    """What goes along of a patient whom one sees. Raises NotFound."""
    parts, patient = context(request), body.patient
    facts, books = await parts.patients.find(patient, await own_sight(request)), service(request).books
    rxs = [one for one in await books.listed(await own_sight(request), patient) if one.state in _ACTIVE]
    kept = await kept_of_all(books, rxs)
    medicines = tuple(medication_request(one, kept.get(one.id)) for one in rxs)
    before = await documents(request, patient, body.documents)
    along = {"papers": await papers(request, patient), "documents": before}
    pictures = await studies(request, patient, body.studies)
    return Known(facts, medicines, await _course(request, patient), studies=pictures, **along)


async def _course(request: web.Request, patient: str) -> Json | None:
    """What was measured, of who lies on a bed now."""
    parts, now_ms = context(request), context(request).clock.now_us() // 1000
    beds = [
        bed.id for bed in parts.registry.beds.values() if bed.patient and bed.patient.identifier == patient
    ]
    if not beds:
        return None
    case = await read_case(parts.store, await chain(parts.store, beds[0], now_ms), now_ms)
    if case.who.identifier != patient:
        raise Conflict("the bed has another patient by now: look again")
    return document(case)


async def _told(request: web.Request, one: Referral) -> web.Response:
    parts, shows = partnership(request), one.is_shown(partnership(request).book.utc_ms())
    kept = await parts.referrals.papers(one) if shows else None
    await record_access(request, {one.whose} if shows else (), entity=one.entity)
    told = {"case": kept and without_pictures(kept.case), "letter": kept and kept.letter}
    shown = {"utc_ms": parts.book.utc_ms(), "referral": _shown(request, one), **told}
    return answer(shown, headers=tag(one.revision))


def _shown(request: web.Request, one: Referral) -> Json:
    shows = one.is_shown(partnership(request).book.utc_ms())
    hidden = {} if shows else {"patient": None, "name": None, "reason": None}
    steps = [to for to in possible(REFERRAL_STEPS, one.state) if to in _OF_WAY[one.way]]
    return {**asdict(one), **hidden, "shown": shows, "possible": steps}
