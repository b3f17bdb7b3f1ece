"""The call of a vehicle's crew: whoever takes it begins a visit by video, into which the crew is let."""

from aiohttp import web

from controller.api.answers import answer
from controller.api.arrivals import ARRIVALS, number_asked, vehicle_asked
from controller.api.context import own_bed, user
from controller.api.logins import origin
from controller.api.prescriptions_shown import by
from controller.api.visits import PAGE
from controller.api.visits_context import telemedicine
from controller.errors import Conflict, NotFound
from controller.imaging.sight import WHOLE
from controller.registry import Bed
from controller.telemedicine.links import Invitee
from controller.telemedicine.model import Known, Plan, Subject, Visit
from controller.telemedicine.states import VisitState
from devices.model.crew import CALL

MINUTES = 60
"""So long a ride may last."""


async def join(request: web.Request) -> web.StreamResponse:
    """POST /api/vehicles/{vehicle}/requests/{id}/call."""
    bed, number = own_bed(request, await vehicle_asked(request)), number_asked(request)
    desk, held = request.config_dict[ARRIVALS].desk, telemedicine(request)
    asked = next((one for one in (await desk.present([bed.id]))[bed.id] if one.id == number), None)
    if asked is None or asked.resource != CALL:
        raise NotFound(f"there is no call {number} of {bed.id!r}: see /api/arrivals")
    if asked.acknowledged_ms is not None:
        raise Conflict(f"{asked.acknowledged_by} took the call already: see /visits")
    visit = await _begin(request, bed)
    made = await held.links.make(visit, Invitee("guest", bed.name), by(request))
    # Both in one: the crew logged in at their box, which alone is told this, by a command signed for it.
    address = f"{origin(request)}{PAGE}#{made.token}/{made.code}"
    try:
        await desk.acknowledge(bed.id, number, visit.number, by(request), to_box=address)
    except Conflict:
        why = by(request, "somebody else took the call in the same moment")
        known = Known(visit.number, visit.revision, WHOLE)
        await held.visits.step(known, VisitState.ENTERED_IN_ERROR, why)
        raise
    return answer({"visit": visit.number})


async def _begin(request: web.Request, bed: Bed) -> Visit:
    """Of whoever is on board, though nobody may know yet who that is. Raises NotFound: nobody is."""
    if bed.patient is None:
        raise NotFound(f"nobody is on board of {bed.id!r}: see /api/arrivals")
    held = telemedicine(request)
    plan = Plan(user(request).name, held.books.utc_ms(), MINUTES, f"call of {bed.name}", "vehicle")
    return await held.visits.book(Subject(bed.patient.identifier, bed.patient.name), plan, by(request))
