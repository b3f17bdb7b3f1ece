"""What requests and answers about payments look like. Amounts are whole minor units (cents)."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from controller.api.bodies import PRINTABLE, Body
from controller.payments.model import MOST_MINOR
from controller.payments.states import PaymentState

Minor = Annotated[int, Field(ge=0, le=MOST_MINOR)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Subject = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=PRINTABLE)]
_Text = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=PRINTABLE)]


class ItemBody(Body):
    """What is handed out, in packs."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=PRINTABLE)] = Field(
        description="the GTIN, or what the provider knows it by"
    )
    display: _Text
    quantity: Annotated[int, Field(ge=1, le=999)]


class PaymentBody(Body):
    """What is paid for."""

    subject: Subject = Field(description='"RX00000001/1"')
    patient: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=PRINTABLE)]
    lines: Annotated[list[ItemBody], Field(min_length=1, max_length=50)]


class CardBody(Body):
    """An insurance card. The number goes to the provider and is kept nowhere."""

    card: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{8,20}$")] | None = Field(
        repr=False, description="null: none is shown, the patient pays all of it"
    )


class PayBody(Body):
    """What the patient has agreed to pay."""

    due_minor: Minor
    currency: Currency


class TakeBackBody(Body):
    """Why nothing is to be paid."""

    why: _Text


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PaymentPatient(_Told):
    """Who pays."""

    identifier: str
    name: str


class PaymentLine(_Told):
    """An item, and what all of it costs."""

    code: str
    display: str
    quantity: int
    net_minor: int


class PaymentView(_Told):
    """A payment, as it stands."""

    number: str
    subject: str
    patient: PaymentPatient
    state: PaymentState
    invoice: Literal["draft", "issued", "balanced", "cancelled"] = Field(
        description="Invoice.status of FHIR R4"
    )
    revision: int
    currency: str
    total_minor: int
    insured_minor: int | None = Field(description="null: the insurance was not asked yet")
    due_minor: int = Field(description="what the patient has to pay")
    taken_minor: int | None
    taken_currency: str | None
    returned_minor: int | None
    coverage: Literal["", "eligible", "not-eligible", "self-pay"]
    card_end: str = Field(description="the last four characters of the card; empty: none was shown")
    why: str = Field(description="of what failed, is held for a person, or is not known yet")
    withdrawn: bool = Field(description="it is taken back as soon as its outcome is known")
    lines: list[PaymentLine]
    priced_by: str = Field(description="the list of prices, in the provider's words")
    insurer: str = Field(description="who answered for the insurance")
    covered_ms: int | None = Field(description="when; null: nobody was asked")
    page: str = Field(description="of the provider: where the patient pays; empty: nowhere now")
    page_qr: list[str] = Field(description="the same as QR code: lines of 0 and 1, 1 is dark")
    paid_utc_ms: int | None
    made_by: str
    made_ms: int
    changed_by: str
    changed_ms: int


class PaymentAnswer(_Told):
    """One payment."""

    server_ms: int
    payment: PaymentView


class PaymentList(_Told):
    """Payments, the newest first."""

    server_ms: int
    provider: str = Field(description="the host of the payment provider")
    sandbox: bool = Field(description="it is one for trying out: no money moves")
    unpaid: Literal["hand-over", "wait"] = Field(
        description="whether what is not urgent is handed over unpaid, or waits"
    )
    payments: list[PaymentView]


class Receipt(_Told):
    """What was paid, and what of it was given back."""

    number: str
    subject: str
    patient: PaymentPatient
    lines: list[PaymentLine]
    currency: str
    total_minor: int
    insured_minor: int
    paid_minor: int
    returned_minor: int
    card_end: str
    coverage: Literal["", "eligible", "not-eligible", "self-pay"]
    insurer: str
    reference: str = Field(description="the provider's own number of it")
    sandbox: bool
    paid_at: str = Field(description="UTC, RFC 3339")
    state: PaymentState
