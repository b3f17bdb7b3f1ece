"""Lets enrolled gateways fetch releases, at the port of the registration authority: each shows who it is.

GET /updates/metadata/NAME
GET /updates/targets/NAME      with ranges (RFC 9110, 14.2): a vehicle goes on where its network broke off
"""

import re
from pathlib import Path

from aiohttp import web
from cryptography import x509

from controller.clock import Clock
from controller.identity.certificates import CERTIFICATES, serial_of
from controller.store import Store

PATH = "/updates"
_KINDS = ("metadata", "targets")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}")
_US = 1_000_000


def add_updates(app: web.Application, folder: Path, store: Store, clock: Clock) -> None:
    """Serve the mirror in `folder` from `app`, which is served by TLS that asks for certificates."""
    handler = _Updates(folder, store, clock).file
    for kind in _KINDS:
        app.router.add_get(f"{PATH}/{{kind:{kind}}}/{{name}}", handler)


class _Updates:
    def __init__(self, folder: Path, store: Store, clock: Clock) -> None:
        self._folder, self._store, self._clock = folder, store, clock

    async def file(self, request: web.Request) -> web.StreamResponse:
        """A file of the mirror, for a gateway whose certificate is good now."""
        await check_gateway(request, self._store, self._clock)
        name = request.match_info["name"]
        path = self._folder / request.match_info["kind"] / name
        if not _NAME.fullmatch(name) or not path.is_file():
            raise web.HTTPNotFound(text="there is no such file\n")
        return web.FileResponse(path, headers={"Content-Type": "application/octet-stream"})


async def check_gateway(request: web.Request, store: Store, clock: Clock) -> None:
    """Raises HTTPForbidden, unless the request's certificate is a gateway's and good now."""
    connection = request.get_extra_info("ssl_object")
    der = connection.getpeercert(binary_form=True) if connection else None
    if der is None:
        raise web.HTTPForbidden(text="expected a gateway's certificate, there is none: enrol first\n")
    serial = serial_of(x509.load_der_x509_certificate(der))
    rows = await store.read(CERTIFICATES, (clock.utc_us() // _US,))
    good = {row["serial"] for row in rows if row["revoked_utc_s"] is None and row["provisioned"]}
    if serial not in good:
        raise web.HTTPForbidden(text="this certificate is revoked, expired or unknown: enrol again\n")
