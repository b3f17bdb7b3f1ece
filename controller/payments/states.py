"""How far a payment may go from where it is, as a table.

The names are ours; of a state's FHIR R4 name (Invoice.status) see INVOICE.
"""

from collections.abc import Mapping
from enum import StrEnum


class PaymentState(StrEnum):
    """Where a payment is."""

    PRICED = "priced"
    """What it costs is known (FHIR: ChargeItem)."""
    CHECKED = "eligibility-checked"
    """And what the insurance pays of it (FHIR: CoverageEligibilityResponse)."""
    AWAITING = "awaiting-payment"
    """The provider is asked to take the money; what it did is not known."""
    PAID = "paid"
    FAILED = "failed"
    """Nothing was taken."""
    CANCELLED = "cancelled"
    """Nothing was taken, and nothing will be."""
    HELD = "held"
    """What the provider says is not what was asked for: a person settles it."""
    REFUND_PENDING = "refund-pending"
    """The provider is asked to give it back; what it did is not known."""
    REFUNDED = "refunded"
    REFUND_FAILED = "refund-failed"


_S = PaymentState

PAYMENT_STEPS: Mapping[PaymentState, frozenset[PaymentState]] = {
    _S.PRICED: frozenset({_S.CHECKED, _S.CANCELLED, _S.HELD}),
    _S.CHECKED: frozenset({_S.CHECKED, _S.AWAITING, _S.CANCELLED, _S.HELD}),
    _S.AWAITING: frozenset({_S.PAID, _S.FAILED, _S.CANCELLED, _S.HELD}),
    _S.PAID: frozenset({_S.REFUND_PENDING, _S.HELD}),
    _S.FAILED: frozenset({_S.HELD}),
    _S.CANCELLED: frozenset({_S.HELD}),
    _S.HELD: frozenset({_S.REFUND_PENDING, _S.HELD}),
    _S.REFUND_PENDING: frozenset({_S.REFUNDED, _S.REFUND_FAILED, _S.HELD}),
    _S.REFUNDED: frozenset({_S.HELD}),
    _S.REFUND_FAILED: frozenset({_S.REFUND_PENDING, _S.HELD}),
}
"""Where a payment may go. To HELD from everywhere: the provider may say what cannot be, at any time."""

INVOICE: Mapping[PaymentState, str] = {
    **dict.fromkeys((_S.PRICED, _S.CHECKED), "draft"),
    **dict.fromkeys((_S.AWAITING, _S.HELD), "issued"),
    **dict.fromkeys((_S.PAID, _S.REFUND_PENDING, _S.REFUND_FAILED), "balanced"),
    **dict.fromkeys((_S.FAILED, _S.CANCELLED, _S.REFUNDED), "cancelled"),
}
"""HL7 FHIR R4, Invoice.status: "balanced" while the hospital has the money."""

OVER = frozenset({_S.FAILED, _S.CANCELLED, _S.REFUNDED})
"""It came to nothing: the same may be paid for again."""
OPEN = frozenset({_S.AWAITING, _S.REFUND_PENDING})
"""The provider is asked until it is known what it did."""
RECEIPTED = frozenset({_S.PAID, _S.REFUND_PENDING, _S.REFUNDED, _S.REFUND_FAILED})
"""There is a receipt."""
