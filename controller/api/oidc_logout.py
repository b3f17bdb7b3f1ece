"""Logging out where an identity provider is: begun here, or begun there (Back-Channel Logout 1.0)."""

import logging
from urllib.parse import parse_qsl

from aiohttp import web

from controller.api.answers import BadRequest, answer, refusal
from controller.api.context import context, user
from controller.api.logins import logins, origin
from controller.api.oidc_login import flow_of
from controller.errors import LoginRefused, ProviderError
from controller.security.cookie import COOKIE, drop_cookie
from controller.security.gate import ACCESS
from controller.security.sessions import How, Session

_FORM = "application/x-www-form-urlencoded"

log = logging.getLogger(__name__)


async def log_out(request: web.Request) -> web.StreamResponse:
    """POST /api/oidc/logout: here at once, and at the provider if the browser goes where the answer says."""
    await context(request).sessions.end(request.cookies[COOKIE], user(request), request.remote or "")
    oidc, access = logins(request).oidc, request[ACCESS]
    came_by_it = isinstance(access, Session) and access.how is How.OIDC
    go = await oidc.farewell(origin(request) + "/login") if oidc and came_by_it else None
    response = answer({"go": go or "/login"})
    drop_cookie(response)
    return response


async def backchannel(request: web.Request) -> web.StreamResponse:
    """POST /api/oidc/backchannel-logout: from the provider's server, with a token that it signed."""
    flow, parts, people = flow_of(request), context(request), logins(request).people
    assert people is not None, "there is no provider without people"
    token, here = await _token(request), request.remote or ""
    try:
        ended = await people.log_out(await flow.logged_out(token), here)
    except ProviderError as error:
        log.warning("a logout by the identity provider cannot be checked: %s", error)
        return refusal(503, "provider-down", "the keys that would prove it cannot be fetched: try again")
    except LoginRefused as error:
        log.warning("a logout by the identity provider was refused (%s): %s", error.code, error)
        return refusal(400, f"logout-{error.code}", str(error))
    parts.sessions.tell()
    return answer({"ended": ended})


async def _token(request: web.Request) -> str:
    """The one field of the form (section 2.5). Raises BadRequest."""
    if request.content_type != _FORM:
        raise BadRequest(f"expected Content-Type {_FORM}, got {request.content_type!r:.60}")
    try:
        fields = parse_qsl((await request.read()).decode("ascii"), max_num_fields=16)
    except ValueError as error:
        raise BadRequest(f"expected a form: {error}") from None
    match [value for name, value in fields if name == "logout_token"]:
        case [token]:
            return token
        case found:
            raise BadRequest(f"expected one field logout_token, got {len(found)}: send it once")
