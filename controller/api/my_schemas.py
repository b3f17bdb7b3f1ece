"""What requests and answers of patients' own access look like."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from controller.api.bodies import PRINTABLE, Body
from controller.api.prescriptions_schemas import Line, Moment, Name, RxPatient
from controller.payments.states import PaymentState
from controller.prescriptions.states import DeliveryState, RxState

_Word = Literal["taken", "skipped"]


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid")


class EnterBody(Body):
    """Who wants in."""

    code: Annotated[str, StringConstraints(min_length=8, max_length=20, pattern=PRINTABLE)] = Field(
        repr=False, description="of the invitation, however it is typed"
    )
    birth_date: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")] = Field(repr=False)


class DoseTakenBody(Body):
    """A dose was taken, or was not."""

    prescription: Name
    due_ms: Moment | None = Field(None, description="UTC, as it was shown; null: as needed")
    said: _Word
    after: Annotated[int, Field(ge=0)] = Field(0, description="as needed: `id` of what was said last, or 0")


class MyRepeatBody(Body):
    """Why it is needed again: asked for if it is early."""

    why: Line = ""


class MyChoiceBody(Body):
    """How it comes."""

    delivery: Literal["home", "pick-up"]


class MyCardBody(Body):
    """An insurance card. The number goes to the provider and is kept nowhere."""

    card: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{8,20}$")] = Field(repr=False)


class MyPayBody(Body):
    """What the patient agrees to pay."""

    due_minor: Annotated[int, Field(ge=0)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class MySaidView(_Told):
    """What a patient said of a dose."""

    id: int
    due_ms: int | None
    said: _Word
    by: str
    at_ms: int


class MyDose(_Told):
    """A dose of the last two days, or the next one."""

    due_ms: int
    may: bool = Field(description="it may be ticked by now")
    said: MySaidView | None


class MyNeeded(_Told):
    """How it stands with a medicine as needed."""

    last: MySaidView | None
    within_day: int = Field(description="doses taken within 24 h")
    from_ms: int | None = Field(description="when the next one may be taken; null: now")


class MyQuantity(_Told):
    """How much, in UCUM."""

    value: str
    unit: str


class MyTiming(_Told):
    """When, as it was prescribed."""

    rhythm: Literal["per-day", "every", "at", "once", "as-needed"]
    times: int
    hours: int
    at: list[str]
    reason: str


class MyMedicine(_Told):
    """A medicine as its patient sees it."""

    number: str
    revision: int
    state: RxState
    setting: Literal["inpatient", "community", "discharge"]
    medicine: str
    form: str
    dose: MyQuantity
    route: str
    timing: MyTiming
    reason: str = Field(description="what it is for")
    begin_ms: int | None
    until_ms: int | None = Field(description="UTC; null: until it is stopped")
    delivery: Literal["ward", "home", "pick-up"]
    changed_ms: int
    repeats_left: int = Field(description="how often it may be handed out again")
    repeat_due_ms: int | None = Field(description="when what was handed out is used up")
    is_asked: bool = Field(description="the pharmacy works on it")
    doses: list[MyDose]
    needed: MyNeeded | None


class MyDelivery(_Told):
    """What is on its way to the patient."""

    number: str
    revision: int
    prescription: str
    medicine: str
    kind: Literal["ward", "home", "pick-up"]
    state: DeliveryState
    queue: int | None
    day: str
    coming_back: bool
    started_ms: int
    way: Literal["pharmacy", "carried", "robot"]
    spot: str
    since_ms: int


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
    coverage: Literal["", "eligible", "not-eligible"]
    card_end: str
    paid_utc_ms: int | None
    withdrawn: bool
    lines: list[MyLine]


class MyOverview(_Told):
    """All that a patient sees."""

    server_ms: int
    utc_ms: int
    patient: RxPatient
    medicines: list[MyMedicine]
    deliveries: list[MyDelivery]
    payments: list[MyPayment]


class MyMedicineAnswer(_Told):
    """One, as it stands now."""

    patient: str
    medicine: MyMedicine


class MyCode(_Told):
    """The code to say when it is handed over: told this once."""

    patient: str
    delivery: MyDelivery
    code: str


class MyPaymentAnswer(_Told):
    """One, as it stands now."""

    patient: str
    payment: MyPayment


class InvitationAnswer(_Told):
    """A new invitation, told this once."""

    patient: str
    code: str
    until_ms: int
    address: str = Field(description="of the page, with the code in its fragment, which no server is sent")
    qr: list[str] = Field(description="the address as QR code: lines of 0 and 1, 1 is dark")


class OpenInvitation(_Told):
    """One that is not used yet."""

    by: str
    at_ms: int
    until_ms: int
    is_spent: bool = Field(description="too many wrong birth dates were said with it")


class HeldAccess(_Told):
    """A patient's session."""

    id: str
    invited_by: str
    address: str
    began_ms: int
    used_ms: int = Field(description="to five minutes")


class AccessAnswer(_Told):
    """Who sees a patient's medicines as that patient."""

    server_ms: int
    patient: RxPatient
    invitation: OpenInvitation | None
    sessions: list[HeldAccess]


class TakenView(MySaidView):
    """What a patient said, of which medicine."""

    prescription: str
    medicine: str


class TakenAnswer(_Told):
    """What a patient said, the newest first."""

    server_ms: int
    patient: RxPatient
    taken: list[TakenView]
