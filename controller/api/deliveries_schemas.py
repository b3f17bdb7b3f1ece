"""What answers about what is on its way look like."""

from pydantic import Field

from controller.api.cold_schemas import ColdLink, ColdView
from controller.api.deliveries_riding_schemas import RobotRide
from controller.api.prescriptions_issues_schemas import Shape
from controller.prescriptions.custody import Way
from controller.prescriptions.model import Delivery
from controller.prescriptions.states import DeliveryState


class RxPatient(Shape):
    """Whose it is."""

    identifier: str
    name: str


class CustodyView(Shape):
    """Who had it from then on."""

    place: int
    holder: str
    spot: str
    seal: str
    drawer: str
    verified: Way
    by: str
    at_ms: int
    cold: ColdLink | None = Field(description="null: it has no need to be cold, or was not packed yet")


class DeliveryView(Shape):
    """What is on its way."""

    number: str
    prescription: str
    patient: RxPatient
    kind: Delivery
    state: DeliveryState
    possible: list[DeliveryState]
    revision: int
    destination: str
    day: str
    queue: int | None = Field(description="pick-up: the number of the day")
    tries: int = Field(description="wrong codes since it was made")
    coming_back: bool = Field(description="it was withdrawn: bring it back")
    started_ms: int
    ended_ms: int | None
    custody: list[CustodyView]
    ride: RobotRide | None = Field(description="null: no robot was sent with it")
    cold: ColdView | None = Field(description="null: it has no need to be cold")
