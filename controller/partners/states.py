"""How far a partnership, and a referral, may go from where they are, as tables.

A referral's states are those of HL7 FHIR R4, TaskStatus, which its Task has.
"""

from collections.abc import Mapping
from enum import StrEnum


class PartnerState(StrEnum):
    """Of a partnership on this side; the other side has its own."""

    PENDING = "pending"
    """Its card is here, and nobody has compared the fingerprint yet."""
    ACTIVE = "active"
    SUSPENDED = "suspended"
    """Nothing goes out or comes in; what waits, waits."""
    ENDED = "ended"


_P = PartnerState

PARTNER_STEPS: Mapping[PartnerState, frozenset[PartnerState]] = {
    _P.PENDING: frozenset({_P.ACTIVE, _P.ENDED}),
    _P.ACTIVE: frozenset({_P.SUSPENDED, _P.ENDED}),
    _P.SUSPENDED: frozenset({_P.ACTIVE, _P.ENDED}),
    _P.ENDED: frozenset(),
}
"""Where a partnership may go, by where it is. Who ended one begins another."""


class ReferralState(StrEnum):
    """HL7 FHIR R4, TaskStatus."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    """Taken back by the site that refers."""
    COMPLETED = "completed"
    """The patient is transferred back, and the letter is there."""


_R = ReferralState

REFERRAL_STEPS: Mapping[ReferralState, frozenset[ReferralState]] = {
    _R.REQUESTED: frozenset({_R.ACCEPTED, _R.REJECTED, _R.CANCELLED}),
    _R.ACCEPTED: frozenset({_R.COMPLETED, _R.CANCELLED}),
    _R.REJECTED: frozenset(),
    _R.CANCELLED: frozenset(),
    _R.COMPLETED: frozenset(),
}
"""Where a referral may go, by where it is."""
