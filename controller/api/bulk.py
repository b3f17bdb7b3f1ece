"""Bulk Data over HTTP: kick-off, status, files, deletion (HL7 FHIR Bulk Data Access IG 2.0.0, "Export").

What is asked for is refused as an OperationOutcome. A token asks; people have the pages.
"""

from collections.abc import Mapping
from email.utils import formatdate
from functools import wraps
from typing import Any

import orjson
from aiohttp import web
from aiohttp.typedefs import Handler

from controller.api.answers import answer
from controller.api.auditing import record_access
from controller.api.bulk_jobs import Asked, Job, JobState, Output
from controller.api.bulk_resources import KINDS
from controller.api.bulk_work import BULK
from controller.api.context import context, view
from controller.api.logins import logins
from controller.audit.entry import REFUSED, Entry
from controller.clock import utc_of, utc_text
from controller.errors import Conflict, NotFound, StoreError
from controller.radiology.fhir import MEDIA
from controller.security.gate import ACCESS, Refused
from controller.security.scopes import Scope, allows, scope_text

NDJSON = "application/fhir+ndjson"
FORMATS = frozenset({NDJSON, "application/ndjson", "ndjson"})
AGAIN_S = 5
"""When to ask for the status again."""
SHA256 = "urn:wardlink:sha256"
"""The extension of an output: of the file as it is sent without compression, in hexadecimal."""
BYTES = "urn:wardlink:bytes"
_KNOWN = frozenset({"_outputFormat", "_since", "_type"})
_DONE = 202
_ISSUES: Mapping[int, str] = {400: "invalid", 403: "forbidden", 404: "not-found"}
"""IssueType, by status."""


