"""The cookie of a session that is not staff's: it goes to one part of the API alone, and never to the rest.

RFC 6265bis, 4.1.3.1: `__Secure-` asks for Secure; `__Host-` would ask for Path=/.
"""

from dataclasses import dataclass

from aiohttp import web


@dataclass(frozen=True, slots=True)
class PathCookie:
    """`lasts_s`: seconds."""

    name: str
    path: str
    lasts_s: int

    def put(self, response: web.StreamResponse, token: str) -> None:
        """Give the browser `token`: out of reach of scripts and of other sites."""
        told = {"path": self.path, "secure": True, "httponly": True, "samesite": "Strict"}
        response.set_cookie(self.name, token, max_age=self.lasts_s, **told)

    def drop(self, response: web.StreamResponse) -> None:
        """Take the token from the browser."""
        response.del_cookie(self.name, path=self.path, secure=True, httponly=True, samesite="Strict")
