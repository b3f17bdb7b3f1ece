"""The gate that every request passes: deny by default.

A route that is not in the table of permissions is refused to everyone. A request that may change
something must come from our own pages: the cookie is SameSite=Strict and the Origin must be ours.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Protocol
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from controller.security.permissions import Permission
from controller.security.sessions import State
from controller.security.users import User
from controller.view import View


class Access(Protocol):
    """Who asks, and what this request may do and see: a session is one."""

    @property
    def user(self) -> User:
        """The person."""
        ...

    @property
    def permissions(self) -> frozenset[Permission]:
        """What it may do now."""
        ...

    @property
    def view(self) -> View:
        """Whom it may see now."""
        ...

    @property
    def state(self) -> State:
        """Why it may do less than the person's roles allow."""
        ...


ACCESS: web.RequestKey[Access] = web.RequestKey("access", Access)
WHO: web.RequestKey[str] = web.RequestKey("who", str)
"""The name of who asks, for the audit trail of what is refused: known, or (at a login) only claimed."""
Find = Callable[[web.Request], Awaitable[Access | None]]
_SAFE = frozenset({"GET", "HEAD"})
_WHAT_TO_DO = {
    State.LOCKED: (423, "the screen is locked: unlock it with your password"),
    State.CHANGE_PASSWORD: (403, "this password was for one login: change it first, at /account"),
    State.SET_UP_SECOND_FACTOR: (403, "your role needs a second factor: set it up first, at /account"),
}


class Refused(Exception):
    """The gate is shut: an HTTP `status`, a `code` for programs, the message for people."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers


NOT_LOGGED_IN = Refused(401, "not-logged-in", "expected a session cookie, there is no valid one: log in")


def has_token(request: web.Request) -> bool:
    """Whether the request speaks for itself. Its cookie counts for nothing then, and no Origin is asked for:
    no page of another site can make a browser add this header, because we never allow it to (CORS)."""
    return "Authorization" in request.headers


def gate(
    permissions: Mapping[str, Permission], find: Find, by_servers: Collection[str] = frozenset()
) -> Middleware:
    """The middleware. `permissions` by route name; `find` tells who asks, if anybody. Raises Refused.

    `by_servers`: the public routes of which no Origin is asked, since what comes there proves itself.
    """

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        name = request.match_info.route.name or ""
        permission = permissions.get(name)
        is_token = permission is not Permission.PUBLIC and has_token(request)
        if request.method not in _SAFE and not is_token and name not in by_servers:
            _check_origin(request)
        if permission is not Permission.PUBLIC:
            request[ACCESS] = await _allowed(request, permission, find)
        return await handler(request)

    return check


async def _allowed(request: web.Request, permission: Permission | None, find: Find) -> Access:
    access = await find(request)
    if access is None:
        raise NOT_LOGGED_IN
    request[WHO] = access.user.name
    if permission is None:
        raise Refused(404, "not-found", f"there is no {request.method} {request.path}: see /api/openapi.json")
    if permission in access.permissions:
        return access
    if permission in access.user.permissions and access.state in _WHAT_TO_DO:
        status, message = _WHAT_TO_DO[access.state]
        raise Refused(status, access.state.value, message)
    roles = ", ".join(sorted(access.user.roles)) or "none"
    message = f"expected the permission {permission.value!r}, your roles ({roles}) lack it: log in as another"
    raise Refused(403, "not-allowed", message)


def _check_origin(request: web.Request) -> None:
    origin = request.headers.get("Origin", "")
    if not request.host or urlsplit(origin).netloc != request.host:
        message = f"expected Origin to name {request.host!r}, got {origin!r}: send it from our own pages"
        raise Refused(403, "foreign-origin", message)
