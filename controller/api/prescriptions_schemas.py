"""What requests and answers about prescriptions look like."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from controller.api.bodies import PRINTABLE, Body
from controller.api.deliveries_schemas import DeliveryView, RxPatient
from controller.api.prescriptions_issues_schemas import IssueView, Shape, SourceView
from controller.prescriptions.custody import Way
from controller.prescriptions.given import AloneReason
from controller.prescriptions.model import Delivery, Priority, Rhythm, Setting, Wanted
from controller.prescriptions.repeats import Standing
from controller.prescriptions.states import DispenseState, GivenState, RxState, TaskState

Line = Annotated[str, StringConstraints(max_length=200, pattern=PRINTABLE)]
Said = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=PRINTABLE)]
Short = Annotated[str, StringConstraints(max_length=64, pattern=PRINTABLE)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=PRINTABLE)]
Uri = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[!-~]*$")]
Code = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[!-~]+( [!-~]+)*$")]
Unit = Annotated[str, StringConstraints(min_length=1, max_length=32, pattern=r"^[!-~]+$")]
Amount = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,7}(\.[0-9]{1,6})?$")]
"""A decimal as text: it stays as exact as it was written."""
Moment = Annotated[int, Field(ge=0, le=2**42)]
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class CodedBody(Body):
    """FHIR's Coding."""

    system: Uri
    code: Code
    display: Said


class IngredientBody(Body):
    """What is in it, and how much: "500 mg", "50 mg/5 mL"."""

    substance: CodedBody
    strength: Short = ""


class MedicineBody(Body):
    """What is prescribed."""

    code: CodedBody
    form: Short = ""
    ingredients: list[IngredientBody] = Field(default_factory=list[IngredientBody], max_length=20)


class QuantityBody(Body):
    """How much; `unit` is UCUM."""

    value: Amount
    unit: Unit


class TimingBody(Body):
    """When: of its members those of its rhythm count."""

    rhythm: Rhythm
    times: Annotated[int, Field(ge=0, le=24)] = Field(0, description="a day; as-needed: the most in 24 h")
    hours: Annotated[int, Field(ge=0, le=168)] = Field(0, description="as-needed: the least between two")
    at: list[TimeOfDay] = Field(default_factory=list[TimeOfDay], max_length=24)
    reason: Line = Field("", description="as-needed: for what")


class WantedBody(Body):
    """What is prescribed: all of it is signed."""

    setting: Setting
    medicine: MedicineBody
    dose: QuantityBody
    route: CodedBody
    timing: TimingBody
    quantity: QuantityBody = Field(description="to be handed out each time")
    begin_ms: Moment | None = Field(None, description="UTC; null: when it is signed")
    days: Annotated[int, Field(ge=0, le=3650)] = Field(0, description="0: until it is stopped")
    repeats: Annotated[int, Field(ge=0, le=99)] = 0
    substitution: bool = True
    reason: Line = ""
    note: Annotated[str, StringConstraints(max_length=1000)] = ""
    priority: Priority = "routine"


class PrescriptionBody(Body):
    """A draft, whole."""

    wanted: WantedBody
    delivery: Delivery = "ward"
    replaces: Short = Field("", description="the prescription that ends when this one is signed")
    reasons: dict[Name, Line] = Field(
        default_factory=dict[Name, Line], description="why a hint is overridden, by its code"
    )


class NewPrescriptionBody(PrescriptionBody):
    """A draft for a patient."""

    patient: Name


class PrescriptionSignatureBody(Body):
    """The person's JWS over the document as GET …/document gives it."""

    signature: Annotated[str, StringConstraints(min_length=1, max_length=20_000, pattern=r"^[!-~]+$")]


class PrescriptionStateBody(Body):
    """How it is to go on."""

    state: Literal["active", "on-hold", "cancelled", "stopped", "completed", "entered-in-error"]
    why: Line = ""


class PrescriptionDeliveryBody(Body):
    """How it comes to the patient."""

    delivery: Delivery


class WhyBody(Body):
    """A reason, where one is needed."""

    why: Line = ""


class PrescriptionView(Shape):
    """A prescription."""

    number: str
    patient: RxPatient
    wanted: Wanted
    dosage: str = Field(description="in words")
    issues: list[IssueView]
    delivery: Delivery
    replaces: str
    prescriber: str
    state: RxState
    possible: list[RxState] = Field(description="what it may become now")
    revision: int = Field(description="for If-Match")
    drafted_ms: int
    authored_ms: int
    signed_ms: int | None
    begin_ms: int | None
    changed_by: str
    changed_ms: int


class PrescriptionList(Shape):
    """Prescriptions, the newest first."""

    server_ms: int
    prescriptions: list[PrescriptionView]


class TaskView(Shape):
    """The pharmacy's work for a prescription."""

    id: int
    fill: int = Field(description="0: the first time, then each repeat")
    state: TaskState
    possible: list[TaskState]
    revision: int
    why: str
    owner: str
    asked_by: str
    asked_ms: int
    changed_by: str
    changed_ms: int


class PackView(Shape):
    """A pack that was scanned."""

    gtin: str
    batch: str
    expiry: str
    serial: str
    value: str
    by: str
    at_ms: int


class DispenseView(Shape):
    """What is handed out at once."""

    number: str
    task: int
    state: DispenseState
    possible: list[DispenseState]
    revision: int
    value: str
    unit: str
    scanned: str = Field(description="how much of it was scanned by now")
    substituted_why: str
    high_alert: bool
    why: str
    prepared_by: str
    prepared_ms: int
    checked_by: str | None
    completed_ms: int | None
    changed_by: str
    changed_ms: int
    packs: list[PackView]


class GivenView(Shape):
    """What was given, or why not."""

    number: str
    due_ms: int | None
    state: GivenState
    revision: int
    given_ms: int
    value: str
    unit: str
    gtin: str
    batch: str
    why: str
    by: str
    witness: str = Field(
        description="the second person, at a high-alert medicine; empty: none was needed, or see `alone`"
    )
    at_ms: int
    changed_by: str
    changed_ms: int
    alone: AloneReason | Literal[""] = Field(
        description="why a high-alert medicine was given without a witness; empty: it was not"
    )
    alone_why: str
    alone_how: Way | Literal[""] = Field(description="by what who gave it proved to be that person")
    seen_by: str = Field(description="who looked at it afterwards, and is no witness; empty: nobody yet")
    seen_how: Way | Literal[""]
    seen_ms: int | None


class PrescriptionDetail(Shape):
    """A prescription and all that became of it."""

    server_ms: int
    prescription: PrescriptionView
    signed_by: str | None
    sources: list[SourceView]
    standing: Standing
    tasks: list[TaskView]
    dispenses: list[DispenseView]
    deliveries: list[DeliveryView]
    given: list[GivenView]


class RxNoticeView(Shape):
    """Something that a prescriber has to know."""

    id: int
    number: str
    patient: RxPatient
    kind: str
    detail: str
    at_ms: int


class RxNoticeList(Shape):
    """What one has not read, the newest first."""

    server_ms: int
    notices: list[RxNoticeView]
