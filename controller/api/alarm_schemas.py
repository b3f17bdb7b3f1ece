"""What limits of a patient's alarms look like. Times: the controller's scale."""

from typing import Literal

from pydantic import Field

from controller.api.schemas import Shape


class LimitAsked(Shape):
    """What the box was asked for, and has not done (yet)."""

    value: str = Field(description="empty: that of the patient's class again")
    by: str
    at_ms: int
    state: Literal["sent", "expired", "refused"]
    why: str = Field(description="it was refused")


class AlarmLimit(Shape):
    """One that may be moved: it is `value`, or where that is null `usual`."""

    code: str
    unit: str = Field(description="UCUM")
    usual: float = Field(description="of the patient's class")
    least: float = Field(description="so far it may be moved")
    most: float
    step: float
    value: float | None
    by: str = Field(description="who moved it last, as the box says; empty: nobody")
    at_ms: int | None
    asked: LimitAsked | None


class PresentLimits(Shape):
    """Of the patient on board."""

    patient: str = Field(description="identifier")
    class_: Literal["adult", "child", "neonate"] = Field(alias="class")
    limits: list[AlarmLimit]


class LimitsView(Shape):
    """`present` is null where no crew of a vehicle began the stay: the gateway's own limits hold there."""

    server_ms: int
    present: PresentLimits | None
