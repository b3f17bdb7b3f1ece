"""The crew's page over HTTP: plain to the box itself, by TLS to the vehicle's own network.

await serve(crew)          # until cancelled
"""

import asyncio
import logging

from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.crew.crew import Crew
from gateway.crew.guard import CREW, PICTURES, add_headers, known_hosts, known_people, own_page, refusals
from gateway.crew.pages import files, serve_files
from gateway.crew.routes import add_routes
from gateway.crew.taking import take_picture
from gateway.crew.tls import BoxAuthority
from gateway.links.network import Endpoint

RENEW_S = 3600.0
_MOST_BYTES = 65_536
_CA_TYPE = "application/x-x509-ca-cert"

log = logging.getLogger(__name__)


async def serve(crew: Crew) -> None:
    """Until cancelled. Raises OSError: nobody can listen there, or the certificate cannot be kept."""
    authority = None if crew.config.is_local else BoxAuthority(crew.folder, crew.config.hosts, crew.clock)
    context = None if authority is None else await asyncio.to_thread(authority.context)
    runner = web.AppRunner(application(crew, authority), access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        where = crew.config.where
        site = web.TCPSite(runner, where.host, where.port, ssl_context=context, reuse_address=True)
        await site.start()
        port = runner.addresses[0][1]
        crew.listens_at = str(Endpoint(where.host, port))
        log.info("the crew's page is at %s (%s)", crew.listens_at, "HTTP" if context is None else "TLS")
        while True:
            await asyncio.sleep(RENEW_S)
            if authority is not None:
                await asyncio.to_thread(authority.renew)
    finally:
        crew.live.close()
        await runner.cleanup()


def application(crew: Crew, authority: BoxAuthority | None) -> web.Application:
    """What is answered, and to whom."""
    middlewares = [refusals, known_hosts(crew.config.hosts), own_page, known_people]
    app = web.Application(middlewares=middlewares, client_max_size=_MOST_BYTES)
    app[CREW] = crew
    app.on_response_prepare.append(add_headers)
    add_routes(app)
    app.router.add_post(PICTURES, take_picture)
    if authority is not None:
        app.router.add_get("/ca.crt", _ca(authority))
    app.router.add_get("/{path:(?!api/).*}", serve_files(files()))
    return app


def _ca(authority: BoxAuthority) -> Handler:
    async def ca(_request: web.Request) -> web.StreamResponse:
        """GET /ca.crt: for a tablet to trust, after its fingerprint was compared."""
        return web.Response(body=authority.ca_der, content_type=_CA_TYPE)

    return ca
