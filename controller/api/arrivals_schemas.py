"""What the requests of the arrivals board carry and its answers look like.

Times `*_ms` are in the controller's time scale, like `server_ms`. Whose ride it is is not here: the board's
stream of events says it, to those who may see it.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from controller.api.bodies import PRINTABLE, Body
from controller.api.schemas import Shape
from controller.arrivals.priority import Response
from controller.arrivals.requests import Resource

_Words = Annotated[str, StringConstraints(max_length=120, strip_whitespace=True, pattern=PRINTABLE)]


class AskBody(Body):
    """What a crew asks for; `note` is shown with it."""

    resource: Literal["bed", "team", "cath-lab", "blood"]
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


class ScoredMinute(Shape):
    """NEWS2 as it was made in one minute."""

    at_ms: int
    least: int = Field(description="the total; if something was not measured: what it is at least")
    complete: bool


class MapLine(Shape):
    """A street, or what else there is to draw; points are latitude and longitude in degrees."""

    kind: Literal["street", "tunnel", "rail", "water"]
    name: str
    points: list[tuple[float, float]]


class StreetMap(Shape):
    """The streets of the site: `[arrivals] map` of the configuration."""

    lines: list[MapLine]


class GreenLight(Shape):
    """Traffic lights that the city was asked to give the vehicle priority at."""

    intersection: int
    approach: int
    name: str
    at_ms: int = Field(description="when it will be there, if it goes on as it does")
    status: Literal["asked"] | Response = Field(description="what the city answered; asked: nothing yet")


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
    news2: list[ScoredMinute] = Field(description="of the last hour and of this patient, the oldest first")
    corridor: list[GreenLight] = Field(description="the nearest first")


class ArrivalList(Shape):
    """What is coming, the soonest first."""

    server_ms: int
    hospital: Hospital | None
    arrivals: list[Arrival]


class CallAnswer(Shape):
    """The visit that the crew's call has become: its room is open."""

    visit: str = Field(description="its number")


class RequestList(Shape):
    """What was asked for, for the patient on board of one vehicle."""

    server_ms: int
    requests: list[ArrivalRequest]
