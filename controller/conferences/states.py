"""How far a conference, somebody's answer and a case on the agenda may go, as tables.

Conferences: HL7 FHIR R4, AppointmentStatus for what is before, EncounterStatus while it is held and signed.
Answers: ParticipationStatus. Cases: our own words.
"""

from collections.abc import Mapping
from enum import StrEnum


class ConferenceState(StrEnum):
    """AppointmentStatus, but for IN_PROGRESS and FINISHED, which are of EncounterStatus."""

    PROPOSED = "proposed"
    """Somebody who has to be there has not accepted."""
    BOOKED = "booked"
    """Everybody who has to be there has accepted."""
    IN_PROGRESS = "in-progress"
    FINISHED = "finished"
    """The talk is over; conclusions are written and signed."""
    FULFILLED = "fulfilled"
    """Closed: all that was to be signed is, or the chair has closed it without."""
    CANCELLED = "cancelled"
    ENTERED_IN_ERROR = "entered-in-error"


class AnswerState(StrEnum):
    """ParticipationStatus."""

    NEEDS_ACTION = "needs-action"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"
    """Proposes another time."""


class CaseState(StrEnum):
    """Of a case on the agenda."""

    WAITING = "waiting"
    NOW = "now"
    """It is spoken about."""
    DONE = "done"
    OFF = "off"
    """Taken off the agenda."""


_C, _A, _K = ConferenceState, AnswerState, CaseState

CONFERENCE_STEPS: Mapping[ConferenceState, frozenset[ConferenceState]] = {
    _C.PROPOSED: frozenset({_C.BOOKED, _C.CANCELLED, _C.ENTERED_IN_ERROR}),
    # Who declines after all, and a time that is moved, make it a proposal again.
    _C.BOOKED: frozenset({_C.PROPOSED, _C.IN_PROGRESS, _C.CANCELLED, _C.ENTERED_IN_ERROR}),
    _C.IN_PROGRESS: frozenset({_C.FINISHED, _C.ENTERED_IN_ERROR}),
    _C.FINISHED: frozenset({_C.IN_PROGRESS, _C.FULFILLED, _C.ENTERED_IN_ERROR}),
    _C.FULFILLED: frozenset({_C.ENTERED_IN_ERROR}),
    _C.CANCELLED: frozenset({_C.ENTERED_IN_ERROR}),
    _C.ENTERED_IN_ERROR: frozenset(),
}
"""Where a conference may go, by where it is."""

_SAID = frozenset({_A.ACCEPTED, _A.DECLINED, _A.TENTATIVE})
ANSWER_STEPS: Mapping[AnswerState, frozenset[AnswerState]] = {
    _A.NEEDS_ACTION: _SAID,
    # To another time everybody is asked again.
    **{one: (_SAID - {one}) | {_A.NEEDS_ACTION} for one in sorted(_SAID)},
}
"""Where an answer may go, by what it is."""

CASE_STEPS: Mapping[CaseState, frozenset[CaseState]] = {
    _K.WAITING: frozenset({_K.NOW, _K.OFF}),
    _K.NOW: frozenset({_K.DONE, _K.WAITING}),
    _K.DONE: frozenset({_K.NOW}),
    _K.OFF: frozenset({_K.WAITING}),
}
"""Where a case may go, by where it is; one at most is on."""

TO_COME = frozenset({_C.PROPOSED, _C.BOOKED})
"""People may still answer, and its time may move."""
OPEN = TO_COME | {_C.IN_PROGRESS, _C.FINISHED}
"""There is something left to do."""
WITH_REASON = frozenset({_C.CANCELLED, _C.ENTERED_IN_ERROR})
"""What is taken back says why."""
