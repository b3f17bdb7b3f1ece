"""Who looks on: the panel of a vehicle says so as long as it is open somewhere, and its crew sees the names.

    watching = Watching(store, registry, clock, hub)
    await watching.beat("amb-1", "dr-wu", where)     # every 20 s
    await watching.lapse()                           # every few seconds: who has not said so for 45 s is gone

What changes is audited, told to the vehicle's gateway, and to whoever is in `watched`.
"""

import json
import sqlite3
from collections.abc import Callable, Sequence

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import Clock
from controller.crew.said import say
from controller.hub import Hub
from controller.identity.certificates import By
from controller.registry import CONTROLLER, Registry
from controller.store import Store
from devices.model.orders import WATCHED

LAPSE_US = 45_000_000
MOST = 8
"""Names that a crew is told."""
BEGUN, ENDED = "watch-vehicle", "watch-vehicle-ended"
"""Actions of the audit trail."""

Watched = Callable[[str, Sequence[str]], None]
"""Told (vehicle, names of those who look on now; none: nobody any more)."""

_LAST = """SELECT arguments FROM command AS one WHERE name = 'watched' AND issued_utc_us =
  (SELECT max(issued_utc_us) FROM command WHERE name = 'watched' AND gateway = one.gateway)"""


class Watching:
    """Of one controller. Methods raise StoreError."""

    def __init__(self, store: Store, registry: Registry, clock: Clock, hub: Hub) -> None:
        self._store = store
        self._hub = hub
        self._registry = registry
        self._clock = clock
        self._seen: dict[str, dict[str, int]] = {}
        """By vehicle and name: when they last said that they look on."""
        self.watched: list[Watched] = []

    def names(self, bed: str) -> list[str]:
        """Those who look on now, in the order in which they came."""
        return list(self._seen.get(bed, ()))

    async def beat(self, bed: str, name: str, where: str = "") -> None:
        """`name` has `bed` before them."""
        here = self._seen.setdefault(bed, {})
        is_news = name not in here
        here[name] = self._clock.now_us()
        if is_news:
            await self._tell(bed, BEGUN, [By(name, where)])

    async def lapse(self) -> None:
        """Forget those who have not said so for a while."""
        since_us = self._clock.now_us() - LAPSE_US
        for bed, here in list(self._seen.items()):
            gone = [name for name, seen_us in here.items() if seen_us < since_us]
            for name in gone:
                del here[name]
            if not here:
                del self._seen[bed]
            if gone:
                await self._tell(bed, ENDED, [By(name) for name in gone])

    async def take_up(self) -> None:
        """Those of whom an earlier start of the controller, or another one, told the crews: they look on, or
        lapse soon."""
        self._seen.clear()
        for row in await self._store.read(_LAST):
            told = json.loads(row["arguments"])
            names = [name.strip() for name in told["by"].split(",") if name.strip()]
            if names:
                self._seen.setdefault(told["vehicle"], {}).update(dict.fromkeys(names, self._clock.now_us()))

    async def _tell(self, bed: str, action: str, who: Sequence[By]) -> None:
        held = self._registry.beds.get(bed)
        patient = held.patient.identifier if held and held.patient else None
        names, utc_us = self.names(bed), self._clock.utc_us()

        def work(db: sqlite3.Connection) -> None:
            for one in who:
                entry = Entry(action, one.actor, f"bed/{bed}", patient=patient, where=one.where)
                append(db, entry, utc_us)
            by = By(CONTROLLER)
            say(db, bed, WATCHED, {"by": ", ".join(names[:MOST])}, by, utc_us=utc_us)

        await self._store.write(work)
        self._hub.crew([bed])
        for told in self.watched:
            told(bed, names)
