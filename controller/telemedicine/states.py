"""How far a visit may go from where it is, as a table.

HL7 FHIR R4, AppointmentStatus for what is before it, and EncounterStatus while it is held: one machine, since
a visit by video is an appointment and the encounter that fulfils it.
"""

from collections.abc import Mapping
from enum import StrEnum


class VisitState(StrEnum):
    """AppointmentStatus, but for IN_PROGRESS, which is of EncounterStatus."""

    BOOKED = "booked"
    ARRIVED = "arrived"
    """The patient is in the waiting room."""
    IN_PROGRESS = "in-progress"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    NOSHOW = "noshow"
    ENTERED_IN_ERROR = "entered-in-error"


_V = VisitState

VISIT_STEPS: Mapping[VisitState, frozenset[VisitState]] = {
    _V.BOOKED: frozenset({_V.ARRIVED, _V.IN_PROGRESS, _V.CANCELLED, _V.NOSHOW, _V.ENTERED_IN_ERROR}),
    _V.ARRIVED: frozenset({_V.IN_PROGRESS, _V.CANCELLED, _V.NOSHOW, _V.ENTERED_IN_ERROR}),
    _V.IN_PROGRESS: frozenset({_V.FULFILLED, _V.ENTERED_IN_ERROR}),
    _V.FULFILLED: frozenset({_V.ENTERED_IN_ERROR}),
    _V.CANCELLED: frozenset({_V.ENTERED_IN_ERROR}),
    # Who comes late comes after all.
    _V.NOSHOW: frozenset({_V.ARRIVED, _V.IN_PROGRESS, _V.CANCELLED, _V.ENTERED_IN_ERROR}),
    _V.ENTERED_IN_ERROR: frozenset(),
}
"""Where a visit may go, by where it is."""

OPEN = frozenset({_V.BOOKED, _V.ARRIVED, _V.IN_PROGRESS, _V.NOSHOW})
"""Into a visit in one of these states somebody may still come."""
WITH_REASON = frozenset({_V.CANCELLED, _V.ENTERED_IN_ERROR})
"""What is taken back says why."""
