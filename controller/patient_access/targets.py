"""What measurements at home should come to, as staff agreed with the patient; how a reading stands to it.

    await targets.set("4713", Bounds("blood-pressure", high=140, second_high=90), by)
    found = await targets.of("4713")                     # {"blood-pressure": Target(…)}
    against(reading, found["blood-pressure"])            # "within", "below" or "above"
    await targets.history("4713")                        # all that was ever agreed upon, the newest first

A target is kept in the unit in which it was said (glucose has two: glucose.py). It is arithmetic, and no
more: nothing here says what a number means, or what is to be done.
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
from controller.patient_access.glucose import MASS, MOLAR, in_unit
from controller.patient_access.measured import KIND_OF, Reading
from controller.store import Store
from controller.telemedicine.notes.model import Measured as Kind
from devices.model.metrics import by_name

Standing = Literal["below", "within", "above"]
_PAIR: Kind = "blood-pressure"
_METRIC: Mapping[Kind, str] = {kind: metric for metric, kind in reversed(list(KIND_OF.items()))}
"""By which a kind has its unit and its limits."""
_GLUCOSE: Kind = "blood-glucose"
_ROW = "SELECT kind, low, high, second_high, unit, by, at_ms, visit FROM patient_target"
_OF = f"""{_ROW} WHERE id IN (SELECT max(id) FROM patient_target WHERE patient = ? GROUP BY kind)
AND coalesce(low, high, second_high) IS NOT NULL ORDER BY kind"""
_EVER = f"{_ROW} WHERE patient = ? ORDER BY id DESC"
_SET = """INSERT INTO patient_target (patient, kind, low, high, second_high, unit, by, at_ms, visit)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""


@dataclass(frozen=True, slots=True)
class Bounds:
    """At least `low` and below `high`; None: no such bound. None at all: no target."""

    kind: Kind
    low: float | None = None
    high: float | None = None
    second_high: float | None = None
    """Of blood pressure: the diastolic one."""
    unit: str | None = None
    """UCUM, as it was said; None: the kind's."""

    @property
    def values(self) -> tuple[float | None, ...]:
        """The numbers."""
        return self.low, self.high, self.second_high


@dataclass(frozen=True, slots=True)
class Target:
    """What was agreed, by whom. `at_ms` is in the controller's time scale."""

    bounds: Bounds
    by: str
    at_ms: int
    visit: str | None = None
    """In which it was agreed upon; None: in none."""

    @property
    def unit(self) -> str:
        """UCUM."""
        return self.bounds.unit or by_name(_METRIC[self.bounds.kind]).unit


class Targets:
    """Methods raise StoreError, too."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def of(self, identifier: str) -> dict[Kind, Target]:
        """Those that hold, by kind."""
        rows = await self._store.read(_OF, (identifier,))
        return {row["kind"]: _target(row) for row in rows}

    async def history(self, identifier: str) -> list[Target]:
        """All that were ever agreed upon, and that there is none any more; the newest first."""
        return [_target(row) for row in await self._store.read(_EVER, (identifier,))]

    async def set(self, identifier: str, bounds: Bounds, by: By, visit: str | None = None) -> None:
        """It holds from now on, in place of the one before. Raises Conflict: nobody could measure that."""
        check(bounds)

        def work(db: sqlite3.Connection) -> None:
            now_ms = self._clock.now_us() // 1000
            db.execute(_SET, (identifier, bounds.kind, *bounds.values, bounds.unit, by.actor, now_ms, visit))
            told = {"low": bounds.low, "high": bounds.high, "second": bounds.second_high}
            told |= {"unit": bounds.unit, "visit": visit}
            detail = {name: str(one) for name, one in told.items()}
            whose = {"patient": identifier, "where": by.where, "detail": detail}
            append(
                db,
                Entry("patient-target", by.actor, f"target/{bounds.kind}", **whose),
                self._clock.utc_us(),
            )

        await self._store.write(work)


def _target(row: sqlite3.Row) -> Target:
    return Target(Bounds(*tuple(row)[:5]), row["by"], row["at_ms"], row["visit"])


def check(bounds: Bounds) -> None:
    """Raises Conflict: a bound or a unit is none of that kind, or they leave nothing between them."""
    if bounds.kind not in _METRIC:
        raise Conflict(f"expected one of {', '.join(sorted(_METRIC))}, got {bounds.kind!r}")
    metric = by_name(_METRIC[bounds.kind])
    if bounds.second_high is not None and bounds.kind != _PAIR:
        raise Conflict(f"expected one number for {bounds.kind}, got two: only blood pressure has two")
    unit = bounds.unit or metric.unit
    units = (MASS, MOLAR) if bounds.kind == _GLUCOSE else (metric.unit,)
    if unit not in units:
        raise Conflict(f"expected {bounds.kind} in {' or '.join(units)}, got {unit!r:.20}")
    low, high = (in_unit(float(one), metric.unit, unit) for one in (metric.reject_low, metric.reject_high))
    for value in bounds.values:
        if value is not None and not low <= value <= high:
            raise Conflict(f"expected {low:g} to {high:g} {unit}, got {value:g}")
    if bounds.low is not None and bounds.high is not None and bounds.low >= bounds.high:
        raise Conflict(f"expected {bounds.low:g} to be less than {bounds.high:g}: nothing is between them")


def against(reading: Reading, target: Target | None) -> Standing | None:
    """How a reading stands to a target; None: there is none, or the patient says it is somebody else's."""
    if target is None or reading.said == "not-mine":
        return None
    bounds, second = target.bounds, reading.second
    value = in_unit(reading.value, reading.unit, target.unit)
    if bounds.high is not None and value >= bounds.high:
        return "above"
    if bounds.second_high is not None and second is not None and second >= bounds.second_high:
        return "above"
    return "below" if bounds.low is not None and value < bounds.low else "within"