def _outcomes(handler: Handler) -> Handler:
    """What is refused is an OperationOutcome ("Response - Error"), and in the trail as anywhere."""

    @wraps(handler)
    async def serve(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except (NotFound, Refused) as error:
            status, code = (error.status, error.code) if isinstance(error, Refused) else (404, "NotFound")
            who, where = request[ACCESS].user.name, request.remote or ""
            entity = " ".join(f"{name}/{value}" for name, value in request.match_info.items())[:200]
            action, detail = request.match_info.route.name or "", {"code": code}
            entry = Entry(action, who, entity, outcome=REFUSED, where=where, detail=detail)
            if request.method == "GET":  # of all others controller/api/auditing.py notes the status
                context(request).trail.note(entry)
            return outcome(status, _ISSUES.get(status, "processing"), str(error))
        except StoreError as error:
            return outcome(503, "transient", str(error))

    return serve


@_outcomes
async def system(request: web.Request) -> web.StreamResponse:
    """GET /api/fhir/$export: everything that the token may see."""
    return await _kick_off(request, "system")


@_outcomes
async def patients(request: web.Request) -> web.StreamResponse:
    """GET /api/fhir/Patient/$export: of all patients; here the same, for every resource is a patient's."""
    return await _kick_off(request, "patient")


@_outcomes
async def group(request: web.Request) -> web.StreamResponse:
    """GET /api/fhir/Group/{id}/$export: of the patients of a ward."""
    ward = request.match_info["id"]
    if ward not in context(request).registry.wards or not view(request).shows(ward, None):
        raise NotFound(f"there is no group {ward!r:.40}: a group is a ward, see /api/wards")
    return await _kick_off(request, "group", ward)


@_outcomes
async def status(request: web.Request) -> web.StreamResponse:
    """GET /api/fhir/bulk/{job}: 202 while it goes on, then the manifest."""
    job = await _found(request)
    if job.state is JobState.FAILED:
        return outcome(500, "exception", f"the export failed: {job.why}; ask for it again")
    if job.state is JobState.ACCEPTED:
        told = f"{job.done} of {job.patients} patients" if job.patients else "waiting"
        return web.Response(status=_DONE, headers={"X-Progress": told, "Retry-After": str(AGAIN_S)})
    return answer(
        _manifest(request, job), headers={"Expires": formatdate(job.expires_us // 1_000_000, usegmt=True)}
    )


@_outcomes
async def file(request: web.Request) -> web.StreamResponse:
    """GET /api/fhir/bulk/{job}/{file}: whole, or from where it was cut off (Range, RFC 9110, section 14)."""
    job = await _found(request)
    path = request.app[BULK].path(job, request.match_info["file"])
    await record_access(request, (), f"bulk/{job.id}/{path.name}")
    headers = {"Content-Type": NDJSON, "Cache-Control": "no-store"}
    return web.FileResponse(path, headers=headers)


@_outcomes
async def delete(request: web.Request) -> web.StreamResponse:
    """DELETE /api/fhir/bulk/{job}: it is given up, and its files go."""
    await request.app[BULK].cancel(await _found(request))
    return web.Response(status=_DONE)


def outcome(code: int, kind: str, told: str, headers: Mapping[str, str] | None = None) -> web.Response:
    """A refusal as FHIR has it; `kind` is an IssueType."""
    issue = {"severity": "error", "code": kind, "diagnostics": told}
    body = {"resourceType": "OperationOutcome", "issue": [issue]}
    return web.Response(body=orjson.dumps(body), status=code, content_type=MEDIA, headers=headers)


async def _kick_off(request: web.Request, level: str, ward: str = "") -> web.StreamResponse:
    lenient = "handling=lenient" in _prefers(request)
    if problem := _problem(request, lenient=lenient):
        return outcome(400, "invalid", problem)
    try:
        types = await _types(request, lenient=lenient)
        since = request.query.get("_since", "").replace(" ", "+")  # of clients that do not escape a plus
        since_us = utc_of(since) if since else None
    except ValueError as error:
        return outcome(400, "invalid", str(error))
    access = request[ACCESS]
    where = request.remote or ""
    who, url = (access.user.name, where), _url(request, request.path_qs)
    asked = Asked(*who, url, level, ward, access.view.wards, types, since_us)
    try:
        job = await request.app[BULK].jobs.begin(asked)
    except Conflict as error:
        return outcome(429, "throttled", str(error), {"Retry-After": str(AGAIN_S)})
    request.app[BULK].wake()
    return web.Response(status=_DONE, headers={"Content-Location": _url(request, f"/api/fhir/bulk/{job.id}")})


def _prefers(request: web.Request) -> set[str]:
    told = ",".join(request.headers.getall("Prefer", []))
    return {one.strip() for part in told.split(",") for one in part.split(";")}


def _problem(request: web.Request, *, lenient: bool) -> str:
    """What cannot be done as it is asked for; "": nothing."""
    if "respond-async" not in _prefers(request):
        return "expected the header `Prefer: respond-async`: an export is not answered at once"
    if request.query.get("_outputFormat", NDJSON) not in FORMATS:
        return f"expected _outputFormat {NDJSON}, got {request.query['_outputFormat']!r:.60}"
    unknown = sorted(set(request.query) - _KNOWN)
    if unknown and not lenient:
        return f"{', '.join(unknown)[:200]}: not supported; `Prefer: handling=lenient` leaves it out"
    return ""


async def _types(request: web.Request, *, lenient: bool) -> tuple[str, ...]:
    """Those that are asked for, or else all that the token may search for.

    Raises ValueError: there is no such type; Refused: the token may not.
    """
    held = await _scopes(request)
    may = [kind for kind in KINDS if allows(held, _needed(kind))]
    asked = [one for told in request.query.getall("_type", []) for one in told.split(",") if one]
    unknown = [one for one in asked if one not in KINDS]
    if unknown and not lenient:
        raise ValueError(f"{', '.join(unknown)[:200]}: expected _type of {', '.join(KINDS)}")
    if beyond := [one for one in asked if one in KINDS and one not in may]:
        needed = frozenset[Scope]().union(*(_needed(one) for one in beyond))
        told = f"expected the scopes {scope_text(needed)!r} for _type, the token lacks some: ask for another"
        raise Refused(403, "insufficient-scope", told)
    return tuple(one for one in KINDS if one in asked) if asked else tuple(may)


def _needed(kind: str) -> frozenset[Scope]:
    return frozenset({Scope(kind, "s")})


async def _scopes(request: web.Request) -> frozenset[Scope]:
    """Of the token that asks. Raises Refused: a person asks."""
    text = request.headers.get("Authorization", "").removeprefix("Bearer ")
    token = await logins(request).tokens.find(text)
    if token is None:
        raise Refused(
            400, "token-only", "expected an API token: exports are for programs (docs/data-export.md)"
        )
    return token.scopes


async def _found(request: web.Request) -> Job:
    await _scopes(request)
    return await request.app[BULK].jobs.find(request.match_info["job"], request[ACCESS].user.name)


def _manifest(request: web.Request, job: Job) -> dict[str, Any]:
    return {
        "transactionTime": utc_text(job.transaction_us),
        "request": job.asked.url,
        "requiresAccessToken": True,
        "output": [_output(request, job, one) for one in job.output],
        "deleted": [],
        "error": [],
    }


def _output(request: web.Request, job: Job, one: Output) -> dict[str, Any]:
    url = _url(request, f"/api/fhir/bulk/{job.id}/{one.file}")
    extension = {SHA256: one.sha256, BYTES: one.bytes}
    return {"type": one.type, "url": url, "count": one.count, "extension": extension}


def _url(request: web.Request, path: str) -> str:
    return f"{request.scheme}://{request.host}{path}"
