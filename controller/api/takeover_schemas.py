"""What taking a patient over from a vehicle looks like. Times `*_ms` are of the controller's scale."""

from typing import Annotated

from pydantic import Field, StringConstraints

from controller.api.bodies import PRINTABLE, Body
from controller.api.schemas import Patient, Shape

_Name = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=PRINTABLE)]


class TakeOverBody(Body):
    """Which of the vehicle's patients lies on which bed now, and which of its devices are with them."""

    stay: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")] = Field(
        description="of the offer: it is refused when another patient is on board by now"
    )
    bed: _Name
    devices: Annotated[list[_Name], Field(max_length=50)] = Field(
        default_factory=list, description="the vehicle's others stay on board"
    )


class PatientOffer(Shape):
    """A patient whom a crew hands over."""

    vehicle: str
    name: str = Field(description="of the vehicle")
    stay: str
    to: str = Field(description="where the crew means the patient to go")
    by: str
    at_ms: int
    from_ms: int
    to_ms: int | None = Field(description="the crew ended it, on paper; null: the patient is on board")
    patient: Patient | None = Field(description="null: on board, see the snapshot")
    devices: list[str] = Field(description="on board now")
    unanswered: list[str] = Field(description="what was asked for, and nobody has acknowledged")


class FreeBed(Shape):
    """A bed of one's own wards with nobody on it."""

    id: str
    name: str
    ward: str


class PatientOffers(Shape):
    """All that can be taken over, and where to."""

    server_ms: int
    offers: list[PatientOffer]
    beds: list[FreeBed]


class RideAlarm(Shape):
    """An alarm on the way; `to_ms` null: nobody has heard of its end."""

    code: str
    priority: int
    value: str
    limit: str
    from_ms: int
    to_ms: int | None


class RideMark(Shape):
    """What the crew marked."""

    code: str
    text: str
    by: str
    at_ms: int


class Ride(Shape):
    """The way of a bed's present patient to the hospital."""

    vehicle: str
    name: str
    from_ms: int
    to_ms: int
    at_ms: int = Field(description="when it was taken over")
    by: str
    metrics: list[str] = Field(description="what was measured")
    alarms: list[RideAlarm]
    marks: list[RideMark]
    unanswered: list[str]


class RideView(Shape):
    """Null: the patient did not come by a vehicle of ours within the last day."""

    ride: Ride | None
