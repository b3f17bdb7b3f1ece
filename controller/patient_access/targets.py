"""What measurements at home should come to, as a physician agreed with the patient; how a reading stands.

    await targets.set("4713", Bounds("blood-pressure", high=140, second_high=90), by)
    found = await targets.of("4713")                     # {"blood-pressure": Target(…)}
    against(reading, found["blood-pressure"])            # "within", "below" or "above"

It is arithmetic, and no more: nothing here says what a number means, or what is to be done.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import Clock
from controller.errors import Conflict
from controller.identity.certificates import By
from controller.patient_access.measured import KIND_OF, Reading
from controller.store import Store
from controller.telemedicine.notes.model import Measured as Kind
from devices.model.metrics import by_name

Standing = Literal["below", "within", "above"]
_PAIR: Kind = "blood-pressure"
_METRIC: Mapping[Kind, str] = {kind: metric for metric, kind in reversed(list(KIND_OF.items()))}
"""By which a kind has its unit and its limits."""
_OF = """SELECT kind, low, high, second_high, by, at_ms FROM patient_target
WHERE id IN (SELECT max(id) FROM patient_target WHERE patient = ? GROUP BY kind)
AND coalesce(low, high, second_high) IS NOT NULL ORDER BY kind"""
_SET = """INSERT INTO patient_target (patient, kind, low, high, second_high, by, at_ms)
VALUES (?, ?, ?, ?, ?, ?, ?)"""


@dataclass(frozen=True, slots=True)
class Bounds:
    """At least `low` and below `high`, in the unit of the kind; None: no such bound. None at all: no
    target."""

    kind: Kind
    low: float | None = None
    high: float | None = None
    second_high: float | None = None
    """Of blood pressure: the diastolic one."""


@dataclass(frozen=True, slots=True)
class Target:
    """What was agreed, by whom. `at_ms` is in the controller's time scale."""

    bounds: Bounds
    by: str
    at_ms: int

    @property
    def unit(self) -> str:
        """UCUM."""
        return by_name(_METRIC[self.bounds.kind]).unit


class Targets:
    """Methods raise StoreError, too."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def of(self, identifier: str) -> dict[Kind, Target]:
        """Those that hold, by kind."""
        rows = await self._store.read(_OF, (identifier,))
        return {row["kind"]: Target(Bounds(*tuple(row)[:4]), row["by"], row["at_ms"]) for row in rows}

    async def set(self, identifier: str, bounds: Bounds, by: By) -> None:
        """It holds from now on, in place of the one before. Raises Conflict: nobody could measure that."""
        check(bounds)
        values = bounds.low, bounds.high, bounds.second_high

        def work(db: sqlite3.Connection) -> None:
            row = identifier, bounds.kind, *values, by.actor, self._clock.now_us() // 1000
            db.execute(_SET, row)
            detail = {"low": str(bounds.low), "high": str(bounds.high), "second": str(bounds.second_high)}
            whose = {"patient": identifier, "where": by.where, "detail": detail}
            append(
                db,
                Entry("patient-target", by.actor, f"target/{bounds.kind}", **whose),
                self._clock.utc_us(),
            )

        await self._store.write(work)


def check(bounds: Bounds) -> None:
    """Raises Conflict: a bound is none of that kind, or they leave nothing between them."""
    if bounds.kind not in _METRIC:
        raise Conflict(f"expected one of {', '.join(sorted(_METRIC))}, got {bounds.kind!r}")
    metric = by_name(_METRIC[bounds.kind])
    if bounds.second_high is not None and bounds.kind != _PAIR:
        raise Conflict(f"expected one number for {bounds.kind}, got two: only blood pressure has two")
    for value in (bounds.low, bounds.high, bounds.second_high):
        if value is not None and not metric.reject_low <= value <= metric.reject_high:
            raise Conflict(
                f"expected {metric.reject_low:g} to {metric.reject_high:g} {metric.unit}, got {value:g}"
            )
    if bounds.low is not None and bounds.high is not None and bounds.low >= bounds.high:
        raise Conflict(f"expected {bounds.low:g} to be less than {bounds.high:g}: nothing is between them")


def against(reading: Reading, target: Target | None) -> Standing | None:
    """How a reading stands to a target; None: there is none, or the patient says it is somebody else's."""
    if target is None or reading.said == "not-mine":
        return None
    bounds, second = target.bounds, reading.second
    if bounds.high is not None and reading.value >= bounds.high:
        return "above"
    if bounds.second_high is not None and second is not None and second >= bounds.second_high:
        return "above"
    return "below" if bounds.low is not None and reading.value < bounds.low else "within"
