"""Patients and their allergies in FHIR R4, as searchset Bundles."""

from typing import Any

import orjson
from aiohttp import web

from controller.api.answers import BadRequest
from controller.api.auditing import record_access
from controller.api.context import context
from controller.api.fhir import LONGEST, to_utc_ms
from controller.api.patients import sight
from controller.errors import NotFound
from controller.patients import fhir
from controller.patients.model import PatientFacts
from controller.radiology.fhir import MEDIA, bundle


async def patient(request: web.Request) -> web.StreamResponse:
    """GET /api/fhir/Patient."""
    facts = await _facts(request, "identifier")
    return await _bundle(request, facts, [fhir.patient(facts)] if facts else [])


async def allergies(request: web.Request) -> web.StreamResponse:
    """GET /api/fhir/AllergyIntolerance."""
    facts = await _facts(request, "patient")
    return await _bundle(request, facts, fhir.allergies(facts, to_utc_ms(request)) if facts else [])


async def _facts(request: web.Request, parameter: str) -> PatientFacts | None:
    """None: there is nobody of that identifier whom one may see. Raises BadRequest."""
    identifier = request.query.get(parameter, "")
    if not 0 < len(identifier) <= LONGEST:
        raise BadRequest(f"expected {parameter}, an identifier of at most {LONGEST} characters")
    try:
        return await context(request).patients.find(identifier, await sight(request))
    except NotFound:
        return None


async def _bundle(
    request: web.Request, facts: PatientFacts | None, resources: list[dict[str, Any]]
) -> web.Response:
    await record_access(request, {facts.identifier} if facts else ())
    return web.Response(body=orjson.dumps(bundle(str(request.rel_url), resources)), content_type=MEDIA)
