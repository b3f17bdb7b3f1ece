"""The gate that every request passes: deny by default.

A route that is not in the table of permissions is refused to everyone. A request that may change
something must come from our own pages: the cookie is SameSite=Strict and the Origin must be ours.
"""

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from controller.security.permissions import GRANTS, Permission
from controller.security.users import User

COOKIE = "wardlink_session"
USER: web.RequestKey[User] = web.RequestKey("user", User)
_SAFE = frozenset({"GET", "HEAD"})


class Refused(Exception):
    """The gate is shut: an HTTP `status`, a `code` for programs, the message for people."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


NOT_LOGGED_IN = Refused(401, "not-logged-in", "expected a session cookie, there is no valid one: log in")


def gate(
    permissions: Mapping[str, Permission], find_user: Callable[[str | None], Awaitable[User | None]]
) -> Middleware:
    """The middleware. `permissions` by route name; `find_user` takes the cookie's token. Raises Refused."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        permission = permissions.get(request.match_info.route.name or "")
        if request.method not in _SAFE:
            _check_origin(request)
        if permission is not Permission.PUBLIC:
            request[USER] = await _allowed(request, permission, find_user)
        return await handler(request)

    return check


async def _allowed(
    request: web.Request,
    permission: Permission | None,
    find_user: Callable[[str | None], Awaitable[User | None]],
) -> User:
    user = await find_user(request.cookies.get(COOKIE))
    if user is None:
        raise NOT_LOGGED_IN
    if permission is None:
        raise Refused(404, "not-found", f"there is no {request.method} {request.path}: see /api/openapi.json")
    if permission not in GRANTS[user.role]:
        raise Refused(
            403,
            "not-allowed",
            f"expected the permission {permission.value!r}, the role {user.role.value!r} lacks it: "
            "log in as someone who has it",
        )
    return user


def _check_origin(request: web.Request) -> None:
    origin = request.headers.get("Origin", "")
    if not request.host or urlsplit(origin).netloc != request.host:
        message = f"expected Origin to name {request.host!r}, got {origin!r}: send it from our own pages"
        raise Refused(403, "foreign-origin", message)
