"""A patient comes in by the code of an invitation and their birth date, and goes again."""

from aiohttp import web

from controller.api.answers import refusal
from controller.api.bodies import read_body
from controller.api.context import context
from controller.api.my_context import me, own
from controller.api.my_cookie import COOKIE, OWN
from controller.api.my_schemas import EnterBody
from controller.api.my_visits import shown_out
from controller.api.prescriptions_shown import by
from controller.security.gate import Refused

_TRIES = "invitation of a patient"
"""For the throttle, which is that of logins: no user's name is so."""


async def enter(request: web.Request) -> web.StreamResponse:
    """POST /api/my/session."""
    body, parts, address = await read_body(request, EnterBody), context(request), request.remote or ""
    wait_s = parts.throttle.wait_s(_TRIES, address) or own(request).tries.take(address)
    if wait_s:
        message = f"too many codes were tried from here: try again in {wait_s} s"
        raise Refused(429, "slow-down", message, {"Retry-After": str(wait_s)})
    parts.throttle.tried(_TRIES, address)
    began = await own(request).invitations.enter(body.code, body.birth_date, address)
    if began is None:
        return refusal(
            401, "wrong-code", "the code or the birth date is wrong, or the code was used: ask for another"
        )
    parts.throttle.succeeded(_TRIES, address)
    response = web.Response(status=204)
    OWN.put(response, began.token)
    return response


async def leave(request: web.Request) -> web.StreamResponse:
    """DELETE /api/my/session."""
    await own(request).sessions.end(me(request), request.cookies[COOKIE], request.remote or "")
    await shown_out(request, by(request))
    response = web.Response(status=204)
    OWN.drop(response)
    return response
