"""Logging in by the identity provider: the browser goes there and comes back with a code."""

import logging

from aiohttp import web

from controller.api.context import context
from controller.api.logins import count_begun, logins, origin
from controller.api.pages import load, serve
from controller.audit.entry import REFUSED, Entry
from controller.errors import ControllerError, LoginRefused, NotFound, ProviderError
from controller.security.cookie import COOKIE, put_cookie
from controller.security.oidc.login import OidcLogin
from controller.security.oidc.pending import LIFE_S
from controller.security.sessions import How

STATE_COOKIE = "__Host-wardlink-oidc"
"""Ties a login to the browser that began it. SameSite=Lax: it has to come along from the provider's pages."""
LONGEST_QUERY = 8192
_DONE = serve(load("public"), "logged-in.html")

log = logging.getLogger(__name__)


async def begin(request: web.Request) -> web.StreamResponse:
    """GET /oidc/login: to the provider."""
    flow = flow_of(request)
    count_begun(request)
    here = request.remote or ""
    try:
        address, state = await flow.begin(here, _redirect(request), request.cookies.get(COOKIE))
    except ProviderError as error:
        return _refused(request, error)
    response = web.Response(status=302, headers={"Location": address})
    _put(response, state, LIFE_S)
    return response


async def callback(request: web.Request) -> web.StreamResponse:
    """GET /oidc/callback: back from the provider.

    The answer is a page of ours that goes on to the board: a redirect would still count as coming from the
    provider, and the session's cookie (SameSite=Strict) would not be sent along.
    """
    flow, parts, people = flow_of(request), context(request), logins(request).people
    assert people is not None, "there is no provider without people"
    here = request.remote or ""
    try:
        came = _once(request)
        cookie = request.cookies.get(STATE_COOKIE, "")
        identity, replaces = await flow.finish(came, cookie, _redirect(request))
        account = await people.enter(identity, here)
    except (LoginRefused, ProviderError) as error:
        return _refused(request, error)
    response = await _DONE(request)
    token = await parts.sessions.begin(account.user, How.OIDC, here, replaces, identity.sid)
    put_cookie(response, token)
    _put(response, "", 0)
    response.headers["Cache-Control"] = "no-store"
    return response


def flow_of(request: web.Request) -> OidcLogin:
    """The provider that is configured. Raises NotFound."""
    flow = logins(request).oidc
    if flow is None:
        raise NotFound("there is no identity provider here: log in in another way, or configure [oidc]")
    return flow


def _redirect(request: web.Request) -> str:
    return origin(request) + "/oidc/callback"


def _once(request: web.Request) -> dict[str, str]:
    """The query, whose parameters each come once (RFC 6749, section 3.1). Raises LoginRefused."""
    came = request.query
    if len(request.query_string) > LONGEST_QUERY or len(set(came)) != len(came):
        raise LoginRefused("callback", "expected a short query, each parameter of it once: begin again")
    return dict(came)


def _put(response: web.StreamResponse, state: str, seconds: int) -> None:
    response.set_cookie(
        STATE_COOKIE, state, max_age=seconds, path="/", secure=True, httponly=True, samesite="Lax"
    )


def _refused(request: web.Request, error: ControllerError) -> web.StreamResponse:
    """Back to the login, which says it in words. The reason is in the log and in the audit trail."""
    code = error.code if isinstance(error, LoginRefused) else "provider-down"
    log.warning("a login by the identity provider was refused (%s): %s", code, error)
    detail = {"how": How.OIDC.value, "code": code}
    entry = Entry("login", "", outcome=REFUSED, where=request.remote or "", detail=detail)
    context(request).trail.note(entry)
    response = web.Response(status=302, headers={"Location": f"/login?refused={code}"})
    _put(response, "", 0)
    return response
