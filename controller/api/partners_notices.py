"""What people here have to know of partners and of conferences over HTTP, and how much of it there is."""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from controller.api.answers import answer
from controller.api.conferences_context import number_of
from controller.api.conferences_context import service as conferences
from controller.api.context import user
from controller.api.partners_context import PARTNERS, partnership
from controller.api.prescriptions_shown import by
from controller.security.gate import ACCESS
from controller.security.permissions import Permission

Json = dict[str, Any]


async def waiting(request: web.Request) -> web.StreamResponse:
    """GET /api/waiting: every page asks now and then; it names nobody."""
    may, me, parts = request[ACCESS].permissions, user(request).name, request.config_dict.get(PARTNERS)
    is_asked = Permission.READ_CONFERENCES in may
    of_conferences = len(await conferences(request).notices.open(me)) if is_asked else 0
    holds = parts is not None and Permission.HOLD_CONFERENCES in may
    of_partners = len(await notices_of(request)) if holds else 0
    return answer({"conferences": of_conferences, "referrals": of_partners})


async def read(request: web.Request) -> web.StreamResponse:
    """PUT /api/partner-notices/{id}/read."""
    await partnership(request).notices.read(number_of(request, "id"), by(request))
    return web.Response(status=204)


async def notices_of(request: web.Request) -> list[Json]:
    """PartnerNoticeViews of who asks."""
    refers = Permission.REFER in request[ACCESS].permissions
    found = await partnership(request).notices.open(user(request).name)
    return [asdict(one) for one in found if refers or one.referral is None]
