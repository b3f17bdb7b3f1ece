"""Who may ask what: the box's own names, the page's own origin, and a session. No other site's page gets in.

A stranger's page on the same tablet can let a name of its own point at this box (DNS rebinding), or send it a
form; the Host and Origin headers say so (RFC 9110, 7.2; RFC 6454), and no form has our content type.
"""

from collections.abc import Mapping

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from devices.errors import DevicesError
from devices.model.crew import PICTURE_MEDIA
from gateway.crew.crew import Crew
from gateway.errors import AlarmUnknown, CaseConflict, CrewRefused, LimitRefused, NotKept

CREW = web.AppKey("crew", Crew)
PERSON = web.RequestKey("person", str)
COOKIE = "wardlink-crew"
PICTURES = "/api/pictures"
_WITHOUT_SESSION = frozenset({"/api/login"})
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "object-src 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types service-worker",
    )
)
"""Nothing from elsewhere, nothing inline, and no text becomes HTML. A service worker's address is a script's,
too (Trusted Types, 3.2): the one policy that there may be is for it."""
_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}
_STATUS: Mapping[type[Exception], int] = {
    AlarmUnknown: 404,
    CaseConflict: 409,
    DevicesError: 422,
    LimitRefused: 409,
    NotKept: 503,
}


async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """A handler for `Application.on_response_prepare`."""
    response.headers.update(_HEADERS)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.popall("Server", None)


def cookie_name(crew: Crew) -> str:
    """`__Host-` (RFC 6265bis, 4.1.3.2) asks for TLS, which a loopback address does not have."""
    return COOKIE if crew.config.is_local else f"__Host-{COOKIE}"


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What is refused is answered in one form: {"error": …}, which a person can read."""
    try:
        return await handler(request)
    except CrewRefused as error:
        wait = {"Retry-After": str(error.wait_s)} if error.wait_s else {}
        return web.json_response({"error": str(error)}, status=error.status, headers=wait)
    except (AlarmUnknown, CaseConflict, LimitRefused, NotKept, DevicesError) as error:
        status = next(status for kind, status in _STATUS.items() if isinstance(error, kind))
        return web.json_response({"error": str(error)}, status=status)
    except web.HTTPException as error:
        return web.json_response({"error": error.text}, status=error.status)


def known_hosts(hosts: frozenset[str]) -> Middleware:
    """The middleware: what is asked of another host than the box's own is refused, 421."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        for named in {request.host, *request.headers.getall("Host", [])}:
            if _host_of(named) not in hosts:
                raise CrewRefused(421, f"this is not {named!r:.80}: use one of {', '.join(sorted(hosts))}")
        return await handler(request)

    return check


def _host_of(named: str) -> str:
    """The name or address of a Host header, without the port."""
    host, colon, port = named.rpartition(":")
    whole = host if colon and port.isdecimal() and not named.endswith("]") else named
    return whole.strip("[]").rstrip(".").lower()


@web.middleware
async def own_page(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What changes something comes from the page itself, as JSON or as a picture: no form can send either."""
    if request.method not in ("GET", "HEAD"):
        if request.headers.get("Origin") != f"{request.scheme}://{request.host}":
            raise CrewRefused(403, "expected a request of this box's own page")
        types = PICTURE_MEDIA if request.path == PICTURES else ("application/json",)
        if request.content_type not in types:
            raise CrewRefused(415, f"expected {' or '.join(types)}")
    return await handler(request)


@web.middleware
async def known_people(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Everything of the API needs a session, but for beginning one."""
    if request.path.startswith("/api/") and request.path not in _WITHOUT_SESSION:
        crew = request.app[CREW]
        name = crew.sessions.find(request.cookies.get(cookie_name(crew), ""))
        if name is None:
            raise CrewRefused(401, "log in")
        request[PERSON] = name
    return await handler(request)
