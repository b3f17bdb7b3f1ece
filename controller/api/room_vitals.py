"""The vital signs of the patient in a visit's room, live: for who has a seat there, and no longer.

The ordinary events (server-sent, see api/events.py) cut to the beds where the patient lies, always with a
snapshot first; `over` is told when the right to them ends. They need, all the while, a visit that is held,
the patient's consent to video, which names the vital signs, and a seat of one's own. A guest sees none.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

from aiohttp import web

from controller.api.answers import BadRequest
from controller.api.context import context, user
from controller.api.events import CHECK_S, HEADERS, OPEN, abort, keep_unsent_short, taken
from controller.api.my_context import own
from controller.api.visit_rooms import is_guest, visit_of
from controller.api.visits_context import telemedicine
from controller.api.watching import Watch
from controller.errors import Conflict, NotFound, StoreError
from controller.events import Event, Subscription
from controller.security.gate import ACCESS, Refused
from controller.security.permissions import Permission
from controller.telemedicine.model import Visit
from controller.telemedicine.rooms.seat import Seat
from controller.telemedicine.rooms.vitals import WHOLE, Cut
from controller.telemedicine.states import VisitState
from controller.view import View

_MAY = frozenset({Permission.WATCH, Permission.JOIN_VISIT})
"""As the board, staff go on watching while their screen is locked."""
_OVER = b"event: over\ndata: {}\n\n"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Right:
    """By which somebody is shown vital signs: of whom, and as whom."""

    visit: Visit
    seat: Seat

    @property
    def view(self) -> View:
        """That patient, on whatever bed, and nobody else."""
        return View(frozenset(), frozenset({self.visit.identifier}))


class _Held:
    """A right that was there, and whether it is still. Nothing is told while that is not sure."""

    def __init__(self, request: web.Request, right: _Right) -> None:
        self._request, self._right = request, right
        self._changes = self._from_now()

    @property
    def is_sure(self) -> bool:
        """Whether nothing changed since it was looked at that could have ended it."""
        return not any(change.is_set() for change in self._changes)

    async def holds(self) -> bool:
        """Whether it does, looked at now. Raises StoreError."""
        changes = self._from_now()
        if held := await _holds(self._request, self._right):
            self._changes = changes
        return held

    async def close_after(self, subscription: Subscription) -> None:
        """As soon as it does not hold any more."""
        try:
            while await self.holds():
                await _any_of(self._changes, CHECK_S)
        except StoreError:
            _log.warning("whether vital signs may still be shown cannot be read: the stream ends")
        finally:
            subscription.close()

    async def homes(self) -> frozenset[str]:
        """Places where patients live. Raises StoreError."""
        return await own(self._request).homes.all()

    def _from_now(self) -> tuple[asyncio.Event, ...]:
        rooms = telemedicine(self._request).rooms
        return context(self._request).sessions.changed, rooms.changed(self._right.visit.number)


async def vitals(request: web.Request) -> web.StreamResponse:
    """GET …/room/vitals."""
    right, watch = await _right(request), Watch(request)
    await watch.begin(frozenset({right.visit.identifier}))
    response = web.StreamResponse(headers=HEADERS)
    await response.prepare(request)
    keep_unsent_short(request)
    subscription = context(request).hub.subscribe(None, right.view)
    request.config_dict[OPEN].add(subscription)
    held = _Held(request, right)
    guard = asyncio.create_task(held.close_after(subscription))
    try:
        async for told in _told(held, subscription):
            await watch.look(told)
            await taken(request, response.write(_as_text(told)))
        await _end(request, response, held, subscription)
    except (TimeoutError, StoreError):  # nobody is shown whom the audit trail could not take
        abort(request)
    except ConnectionError:
        _log.debug("%s went away", request.remote)
    finally:
        guard.cancel()
        watch.end()
        subscription.close()
        request.config_dict[OPEN].discard(subscription)
    return response


async def _told(held: _Held, subscription: Subscription) -> AsyncIterator[Event]:
    """Until the right ends: what waited then is told to nobody. Raises StoreError."""
    cut = Cut(await held.homes())
    async for event in subscription:
        # Who moves the patient may take away the right, too: that is known before where they are is told.
        is_sure = held.is_sure and event.kind not in WHOLE
        if subscription.closed or not (is_sure or await held.holds()):
            return
        for told in cut.take(event):
            yield told


async def _end(
    request: web.Request, response: web.StreamResponse, held: _Held, subscription: Subscription
) -> None:
    """Politely, and with a last word if nothing more is to be shown. Raises TimeoutError, StoreError."""
    if subscription.is_too_slow:
        return abort(request)
    if not await held.holds():
        await taken(request, response.write(_OVER))
    return await taken(request, response.write_eof())


async def _right(request: web.Request) -> _Right:
    """Raises Refused: a guest; NotFound; Conflict: what is missing; Outdated: the seat."""
    held, visit = telemedicine(request), await visit_of(request)
    if is_guest(request):
        raise Refused(403, "not-allowed", "expected the patient or staff, a guest sees no vital signs")
    if visit.state is not VisitState.IN_PROGRESS:
        raise Conflict(f"visit {visit.number} is {visit.state}: vital signs are shown while it is held")
    await held.consents.check(visit, "video")
    return _Right(visit, held.rooms.room(visit.number).find(_seat(request), user(request).name))


async def _holds(request: web.Request, right: _Right) -> bool:
    """Whether it is as it was: the session, what it may see, the visit, the consent, the seat."""
    access = await context(request).find(request)
    if access is None or access.user.name != right.seat.party.actor or not access.permissions & _MAY:
        return False
    try:
        now = await _right(request)
    except (NotFound, Conflict):
        return False
    same = now.seat is right.seat and now.visit.identifier == right.visit.identifier
    return same and access.view == request[ACCESS].view


async def _any_of(changes: Iterable[asyncio.Event], most_s: float) -> None:
    """Until one of them is set, or that time is over."""
    waits = [asyncio.create_task(one.wait()) for one in changes]
    try:
        await asyncio.wait(waits, timeout=most_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


def _seat(request: web.Request) -> int:
    try:
        return int(request.query["seat"])
    except (KeyError, ValueError):
        raise BadRequest("expected seat as a number, as it was answered: join the room first") from None


def _as_text(event: Event) -> bytes:
    """Without an id: whoever comes back is told all of it anew."""
    return b"event: %b\ndata: %b\n\n" % (event.kind.encode(), event.data)
