"""A payment as it is kept, and what the provider says of it.

Amounts are whole minor units (cents) of an ISO 4217 currency, never floats.
"""

from dataclasses import dataclass, field
from typing import Literal

from controller.imaging.sight import Sight
from controller.payments.states import PaymentState

MOST_MINOR = 10**12
"""No amount is larger."""
_DIGITS = {
    **dict.fromkeys(("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
"""ISO 4217, minor units, where they are not 2."""

Status = Literal["settled", "declined", "cancelled", "pending", "unknown"]
"""Done; not done and never will be (refused, or cancelled); not known yet; the key was never heard of."""
Coverage = Literal["eligible", "not-eligible"]
SELF_PAY = "self-pay"
"""Coverage of who shows no insurance card: nobody was asked."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount, in minor units of `currency`."""

    minor: int
    currency: str

    @property
    def value(self) -> str:
        """In major units, exactly: "12.50"."""
        digits = _DIGITS.get(self.currency, 2)
        whole, rest = divmod(self.minor, 10**digits)
        return f"{whole}.{rest:0{digits}d}" if digits else str(whole)

    def __str__(self) -> str:
        """For people."""
        return f"{self.value} {self.currency}"


@dataclass(frozen=True, slots=True)
class CardNumber:
    """The number of an insurance card: it goes to the provider and is kept nowhere."""

    number: str = field(repr=False)

    @property
    def end(self) -> str:
        """Its last four characters."""
        return self.number[-4:]


@dataclass(frozen=True, slots=True)
class Item:
    """What is handed out: `quantity` in packs. FHIR: ChargeItem."""

    code: str
    display: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Line:
    """An item and what all of it costs, in minor units."""

    item: Item
    net_minor: int


@dataclass(frozen=True, slots=True)
class Priced:
    """What each item costs, and by whose list."""

    lines: tuple[Line, ...]
    source: str
    """In the provider's words; "": it has none."""


@dataclass(frozen=True, slots=True)
class Covered:
    """What the insurance says. FHIR: CoverageEligibilityResponse."""

    coverage: Coverage
    insured: Money
    card: str = field(repr=False)
    """The provider's token: good for this hospital alone."""
    insurer: str
    """Who answered, in the provider's words; "": it does not say."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the provider says of one key. FHIR: PaymentNotice, PaymentReconciliation."""

    key: str
    status: Status
    amount: Money
    """Settled: what was taken from the patient, or given back."""
    reference: str = ""
    reason: str = ""
    page: str = ""
    """Pending: where at the provider the patient pays; "": nothing is to be done."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """What is paid for, by whom."""

    subject: str
    identifier: str
    name: str


@dataclass(frozen=True, slots=True)
class Offer:
    """What it costs."""

    purchase: Purchase
    priced: Priced
    currency: str


@dataclass(frozen=True, slots=True)
class Known:
    """Which payment somebody means, and whose they may see."""

    number: str
    sight: Sight


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment, as it stands. FHIR: Invoice."""

    id: int
    number: str
    """"PY00000001"."""
    key: str
    subject: str
    identifier: str
    """The patient's, as known now."""
    name: str
    total: Money
    insured_minor: int | None
    """None: the insurance was not asked yet."""
    coverage: str
    card: str = field(repr=False)
    card_end: str
    state: PaymentState
    revision: int
    why: str
    withdrawn: str
    refunds: int
    taken: Money | None
    """What the provider took from the patient."""
    returned_minor: int | None
    reference: str
    paid_utc_ms: int | None
    asks: int
    made_by: str
    made_ms: int
    changed_by: str
    changed_ms: int
    priced_by: str
    insurer: str
    covered_ms: int | None
    page: str
    """At the provider: where the patient pays; "": nowhere."""
    lines: tuple[Line, ...]

    @property
    def due(self) -> Money:
        """What the patient has to pay."""
        return Money(self.total.minor - (self.insured_minor or 0), self.total.currency)

    @property
    def refund_key(self) -> str:
        """The idempotency key of its last refund."""
        return refund_key(self.key, self.refunds)


def refund_key(key: str, number: int) -> str:
    """Of the refund `number` (1, 2, …) of the payment with `key`."""
    return f"{key}-r{number}"


def payment_key(key: str) -> str:
    """The key of the payment that `key`, its own or one of its refunds', belongs to."""
    return key.partition("-r")[0]
