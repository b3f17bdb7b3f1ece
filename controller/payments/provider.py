"""The port to whoever prices, asks the insurance and moves the money. http_provider.py speaks to one."""

from collections.abc import Sequence
from typing import Protocol

from controller.payments.model import CardNumber, Covered, Item, Payment, Priced, Verdict


class Provider(Protocol):
    """Each method raises PaymentSilent when there is no answer that can be used: then it is not known whether
    anything was done. What has a key is done once, however often it is asked for."""

    async def price(self, items: Sequence[Item], currency: str) -> Priced:
        """What each costs. Raises PaymentRefused."""
        ...

    async def eligibility(self, person: str, card: CardNumber, payment: Payment) -> Covered:
        """What the insurance of `person`, a name, pays of it. Moves no money. Raises PaymentRefused: the card
        is not taken."""
        ...

    async def pay(self, payment: Payment) -> Verdict:
        """Take what is due from the patient, under `payment.key`; "pending" with a page: there the patient
        pays, and no card's number comes to us."""
        ...

    async def cancel(self, payment: Payment) -> Verdict:
        """Take nothing under `payment.key` any more: "cancelled", or what was done before."""
        ...

    async def refund(self, payment: Payment) -> Verdict:
        """Give back what was taken, under `payment.refund_key`."""
        ...

    async def status(self, key: str) -> Verdict:
        """What became of a key."""
        ...

    async def close(self) -> None:
        """Keep no connection."""
        ...
