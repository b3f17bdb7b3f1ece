"""What requests and answers of the pharmacy, and about what is on its way, look like."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from controller.api.badges_schemas import ShownBody
from controller.api.bodies import Body
from controller.api.prescriptions_schemas import (
    Amount,
    DeliveryView,
    DispenseView,
    Line,
    MedicineBody,
    Name,
    PrescriptionView,
    Said,
    Short,
    TaskView,
)
from controller.api.robots_schemas import Id
from controller.prescriptions.medicines import Choice
from controller.prescriptions.model import Medicine

Scan = Annotated[str, StringConstraints(min_length=1, max_length=512)]


class TaskStateBody(Body):
    """How a task is to go on."""

    state: Literal["accepted", "rejected", "on-hold", "cancelled", "failed"]
    why: Line = ""


class BeginBody(Body):
    """How much is handed out of it now, in the prescription's unit."""

    value: Amount


class PackBody(Body):
    """A pack, as a scanner reads it."""

    code: Scan
    value: Amount = Field(description="how much of it, in the prescription's unit")
    why: Line = Field("", description="needed if it is another product than prescribed")


class ReadyBody(Body):
    """Where it goes."""

    destination: Line = ""
    unpaid_why: Line = Field("", description="why it is handed over although it should wait for its payment")


class DispenseStateBody(Body):
    """How a dispense is to go on."""

    state: Literal["in-progress", "on-hold", "declined", "cancelled", "stopped"]
    why: Line = ""


class ProductBody(Body):
    """What a GTIN is: a product of the formulary by its code, or a medicine in full."""

    formulary: Short = Field("", description="the formulary's code of it, instead of `medicine`")
    medicine: MedicineBody | None = None
    high_alert: bool = False


class RecallBody(Body):
    """A batch that is not to be used; "": none of the product."""

    gtin: Short
    batch: Short = ""
    why: Said


class PackScanBody(Body):
    """What a scanner gave."""

    code: Scan


class CustodyBody(Body):
    """Who takes it over: a person's name, or "robot:NAME" with its drawer."""

    holder: Name
    spot: Short = ""
    seal: Short = ""
    drawer: Short = ""


class SendBody(Body):
    """A robot is to carry it: where it is loaded, and where somebody takes it out."""

    pick: Id = Field(description="a station of the robots' map")
    drop: Id = Field(description="another")


class ReceivedBody(Body):
    """It has arrived; `code`: what the patient says, if it goes home or is picked up."""

    code: Annotated[str, StringConstraints(pattern=r"^([0-9]{6})?$")] = Field("", repr=False)
    spot: Short = ""
    shown: ShownBody | None = Field(
        None, description="on the ward: who takes it over, by badge or PIN; null: who is logged in"
    )


class DeliveryStateBody(Body):
    """It came back, or was an error."""

    state: Literal["abandoned", "entered-in-error"]
    why: Said


class _Shape(BaseModel):
    """A JSON object with exactly these members."""

    model_config = ConfigDict(extra="forbid")


class QueueItem(_Shape):
    """A task, the prescription that it is for, and what was begun of it."""

    task: TaskView
    prescription: PrescriptionView
    left: str = Field(description="how much may still be handed out")
    dispenses: list[DispenseView]


class PharmacyQueue(_Shape):
    """What is open, the oldest first."""

    server_ms: int
    queue: list[QueueItem]


class ReadyView(_Shape):
    """A dispense that is ready, and the delivery that begins with it."""

    dispense: DispenseView
    delivery: str
    kind: str
    queue: int | None
    code: str = Field(description="six digits for the patient, told this once; empty: none is needed")


class RxProductView(_Shape):
    """A product on the shelf."""

    gtin: str
    medicine: Medicine
    high_alert: bool
    revision: int = Field(description="for If-Match; 0: as the formulary has it")


class RecallView(_Shape):
    """A batch that is not to be used; empty: none of the product."""

    gtin: str
    batch: str
    why: str
    by: str
    at_ms: int


class RecallList(_Shape):
    """Recalls, the newest first."""

    server_ms: int
    recalls: list[RecallView]


class RxProductList(_Shape):
    """Products, by GTIN."""

    products: list[RxProductView]


class MedicineList(_Shape):
    """Medicines that have every word that was asked for, the best first."""

    medicines: list[Choice]


class RecalledView(_Shape):
    """How many prescriptions had some of it; who prescribed them was told."""

    prescriptions: int


class ScanView(_Shape):
    """What a pack's code says."""

    gtin: str
    batch: str
    expiry: str
    production: str
    serial: str
    count: int | None
    elements: dict[str, str] = Field(description="data by GS1 application identifier")
    product: RxProductView | None


class DeliveryList(_Shape):
    """What is on its way, the oldest first."""

    server_ms: int
    deliveries: list[DeliveryView]


class DrawerView(_Shape):
    """A drawer, and what is in it."""

    drawer: str
    delivery: DeliveryView


class RobotDrawers(_Shape):
    """What one may see of what a robot carries, by drawer."""

    server_ms: int
    robot: str
    drawers: list[DrawerView]


class DeliveryCode(_Shape):
    """A new code, told this once."""

    delivery: DeliveryView
    code: str
