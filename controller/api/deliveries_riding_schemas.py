"""What answers about deliveries by robot look like."""

from typing import Literal

from pydantic import Field

from controller.api.prescriptions_issues_schemas import Shape
from controller.api.robots_schemas import RobotReason, TransportEta


class RobotRide(Shape):
    """A delivery's way by robot."""

    transport: str
    stage: Literal["sent", "aboard", "received", "over"]
    why: str = Field(description="over: why it is carried by hand again; empty: it was received")
    pick: str
    drop: str
    state: str = Field(description="of the transport")
    robot: str | None
    reason: str = Field(description="of the transport's last change")
    reason_code: RobotReason | None = Field(description="the same as a code; null: somebody's own words")
    eta: TransportEta | None = Field(description="null: nobody can say, or it is over")
