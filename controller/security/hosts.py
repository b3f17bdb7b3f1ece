"""By which names the controller may be asked: a page of a stranger's must not reach it by a name of its own.

DNS rebinding: a page of evil.example, opened on the ward's own computer, lets its name point to this
controller. To the browser that page and our answers are then of one origin; only the Host header still says
evil.example. An address cannot be made to point elsewhere, so any address will do.
"""

import re
from collections.abc import Collection
from ipaddress import ip_address

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from controller.security.gate import Refused

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\s:@/\[\]]+?)\.?(:\d*)?", re.ASCII | re.IGNORECASE)
"""RFC 9110, section 7.2: a name or an address, perhaps a port."""
_REMEDY = "use an address, or let an engineer add the name to [controller] names"


def known_hosts(names: Collection[str]) -> Middleware:
    """The middleware: what is asked of another host than `names`, localhost or an address is refused, 421."""
    known = frozenset(name.lower().rstrip(".") for name in (*names, "localhost"))

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        # An absolute address names a host, too.
        for named in {request.host, *request.headers.getall("Host", [])}:
            if not is_ours(named, known):
                raise Refused(421, "foreign-host", f"this is not {named!r:.80}: {_REMEDY}")
        return await handler(request)

    return check


def is_ours(named: str, known: Collection[str]) -> bool:
    """Whether a Host header is an address, or one of the names `known`, in small letters."""
    found = _HOST.fullmatch(named)
    host = found[1].strip("[]").lower() if found else ""
    return host in known or _is_address(host)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
