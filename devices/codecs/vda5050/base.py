"""What a vehicle's core needs of its wheels and hands: what a robot or a simulator implements."""

from dataclasses import dataclass
from typing import Protocol

from devices.codecs.vda5050.action import Action
from devices.codecs.vda5050.geometry import Pose
from devices.codecs.vda5050.order import Edge, Node
from devices.codecs.vda5050.state import BatteryState, Load, SafetyState, Velocity
from devices.codecs.vda5050.words import ActionStatus


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an action is, and what came of it."""

    status: ActionStatus
    result: str | None = None


class Base(Protocol):
    """A base that drives and acts. Every call returns at once; the core calls again at each tick."""

    def pose(self) -> Pose | None:
        """Where it is; None: it does not know."""
        ...

    def velocity(self) -> Velocity | None:
        """How fast it moves."""
        ...

    def battery(self) -> BatteryState:
        """Its battery."""
        ...

    def safety(self) -> SafetyState:
        """Its emergency stop and protective field."""
        ...

    def loads(self) -> tuple[Load, ...] | None:
        """What it carries; None: it cannot tell."""
        ...

    def place(self, pose: Pose) -> bool:
        """Take this for where it is (initPosition); whether it does."""
        ...

    def go(self, node: Node, edge: Edge) -> bool:
        """Drive along the edge to the node; whether it is there (`geometry.in_range`)."""
        ...

    def stop(self) -> None:
        """Drive no further."""
        ...

    def driving(self) -> bool:
        """Whether it moves."""
        ...

    def begin(self, action: Action) -> None:
        """Begin an action."""
        ...

    def progress(self, action: Action) -> Progress:
        """How far an action is that was begun."""
        ...

    def abort(self, action: Action) -> bool:
        """End an action that was begun; False: it must come to its end."""
        ...
