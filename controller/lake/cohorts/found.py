"""What a cohort's question found: counts, what they rest on, what was read; never who."""

from collections.abc import Sequence
from dataclasses import dataclass

SMALLEST = 5
"""Admissions that are told together; fewer could be recognised (as in releases for research)."""


@dataclass(frozen=True, slots=True)
class Month:
    """Admissions that began in it, whoever is certainly not asked for left out. None: too few to be told."""

    month: str
    """YYYY-MM; "": all of them."""
    admitted: int | None
    matching: int | None
    unknown: int | None


@dataclass(frozen=True, slots=True)
class Basis:
    """What the answer to one condition rests on; readings are those in its window."""

    used: int
    disowned: int
    no_value: int
    flawed: int
    out_of_range: int
    no_data: int | None
    """Admissions without a single reading that counts: unknown."""
    not_over: int | None
    """Admissions whose window the lake does not have to its end, and that have not matched: unknown."""
    thin: int | None
    """Admissions for which it does not hold, and less than half of the window's minutes have a reading."""


@dataclass(frozen=True, slots=True)
class Step:
    """Of the trajectory: `minute` of its beginning, from the event; quartiles over admissions."""

    minute: int
    admissions: int | None
    low: float | None
    median: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Read:
    """What DuckDB read of `observation` (its own profile), and how long it took."""

    files: int
    files_there: int
    row_groups: int
    row_groups_there: int
    rows: int
    rows_there: int
    bytes: int
    took_ms: int
    plan: Sequence[str]
    """Its operators that took longest."""


@dataclass(frozen=True, slots=True)
class Found:
    """`lake_utc_ms`: when the lake was written; `generation` of it. `disowned_known`: it says which readings
    patients disown."""

    generation: int
    lake_utc_ms: int
    disowned_known: bool
    total: Month
    months: Sequence[Month]
    not_known_who: int | None
    """Admissions of which it is not known whether they are asked for: no birth date, no sex, no ward."""
    patients: int | None
    """Different ones among the matching."""
    bases: Sequence[Basis]
    event: int
    """The number of the condition that the trajectory is of."""
    unit: str
    steps: Sequence[Step]
    read: Read


@dataclass(frozen=True, slots=True)
class Member:
    """An admission that matches. Times are µs of the controller's scale."""

    patient: str
    ward: str | None
    wards: Sequence[str]
    began_us: int
    ended_us: int | None
    event_us: int | None
