"""Recordings of conferences over HTTP: who is asked in the room, of any site, and who may look afterwards.

Whoever takes part and is of this site may record; whoever sits there has to agree. People of this site who
took part look at it afterwards; the chair may have it erased.
"""

from aiohttp import web

from controller.api import conferences_rooms, partners_room
from controller.api.conferences_context import found, service, who
from controller.api.recordings import RecordingWays
from controller.api.recordings_watching import Meeting, Watching
from controller.conferences.model import Conference
from controller.conferences.sight import knows
from controller.errors import Conflict, NotFound
from controller.security.permissions import Permission
from controller.telemedicine.recordings.words import OF_CONFERENCES

_LEAD = Permission.HOLD_CONFERENCES
WAYS = RecordingWays(conferences_rooms.comer, OF_CONFERENCES, _LEAD)
OF_PARTNERS = RecordingWays(partners_room.comer, OF_CONFERENCES, _LEAD)


async def _meeting(request: web.Request) -> Meeting:
    conference, actor = await found(request), who(request).actor
    if not knows(conference, actor):
        raise NotFound("there are no recordings of this conference for you: who takes part sees them")
    return await _of(request, conference, actor)


async def _led(request: web.Request) -> Meeting:
    conference, actor = await found(request), who(request).actor
    if conference.chair.person.actor != actor:
        raise Conflict(f"expected {conference.chair.display} to do this, who leads it: ask them")
    return await _of(request, conference, actor)


async def _of(request: web.Request, conference: Conference, actor: str) -> Meeting:
    """Its patients are those who agreed that the experts see their case: of others nobody speaks there."""
    held = service(request)
    said = await held.sharing.said_for(conference.entity)
    agreed = {patient for patient, one in said.items() if one.said != "deny"}
    patients = agreed & {case.identifier for case in conference.cases}
    leads = conference.chair.person.actor == actor
    return Meeting(conference.number, frozenset(patients), may_erase=leads, may_answer=leads)


WATCHING = Watching(_meeting, _led)
