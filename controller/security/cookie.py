"""The session's cookie: its prefix makes browsers refuse it from another host or path, or unencrypted.

RFC 6265bis, 4.1.3.2: `__Host-` asks for Secure and Path=/ and forbids Domain. Browsers take Secure cookies
from http://localhost and http://127.0.0.1 too (measured with Chromium 156; aiohttp's client has to be told).
"""

from aiohttp import web

COOKIE = "__Host-wardlink"


def put_cookie(response: web.StreamResponse, token: str) -> None:
    """Give the browser `token`: out of reach of scripts and of other sites, gone when the browser ends."""
    response.set_cookie(COOKIE, token, path="/", secure=True, httponly=True, samesite="Strict")


def drop_cookie(response: web.StreamResponse) -> None:
    """Take the token from the browser."""
    response.del_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Strict")
