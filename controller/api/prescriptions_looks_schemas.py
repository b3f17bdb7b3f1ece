"""What is asked and answered about what a page shows beside a prescription."""

from pydantic import Field

from controller.api.bodies import Body
from controller.api.prescriptions_issues_schemas import IssueView, SourceView
from controller.api.prescriptions_schemas import (
    CodedBody,
    MedicineBody,
    Name,
    QuantityBody,
    Shape,
    Short,
    TimingBody,
)


class ChecksBody(Body):
    """As much of a prescription as is written."""

    patient: Name
    medicine: MedicineBody
    dose: QuantityBody | None = None
    route: CodedBody | None = None
    timing: TimingBody | None = None
    number: Short = Field("", description="its own, if it has one: it does not speak against itself")
    replaces: Short = ""


class ChecksView(Shape):
    """What speaks against it, and what was not checked; without issues it is not harmless."""

    server_ms: int
    issues: list[IssueView]
    sources: list[SourceView]


class SignatureView(Shape):
    """Whether what was signed is what is kept, as it was looked at now."""

    holds: bool
    by: str
    utc_ms: int | None
    why: str = Field(description="why nothing may be handed out; empty: it may")
