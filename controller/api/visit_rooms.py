"""Who comes into the room of a visit: staff, whose visit stands in the path, or who came in by a link."""

from aiohttp import web

from controller.api.context import user
from controller.api.patients import own_sight
from controller.api.rooms import Comer, Ways
from controller.api.visits_context import telemedicine
from controller.errors import Conflict
from controller.imaging.sight import WHOLE
from controller.security.gate import ACCESS
from controller.telemedicine.access import VisitAccess
from controller.telemedicine.model import Visit
from controller.telemedicine.rooms.seat import Party
from controller.telemedicine.states import VisitState


async def comer(request: web.Request) -> Comer:
    """Raises NotFound."""
    visit = await visit_of(request)
    party = _party(request, visit)

    async def check() -> None:
        if party.part != "staff" and visit.state is not VisitState.IN_PROGRESS:
            raise Conflict("the visit has not begun: wait here")
        if party.part == "patient":
            await telemedicine(request).consents.check(visit, "video")

    whose = frozenset[str]() if is_guest(request) else frozenset({visit.identifier})
    return Comer(visit.number, party, whose, check)


async def visit_of(request: web.Request) -> Visit:
    """Staff's, of their own wards' patients or their own, or the one that somebody came into; the broken
    glass lets a person look into the record, not sit in the room. Raises NotFound."""
    held, access = telemedicine(request), request[ACCESS]
    if isinstance(access, VisitAccess):
        return await held.books.find(access.visit, WHOLE)
    return await held.books.find(request.match_info["visit"], await own_sight(request), user(request).name)


def is_guest(request: web.Request) -> bool:
    """Whether somebody asks whom staff invited, who is not told whose visit it is."""
    access = request[ACCESS]
    return isinstance(access, VisitAccess) and not access.is_patient


def _party(request: web.Request, visit: Visit) -> Party:
    access = request[ACCESS]
    if isinstance(access, VisitAccess):
        return Party(access.user.name, visit.name if access.is_patient else access.name, access.guest)
    return Party(access.user.name, access.user.name, "staff")


WAYS = Ways(comer)
