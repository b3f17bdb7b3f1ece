"""What the sandbox does, by the last four digits of the card: the same every time."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Of one kind of card. Without anything set it is insured and pays at once."""

    insured_percent: int = 80
    refused: str = ""
    """Why the card is not taken."""
    declined: str = ""
    """Why no money is taken."""
    slow: bool = False
    """The money is taken after a while, and the answer comes then."""
    lose_before: bool = False
    """The first call of each key is cut before anything is done."""
    lose_after: bool = False
    """The first call of each key is cut after it is done."""
    calls: int = 1
    """How often it calls back."""
    call_first: bool = False
    """It calls back before it answers."""
    wrong_by: int = 0
    """So much more is taken than was asked for, in minor units."""
    refund_declined: str = ""
    """Why the first refund is not made."""


CARDS: dict[str, Behaviour] = {
    "0001": Behaviour(),
    "0002": Behaviour(insured_percent=0),
    "0003": Behaviour(refused="card-expired"),
    "0004": Behaviour(declined="insufficient-funds"),
    "0005": Behaviour(slow=True),
    "0006": Behaviour(lose_after=True),
    "0007": Behaviour(calls=2),
    "0008": Behaviour(call_first=True),
    "0009": Behaviour(wrong_by=1),
    "0010": Behaviour(lose_before=True),
    "0011": Behaviour(refund_declined="account-closed"),
}
"""By the last four digits; any other card is not known."""
