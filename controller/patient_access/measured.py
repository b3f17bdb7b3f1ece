"""What a patient's own devices measured at home, found again; and what the patient says of it.

readings = await measured.lately("4713")          # [Reading, …] of 14 days, the newest first
await measured.say("4713", readings[0].id, "not-mine", by)

A reading belongs to whoever lived at that home at that time (the stay). Nobody of the hospital saw it, and
somebody else may have used the cuff: then the patient says so. It is told with it wherever this is read, what
the device measured at that moment is left out of every sum (controller/history/), and on every screen the
newest one of the patient stands in its place, with it beside (controller/live.py).
"""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import Clock
from controller.errors import NotFound
from controller.history.rollup import MINUTE
from controller.identity.certificates import By
from controller.live import Value
from controller.store import Store
from controller.store.latest import values_of
from controller.telemedicine.notes.model import Measured as Kind
from devices.model.metrics import by_name

DAYS = 14
MOST = 1500
"""Values in one answer."""
Word = Literal["mine", "not-mine"]
KIND_OF: Mapping[str, Kind] = {
    "nibp_sys": "blood-pressure",
    "glucose_cap": "blood-glucose",
    "glucose": "blood-glucose",
    "glucose_cap_molar": "blood-glucose",
    "glucose_molar": "blood-glucose",
    "weight": "weight",
    "temp_body": "body-temperature",
    "temp_oral": "body-temperature",
    "temp_tymp": "body-temperature",
    "temp_axil": "body-temperature",
    "spo2": "oxygen-saturation",
}
"""What is shown, by metric. Of what comes by itself, all the while, one an hour is shown: the last."""
_SECOND = "nibp_dia"
_HOUR_US, _DAY_US = 3_600_000_000, 86_400_000_000
_OFTEN = frozenset(name for name in KIND_OF if by_name(name).is_continuous)
_OF_STAY = "at_us >= stay.from_ms * 1000 AND (stay.to_ms IS NULL OR at_us < stay.to_ms * 1000)"
_LATELY = f"""SELECT newest.*,
  (SELECT said FROM home_said WHERE reading = newest.id ORDER BY home_said.id DESC LIMIT 1) AS said
FROM (SELECT observation.id, device, metric, at_us, value, quality, row_number() OVER (PARTITION BY series.id,
    CASE WHEN metric IN (SELECT value FROM json_each(:often)) THEN at_us / {_HOUR_US} ELSE at_us END
    ORDER BY at_us DESC, observation.id) AS place
  FROM home CROSS JOIN stay ON stay.bed = home.place CROSS JOIN series ON series.bed = home.place
  CROSS JOIN observation ON observation.series = series.id AND at_us >= max(:from_us, stay.from_ms * 1000)
  WHERE stay.identifier = :patient AND metric IN (SELECT value FROM json_each(:metrics))
  AND {_OF_STAY} AND value IS NOT NULL) AS newest
WHERE place = 1 ORDER BY at_us DESC LIMIT {MOST}"""
_ONE = f"""SELECT series.device FROM observation JOIN series ON series.id = series
JOIN home ON home.place = series.bed JOIN stay ON stay.bed = home.place AND {_OF_STAY}
WHERE observation.id = :reading AND stay.identifier = :patient"""
# What the device measured with it: the other numbers of a blood pressure, the pulse.
_WITH = """SELECT other.id FROM observation AS one JOIN series AS its ON its.id = one.series
JOIN series ON series.bed = its.bed AND series.device = its.device
JOIN observation AS other ON other.series = series.id AND other.at_us = one.at_us WHERE one.id = ?"""
_DOUBT = f"""INSERT OR IGNORE INTO rollup_doubtful SELECT series, {MINUTE} FROM observation WHERE id = ?"""
_SAID = "SELECT said FROM home_said WHERE reading = ? ORDER BY id DESC LIMIT 1"
_SAY = "INSERT INTO home_said (reading, said, by, at_ms) VALUES (?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Reading:
    """One value; of blood pressure two. `at_ms` is in the controller's time scale."""

    id: int
    kind: Kind
    device: str
    at_ms: int
    value: float
    second: float | None
    """The diastolic one."""
    unit: str
    """UCUM."""
    is_doubtful: bool
    """The device says something against it."""
    said: Word | None
    """What the patient says of it; None: nothing."""


class Measured:
    """Methods raise StoreError, too."""

    def __init__(self, store: Store, clock: Clock, show: Callable[[Iterable[Value]], None]) -> None:
        """`show`: what holds of a device's numbers now (Hub.said)."""
        self._store = store
        self._clock = clock
        self._show = show
        self._showing = asyncio.Lock()

    async def lately(self, identifier: str, days: int = DAYS) -> list[Reading]:
        """Those of the last `days`, the newest first."""
        told = {
            "patient": identifier,
            "metrics": json.dumps([*KIND_OF, _SECOND]),
            "often": json.dumps(sorted(_OFTEN)),
            "from_us": self._clock.now_us() - days * _DAY_US,
        }
        rows = await self._store.read(_LATELY, told)
        second = {(row["device"], row["at_us"]): row["value"] for row in rows if row["metric"] == _SECOND}
        return [_reading(row, second) for row in rows if row["metric"] in KIND_OF]

    async def say(self, identifier: str, reading: int, word: Word, by: By) -> None:
        """The patient says whether it was them; said again, nothing again. Raises NotFound."""

        def work(db: sqlite3.Connection) -> str:
            one = db.execute(_ONE, {"patient": identifier, "reading": reading}).fetchone()
            if one is None:
                raise NotFound(f"there is no reading {reading} of this patient: look again")
            before = db.execute(_SAID, (reading,)).fetchone()
            if before is not None and before["said"] == word:
                return one["device"]
            at_ms = self._clock.now_us() // 1000
            for row in db.execute(_WITH, (reading,)).fetchall():
                db.execute(_SAY, (row["id"], word, by.actor, at_ms))
                db.execute(_DOUBT, (row["id"],))
            whose = {"patient": identifier, "where": by.where}
            told = Entry("home-reading", by.actor, f"reading/{reading}", **whose, detail={"said": word})
            append(db, told, self._clock.utc_us())
            return one["device"]

        device = await self._store.write(work)
        async with self._showing:  # who reads last has read what all have said
            self._show(await values_of(self._store, device))


def _reading(row: sqlite3.Row, second: Mapping[tuple[str, int], float]) -> Reading:
    metric = row["metric"]
    own = {"id": row["id"], "kind": KIND_OF[metric], "device": row["device"], "value": row["value"]}
    pair = second.get((row["device"], row["at_us"])) if metric == "nibp_sys" else None
    more = {"unit": by_name(metric).unit, "is_doubtful": row["quality"] != 0, "said": row["said"]}
    return Reading(**own, at_ms=row["at_us"] // 1000, second=pair, **more)
