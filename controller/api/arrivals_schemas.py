"""What the requests of the arrivals board carry and its answers look like.

Times `*_ms` are in the controller's time scale, like `server_ms`. Whose ride it is is not here: the board's
stream of events says it, to those who may see it.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from controller.api.bodies import PRINTABLE, Body
from controller.api.schemas import Shape
from controller.arrivals.requests import Resource

_Words = Annotated[str, StringConstraints(max_length=120, strip_whitespace=True, pattern=PRINTABLE)]


class AskBody(Body):
    """What a crew asks for; `note` is shown with it."""

    resource: Resource
    note: _Words = ""


class AcknowledgeBody(Body):
    """That the hospital knows; `answer` is shown to the crew with it."""

    answer: _Words = ""


class Hospital(Shape):
    """Where the vehicles drive to: `[arrivals]` of the configuration."""

    name: str
    latitude: float
    longitude: float


class VehiclePosition(Shape):
    """Where a vehicle is, and how far that may be believed."""

    state: Literal["fixed", "reckoned", "lost"] = Field(
        description="a fix that has just come; reckoned on from the last one; only where it was last seen"
    )
    latitude: float
    longitude: float
    at_ms: int = Field(description="of the last fix")
    radius_m: float | None = Field(description="about 95 % of the time it is inside; null: lost")
    speed: float | None = Field(description="km/h at the last fix")
    course: float | None = Field(description="degrees from true north at the last fix; none at rest")


class TrailPoint(Shape):
    """Where a vehicle was."""

    latitude: float
    longitude: float
    at_ms: int


class VehicleEta(Shape):
    """When a vehicle arrives, reckoned at `server_ms` from its position."""

    state: Literal["coming", "here", "standing", "too-short", "no-position", "no-hospital"]
    distance_m: float | None = Field(description="by the great circle")
    least_s: float | None
    most_s: float | None


class ArrivalRequest(Shape):
    """What a crew has asked for, and whether the hospital knows."""

    id: int
    resource: Resource
    note: str
    asked_ms: int
    asked_by: str
    answer: str | None
    acknowledged_ms: int | None
    acknowledged_by: str | None


class Arrival(Shape):
    """A vehicle with a patient on board."""

    vehicle: str = Field(description="a bed's id: the snapshot has its name, patient, values and alerts")
    position: VehiclePosition | None
    trail: list[TrailPoint] = Field(description="of the last ten minutes, the oldest first")
    eta: VehicleEta
    requests: list[ArrivalRequest] = Field(description="for the patient on board, the newest first")


class ArrivalList(Shape):
    """What is coming, the soonest first."""

    server_ms: int
    hospital: Hospital | None
    arrivals: list[Arrival]


class RequestList(Shape):
    """What was asked for, for the patient on board of one vehicle."""

    server_ms: int
    requests: list[ArrivalRequest]
