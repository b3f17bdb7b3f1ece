"""The hand-over of the patient on a bed: a summary for pages, a FHIR document, one page to print."""

import asyncio
from typing import Any

import orjson
from aiohttp import web

from controller.api.answers import BadRequest, answer
from controller.api.auditing import record_access
from controller.api.context import context, seen_bed
from controller.api.download import as_file
from controller.handover.case import Case, Vital
from controller.handover.course import GIVEN
from controller.handover.fhir import MEDIA, document
from controller.handover.pdf import printed
from controller.handover.reading import chain, read_case
from controller.handover.words import LANGUAGES
from devices.model.spelled import quality_names, reason_name

MOST_MINUTES = 14 * 60
"""No place on earth is farther from UTC."""


async def handover(request: web.Request) -> web.StreamResponse:
    """GET /api/beds/{bed}/handover."""
    return answer(_summary(await _case(request)))


async def handover_fhir(request: web.Request) -> web.StreamResponse:
    """GET /api/beds/{bed}/handover/fhir."""
    case = await _case(request)
    body = await asyncio.to_thread(lambda: orjson.dumps(document(case)))
    return web.Response(body=body, headers=as_file(f"{case.stays[-1].bed}-handover.json", MEDIA))


async def handover_pdf(request: web.Request) -> web.StreamResponse:
    """GET /api/beds/{bed}/handover/pdf."""
    language, offset = _language(request), _offset(request)
    case = await _case(request)
    body = await asyncio.to_thread(printed, case, language, offset)
    return web.Response(body=body, headers=as_file(f"{case.stays[-1].bed}-handover.pdf", "application/pdf"))


async def _case(request: web.Request) -> Case:
    """Of who is on the bed now; that it was looked at is on the disk before it goes out."""
    bed, parts = seen_bed(request, request.match_info["bed"]), context(request)
    now_ms = parts.clock.now_us() // 1000
    case = await read_case(parts.store, await chain(parts.store, bed.id, now_ms), now_ms)
    seen_bed(request, bed.id)  # who came meanwhile may not be one whom this person sees
    await record_access(request, {case.who.identifier})
    return case


def _language(request: web.Request) -> str:
    language = request.query.get("lang", LANGUAGES[0])
    if language not in LANGUAGES:
        raise BadRequest(f"expected lang as one of {', '.join(LANGUAGES)}, got {language!r:.20}")
    return language


def _offset(request: web.Request) -> int:
    text = request.query.get("offset", "0")
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 3 and int(digits) <= MOST_MINUTES):
        raise BadRequest(f"expected offset as minutes from UTC, at most {MOST_MINUTES}, got {text!r:.20}")
    return int(text)


def _summary(case: Case) -> dict[str, Any]:
    who, given = case.who, sum(mark.code in GIVEN for mark in case.marks)
    news2 = case.score and case.score["news2"]
    return {
        "patient": {
            **{"identifier": who.identifier, "name": who.name, "unknown": who.is_unknown},
            **{"sex": who.sex, "age": who.age},
        },
        **{"made_ms": case.made_ms, "from_ms": case.from_ms, "until_ms": case.until_ms},
        "places": [
            {
                **{"bed": one.bed, "name": one.place, "vehicle": one.is_vehicle},
                **{"from_ms": one.from_ms, "to_ms": one.to_ms},
            }
            for one in case.stays
        ],
        "vitals": [_vital(case, one) for one in case.present],
        "news2": news2 and {name: news2[name] for name in ("total", "least", "risk")},
        "counts": {
            **{"given": given, "marks": len(case.marks) - given, "assessments": len(case.assessments)},
            **{"checks": len(case.checks), "alarms": len(case.alarms), "requests": len(case.requests)},
            **{"instructions": len(case.instructions), "not_taken": case.not_taken},
        },
        "people": list(case.people),
    }


def _vital(case: Case, vital: Vital) -> dict[str, Any]:
    told = vital.last
    return {
        **{"metric": vital.name, "device": told.device, "at_ms": told.at_ms, "value": told.value},
        "reason": None if told.reason is None else reason_name(told.reason),
        "quality": quality_names(told.quality),
        "stale": vital.is_stale(case.made_ms),
        **{"low": vital.low, "high": vital.high, "mean": vital.mean},
        **{"readings": vital.readings, "valued": vital.valued, "flawed": vital.flawed},
    }
