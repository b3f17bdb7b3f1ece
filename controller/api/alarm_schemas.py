"""What limits of a patient's alarms look like. Times: the controller's scale."""

from typing import Literal

from pydantic import Field

from controller.api.schemas import Shape

Class = Literal["adult", "child", "neonate"]


class LimitAsked(Shape):
    """What a box was asked for, and has not done (yet)."""

    value: str = Field(description="a limit, empty: that of the class again; or a class, empty: the bed's")
    by: str
    at_ms: int
    state: Literal["sent", "expired", "refused"]
    why: str = Field(description="it was refused")
    waits: list[str] = Field(description="the gateways of a ward's bed that have not said that it holds")


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
    ended: float | None = Field(description="it was moved so far, and went: the class does not allow it")


class LimitBox(Shape):
    """A gateway whose devices serve the bed."""

    gateway: str
    usual: Class | None = Field(description="of the bed; null: its software takes no limits of one patient")
    class_: Class | None = Field(
        alias="class",
        description="by which it judges this patient; null: it has not heard who lies there, and limits of "
        "whoever lay there before may hold",
    )


class WardBed(Shape):
    """Of a ward's bed, and null for a vehicle."""

    chosen: Literal["", "adult", "child", "neonate"] = Field(description="for this stay; empty: the bed's")
    usual: Class = Field(description="of the bed")
    asked: LimitAsked | None = Field(description="the class that was chosen, where not every gateway has it")
    boxes: list[LimitBox]


class PresentLimits(Shape):
    """Of the patient who is there now."""

    patient: str = Field(description="identifier")
    class_: Class = Field(alias="class")
    ward: WardBed | None
    limits: list[AlarmLimit]


class LimitsView(Shape):
    """`present` is null where nobody lies, or no gateway takes limits of one patient: its own hold there."""

    server_ms: int
    present: PresentLimits | None
