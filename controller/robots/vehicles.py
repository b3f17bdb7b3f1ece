"""A robot as the fleet knows it: its kind, its condition, what it reports, what it carries."""

from dataclasses import dataclass
from enum import StrEnum

from controller.robots.places import Width


@dataclass(frozen=True, slots=True)
class Battery:
    """What a robot's battery holds and what driving takes, as its maker says or as was measured."""

    capacity_wh: float = 500.0
    drive_w: float = 120.0
    """While driving, loaded, with waits at lifts and doors."""
    idle_w: float = 25.0
    charge_w: float = 400.0
    reserve: float = 0.15
    """Of the charge (0 to 1): what plans never touch."""


@dataclass(frozen=True, slots=True)
class Model:
    """A kind of robot. `carries`: loads it is fit for ("blood", "linen"); empty: all."""

    width: Width = Width.NARROW
    carries: frozenset[str] = frozenset()
    battery: Battery = Battery()
    demands: "frozenset[tuple[Action, str]]" = frozenset()
    """By action, the parameters without which it does not do it, and that only the map can say."""

    def can_carry(self, load: str) -> bool:
        """Whether it is fit for a load."""
        return not self.carries or load in self.carries


class Condition(StrEnum):
    """Whether a robot drives by our word."""

    READY = "ready"
    SILENT = "silent"
    """It has not been heard of for too long."""
    STALLED = "stalled"
    """It may go on and does not."""
    TAKEN_OVER = "taken-over"
    """A person moves it (VDA 5050 operatingMode other than AUTOMATIC)."""
    LOST = "lost"
    """It is nowhere on the map."""
    CANCELLING = "cancelling"
    """It was told to drop its order, and has not said yet that it did."""


class Action(StrEnum):
    """What a robot does where its way ends (VDA 5050 predefined actions, and `park`)."""

    PICK = "pick"
    DROP = "drop"
    CHARGE = "startCharging"
    PARK = "park"


@dataclass(frozen=True, slots=True)
class Report:
    """What a robot says of itself (VDA 5050 `state`). `at_ms`: when it said so, by one clock for each robot.

    `node` is the last one that it passed; `edge` the one that it is on, if it has left that node. Where it
    knows neither, `pose` (x, y in metres, floor). `order` and `sequence` are those of `node`.
    """

    robot: str
    at_ms: int
    node: str | None = None
    edge: str | None = None
    pose: tuple[float, float, str] | None = None
    battery: float = 1.0
    """0 to 1."""
    order: int | None = None
    sequence: int | None = None
    halted: bool = False
    """It has no order (any more), and stands."""


@dataclass(slots=True)
class Vehicle:
    """One robot now."""

    name: str
    model: Model
    condition: Condition = Condition.LOST
    battery: float = 1.0
    at_ms: int = -1
    """Of its latest report, by its clock; -1: none yet."""
    seen_ms: int = 0
    """When that came, by ours."""
    moved_ms: int = 0
    transport: str | None = None
    loaded: bool = False
    action: Action = Action.PARK
    """What it is to do where its way ends."""
    edge: str | None = None
    since_ms: int | None = None
    """Since when it waits for others on its way, or for a way."""
    wished: int = 0
    """The parts of the way that it waits for, where it rests."""
    detours: int = 0
    """How often its way was changed because others were on it."""
    awake: bool = False
    """Its way goes through where a ward sleeps: there is no other way out."""
    asked: str = ""
    """What a person has been asked about it, as long as that is so."""
    retry_ms: int = 0
    """When a way is looked for again that was not found."""
