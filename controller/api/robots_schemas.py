"""What requests and answers about robots look like. Positions are in m and rad, on a floor of the map."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from controller.api.bodies import PRINTABLE, Body
from controller.robots.told import Stage

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
_Because = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=PRINTABLE)]
_Metres = Annotated[float, Field(ge=-1e5, le=1e5, allow_inf_nan=False)]


class TransportBody(Body):
    """What is to be carried."""

    pick: Id = Field(description="a station of the map")
    drop: Id = Field(description="another")
    load: Id = Field(description='"medicines", "blood", "linen", …: what robots have to be fit for')
    priority: Annotated[int, Field(ge=0, le=4)] = Field(
        2, description="0 linen, 1 meals, 2 medicines, 3 samples, 4 blood"
    )
    subject: Annotated[str, StringConstraints(max_length=64, pattern=PRINTABLE)] = Field(
        "", description='what it is for, "RX00000001/1"; never a patient'
    )
    deadline_ms: Annotated[int, Field(ge=0)] | None = Field(None, description="by when, ms since 1970")


class DrawerBody(Body):
    """Which drawer, and a proof of who is there: a badge, or a name with the PIN or the password."""

    drawer: Annotated[int, Field(ge=1, le=99)]
    person: Annotated[str, StringConstraints(max_length=64)] = Field(
        "", description="empty: the one who is logged in"
    )
    badge: Annotated[str, StringConstraints(max_length=256)] = Field("", repr=False)
    pin: Annotated[str, StringConstraints(max_length=8)] = Field("", repr=False)
    password: Annotated[str, StringConstraints(max_length=1024)] = Field("", repr=False)


class TakenBody(Body):
    """Whether it was taken out; if not, why."""

    taken: bool
    why: Annotated[str, StringConstraints(max_length=200, pattern=PRINTABLE)] = ""


class TransportCancelBody(Body):
    """Why."""

    why: _Because


class PositionBody(Body):
    """Where a robot is, by a person's eyes."""

    x: _Metres
    y: _Metres
    theta: Annotated[float, Field(ge=-3.14159265359, le=3.14159265359)]
    map: Id


class EdgeBody(Body):
    """Whether nobody drives there, and why."""

    blocked: bool
    why: Annotated[str, StringConstraints(max_length=200, pattern=PRINTABLE)] = ""


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RobotReason(_Told):
    """Why, for who says it in other words: controller/robots/reasons.py has the codes, and their English."""

    code: str
    params: dict[str, "int | str | RobotReason"]


class _Why(_Told):
    why: str = Field(description="in English, or in somebody's own words")
    reason: RobotReason | None = Field(description="the same as a code; null: somebody's own words")


class RobotPosition(_Told):
    """As of the robot's `at_ms`. `node`: the last that it passed."""

    x: float
    y: float
    theta: float
    map: str
    node: str


class RobotDoubt(_Why):
    """Why it gets no more of its way."""

    kind: Literal["link", "place", "map", "emergency-stop", "paused", "jump", "rejected"]


class RobotError(_Told):
    """As the robot says it."""

    type: str
    level: Literal["WARNING", "URGENT", "CRITICAL", "FATAL"]
    description: str
    hint: str


class RobotGoing(_Why):
    """Its way: the first `released` nodes are its own."""

    order_id: str | None
    confirmed: bool = Field(description="the robot has said that it has this order")
    nodes: list[str]
    released: int
    to: str
    action: str


class RobotWaits(_Why):
    """For what it waits on its way."""

    since_ms: int
    robots: list[str]


class RobotView(_Told):
    """A robot as it last said that it is, at `at_ms`."""

    robot: str
    gateway: str
    version: str | None = Field(description="of VDA 5050")
    manufacturer: str
    serial: str
    condition: Literal["ready", "silent", "stalled", "taken-over", "lost", "cancelling"]
    hold: str = Field(description="why it gets nothing to drive on; empty: nothing is in the way of that")
    hold_reason: RobotReason | None
    doubts: list[RobotDoubt]
    at_ms: int | None
    age_ms: int | None
    stale: bool = Field(description="position and battery say how it was, not how it is")
    position: RobotPosition | None
    battery_percent: int | None
    charging: bool | None
    mode: str | None = Field(description="operatingMode of VDA 5050")
    emergency_stop: bool | None
    paused: bool | None
    driving: bool | None
    errors: list[RobotError]
    transport: str | None
    loaded: bool
    going: RobotGoing | None
    waits: RobotWaits | None


class RobotQuestion(_Why):
    """Something that a person has to see to."""

    number: int
    at_ms: int
    robot: str | None
    transport: str | None


class Fleet(_Told):
    """All robots now."""

    server_ms: int
    stopped: str = Field(description="why all robots stand; empty: they do not")
    stopped_reason: RobotReason | None
    robots: list[RobotView]
    questions: list[RobotQuestion]


class MapNode(_Told):
    """A place, m."""

    id: str
    x: float
    y: float
    map: str
    kind: str
    lift: str | None


class MapEdge(_Told):
    """A way."""

    id: str
    from_: str = Field(alias="from")
    to: str
    both: bool
    kind: str
    blocked: bool
    rest: str | None = Field(description='when nobody drives there, "21:00-06:00"; null: never so')


class RobotMap(_Told):
    """What robots drive on."""

    server_ms: int
    name: str
    revision: str
    radius_m: float
    nodes: list[MapNode]
    edges: list[MapEdge]


class TransportEta(_Why):
    """When it will be there, ms from now: most likely, and 19 of 20 from `low_ms` to `high_ms`."""

    ms: int | None
    low_ms: int
    high_ms: int | None
    at_ms: int
    age_ms: int = Field(description="how old the estimate is")
    observed: bool = Field(description="false: too few have come lately to know; the span is a wide guess")


class TransportDrawer(_Why):
    """The drawer that was asked for last, and by whom; `why` it is not known to have opened."""

    drawer: int
    person: str
    at_ms: int
    state: Literal["asked", "open", "shut"] = Field(
        description="open: the robot, or a person, says so; shut: nobody has what is in it; see `why`"
    )


class TransportView(_Why):
    """A transport as it stands."""

    id: str
    pick: str
    drop: str
    load: str
    priority: int
    subject: str
    deadline_ms: int | None
    state: Stage
    robot: str | None
    cancelled_by: str
    revision: int
    asked_by: str
    wanted_ms: int
    changed_ms: int
    waits_here: bool = Field(description="its robot stands where it is to be loaded or unloaded")
    eta: TransportEta | None
    drawer: TransportDrawer | None = Field(description="null: none was asked for, or the transport is over")


class TransportAnswer(_Told):
    """One transport; its ETag is the revision."""

    server_ms: int
    transport: TransportView


class TransportList(_Told):
    """Transports, the newest first."""

    server_ms: int
    transports: list[TransportView]


class ReplayMessage(_Why):
    """What a robot was sent."""

    at_ms: int
    robot: str
    topic: Literal["order", "instantActions"]
    json_: str = Field(alias="json")


class ReplayDecision(_Why):
    """What was decided or happened."""

    at_ms: int
    kind: str
    robot: str | None
    transport: str | None
    detail: dict[str, Any]


class Replay(_Told):
    """What was, from `from_ms` to before `to_ms`."""

    from_ms: int
    to_ms: int
    since_ms: int = Field(description="what was before is not kept any more; 0: nothing was yet")
    positions: list[list[Any]] = Field(
        description="[at_ms, robot, x m, y m, theta rad, map, last node, battery %], in order"
    )
    messages: list[ReplayMessage]
    decisions: list[ReplayDecision]
