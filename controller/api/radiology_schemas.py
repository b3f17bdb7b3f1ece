"""What requests and answers about orders and reports look like."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from controller.api.bodies import PRINTABLE, Body
from controller.radiology.model import Priority
from controller.radiology.states import OrderState, ReportState

Line = Annotated[str, StringConstraints(max_length=200, pattern=PRINTABLE)]
Station = Annotated[str, StringConstraints(max_length=16, pattern=r"^([!-\[\]-~]([ -\[\]-~]*[!-\[\]-~])?)?$")]
"""An AE title (PS3.5, 6.2); "": any device."""
Moment = Annotated[int, Field(ge=0, le=2**52)]
StateName = Literal["active", "on-hold", "revoked", "completed", "entered-in-error"]
ReportName = Literal[
    "partial", "preliminary", "final", "amended", "corrected", "appended", "cancelled", "entered-in-error"
]


class OrderBody(Body):
    """What is asked for, for the patient on a bed."""

    bed: Line
    patient: Line = Field(description="the identifier of who lies there, as one was shown it")
    modality: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{0,15}$")]
    part: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=PRINTABLE)]
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=PRINTABLE)]
    priority: Priority = "routine"
    station: Station = ""
    scheduled_ms: Moment | None = Field(None, description="null: now")
    draft: bool = False


class OrderStateBody(Body):
    """How an order is to go on."""

    state: StateName
    why: Line = ""


class ScheduleBody(Body):
    """Which device does it, and when."""

    station: Station
    scheduled_ms: Moment


class ReportBody(Body):
    """The next version of a report. What is signed, or changes what was, needs `password` or `code`."""

    state: ReportName
    findings: Annotated[str, StringConstraints(max_length=10_000)] = ""
    conclusion: Annotated[str, StringConstraints(max_length=2_000)] = ""
    critical: bool = False
    why: Line = ""
    password: Annotated[str, StringConstraints(max_length=1024)] | None = Field(None, repr=False)
    code: Annotated[str, StringConstraints(max_length=32)] | None = Field(None, repr=False)
    """Of the second factor."""


class _Shape(BaseModel):
    """A JSON object with exactly these members. Times `*_ms` are in the controller's time scale."""

    model_config = ConfigDict(extra="forbid")


class OrderPatient(_Shape):
    """Whose it is."""

    identifier: str
    name: str


class ImagingOrderView(_Shape):
    """An order."""

    accession: str
    study: str = Field(description="the Study Instance UID that its images are to have")
    procedure: str = Field(description="Requested Procedure ID")
    patient: OrderPatient
    bed: str = Field(description="where the patient lay when it was placed")
    modality: str
    part: str
    reason: str
    priority: Priority
    station: str
    scheduled_ms: int
    state: OrderState
    possible: list[OrderState] = Field(description="what it may become now")
    revision: int = Field(description="for If-Match")
    placed_by: str
    placed_ms: int
    changed_by: str
    changed_ms: int
    arrived_ms: int | None = Field(description="when its images came")


class ImagingOrderList(_Shape):
    """Orders, the newest first."""

    server_ms: int
    orders: list[ImagingOrderView]
    next: str | None = Field(description="the address of the orders before these; null: there are none")


class ReportVersion(_Shape):
    """A version of a report."""

    version: int
    state: ReportState
    findings: str
    conclusion: str
    critical: bool
    why: str
    by: str
    at_ms: int
    signed: bool


class ImagingReport(_Shape):
    """The report of an order, all versions, the newest first."""

    order: ImagingOrderView
    version: int = Field(description="the newest, for If-Match; 0: there is none yet")
    possible: list[ReportState] = Field(description="what it may become now")
    versions: list[ReportVersion]


class NoticeView(_Shape):
    """That a signed report is there."""

    id: int
    accession: str
    version: int
    person: str = Field(description="who placed the order")
    patient: OrderPatient
    wanted: str
    conclusion: str
    critical: bool
    at_ms: int
    read_ms: int | None
    acknowledged_ms: int | None
    acknowledged_by: str | None


class NoticeList(_Shape):
    """What one has not read, and what is critical and nobody has acknowledged."""

    server_ms: int
    notices: list[NoticeView]
