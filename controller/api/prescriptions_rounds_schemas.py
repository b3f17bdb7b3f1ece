"""What requests and answers about medication rounds look like."""

from typing import Annotated

from pydantic import Field, StringConstraints

from controller.api.badges_schemas import ShownBody
from controller.api.bodies import Body
from controller.api.prescriptions_schemas import (
    GivenView,
    Line,
    Moment,
    Name,
    PrescriptionView,
    QuantityBody,
    RxPatient,
    Said,
    Shape,
    Short,
)
from controller.prescriptions.given import AloneReason


class RoundItemView(Shape):
    """A dose of a round."""

    prescription: PrescriptionView
    due_ms: int | None = Field(description="null: as needed")
    given: GivenView | None
    newest: str = Field(description="what was charted last of it, for `after`")
    wait: str = Field(description="why it may not be given now")
    needs_witness: bool = Field(description="of high alert: two people give it")


class RoundBed(Shape):
    """A patient of the round."""

    bed: str
    patient: RxPatient
    items: list[RoundItemView]


class RoundView(Shape):
    """The round of a ward."""

    server_ms: int
    utc_ms: int
    from_ms: int
    to_ms: int
    beds: list[RoundBed]


class AloneBody(Body):
    """A high-alert medicine is given, and nobody else is there: why, and who gives it, shown once more."""

    reason: AloneReason
    why: Line = Field("", description="in words; needed for `other`")
    shown: ShownBody = Field(description="one's own badge, or one's own name with PIN or password")


class SeenAfterwardsBody(Body):
    """Somebody looks at it afterwards."""

    shown: ShownBody | None = Field(None, description="by badge or PIN; null: who is logged in")


class GivenBody(Body):
    """A dose is given now, as it was scanned at the bed."""

    prescription: Name
    due_ms: Moment | None = Field(None, description="as the round has it; null: as needed")
    wristband: Name = Field(description="the patient's identifier, scanned")
    drug: Annotated[str, StringConstraints(min_length=1, max_length=512)] = Field(
        description="the pack's code, or the prescription's number on the pharmacy's label"
    )
    dose: QuantityBody
    after: Short = Field("", description="as needed: `newest` of the round")
    why: Line = Field("", description="needed if it is early or late")
    witness: ShownBody | None = Field(None, description="the second person, at a high-alert medicine")
    alone: AloneBody | None = Field(None, description="instead of `witness`: nobody else is there")


class LeftOutBody(Body):
    """A dose is not given."""

    prescription: Name
    due_ms: Moment
    why: Said


class MistakeBody(Body):
    """What was charted was an error."""

    why: Said
