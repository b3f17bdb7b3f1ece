"""What an open stream of events shows, in the audit trail: whom it shows at first, and each who comes later.

watch = Watch(request)
await watch.begin()               # before the first byte
await watch.look(event)           # before each event: StoreError, and it may not be sent
watch.end()

Every hour it is written again, so that a search finds who watched at a time without knowing since when.
"""

import secrets

from aiohttp import web

from controller.api.auditing import record_access
from controller.api.context import context, user, view
from controller.audit.entry import Entry
from controller.audit.search import CLOSED, WATCHED_US, WATCHING
from controller.audit.shown import patients_in_json
from controller.events import Event

_BEDS = frozenset({"snapshot", "registry"})
"""Events that say who is on the beds from then on."""


class Watch:
    """One reader's stream."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self._clock = context(request).clock
        self._entity = f"stream/{secrets.token_hex(8)}"
        self._recorded: set[str] = set()
        self._shown: frozenset[str] = frozenset()
        self._again_us = 0

    async def begin(self, whose: frozenset[str] | None = None) -> None:
        """Record whom the beds show now, or `whose` it is alone. Raises StoreError."""
        self._shown = self._seen() if whose is None else whose
        await self._record(self._shown)
        self._again_us = self._clock.now_us() + WATCHED_US

    async def look(self, event: Event) -> None:
        """Record whom `event` shows for the first time; all again after an hour. Raises StoreError."""
        named = patients_in_json(event.data)
        if event.kind in _BEDS:
            self._shown = named
        if self._clock.now_us() >= self._again_us:
            self._again_us = self._clock.now_us() + WATCHED_US
            self._recorded.clear()
            named |= self._shown
        if new := named - self._recorded:
            await self._record(new)

    def end(self) -> None:
        """It shows nothing any more."""
        where = self._request.remote or ""
        context(self._request).trail.later(Entry(CLOSED, user(self._request).name, self._entity, where=where))

    def _seen(self) -> frozenset[str]:
        beds, seen = context(self._request).registry.beds.values(), view(self._request)
        patients = [(bed.ward, bed.patient.identifier) for bed in beds if bed.patient]
        return frozenset(patient for ward, patient in patients if seen.shows(ward, patient))

    async def _record(self, patients: frozenset[str]) -> None:
        self._recorded |= patients
        await record_access(self._request, patients, self._entity, WATCHING)
