"""What a map is made of: nodes, edges, floors; as files say it (controller/robots/map.py reads them)."""

import hashlib
import json
import math
from enum import IntEnum, StrEnum
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

DAY_MS = 86_400_000
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Metres = Annotated[float, Field(allow_inf_nan=False, ge=-1e5, le=1e5)]


class Kind(StrEnum):
    """What a node is for."""

    WAY = "way"
    STATION = "station"
    """Things are picked up, dropped or handed over."""
    CHARGER = "charger"
    LIFT = "lift"
    """In the cabin, on one floor: of that lift, one robot at a time."""
    PARK = "park"
    DOOR_SIDE = "door-side"
    """Beside a door: nobody waits there."""


RESTING = frozenset({Kind.STATION, Kind.CHARGER, Kind.PARK})
"""Where a robot may stand for as long as it likes; nobody drives through."""


class Width(IntEnum):
    """How wide a way is, or the narrowest that a robot fits through."""

    NARROW = 1
    NORMAL = 2
    WIDE = 3


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Node(_Part):
    """A point where a robot may be told to drive (VDA 5050 `node`)."""

    id: Identifier
    x: Metres
    y: Metres
    map: Identifier
    kind: Kind = Kind.WAY
    lift: Identifier | None = None
    """Which lift, of a node of that kind."""
    parameters: dict[Identifier, str | bool | float] = {}
    """Of what a robot does at a station or charger: stationType, height (m), what its maker demands."""

    @model_validator(mode="after")
    def _lift_has_a_name(self) -> Self:
        if (self.kind == Kind.LIFT) != (self.lift is not None):
            raise ValueError(f'node {self.id}: kind = "lift" and lift = NAME belong together')
        if self.parameters and self.kind not in (Kind.STATION, Kind.CHARGER):
            raise ValueError(f"node {self.id}: parameters are of stations and chargers: take them out")
        return self


class Edge(_Part):
    """A way between two nodes (VDA 5050 `edge`), straight, one robot at a time."""

    id: Identifier
    start: Annotated[Identifier, Field(alias="from")]
    end: Annotated[Identifier, Field(alias="to")]
    both: bool = True
    length: Annotated[float, Field(allow_inf_nan=False, gt=0, le=10_000)] | None = None
    """Metres; without: the distance between its nodes."""
    speed: Annotated[float, Field(allow_inf_nan=False, ge=0.05, le=5)] = 1.0
    width: Literal["narrow", "normal", "wide"] = "normal"
    kind: Literal["way", "lift", "door"] = "way"
    door: Identifier | None = None
    rest: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")] | None = None

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if (self.kind == "door") != (self.door is not None):
            raise ValueError(f'edge {self.id}: kind = "door" and door = NAME belong together')
        if self.kind == "lift" and self.length is None:
            raise ValueError(f"edge {self.id}: a lift needs length = METRES between the floors")
        return self

    @property
    def rest_ms(self) -> tuple[int, int] | None:
        """When it is closed, ms since midnight: from, until; past midnight if from > until."""
        if self.rest is None:
            return None
        begin, end = (60_000 * (60 * int(t[:2]) + int(t[3:])) for t in self.rest.split("-"))
        return begin, end


class HospitalMap(_Part):
    """The whole map. It is checked by `load`; one made otherwise has to pass `checks.problems`."""

    name: str = "Hospital"
    radius_m: Annotated[float, Field(allow_inf_nan=False, gt=0, le=3)] = 0.4
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @cached_property
    def revision(self) -> str:
        """SHA-256 of what it says, in one order: the same for the same map, however it is written."""
        said = self.model_dump(mode="json", by_alias=True)
        for node in said["nodes"]:
            if not node["parameters"]:
                del node["parameters"]
        said["nodes"].sort(key=lambda node: node["id"])
        said["edges"].sort(key=lambda edge: edge["id"])
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

    @cached_property
    def by_id(self) -> dict[str, Node]:
        """Nodes by id."""
        return {node.id: node for node in self.nodes}

    def length_m(self, edge: Edge) -> float:
        """How long an edge is."""
        a, b = self.by_id[edge.start], self.by_id[edge.end]
        return edge.length or math.hypot(a.x - b.x, a.y - b.y)


def is_resting_time(window: tuple[int, int] | None, day_ms: float) -> bool:
    """Whether `day_ms` since midnight is in the window."""
    if window is None:
        return False
    begin, end = window
    at = day_ms % DAY_MS
    return begin <= at < end if begin <= end else at >= begin or at < end
