"""Partner sites over HTTP, for who agrees upon partnerships: cards, fingerprints, what waits."""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from controller.api import partners_schemas as schemas
from controller.api.answers import answer
from controller.api.bodies import read_body
from controller.api.conferences_context import number_of
from controller.api.partners_context import partnership
from controller.api.prescriptions_shown import by
from controller.api.replaced import replaced, tag
from controller.partners.cards import card_text, fingerprint, read_card
from controller.partners.contacts import Queue, queues, refused_there
from controller.partners.hygiene import try_again
from controller.partners.model import Partner
from controller.partners.states import PARTNER_STEPS, PartnerState
from controller.steps import possible

Json = dict[str, Any]
ALL = "/api/partners"


async def partners(request: web.Request) -> web.StreamResponse:
    """GET /api/partners."""
    book = partnership(request).book
    waiting = await queues(book.store)
    shown = [await _shown(request, one, waiting) for one in await book.listed()]
    own = {"card": card_text(book.own), "fingerprint": fingerprint(book.own)}
    return answer({"utc_ms": book.utc_ms(), **own, "partners": shown})


async def add(request: web.Request) -> web.StreamResponse:
    """POST /api/partners."""
    body, book = await read_body(request, schemas.PartnerCardBody), partnership(request).book
    return await _told(request, await book.add(read_card(body.card), by(request)))


async def step(request: web.Request) -> web.StreamResponse:
    """PUT /api/partners/{site}/state."""
    over, body = replaced(request), await read_body(request, schemas.PartnerStateBody)
    book, site, who = partnership(request).book, request.match_info["site"], by(request, body.why)
    if body.heard:
        return await _told(request, await book.activate(site, over, body.heard, who))
    return await _told(request, await book.step(site, over, PartnerState(body.state), who))


async def again(request: web.Request) -> web.StreamResponse:
    """PUT /api/partners/{site}/refused/{id}/again."""
    book, site = partnership(request).book, request.match_info["site"]
    await try_again(book, site, number_of(request, "id"), by(request))
    return await _told(request, await book.find(site))


async def _told(request: web.Request, partner: Partner) -> web.Response:
    book = partnership(request).book
    shown = await _shown(request, partner, await queues(book.store))
    return answer({"utc_ms": book.utc_ms(), "partner": shown}, headers=tag(partner.revision))


async def _shown(request: web.Request, one: Partner, waiting: list[Queue]) -> Json:
    told = asdict(one)
    for name in ("id", "root", "life"):
        del told[name]
    queued = [
        {"topic": q.topic, "count": q.count, "since_ms": q.since_ms} for q in waiting if q.partner == one.id
    ]
    refused = [asdict(each) for each in await refused_there(partnership(request).book.store, one)]
    return {**told, "possible": possible(PARTNER_STEPS, one.state), "waiting": queued, "refused": refused}
