"""How a dataclass says what it is on the wire: annotations beside its types.

    sequence_id: Uint32                                                # sequenceId, in every version
    max_speed: Annotated[float | None, Wire(v3="maximumSpeed")] = None # maxSpeed; in 3.0 maximumSpeed
    corridor: Annotated[Corridor | None, Wire(only=SINCE_2_1)] = None  # 2.0 cannot say it

A type with `| None` is a member that may be left out; a list without it must be there. Every dataclass that
is an object on the wire has `extra`: the members that the standard does not have, as they came.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from devices.codecs.vda5050.version import EVERY, V3, Version

JsonObject = Mapping[str, object]
MAX_UINT32 = 2**32 - 1
PI = 3.14159265359
"""As the published schemas have it: a little above pi, so that a rounded pi is in range."""


@dataclass(frozen=True, slots=True)
class Wire:
    """What a member is called, and in which versions. Without a name it is the attribute's in camelCase."""

    v2: str = ""
    v3: str = ""
    v2_0: str = ""
    also: tuple[str, ...] = ()
    """Other names that are understood: documents and schemas of one version do not always agree."""
    only: frozenset[Version] = EVERY
    needed: frozenset[Version] = frozenset()
    """Versions in which it must be there, although others can do without."""
    whole: frozenset[Version] = frozenset()
    """Versions in which a number must be an integer."""
    flat: bool = False
    """Its members stand beside the others, not in an object of their own (the header's)."""

    def name(self, attribute: str, version: Version) -> str:
        """What it is called in this version."""
        own = self.v3 if version in V3 else (self.v2_0 if version is Version.V2_0 and self.v2_0 else self.v2)
        return own or camel(attribute)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The range of a number, ends included; `above` is not."""

    least: float | None = None
    most: float | None = None
    above: float | None = None

    def fault(self, value: float) -> str | None:
        """What is wrong with it, if anything."""
        if self.least is not None and value < self.least:
            return f"expected at least {self.least:g}, got {value:g}"
        if self.most is not None and value > self.most:
            return f"expected at most {self.most:g}, got {value:g}"
        if self.above is not None and value <= self.above:
            return f"expected more than {self.above:g}, got {value:g}"
        return None


NO_BOUNDS = Bounds()


@dataclass(frozen=True, slots=True)
class Renamed:
    """Words of an open list that 3.0 spells otherwise: of version 2 → of version 3."""

    in_3: tuple[tuple[str, str], ...]


Uint32 = Annotated[int, Bounds(least=0, most=MAX_UINT32)]
Positive = Annotated[float, Bounds(least=0)]
"""0 or more."""
Fraction = Annotated[float, Bounds(least=0, most=1)]
Percent = Annotated[float, Bounds(least=0, most=100)]
Angle = Annotated[float, Bounds(least=-PI, most=PI)]
"""Radians."""


def camel(attribute: str) -> str:
    """`node_id` → `nodeId`."""
    first, *others = attribute.split("_")
    return first + "".join(other.capitalize() for other in others)
