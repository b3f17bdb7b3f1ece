"""What plug-ins have found: on a bed's patient for the board, and as FHIR Observations."""

from typing import Any

import orjson
from aiohttp import web

from controller.api.answers import BadRequest, answer
from controller.api.auditing import record_access
from controller.api.context import context, seen_bed
from controller.api.fhir import LONGEST
from controller.api.imaging_context import IMAGING
from controller.api.radiology import sight
from controller.imaging.plugins.findings import Findings, Kept
from controller.imaging.plugins.model import REVIEW
from controller.imaging.plugins.observation import observation
from controller.radiology.fhir import MEDIA, bundle


async def findings(request: web.Request) -> web.StreamResponse:
    """GET /api/beds/{bed}/findings: the newest first; none for a bed without a patient."""
    bed = seen_bed(request, request.match_info["bed"])
    found = await _of(request, bed.patient.identifier) if bed.patient else []
    return answer({"review": REVIEW, "findings": [_told(one) for one in found]})


async def observations(request: web.Request) -> web.StreamResponse:
    """GET /api/fhir/Observation: none of a patient whom one may not see."""
    patient, seen = request.query.get("patient", ""), sight(request).patients
    if not 0 < len(patient) <= LONGEST:
        raise BadRequest(f"expected patient, an identifier of at most {LONGEST} characters")
    found = await _of(request, patient) if seen is None or patient in seen else []
    await record_access(request, {patient} if found else ())
    clock = context(request).clock
    to_utc_ms = (clock.utc_us() - clock.now_us()) // 1000
    held = [observation(one, to_utc_ms) for one in found]
    return web.Response(body=orjson.dumps(bundle(str(request.rel_url), held)), content_type=MEDIA)


async def _of(request: web.Request, patient: str) -> list[Kept]:
    """Raises StoreError."""
    service = request.config_dict.get(IMAGING)
    return await Findings(service.findings).of({patient}) if service and service.findings else []


def _told(kept: Kept) -> dict[str, Any]:
    finding = kept.finding
    return {
        "id": kept.id,
        "at_ms": kept.at_us // 1000,
        "code": finding.code.value,
        "name": finding.code.meaning,
        "what": finding.what,
        "model": finding.model,
        "version": finding.version,
        "confidence": finding.confidence,
        "urgency": finding.urgency,
        "study": kept.study or None,
    }
