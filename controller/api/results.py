"""Laboratory results of a bed's present patient: found by the identifier that the analyser was given."""

import json
from typing import Any

from aiohttp import web

from controller.api.answers import answer
from controller.api.context import context, seen_bed

MOST = 200
_RESULTS = """SELECT id, device, at_us, detail FROM device_event
WHERE kind = 'lab-result' AND json_extract(detail, '$.patient') = ?
  AND json_extract(detail, '$.control') IS NULL
ORDER BY at_us DESC, id DESC LIMIT ?"""
_SHOWN = ("code", "system", "text", "value", "unit", "loinc", "flags", "status", "range", "specimen", "time")


async def results(request: web.Request) -> web.StreamResponse:
    """GET /api/beds/{bed}/results: the newest first; none for a bed without a patient."""
    parts, bed = context(request), seen_bed(request, request.match_info["bed"])
    rows = await parts.store.read(_RESULTS, (bed.patient.identifier, MOST)) if bed.patient else []
    return answer({"results": [_result(*row) for row in rows]})


def _result(number: int, device: str | None, at_us: int, detail: str) -> dict[str, Any]:
    told = json.loads(detail)
    return {"id": number, "device": device, "at_ms": at_us // 1000, **{key: told.get(key) for key in _SHOWN}}
