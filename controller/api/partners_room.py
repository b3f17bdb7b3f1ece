"""Who comes by a partner's word into one conference here: its room, its cases, and nothing else."""

from aiohttp import web
from aiohttp.typedefs import Handler

from controller.api import partners_schemas as schemas
from controller.api.answers import answer, refusal
from controller.api.bodies import read_body
from controller.api.conferences_context import service
from controller.api.context import context
from controller.api.partners_context import TRIES, partnership
from controller.api.partners_cookie import COOKIE, OF_PARTNER
from controller.api.prescriptions_shown import by
from controller.api.rooms import Comer, Ways
from controller.api.visits_context import telemedicine
from controller.conferences.sight import knows
from controller.errors import Conflict, NotFound
from controller.partners.access import PartnerAccess, PartnerSessions
from controller.security.gate import ACCESS, Refused
from controller.telemedicine.rooms.seat import Party


async def enter(request: web.Request) -> web.StreamResponse:
    """POST /api/partner-room/session."""
    body, address = await read_body(request, schemas.WayInBody), request.remote or ""
    if wait_s := request.config_dict[TRIES].take(address):
        message = f"too many ways in were tried from here: try again in {wait_s} s"
        raise Refused(429, "slow-down", message, {"Retry-After": str(wait_s)})
    session = await partnership(request).ways.enter(body.token, address)
    if session is None:
        return refusal(401, "no-way-in", "this way in was used or is over: open the conference at home again")
    response = web.Response(status=204)
    OF_PARTNER.put(response, session)
    return response


async def leave(request: web.Request) -> web.StreamResponse:
    """DELETE /api/partner-room/session."""
    access, parts = _access(request), context(request)
    sessions = PartnerSessions(parts.store, parts.clock)
    await sessions.end(access, request.cookies[COOKIE], request.remote or "")
    await telemedicine(request).rooms.show_out(access.conference, access.user.name, by(request))
    response = web.Response(status=204)
    OF_PARTNER.drop(response)
    return response


async def own(request: web.Request) -> web.StreamResponse:
    """GET /api/partner-room."""
    access = _access(request)
    return answer({"number": access.conference, "name": access.name})


def of_session(handler: Handler) -> Handler:
    """A handler of conferences for the one that somebody came into: of others nobody learns that there are
    any."""

    async def only(request: web.Request) -> web.StreamResponse:
        if request.match_info["number"] != _access(request).conference:
            raise NotFound("there is no such conference for you: open it at home")
        return await handler(request)

    return only


async def comer(request: web.Request) -> Comer:
    """Who takes a seat in the room. Raises NotFound."""
    access = _access(request)
    conference = await service(request).books.find(access.conference, access.person)
    if request.match_info["number"] != conference.number:
        raise NotFound("there is no such conference for you: open it at home")

    async def check() -> None:
        if not knows(conference, access.user.name):
            raise Conflict("expected somebody who takes part, you have not accepted: answer at home first")

    return Comer(conference.number, Party(access.user.name, access.name, "staff"), frozenset(), check)


WAYS = Ways(comer)


def _access(request: web.Request) -> PartnerAccess:
    """Only for routes with Permission.JOIN_CONFERENCE, which nobody else passes."""
    access = request[ACCESS]
    if not isinstance(access, PartnerAccess):
        raise TypeError(
            f"expected who came by a partner's word, got {type(access).__name__}: the route's permission"
        )
    return access
