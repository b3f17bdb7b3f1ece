"""What requests and answers about a patient's own payments look like. Amounts are in minor units (cents)."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from controller.api.bodies import Body
from controller.payments.states import PaymentState


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid")


class MyCardBody(Body):
    """An insurance card. The number goes to the provider and is kept nowhere."""

    card: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{8,20}$")] | None = Field(
        repr=False, description="null: none is shown, the patient pays all of it"
    )


class MyPayBody(Body):
    """What the patient agrees to pay."""

    due_minor: Annotated[int, Field(ge=0)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class MyLine(_Told):
    """An item, and what all of it costs."""

    display: str
    quantity: int
    net_minor: int


class MyPayment(_Told):
    """What is to be paid, or was; amounts in minor units (cents)."""

    number: str
    subject: str
    state: PaymentState
    currency: str
    total_minor: int
    insured_minor: int | None
    due_minor: int
    returned_minor: int | None
    coverage: Literal["", "eligible", "not-eligible", "self-pay"]
    card_end: str
    paid_utc_ms: int | None
    withdrawn: bool
    why: str = Field(description="why nothing was taken, or given back; in the provider's words")
    priced_by: str
    made_ms: int = Field(description="when it was priced (the controller's time)")
    insurer: str = Field(description="who answered for the insurance")
    covered_ms: int | None = Field(description="when (the controller's time); null: nobody was asked")
    page: str = Field(description="of the provider: where it is paid; empty: nowhere now")
    lines: list[MyLine]


class MyPaymentAnswer(_Told):
    """One, as it stands now."""

    patient: str
    payment: MyPayment
