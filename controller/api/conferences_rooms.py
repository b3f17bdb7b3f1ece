"""Who comes into the room of a conference: whoever was asked to it and has accepted."""

from aiohttp import web

from controller.api.conferences_context import found, who
from controller.api.rooms import Comer, Ways
from controller.conferences.sight import knows
from controller.errors import Conflict
from controller.telemedicine.rooms.seat import Party


async def comer(request: web.Request) -> Comer:
    """Raises NotFound."""
    conference, actor = await found(request), who(request).actor
    member = conference.member(actor)

    async def check() -> None:
        if not knows(conference, actor):
            raise Conflict("expected somebody who takes part, you have not accepted: answer first")

    party = Party(actor, member.display if member else actor, "staff")
    return Comer(conference.number, party, frozenset(), check)


WAYS = Ways(comer)
