"""Conferences of partner sites that one is asked to: answered at home, and the way into their room."""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from controller.api import partners_conclusions_schemas as copies
from controller.api import partners_schemas as schemas
from controller.api.answers import answer
from controller.api.auditing import record_access
from controller.api.bodies import read_body
from controller.api.conferences_context import number_of
from controller.api.context import context, user
from controller.api.partners_context import partnership
from controller.api.prescriptions_shown import by
from controller.conferences.conclusions import Stance
from controller.conferences.model import Answer
from controller.conferences.states import AnswerState
from controller.partners.conclusions import Signing
from controller.partners.invitations import Invitation

Json = dict[str, Any]
ALL = "/api/partner-conferences"


async def say(request: web.Request) -> web.StreamResponse:
    """PUT /api/partner-conferences/{site}/{number}/answer."""
    body, where = await read_body(request, schemas.MeetingAnswerBody), request.match_info
    said = Answer(AnswerState(body.answer), body.why, body.proposed_ms)
    await partnership(request).invitations.answer(where["site"], where["number"], said, by(request))
    book = partnership(request).book
    return answer({"utc_ms": book.utc_ms(), "meetings": await meetings_of(request)})


async def way_in(request: web.Request) -> web.StreamResponse:
    """POST /api/partner-conferences/{site}/{number}/way-in."""
    where = request.match_info
    address = await partnership(request).joining.way_in(where["site"], where["number"], by(request))
    return answer({"address": address})


async def conclusions(request: web.Request) -> web.StreamResponse:
    """GET /api/partner-conferences/{site}/{number}/conclusions."""
    return await _conclusions(request)


async def to_sign(request: web.Request) -> web.StreamResponse:
    """POST /api/partner-conferences/{site}/{number}/conclusions/{case}/document: what is signed."""
    signing = _signing(request, await read_body(request, copies.CopyStanceBody))
    document = await partnership(request).conclusions.to_sign(signing, by(request))
    patient = next(e["resource"] for e in document["entry"] if e["resource"]["resourceType"] == "Patient")
    whose = f"{signing.site}:{patient['identifier'][0]['value']}"
    await record_access(request, {whose}, entity=f"partner/{signing.site}/{signing.number}")
    return answer({"document": document})


async def sign(request: web.Request) -> web.StreamResponse:
    """PUT /api/partner-conferences/{site}/{number}/conclusions/{case}/signature."""
    body = await read_body(request, copies.CopySignatureBody)
    signing = _signing(request, body)
    check = context(request).signatures.check
    await partnership(request).conclusions.sign(signing, body.signature, check, by(request))
    return await _conclusions(request)


def _signing(request: web.Request, body: copies.CopyStanceBody) -> Signing:
    where, stance = request.match_info, Stance(body.stand, body.words)
    return Signing(where["site"], where["number"], number_of(request, "case"), body.version, stance)


async def _conclusions(request: web.Request) -> web.Response:
    where, parts = request.match_info, partnership(request)
    found = await parts.conclusions.of(where["site"], where["number"], user(request).name)
    shown = {f"{where['site']}:{one.told['patient']}" for one in found if one.told is not None}
    shown |= {f"{where['site']}:{each.patient}" for one in found for each in one.signed}
    await record_access(request, shown, entity=f"partner/{where['site']}/{where['number']}")
    return answer({"utc_ms": parts.book.utc_ms(), "conclusions": [asdict(one) for one in found]})


async def meetings_of(request: web.Request) -> list[Json]:
    """Those that who asks is asked to."""
    found = await partnership(request).invitations.of(user(request).name)
    return [_shown(one) for one in found]


def _shown(one: Invitation) -> Json:
    told = one.told
    mine = next(each for each in told["members"] if each["name"] == one.person)
    names = ("site", "site_name", "number", "answer", "why", "proposed_ms", "told_ms")
    of_host = ("title", "start_ms", "minutes", "state", "asked_by", "others", "cases")
    return {
        **{name: getattr(one, name) for name in names},
        **{name: told[name] for name in of_host},
        **{"part": mine["part"], "stands": mine["answer"]},
    }
