"""Partner sites inside the application: there if `[partners]` is configured, and then kept in touch with."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from controller.api.conferences_context import CONFERENCES
from controller.api.context import CONTEXT
from controller.errors import NotFound
from controller.identity.files import FOLDER
from controller.kept import kept
from controller.listening import listening
from controller.partners.section import PartnersSection
from controller.partners.service import OwnSite, Partnership
from controller.ports import free_port
from controller.security.buckets import Buckets
from controller.shards.duty import only

PARTNERS = web.AppKey("partners", Partnership)
TRIES = web.AppKey("partners' tries", Buckets)
PER_S, AT_ONCE = 0.5, 30
"""Ways in that one address may try."""


def add_partners(app: web.Application, section: PartnersSection | None, pages: str) -> None:
    """After the conferences; None: there are no partners. `pages`: their origin, "" if nobody said it.

    Raises AuthorityError.
    """
    parts = app[CONTEXT]
    app[TRIES] = Buckets(parts.clock, PER_S, AT_ONCE)
    if section is None:
        return
    folder = parts.store.folder / FOLDER
    own = OwnSite(section.site, section.name, section.reached, folder, pages, section.keep_days)
    app[PARTNERS] = Partnership(parts.store, parts.clock, own, app[CONFERENCES])
    app.cleanup_ctx.append(_in_touch)


def partnership(request: web.Request) -> Partnership:
    """The application's. Raises NotFound: there is none."""
    held = request.config_dict.get(PARTNERS)
    if held is None:
        raise NotFound("this site has no partners: see [partners] in the configuration")
    return held


@asynccontextmanager
async def meeting(
    app: web.Application, where: PartnersSection | None, tls: ssl.SSLContext
) -> AsyncIterator[None]:
    """Listen for partners inside the block; None: there are none."""
    if where is None:
        yield
        return
    parts = app[PARTNERS]
    port = free_port(where.host, where.port, "partners")
    runner = web.AppRunner(parts.door.app(), access_log=None, shutdown_timeout=2)

    async def letting_in() -> None:
        await parts.door.keep_letting_in(tls)

    async with listening(runner, where.host, port, tls), kept("partners' roots", letting_in):
        yield


async def _in_touch(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTNERS]
    sending, telling = only(app, parts.sender.run), only(app, parts.teller.run)
    async with kept("partners", sending), kept("partners' news", telling):
        yield
