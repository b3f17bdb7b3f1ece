"""What the fleet decides, as values; each says why, in a sentence for a person (reasons.py)."""

from dataclasses import dataclass

from controller.robots.eta import Took
from controller.robots.vehicles import Action


@dataclass(frozen=True, slots=True)
class Point:
    """A node of an order and the edge to it (None: the first), by id, with its VDA 5050 sequenceId."""

    edge: str | None
    node: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Go:
    """An order, or an update of it: the first `released` points are its base, the others its horizon.

    It starts where the robot was last seen. The action belongs to the last point. It ends a Stop.
    """

    robot: str
    order: int
    update: int
    points: tuple[Point, ...]
    released: int
    action: Action
    transport: str | None
    why: str
    load: str = ""
    """Of the transport."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Stand still at once (VDA 5050 startPause)."""

    robot: str
    why: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """Drop the order and stand (VDA 5050 cancelOrder); then a report with `halted` is awaited."""

    robot: str
    order: int
    why: str


@dataclass(frozen=True, slots=True)
class Charge:
    """The robot is on its way to be charged."""

    robot: str
    charger: str
    why: str


@dataclass(frozen=True, slots=True)
class Ask:
    """A person has to see to it."""

    why: str
    robot: str | None = None
    transport: str | None = None


@dataclass(frozen=True, slots=True)
class Assigned:
    """Who carries a transport from now on; robot None: it waits for one again."""

    transport: str
    robot: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A transport is over."""

    transport: str
    delivered: bool
    why: str


@dataclass(frozen=True, slots=True)
class Eta:
    """When a transport will be there: ms from now, and within what it should be; None: nobody can say.

    Not `observed`: too few have come lately to know; what is told is a wide guess.
    """

    transport: str
    ms: int | None
    low_ms: int
    high_ms: int | None
    why: str
    observed: bool = True


@dataclass(frozen=True, slots=True)
class Arrived:
    """A robot has come with a transport to where it is wanted; how long that took since it was told."""

    transport: str
    robot: str
    took: tuple[Took, ...]
    why: str


Decision = Go | Stop | Cancel | Charge | Ask | Assigned | Ended | Eta | Arrived
