"""The cookie of who came in by a link to a visit: it goes to that API alone, and never to that of staff.

RFC 6265bis, 4.1.3.1: `__Secure-` asks for Secure; `__Host-` would ask for Path=/.
"""

from aiohttp import web

from controller.telemedicine.access import LASTS_MS

COOKIE = "__Secure-wardlink-visit"
PATH = "/api/visit"


def put_cookie(response: web.StreamResponse, token: str) -> None:
    """Give the browser `token`: out of reach of scripts and of other sites."""
    told = {"path": PATH, "secure": True, "httponly": True, "samesite": "Strict"}
    response.set_cookie(COOKIE, token, max_age=LASTS_MS // 1000, **told)


def drop_cookie(response: web.StreamResponse) -> None:
    """Take the token from the browser."""
    response.del_cookie(COOKIE, path=PATH, secure=True, httponly=True, samesite="Strict")
