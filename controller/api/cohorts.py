"""Cohorts over HTTP: asked, saved, run again on a newer lake; who matches, for those who see them."""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from controller.api.answers import answer
from controller.api.auditing import record_access
from controller.api.bodies import read_body
from controller.api.cohorts_schemas import CohortAskBody, CohortSaveBody
from controller.api.context import context, user, view
from controller.api.prescriptions_shown import by
from controller.clock import utc_of
from controller.errors import NotFound
from controller.lake.cohorts.beside import Asker
from controller.lake.cohorts.compiling import compiled_of
from controller.lake.cohorts.definition import CohortDefinition
from controller.lake.cohorts.found import Found, Member
from controller.lake.cohorts.kept import Cohorts, Version
from controller.lake.cohorts.small import cut
from controller.lake.cohorts.words import rules, sentence
from controller.security.permissions import Permission
from devices.model.metrics import METRICS

MOST_MEMBERS = 2000
COHORTS: web.AppKey[Asker] = web.AppKey("cohorts", Asker)


async def listed(request: web.Request) -> web.StreamResponse:
    """GET /api/cohorts."""
    manifest = _asker(request).manifest()
    metrics = [(one.name, one.unit) for one in METRICS.values() if one.is_of_patient and not one.is_waveform]
    told = {
        "now_utc_ms": context(request).clock.utc_us() // 1000,
        "generation": manifest and manifest.generation,
        "lake_utc_ms": manifest and utc_of(manifest.written) // 1000,
        "metrics": metrics,
        "may_list": Permission.LIST_COHORTS in user(request).permissions,
        "cohorts": [_version(one) for one in await _cohorts(request).all()],
    }
    return answer(told)


async def plan(request: web.Request) -> web.StreamResponse:
    """POST /api/cohorts/plan: asks nothing."""
    definition = (await read_body(request, CohortAskBody)).definition
    questions = [
        {"sql": one.sql, "parameters": dict(one.parameters)} for one in compiled_of(definition).questions()
    ]
    told = {"en": rules(definition, "en"), "zh": rules(definition, "zh")}
    return answer({"words": _words(definition), "rules": told, "questions": questions})


async def ask(request: web.Request) -> web.StreamResponse:
    """POST /api/cohorts/ask: it is in the trail before it is answered."""
    definition = (await read_body(request, CohortAskBody)).definition
    detail = {"words": sentence(definition, "en")}
    await _cohorts(request).tell("cohort-asked", "-", by(request), detail)
    found = await _asker(request).found(definition)
    return answer({"exact": _sees_all(request, definition), "found": _shown(request, definition, found)})


async def save(request: web.Request) -> web.StreamResponse:
    """POST /api/cohorts."""
    body = await read_body(request, CohortSaveBody)
    return answer(_version(await _cohorts(request).save(body.name, body.definition, by(request, body.why))))


async def one(request: web.Request) -> web.StreamResponse:
    """GET /api/cohorts/{name}/{version}."""
    return answer(await _detail(request, await _found(request)))


async def run(request: web.Request) -> web.StreamResponse:
    """POST /api/cohorts/{name}/{version}/runs: on the lake as it is now."""
    version = await _found(request)
    found = await _asker(request).found(version.definition)
    await _cohorts(request).noted(version, found, by(request))
    return answer(await _detail(request, version))


async def members(request: web.Request) -> web.StreamResponse:
    """GET /api/cohorts/{name}/{version}/members: of whom is in the trail before they are shown."""
    version = await _found(request)
    found = await _asker(request).members(version.definition)
    # Cut only now: among the first of all there may be nobody whom one may see.
    seen = [member for member in found if _is_seen(request, member)][:MOST_MEMBERS]
    await record_access(request, {member.patient for member in seen}, f"cohort/{version.label}")
    return answer({"members": [_member(member) for member in seen], "more": len(seen) < len(found)})


def _asker(request: web.Request) -> Asker:
    asker = request.config_dict.get(COHORTS)
    if asker is None:
        raise NotFound("there is no lake here: see docs/data-export.md")
    return asker


def _cohorts(request: web.Request) -> Cohorts:
    return Cohorts(context(request).store, context(request).clock)


async def _found(request: web.Request) -> Version:
    name, text = request.match_info["name"], request.match_info["version"]
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise NotFound(f"there is no version {text!r:.40}: expected a number")
    return await _cohorts(request).find(name, int(text))


def _sees_all(request: web.Request, definition: CohortDefinition) -> bool:
    """Whether who asks sees every patient who could match, and so may see small numbers."""
    wards, asked = view(request).wards, definition.who.wards
    is_within = wards is None or (bool(asked) and wards.issuperset(asked))
    return Permission.LIST_COHORTS in user(request).permissions and is_within


def _is_seen(request: web.Request, member: Member) -> bool:
    wards = [ward for ward in member.wards if ward]
    return view(request).wards is None or any(view(request).shows(ward, member.patient) for ward in wards)


def _shown(request: web.Request, definition: CohortDefinition, found: Found) -> dict[str, Any]:
    return asdict(found if _sees_all(request, definition) else cut(found))


def _words(definition: CohortDefinition) -> dict[str, str]:
    return {"en": sentence(definition, "en"), "zh": sentence(definition, "zh")}


def _version(version: Version) -> dict[str, Any]:
    names = ("name", "version", "why", "by", "utc_ms")
    told = {name: getattr(version, name) for name in names}
    definition = version.definition
    return {**told, "definition": definition.model_dump(by_alias=True), "words": _words(definition)}


async def _detail(request: web.Request, version: Version) -> dict[str, Any]:
    runs = [
        {"by": told.by, "utc_ms": told.utc_ms, "found": _shown(request, version.definition, told.found)}
        for told in await _cohorts(request).runs(version)
    ]
    return {"version": _version(version), "exact": _sees_all(request, version.definition), "runs": runs}


def _member(member: Member) -> dict[str, Any]:
    times = {"ended_ms": member.ended_us, "event_ms": member.event_us}
    told = {name: us and us // 1000 for name, us in times.items()}
    return {"patient": member.patient, "ward": member.ward, "began_ms": member.began_us // 1000, **told}
