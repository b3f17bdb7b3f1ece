"""The directory of experts over HTTP: for whoever takes part in conferences; each edits their own line,
and who looks after accounts everybody's."""

from dataclasses import asdict, replace
from typing import Any

from aiohttp import web

from controller.api.answers import BadRequest, answer
from controller.api.bodies import read_body
from controller.api.conferences_context import service, who
from controller.api.experts_schemas import ExpertBody
from controller.api.prescriptions_shown import by, now_ms
from controller.api.replaced import replaced, tag
from controller.conferences.directory import Wanted
from controller.conferences.model import Expert, Person
from controller.conferences.specialities import SPECIALITIES

Json = dict[str, Any]
LONGEST = 64
_SPECIALITIES = [{"code": code, **words._asdict()} for code, words in SPECIALITIES.items()]


async def experts(request: web.Request) -> web.StreamResponse:
    """GET /api/experts."""
    found = await service(request).directory.search(_wanted(request))
    shown = [_shown(one) for one in found]
    return answer({"server_ms": now_ms(request), "experts": shown, "specialities": _SPECIALITIES})


async def own(request: web.Request) -> web.StreamResponse:
    """GET /api/experts/me."""
    return _own(request, await service(request).directory.find(who(request)))


async def say(request: web.Request) -> web.StreamResponse:
    """PUT /api/experts/me."""
    over, body = replaced(request), await read_body(request, ExpertBody)
    made = await service(request).directory.say(who(request), body.profile(), over, by(request))
    return _own(request, made)


async def of(request: web.Request) -> web.StreamResponse:
    """GET /api/experts/of/{person}."""
    return _own(request, await service(request).directory.find(_person(request)))


async def say_of(request: web.Request) -> web.StreamResponse:
    """PUT /api/experts/of/{person}: all but whether partners may know of them, which they say themselves."""
    over, body = replaced(request), await read_body(request, ExpertBody)
    person, directory = _person(request), service(request).directory
    before = await directory.find(person)
    profile = replace(body.profile(), for_partners=before is not None and before.profile.for_partners)
    return _own(request, await directory.say_of(person, profile, over, by(request)))


def _person(request: web.Request) -> Person:
    return Person("", request.match_info["person"])


def _own(request: web.Request, found: Expert | None) -> web.Response:
    revision = found.revision if found else 0
    told = {"server_ms": now_ms(request), "revision": revision, "specialities": _SPECIALITIES}
    return answer({**told, "profile": found and asdict(found.profile)}, headers=tag(revision))


def _shown(one: Expert) -> Json:
    return {"actor": one.person.actor, "site": one.person.site, "profile": asdict(one.profile)}


def _wanted(request: web.Request) -> Wanted:
    speciality, hospital, text = (
        request.query.get(name, "")[:LONGEST] for name in ("speciality", "hospital", "text")
    )
    at_ms = _whole(request, "at_ms")
    minutes = _whole(request, "minutes")
    return Wanted(speciality, hospital, text, at_ms, 30 if minutes is None else min(minutes, 1440))


def _whole(request: web.Request, name: str) -> int | None:
    text = request.query.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 14):
        raise BadRequest(f"expected {name} as a whole number, got {text!r:.40}")
    return int(text)
