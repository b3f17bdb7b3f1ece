"""What a patient takes when, of one prescription: pure. Doses are due in UTC, ms.

doses = doses_of(rx, said, Span(from_ms, to_ms))      # each with what was said of it last
needed = needed_of(rx, said, now_ms)                  # as needed: in the controller's time scale
week = days_of(doses, local_days(from_ms, to_ms))     # how it went, day by day

What was undone does not hold: what was said before it does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from controller.clock import Zone, local_text
from controller.patient_access.model import Said
from controller.prescriptions.model import Prescription
from controller.prescriptions.timing import DAY_MS, HOUR_MS, Span, due

_COUNTED = (("taken", "skipped", None), ("taken",), ("skipped",))
"""Of a Day: due, taken, skipped."""


@dataclass(frozen=True, slots=True)
class Dose:
    """A dose, and what the patient said of it last; None: nothing."""

    due_ms: int
    said: Said | None


@dataclass(frozen=True, slots=True)
class Needed:
    """How it stands with a medicine as needed."""

    last: Said | None
    """What was said last."""
    within_day: int
    """Doses taken within 24 h."""
    from_ms: int | None
    """From when on the next one may be taken, in the controller's time scale; None: now."""


@dataclass(frozen=True, slots=True)
class Day:
    """How a day went: doses that were due, and what was said of them."""

    day: str
    """"2026-11-26"."""
    due: int
    taken: int
    skipped: int


def holding(said: Iterable[Said]) -> list[Said]:
    """What holds of it: each that was undone takes the one before it along, of the same dose."""
    held: list[Said] = []
    for one in said:
        if one.said != "undone":
            held.append(one)
        elif (at := _last(held, one.due_ms)) is not None:
            del held[at]
    return held


def days_of(doses: Iterable[Dose], days: Sequence[str], zone: Zone | None = None) -> list[Day]:
    """How each of `days` of `zone` went."""
    found = [(local_text(one.due_ms * 1000, "%Y-%m-%d", zone), one.said and one.said.said) for one in doses]
    return [
        Day(day, *(sum(at == day and said in words for at, said in found) for words in _COUNTED))
        for day in days
    ]


def prescribed_for(rx: Prescription) -> Span:
    """From when until when it is prescribed."""
    begin_ms, days = rx.begin_ms or 0, rx.wanted.days
    return Span(begin_ms, begin_ms + days * DAY_MS if days else None)


def doses_of(rx: Prescription, said: Sequence[Said], asked: Span, zone: Zone | None = None) -> list[Dose]:
    """Those in `asked`; `said` is all of the prescription, the oldest first."""
    last = {one.due_ms: one for one in holding(said)}
    times = due(rx.wanted.timing, prescribed_for(rx), asked, zone)
    return [Dose(at_ms, last.get(at_ms)) for at_ms in times]


def needed_of(rx: Prescription, said: Sequence[Said], now_ms: int) -> Needed | None:
    """None: it is not taken as needed."""
    timing = rx.wanted.timing
    if timing.rhythm != "as-needed":
        return None
    held = holding(said)
    times = [one.at_ms for one in held if one.said == "taken"]
    within = [at_ms for at_ms in times if now_ms - at_ms < DAY_MS]
    waits = [times[-1] + timing.hours * HOUR_MS] if times else []
    if len(within) >= timing.times:
        waits.append(within[-timing.times] + DAY_MS)
    from_ms = max(waits, default=0)
    return Needed(held[-1] if held else None, len(within), from_ms if from_ms > now_ms else None)


def _last(held: Sequence[Said], due_ms: int | None) -> int | None:
    return next((at for at in reversed(range(len(held))) if held[at].due_ms == due_ms), None)
