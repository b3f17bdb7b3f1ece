"""What follows of what the provider says, whoever hears it, in whichever order and however often.

judge(payment, verdict)     # Step(PAID, ...), or None: it is known already, or not known yet

The answer to the call, the answer to a later question and the provider's own call may each be first, last,
or missing: all of them come here. An outcome that contradicts an earlier one, or another amount than was
asked for, makes nothing paid and nothing refunded: a person settles it.
"""

from dataclasses import dataclass

from controller.payments.model import Money, Payment, Verdict, refund_key
from controller.payments.states import PaymentState

_S = PaymentState
_UNASKED = "the provider says that {amount} was taken, expected {asked}: settle it with the provider"
_TURNED = (
    "the provider said before that it was {state} and says now that it was {status}: settle it with them"
)
_NOT_ALL = "the provider says that {amount} was given back, expected {asked}: settle it with the provider"


@dataclass(frozen=True, slots=True)
class Step:
    """Where the payment goes, and what is known of the money by then."""

    to: PaymentState
    why: str = ""
    taken: Money | None = None
    returned_minor: int | None = None
    reference: str = ""


def judge(payment: Payment, verdict: Verdict) -> Step | None:
    """What `verdict`, of `payment`'s own key or one of its refunds', changes; None: nothing."""
    if verdict.status in ("pending", "unknown"):
        return None
    if verdict.key == payment.key:
        return _settled(payment, verdict) if verdict.status == "settled" else _not_taken(payment, verdict)
    return _returned(payment, verdict) if verdict.status == "settled" else _not_returned(payment, verdict)


def _settled(payment: Payment, verdict: Verdict) -> Step | None:
    if payment.taken == verdict.amount:
        return None
    if payment.state is _S.AWAITING and verdict.amount == payment.due:
        return Step(_S.PAID, taken=verdict.amount, reference=verdict.reference)
    asked = payment.due if payment.state is _S.AWAITING else payment.taken or "nothing"
    why = _UNASKED.format(amount=verdict.amount, asked=asked)
    return Step(_S.HELD, why, taken=verdict.amount, reference=verdict.reference)


def _not_taken(payment: Payment, verdict: Verdict) -> Step | None:
    if payment.state is _S.AWAITING:
        to = _S.FAILED if verdict.status == "declined" else _S.CANCELLED
        return Step(to, payment.withdrawn or verdict.reason or verdict.status)
    return _contradiction(payment, verdict) if payment.state is _S.PAID else None


def _returned(payment: Payment, verdict: Verdict) -> Step | None:
    is_last = verdict.key == refund_key(payment.key, payment.refunds)
    is_all = verdict.amount == payment.taken
    is_known = is_last or is_all or payment.state is _S.HELD
    if payment.returned_minor == verdict.amount.minor and is_known:
        return None
    if payment.state is _S.REFUND_PENDING and is_last and is_all:
        return Step(_S.REFUNDED, payment.why, returned_minor=verdict.amount.minor)
    why = _NOT_ALL.format(amount=verdict.amount, asked=payment.taken if is_last else "nothing of that refund")
    return Step(_S.HELD, why, returned_minor=verdict.amount.minor)


def _not_returned(payment: Payment, verdict: Verdict) -> Step | None:
    if verdict.key != refund_key(payment.key, payment.refunds):
        return None  # of one before, which is known to have failed
    if payment.state is _S.REFUND_PENDING:
        return Step(_S.REFUND_FAILED, verdict.reason or verdict.status)
    return _contradiction(payment, verdict) if payment.state is _S.REFUNDED else None


def _contradiction(payment: Payment, verdict: Verdict) -> Step:
    return Step(_S.HELD, _TURNED.format(state=payment.state, status=verdict.status))
