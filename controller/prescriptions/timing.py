"""When a dose is due: pure, from what was prescribed.

due(timing, Span(begin_ms, end_ms), Span(from_ms, to_ms), zone)     # [ms, …] of UTC

Times of day are those of the clock on the wall, hence of a zone (None: this machine's); "every 8 hours" is
counted from the beginning, through any change of summer time.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from controller.clock import Zone, local_days, utc_ms_at
from controller.errors import OrderError
from controller.prescriptions.model import Timing

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
MOST_TIMES = 24

TIMES: Mapping[int, tuple[str, ...]] = {
    1: ("08:00",),
    2: ("08:00", "20:00"),
    3: ("08:00", "14:00", "20:00"),
    4: ("08:00", "12:00", "16:00", "20:00"),
    5: ("06:00", "10:00", "14:00", "18:00", "22:00"),
    6: ("02:00", "06:00", "10:00", "14:00", "18:00", "22:00"),
}
"""At what times a ward gives what is to be given so often a day."""


class Span(NamedTuple):
    """From then until before then, ms; `to_ms` None: without an end."""

    from_ms: int
    to_ms: int | None


def check_timing(timing: Timing) -> None:
    """Whether it says when. Raises OrderError."""
    wrong = {
        "per-day": timing.times not in TIMES and f"times of 1 to {max(TIMES)} a day",
        "every": not 1 <= timing.hours <= 168 and "hours of 1 to 168",
        "at": not (timing.at and list(timing.at) == sorted(set(timing.at))) and "times of day in order",
        "once": False,
        "as-needed": _wrong_as_needed(timing),
    }[timing.rhythm]
    if wrong:
        raise OrderError(f"expected {wrong} for {timing.rhythm!r}, got {timing}: say when it is to be given")


def due(timing: Timing, held: Span, asked: Span, zone: Zone | None = None) -> list[int]:
    """The times in `asked` (which has an end) at which a dose is due, if it is prescribed for `held`."""
    first = max(held.from_ms, asked.from_ms)
    if asked.to_ms is None:
        raise ValueError("expected a span with an end to look for doses in")
    last = asked.to_ms if held.to_ms is None else min(held.to_ms, asked.to_ms)
    match timing.rhythm:
        case "once":
            found: Iterable[int] = [held.from_ms]
        case "every":
            step = timing.hours * HOUR_MS
            missed = max(0, -(-(first - held.from_ms) // step))
            found = range(held.from_ms + missed * step, last, step)
        case "per-day" | "at":
            times = timing.at if timing.rhythm == "at" else TIMES[timing.times]
            days = local_days(first, last, zone) if first < last else []
            found = [utc_ms_at(day, time, zone) for day in days for time in times]
        case "as-needed":
            found = []
    return [at_ms for at_ms in found if first <= at_ms < last]


def doses_per_day(timing: Timing) -> float:
    """How often a day, at most: to say how long a quantity lasts. 0: only once."""
    return {
        "per-day": timing.times,
        "every": 24 / timing.hours if timing.hours else 0,
        "at": len(timing.at),
        "once": 0,
        "as-needed": timing.times,
    }[timing.rhythm]


def too_soon(timing: Timing, given: Iterable[int], now_ms: int) -> str:
    """Why a dose as needed may not be given now, after those at `given`; "": it may."""
    if timing.rhythm != "as-needed":
        return ""
    before = sorted(given)
    if before and now_ms - before[-1] < timing.hours * HOUR_MS:
        left = -(-(timing.hours * HOUR_MS - (now_ms - before[-1])) // 60_000)
        return f"the last dose was less than {timing.hours} h ago: wait {left} min more"
    if len([at_ms for at_ms in before if now_ms - at_ms < DAY_MS]) >= timing.times:
        return f"{timing.times} doses were given within 24 h, which is the most: ask the prescriber"
    return ""


def _wrong_as_needed(timing: Timing) -> str:
    if not 1 <= timing.times <= MOST_TIMES or not 0 <= timing.hours <= 24:
        return f"times of 1 to {MOST_TIMES} at most a day, and hours of 0 to 24 between two"
    return "" if timing.reason.strip() else "a reason"
