"""How far a prescription, its work in the pharmacy, what is handed out and its way may go, as tables.

HL7 FHIR R4 (4.0.1): MedicationRequest.status, Task.status, MedicationDispense.status, SupplyDelivery.status,
MedicationAdministration.status. What has ended does not begin again.
"""

from collections.abc import Mapping
from enum import StrEnum


class RxState(StrEnum):
    """MedicationRequest.status; `unknown` is of systems that do not hold it themselves."""

    DRAFT = "draft"
    ACTIVE = "active"
    ON_HOLD = "on-hold"
    CANCELLED = "cancelled"
    """Withdrawn before anything of it was handed out."""
    STOPPED = "stopped"
    COMPLETED = "completed"
    ENTERED_IN_ERROR = "entered-in-error"


class TaskState(StrEnum):
    """Task.status, of the pharmacy's work."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    IN_PROGRESS = "in-progress"
    ON_HOLD = "on-hold"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    FAILED = "failed"


class DispenseState(StrEnum):
    """MedicationDispense.status."""

    PREPARATION = "preparation"
    IN_PROGRESS = "in-progress"
    """Packs are scanned for it."""
    ON_HOLD = "on-hold"
    COMPLETED = "completed"
    """Checked and ready to be delivered."""
    DECLINED = "declined"
    CANCELLED = "cancelled"
    STOPPED = "stopped"


class DeliveryState(StrEnum):
    """SupplyDelivery.status."""

    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    ABANDONED = "abandoned"
    """It came back."""
    ENTERED_IN_ERROR = "entered-in-error"


class GivenState(StrEnum):
    """MedicationAdministration.status."""

    COMPLETED = "completed"
    NOT_DONE = "not-done"
    ENTERED_IN_ERROR = "entered-in-error"


_R, _T, _D, _V, _G = RxState, TaskState, DispenseState, DeliveryState, GivenState

RX_STEPS: Mapping[RxState, frozenset[RxState]] = {
    _R.DRAFT: frozenset({_R.ACTIVE, _R.CANCELLED, _R.ENTERED_IN_ERROR}),
    _R.ACTIVE: frozenset({_R.ON_HOLD, _R.CANCELLED, _R.STOPPED, _R.COMPLETED, _R.ENTERED_IN_ERROR}),
    _R.ON_HOLD: frozenset({_R.ACTIVE, _R.CANCELLED, _R.STOPPED, _R.ENTERED_IN_ERROR}),
    _R.CANCELLED: frozenset({_R.ENTERED_IN_ERROR}),
    _R.STOPPED: frozenset({_R.ENTERED_IN_ERROR}),
    _R.COMPLETED: frozenset({_R.ENTERED_IN_ERROR}),
    _R.ENTERED_IN_ERROR: frozenset(),
}
TASK_STEPS: Mapping[TaskState, frozenset[TaskState]] = {
    _T.REQUESTED: frozenset({_T.ACCEPTED, _T.REJECTED, _T.CANCELLED}),
    _T.ACCEPTED: frozenset({_T.IN_PROGRESS, _T.REJECTED, _T.ON_HOLD, _T.CANCELLED, _T.FAILED}),
    _T.IN_PROGRESS: frozenset({_T.ON_HOLD, _T.COMPLETED, _T.CANCELLED, _T.FAILED}),
    _T.ON_HOLD: frozenset({_T.ACCEPTED, _T.IN_PROGRESS, _T.CANCELLED, _T.FAILED}),
    **dict.fromkeys((_T.REJECTED, _T.COMPLETED, _T.CANCELLED, _T.FAILED), frozenset[TaskState]()),
}
DISPENSE_STEPS: Mapping[DispenseState, frozenset[DispenseState]] = {
    _D.PREPARATION: frozenset({_D.IN_PROGRESS, _D.ON_HOLD, _D.DECLINED, _D.CANCELLED}),
    _D.IN_PROGRESS: frozenset({_D.COMPLETED, _D.ON_HOLD, _D.DECLINED, _D.CANCELLED, _D.STOPPED}),
    _D.ON_HOLD: frozenset({_D.IN_PROGRESS, _D.DECLINED, _D.CANCELLED, _D.STOPPED}),
    **dict.fromkeys((_D.COMPLETED, _D.DECLINED, _D.CANCELLED, _D.STOPPED), frozenset[DispenseState]()),
}
DELIVERY_STEPS: Mapping[DeliveryState, frozenset[DeliveryState]] = {
    _V.IN_PROGRESS: frozenset({_V.COMPLETED, _V.ABANDONED, _V.ENTERED_IN_ERROR}),
    _V.COMPLETED: frozenset({_V.ENTERED_IN_ERROR}),
    _V.ABANDONED: frozenset({_V.ENTERED_IN_ERROR}),
    _V.ENTERED_IN_ERROR: frozenset(),
}
GIVEN_STEPS: Mapping[GivenState, frozenset[GivenState]] = {
    _G.COMPLETED: frozenset({_G.ENTERED_IN_ERROR}),
    _G.NOT_DONE: frozenset({_G.ENTERED_IN_ERROR}),
    _G.ENTERED_IN_ERROR: frozenset(),
}

ENDED = frozenset({_R.CANCELLED, _R.STOPPED, _R.COMPLETED, _R.ENTERED_IN_ERROR})
"""Nothing of such a prescription is handed out or given any more."""
WITHDRAWN = frozenset({_R.CANCELLED, _R.STOPPED, _R.ENTERED_IN_ERROR})
"""It reaches the pharmacy at once."""
VOID = frozenset({_D.DECLINED, _D.CANCELLED, _D.STOPPED})
"""Nothing of such a dispense was handed out."""
