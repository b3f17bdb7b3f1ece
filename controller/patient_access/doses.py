"""What a patient takes when, of one prescription: pure. Doses are due in UTC, ms.

doses = doses_of(rx, said, Span(from_ms, to_ms))      # each with what was said of it last
needed = needed_of(rx, said, now_ms)                  # as needed: in the controller's time scale
"""

from collections.abc import Sequence
from dataclasses import dataclass

from controller.clock import Zone
from controller.patient_access.model import Said
from controller.prescriptions.model import Prescription
from controller.prescriptions.timing import DAY_MS, HOUR_MS, Span, due


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


def prescribed_for(rx: Prescription) -> Span:
    """From when until when it is prescribed."""
    begin_ms, days = rx.begin_ms or 0, rx.wanted.days
    return Span(begin_ms, begin_ms + days * DAY_MS if days else None)


def doses_of(rx: Prescription, said: Sequence[Said], asked: Span, zone: Zone | None = None) -> list[Dose]:
    """Those in `asked`; `said` is all of the prescription, the oldest first."""
    last = {one.due_ms: one for one in said}
    times = due(rx.wanted.timing, prescribed_for(rx), asked, zone)
    return [Dose(at_ms, last.get(at_ms)) for at_ms in times]


def needed_of(rx: Prescription, said: Sequence[Said], now_ms: int) -> Needed | None:
    """None: it is not taken as needed."""
    timing = rx.wanted.timing
    if timing.rhythm != "as-needed":
        return None
    times = [one.at_ms for one in said if one.said == "taken"]
    within = [at_ms for at_ms in times if now_ms - at_ms < DAY_MS]
    waits = [times[-1] + timing.hours * HOUR_MS] if times else []
    if len(within) >= timing.times:
        waits.append(within[-timing.times] + DAY_MS)
    from_ms = max(waits, default=0)
    return Needed(said[-1] if said else None, len(within), from_ms if from_ms > now_ms else None)
