"""Decision support inside the application: there if `[cds]` is configured; feedback is then kept told."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiohttp import web

from controller.api.context import CONTEXT
from controller.cds.desk import Desk
from controller.cds.feedback import Teller
from controller.cds.http import Caller
from controller.cds.keys import FILE, CdsKeys
from controller.cds.looks import Looks
from controller.cds.section import CdsSection
from controller.cds.trust import Trust
from controller.errors import NotFound
from controller.kept import kept
from controller.patients.genotypes import Genotypes
from controller.security.buckets import Buckets
from controller.shards.duty import only

SERVED = "/cds-services"
"""Where our own services are."""
PER_S, AT_ONCE = 20, 200
"""Calls of one client, or of one address that shows no good JWT."""


@dataclass(frozen=True, slots=True)
class Support:
    """What the handlers work with."""

    section: CdsSection
    desk: Desk
    looks: Looks
    teller: Teller
    caller: Caller
    keys: CdsKeys
    trust: Trust
    genotypes: Genotypes
    calls: Buckets


CDS = web.AppKey("cds", Support)


def add_cds(app: web.Application, section: CdsSection | None) -> None:
    """As configured; None: nobody is asked and nobody may ask. Raises ConfigError: a key cannot be used."""
    if section is None:
        return
    store, clock = app[CONTEXT].store, app[CONTEXT].clock
    keys = CdsKeys(store.folder / FILE, section.issuer)
    caller, looks = Caller(keys, clock), Looks(store, clock)
    desk = Desk(section, caller, looks, clock)
    teller, trust = Teller(store, desk, caller), Trust(section)
    calls = Buckets(clock, PER_S, AT_ONCE)
    known = Genotypes(store, clock)
    app[CDS] = Support(section, desk, looks, teller, caller, keys, trust, known, calls)
    app.cleanup_ctx.append(_telling)
    app.on_response_prepare.append(_allow)


async def _allow(request: web.Request, response: web.StreamResponse) -> None:
    """With the word for browsers, if the page that asks is of `origins`: of what is refused, too (CORS)."""
    if request.path != SERVED and not request.path.startswith(f"{SERVED}/"):
        return
    response.headers["Vary"] = "Origin"
    origin = request.headers.get("Origin", "")
    if origin and origin in support(request).section.origins:
        response.headers["Access-Control-Allow-Origin"] = origin


def support_of(request: web.Request) -> Support | None:
    """The application's; None: there is none."""
    return request.config_dict.get(CDS)


def support(request: web.Request) -> Support:
    """The application's. Raises NotFound: there is none."""
    held = support_of(request)
    if held is None:
        raise NotFound("there is no decision support here: see [cds] in the configuration")
    return held


async def _telling(app: web.Application) -> AsyncIterator[None]:
    async with kept("cds feedback", only(app, app[CDS].teller.run)):
        yield
    await app[CDS].caller.close()
