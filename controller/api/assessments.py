"""What people assess at a bed: consciousness, oxygen, the scale of SpO2, the Glasgow Coma Scale."""

from typing import Any

from aiohttp import web

from controller.api.answers import answer
from controller.api.assessment_schemas import AssessmentBody
from controller.api.bodies import read_body
from controller.api.context import context, own_bed, seen_bed, user
from controller.scores.entries import Assessment, history, keep, present


async def assess(request: web.Request) -> web.StreamResponse:
    """POST /api/beds/{bed}/assessments."""
    parts, bed = context(request), own_bed(request, request.match_info["bed"]).id
    body = await read_body(request, AssessmentBody)
    who, where = user(request).name, request.remote or ""
    await keep(
        *(parts.store, parts.clock, bed), patient=body.patient, found=body.found(), by=who, where=where
    )
    await parts.registry.assessed()
    return web.Response(status=204)


async def assessments(request: web.Request) -> web.StreamResponse:
    """GET /api/beds/{bed}/assessments: of the present stay; none for a bed without a patient."""
    bed, store = seen_bed(request, request.match_info["bed"]).id, context(request).store
    last = {entry.kind: _told(entry) for entry in await present(store) if entry.bed == bed}
    return answer({"last": last, "entries": [_told(entry) for entry in await history(store, bed)]})


def _told(entry: Assessment) -> dict[str, Any]:
    return {"kind": entry.kind, "value": entry.value, "at_ms": entry.at_ms, "by": entry.by}
