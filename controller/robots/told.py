"""What the master gives out: messages for robots, and what is to be kept of what was decided; as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from controller.robots.errand import Errand

PERSON, ALL = "person", "all"
"""Why a robot stands: somebody has taken it over; all were stopped."""
LIFE_MS = 15_000
"""A message that its robot's gateway has not handed on by then is never handed on."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message of VDA 5050 for one robot: on the disk first, then sent until `at_ms` + LIFE_MS.

    `number` is the master's own; `errand`: as it stands when this has been taken (an order's message).
    """

    robot: str
    number: int
    topic: str
    text: str
    at_ms: int
    why: str
    errand: Errand | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision, or something that happened, and why; `kind`: go, stop, cancel, ask, eta, picked, …"""

    at_ms: int
    kind: str
    why: str
    robot: str | None = None
    transport: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Moved:
    """A transport has come to another state. `why`: of the decision."""

    at_ms: int
    transport: str
    state: "Stage"
    robot: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Met:
    """A robot, as it describes itself now; None: it has not said."""

    at_ms: int
    robot: str
    gateway: str
    version: str
    manufacturer: str
    serial: str
    factsheet: str | None


@dataclass(frozen=True, slots=True)
class Opening:
    """A drawer (from 1 on) that a robot is to open for somebody known by `how`, and what became of it.

    `action`: the id of its openDrawer; `stage`: of the transport then.
    """

    robot: str
    transport: str
    stage: "Stage"
    drawer: int
    person: str
    how: str
    at_ms: int
    action: str
    state: Literal["asked", "open", "shut"] = "asked"
    why: str = ""
    """Shut: why it is not known to have opened."""


Effect = Said | Decided | Moved | Met | Opening


class Stage(StrEnum):
    """How far a transport is. The last four are its ends."""

    WANTED = "wanted"
    ASSIGNED = "assigned"
    PICKED = "picked"
    RETURNING = "returning"
    """It goes back to where it came from."""
    DELIVERED = "delivered"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    FAILED = "failed"


OPEN = frozenset({Stage.WANTED, Stage.ASSIGNED, Stage.PICKED, Stage.RETURNING})
STAGES: Mapping[Stage, frozenset[Stage]] = {
    Stage.WANTED: frozenset({Stage.ASSIGNED, Stage.CANCELLED, Stage.FAILED}),
    Stage.ASSIGNED: frozenset({Stage.WANTED, Stage.ASSIGNED, Stage.PICKED, Stage.CANCELLED, Stage.FAILED}),
    Stage.PICKED: frozenset({Stage.RETURNING, Stage.DELIVERED, Stage.FAILED}),
    Stage.RETURNING: frozenset({Stage.RETURNED, Stage.FAILED}),
    Stage.DELIVERED: frozenset(),
    Stage.RETURNED: frozenset(),
    Stage.CANCELLED: frozenset(),
    Stage.FAILED: frozenset(),
}
"""What may follow what."""
