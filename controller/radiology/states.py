"""How far an order and a report may go from where they are, as tables.

Orders: HL7 FHIR R4, RequestStatus (ServiceRequest.status); a request that ended does not begin again.
Reports: HL7 FHIR R4, DiagnosticReportStatus; what was final is changed only by saying in which way.
"""

from collections.abc import Mapping
from enum import StrEnum


class OrderState(StrEnum):
    """ServiceRequest.status; `unknown` is of systems that do not hold the order themselves."""

    DRAFT = "draft"
    ACTIVE = "active"
    ON_HOLD = "on-hold"
    REVOKED = "revoked"
    COMPLETED = "completed"
    ENTERED_IN_ERROR = "entered-in-error"


class ReportState(StrEnum):
    """DiagnosticReport.status."""

    REGISTERED = "registered"
    """There is nothing yet but the images."""
    PARTIAL = "partial"
    PRELIMINARY = "preliminary"
    """Somebody has looked, and it may change."""
    FINAL = "final"
    AMENDED = "amended"
    """Changed after it was final."""
    CORRECTED = "corrected"
    """Changed after it was final, because it was wrong."""
    APPENDED = "appended"
    """Added to after it was final."""
    CANCELLED = "cancelled"
    """There will be none."""
    ENTERED_IN_ERROR = "entered-in-error"


_O, _R = OrderState, ReportState

ORDER_STEPS: Mapping[OrderState, frozenset[OrderState]] = {
    _O.DRAFT: frozenset({_O.ACTIVE, _O.REVOKED, _O.ENTERED_IN_ERROR}),
    _O.ACTIVE: frozenset({_O.ON_HOLD, _O.REVOKED, _O.COMPLETED, _O.ENTERED_IN_ERROR}),
    _O.ON_HOLD: frozenset({_O.ACTIVE, _O.REVOKED, _O.ENTERED_IN_ERROR}),
    _O.REVOKED: frozenset({_O.ENTERED_IN_ERROR}),
    _O.COMPLETED: frozenset({_O.ENTERED_IN_ERROR}),
    _O.ENTERED_IN_ERROR: frozenset(),
}
"""Where an order may go, by where it is."""

_CHANGED = frozenset({_R.AMENDED, _R.CORRECTED, _R.APPENDED})
_ENDS = frozenset({_R.FINAL, _R.CANCELLED, _R.ENTERED_IN_ERROR})

REPORT_STEPS: Mapping[ReportState, frozenset[ReportState]] = {
    _R.REGISTERED: frozenset({_R.PARTIAL, _R.PRELIMINARY}) | _ENDS,
    _R.PARTIAL: frozenset({_R.PARTIAL, _R.PRELIMINARY}) | _ENDS,
    _R.PRELIMINARY: frozenset({_R.PRELIMINARY}) | _ENDS,
    _R.FINAL: _CHANGED | {_R.ENTERED_IN_ERROR},
    **dict.fromkeys(sorted(_CHANGED), _CHANGED | {_R.ENTERED_IN_ERROR}),
    _R.CANCELLED: frozenset({_R.ENTERED_IN_ERROR}),
    _R.ENTERED_IN_ERROR: frozenset(),
}
"""Where a report may go, by where it is."""

SIGNED = _CHANGED | {_R.FINAL}
"""A version in one of these states is signed."""


def needs_proof(now: ReportState, to: ReportState) -> bool:
    """Whether who makes this step has to prove who they are: what is signed becomes so, or changes."""
    return to in SIGNED or now in SIGNED
