"""What was concluded of a case over HTTP: written, signed, and afterwards on the patient's record."""

import json
from dataclasses import asdict
from typing import Any

from aiohttp import web

from controller.api import conferences_files_schemas as schemas
from controller.api.answers import answer
from controller.api.auditing import record_access
from controller.api.bodies import read_body
from controller.api.conferences_context import found, number_of, service, tell_room
from controller.api.conferences_shown import told
from controller.api.context import user
from controller.api.download import as_file
from controller.api.patients import sight
from controller.api.prescriptions_shown import by, now_ms
from controller.api.replaced import replaced, tag
from controller.conferences.conclusions import Over, Stance, Written
from controller.conferences.record import OnRecord, Opinion
from controller.errors import NotFound
from controller.signing.canonical import canonical

Json = dict[str, Any]
FHIR_JSON, SIGNED = "application/fhir+json", "application/octet-stream"


async def write(request: web.Request) -> web.StreamResponse:
    """PUT …/cases/{case}/conclusion."""
    over, body = _over(request), await read_body(request, schemas.ConclusionBody)
    await service(request).conclusions.write(over, Written(body.conclusion, body.plan), by(request))
    return await _changed(request)


async def to_sign(request: web.Request) -> web.StreamResponse:
    """POST …/cases/{case}/conclusion/document: byte by byte what is signed."""
    over, body = _over(request), await read_body(request, schemas.StanceBody)
    conference = await found(request)
    document = await service(request).conclusions.to_sign(over, Stance(body.stand, body.words), by(request))
    case = conference.case(over.case)
    await record_access(request, {case.identifier} if case else ())
    return web.Response(body=canonical(document), content_type=FHIR_JSON, headers=tag(over.version))


async def sign(request: web.Request) -> web.StreamResponse:
    """PUT …/cases/{case}/conclusion/signature."""
    over, body = _over(request), await read_body(request, schemas.SignatureBody)
    stance = Stance(body.stand, body.words)
    await service(request).conclusions.sign(over, stance, body.signature, by(request))
    return await _changed(request)


async def record(request: web.Request) -> web.StreamResponse:
    """GET /api/patients/{identifier}/conclusions: for who sees the patient, or asked for the conference."""
    patient, concluded = await _of_patient(request)
    shown = [_line(one) for one in concluded]
    return answer({"server_ms": now_ms(request), "patient": patient, "conclusions": shown})


async def signed(request: web.Request) -> web.StreamResponse:
    """GET /api/patients/{identifier}/conclusions/{number}/{case}/signed?actor=…: for `wardlink rx verify`."""
    (patient, concluded), case = await _of_patient(request), number_of(request, "case")
    number, actor = request.match_info["number"], request.query.get("actor", "")
    opinions = [one.opinions for one in concluded if (one.number, one.case) == (number, case)]
    for one in (opinion for some in opinions for opinion in some):
        if one.actor == actor:
            await record_access(request, {patient})
            name = f"{json.loads(one.document)['identifier']['value'].replace('/', '-')}.json"
            return web.Response(body=one.file(), headers=as_file(name, SIGNED))
    raise NotFound(f"there is nothing of {number!r:.40} that {actor!r:.80} signed: look again")


async def _of_patient(request: web.Request) -> tuple[str, list[OnRecord]]:
    """Of a patient whom who asks sees: all; of another: those that they asked for. Raises NotFound."""
    identifier, concluded = request.match_info["identifier"], service(request).record
    kept = await concluded.of(identifier)
    if not (await sight(request)).shows(identifier, ""):
        kept = [one for one in kept if one.requester == user(request).name]
        if not kept:
            raise NotFound(f"there is no patient {identifier!r:.80} here: look again")
    return identifier, kept


async def _changed(request: web.Request) -> web.Response:
    made = await found(request)
    await tell_room(request, made)
    return await told(request, made)


def _over(request: web.Request) -> Over:
    return Over(request.match_info["number"], number_of(request, "case"), replaced(request))


def _line(one: OnRecord) -> Json:
    """A RecordLine."""
    kept = asdict(one)
    del kept["requester"]
    return {**kept, "opinions": [_opinion(opinion) for opinion in one.opinions]}


def _opinion(one: Opinion) -> Json:
    return {"actor": one.actor, "stand": one.stand, "words": one.words}
