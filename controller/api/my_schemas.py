"""What requests and answers of patients' own access look like."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from controller.api.bodies import PRINTABLE, Body
from controller.api.my_payments_schemas import MyPayment
from controller.api.prescriptions_schemas import Line, Moment, Name, RxPatient
from controller.prescriptions.states import DeliveryState, RxState

_Word = Literal["taken", "skipped", "undone"]


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
    after: Annotated[int, Field(ge=0)] = Field(
        0, description="as needed, or undone: `id` of what was said last, or 0"
    )
    why: Line = Field("", description="why it was skipped")

    @model_validator(mode="after")
    def _of_skipped(self) -> Self:
        if self.why and self.said != "skipped":
            raise ValueError("expected a reason (why) of what was skipped only: leave it out")
        return self


class MyRepeatBody(Body):
    """Why it is needed again: asked for if it is early."""

    why: Line = ""


class MyChoiceBody(Body):
    """How it comes."""

    delivery: Literal["home", "pick-up"]


class MySaidView(_Told):
    """What a patient said of a dose."""

    id: int
    due_ms: int | None
    said: _Word
    why: str
    by: str
    at_ms: int


class MyOwnSaid(MySaidView):
    """The same, as who said it sees it."""

    may_undo: bool = Field(description="it was said just now: a slip may be undone")


class MyDose(_Told):
    """A dose of the last two days, or the next one."""

    due_ms: int
    may: bool = Field(description="it may be ticked by now")
    said: MyOwnSaid | None


class MyNeeded(_Told):
    """How it stands with a medicine as needed."""

    last: MyOwnSaid | None
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


class MyExpected(_Told):
    """From when to when it should be there, 19 of 20 times; as it was estimated at `said_ms`."""

    from_ms: int
    to_ms: int
    said_ms: int


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
    expected: MyExpected | None = Field(description="null: nobody can say, or no robot brings it")


class MyDay(_Told):
    """How a day went, by what the patient says."""

    day: str
    due: int = Field(description="doses with a time, until now")
    taken: int
    skipped: int


class MyOverview(_Told):
    """All that a patient sees."""

    server_ms: int
    utc_ms: int
    patient: RxPatient
    medicines: list[MyMedicine]
    deliveries: list[MyDelivery]
    payments: list[MyPayment]
    sandbox: bool = Field(description="the payment provider is one for trying out: no money moves")
    days: list[MyDay] = Field(description="the last 14 days, the oldest first")


class MyMedicineAnswer(_Told):
    """One, as it stands now."""

    patient: str
    medicine: MyMedicine


class MyCode(_Told):
    """The code to say when it is handed over: told this once."""

    patient: str
    delivery: MyDelivery
    code: str


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


class Adherence(_Told):
    """What the patient says of the last 14 days' doses of one medicine that holds; nobody saw it."""

    prescription: str
    medicine: str
    due: int = Field(description="doses with a time, until now")
    taken: int
    skipped: int


class TakenAnswer(_Told):
    """What a patient said, the newest first."""

    server_ms: int
    patient: RxPatient
    taken: list[TakenView]
    adherence: list[Adherence]
