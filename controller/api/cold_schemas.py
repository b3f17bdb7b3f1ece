"""What answers about medicines that must stay cold look like. Temperatures: °C."""

from pydantic import Field

from controller.api.prescriptions_issues_schemas import Shape
from controller.prescriptions.cold.record import ColdDoubt
from controller.prescriptions.cold.states import ColdState, Verdict


class ColdAlarm(Shape):
    """An alert of a thermometer in the box, as everywhere."""

    gateway: str
    code: str
    priority: str
    at_ms: int
    detail: dict[str, str | int] = Field(description="`alarm`: its number, to say that it was seen")


class ColdGap(Shape):
    """Nobody knows how warm it was."""

    from_ms: int
    to_ms: int


class ColdView(Shape):
    """How warm it was since it was packed, until now or until it was received."""

    low: float
    high: float
    state: ColdState
    possible: list[Verdict] = Field(description="what a pharmacist may say of it")
    doubts: list[ColdDoubt] = Field(description="why it is to be judged")
    place: str | None = Field(description="the box; null: it is in none yet")
    packed_ms: int | None
    ended_ms: int | None
    readings: int
    last: float | None
    last_ms: int | None
    is_stale: bool = Field(description="the last reading says nothing of now")
    lowest: float | None
    highest: float | None
    outside_ms: int
    gaps: list[ColdGap] = Field(description="longer than `longest_ms`")
    longest_ms: int
    verdict: Verdict
    why: str
    by: str
    verdict_ms: int | None
    alarms: list[ColdAlarm]


class ColdLink(Shape):
    """How warm it was until somebody took it over."""

    place: str
    state: ColdState
    lowest: float | None
    highest: float | None
    outside_ms: int
    gap_ms: int = Field(description="the longest; 0: none was longer than may be")
    why: str = Field(description="of the pharmacist who judged it")


class BoxView(Shape):
    """A cooled box."""

    place: str
    name: str
    in_use: bool
    deliveries: int = Field(description="so many are in it")
    devices: int = Field(description="thermometers; 0: nobody knows how warm it is")


class BoxList(Shape):
    """All of them."""

    server_ms: int
    boxes: list[BoxView]
