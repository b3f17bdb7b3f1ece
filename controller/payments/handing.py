"""Whether what is not paid for is kept back: pure, by the site's rule (`[payments]`, unpaid).

keeps("wait", "routine", "pick-up", payment)      # True: hand it over when it is paid, or say why before

Nothing urgent is ever kept from a patient, nor what a ward gives.
"""

from typing import Literal

from controller.payments.model import Payment
from controller.payments.states import PaymentState

Unpaid = Literal["hand-over", "wait"]


def keeps(unpaid: Unpaid, priority: str, delivery: str, payment: Payment | None) -> bool:
    """`payment`: the last one of what is handed over; None: nobody was asked to pay."""
    if unpaid == "hand-over" or priority != "routine" or delivery == "ward":
        return False
    return payment is None or not is_paid(payment)


def is_paid(payment: Payment) -> bool:
    """The hospital has the money, also when a person still settles how much; or the insurance pays all."""
    if payment.state is PaymentState.CHECKED:
        return payment.due.minor == 0
    has = payment.state in (PaymentState.PAID, PaymentState.HELD)
    return has and payment.taken is not None and not payment.returned_minor
