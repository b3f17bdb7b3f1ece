"""Which places are vehicles, and their fixes of the last minutes, from the database.

    vehicles = Vehicles(store, registry, clock)
    await vehicles.names()                   # ids of places
    await vehicles.track("amb-1")            # what is believed of its fixes, see position.py

A vehicle is a place as a bed is. It is one if a gateway of class vehicle belongs there, or if a device there
tells where it is.
"""

import sqlite3
from collections.abc import Iterable
from itertools import groupby

from controller.arrivals.position import FUTURE_US, Fix, track
from controller.clock import Clock
from controller.identity.provisioning import GatewayClass
from controller.registry import Registry
from controller.store import Store
from devices.model.observation import Quality

SEEN_US = 6 * 3_600_000_000
"""So far back its last fix is looked for."""
TRAIL_US = 600_000_000
"""So far back from there its way is looked at."""
DENSE_US = 60_000_000
"""Of older fixes those of each tenth second are enough."""
SHARED_US = 1_000_000
"""An answer serves everyone who asks within this time."""
_USED = Quality.STORED | Quality.QUESTIONABLE
"""What may be said against a fix that is used."""

_PLACES = "SELECT DISTINCT place FROM gateway WHERE class = ? AND provisioned = 1"
_LAST = """SELECT max((SELECT at_us FROM observation
  WHERE series = series.id AND at_us > :since AND at_us <= :until AND value IS NOT NULL
  ORDER BY at_us DESC LIMIT 1)) AS at_us
FROM series WHERE bed = :vehicle AND metric = 'latitude'"""
_READINGS = """SELECT device, at_us, metric, value, quality FROM series
CROSS JOIN observation ON observation.series = series.id
WHERE bed = :vehicle AND metric IN ('latitude', 'longitude', 'vehicle_speed', 'vehicle_course', 'gnss_hdop')
  AND at_us > :since AND at_us <= :until AND (at_us > :dense OR at_us / 1000000 % 10 = 0)
  AND value IS NOT NULL
ORDER BY device, at_us"""


class Vehicles:
    """Methods raise StoreError."""

    def __init__(self, store: Store, registry: Registry, clock: Clock) -> None:
        self._store = store
        self._registry = registry
        self._clock = clock
        self._tracks: dict[str, tuple[int, list[Fix]]] = {}
        """By vehicle, when it was looked up, and what was found."""

    async def names(self) -> list[str]:
        """Ids of the places that are vehicles, in order."""
        held = self._registry
        told = {held.bed_of(one.id) for one in held.devices.values() if "latitude" in one.metrics}
        told |= {row["place"] for row in await self._store.read(_PLACES, (GatewayClass.VEHICLE,))}
        return sorted(name for name in told if name in held.beds)

    async def track(self, vehicle: str) -> list[Fix]:
        """Its fixes of the minutes before the last one that are believed, in order."""
        now_us = self._clock.now_us()
        looked_us, found = self._tracks.get(vehicle, (0, []))
        if not 0 <= now_us - looked_us < SHARED_US:
            found = track(await self._read(vehicle, now_us), now_us)
            self._tracks[vehicle] = now_us, found
        return found

    async def _read(self, vehicle: str, now_us: int) -> list[Fix]:
        about = {"vehicle": vehicle, "since": now_us - SEEN_US, "until": now_us + FUTURE_US}
        last_us = (await self._store.read(_LAST, about))[0]["at_us"]
        if last_us is None:
            return []
        about |= {"since": last_us - TRAIL_US, "dense": last_us - DENSE_US}
        return _fixes(await self._store.read(_READINGS, about))


def _fixes(rows: Iterable[sqlite3.Row]) -> list[Fix]:
    """What one receiver told of one moment, together; without latitude and longitude it is none."""
    moments = (list(of) for _, of in groupby(rows, lambda row: (row["device"], row["at_us"])))
    return [fix for moment in moments if (fix := _fix(moment)) is not None]


def _fix(rows: list[sqlite3.Row]) -> Fix | None:
    told = {row["metric"]: row["value"] for row in rows if not row["quality"] & ~_USED}
    if "latitude" not in told or "longitude" not in told:
        return None
    numbers = (told.get(name) for name in ("vehicle_speed", "vehicle_course", "gnss_hdop"))
    questionable = any(row["quality"] & Quality.QUESTIONABLE for row in rows)
    return Fix(rows[0]["at_us"], told["latitude"], told["longitude"], *numbers, questionable=questionable)
