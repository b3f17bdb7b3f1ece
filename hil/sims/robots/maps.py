"""Random maps of hospitals: floors of narrow corridors with few loops, lifts, doors; places beside them."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from controller.robots.checks import problems
from controller.robots.places import HospitalMap
from hil.errors import HilError

_SPACE_M = 5.0
_OFF = ((1.5, 1.5), (1.5, -1.5), (-1.5, 1.5), (-1.5, -1.5))
"""From a crossing to a place, m."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a map is. `loops`: what part of the corridors that close a loop is there (0: a tree).

    `crossings`: how many halls have two ways that cross.
    """

    columns: int = 6
    rows: int = 4
    floors: int = 2
    stations: int = 10
    parks: int = 6
    chargers: int = 4
    loops: float = 0.5
    crossings: float = 0.1

    @classmethod
    def of(cls, robots: int) -> "Size":
        """Enough for so many robots."""
        side = max(3, round((robots * 1.5) ** 0.5))
        return cls(side + 2, side, 2, max(4, robots), robots, max(2, robots // 3))


def random_map(random: Random, size: Size) -> HospitalMap:
    """A map that passes every check."""
    made = _Made(random, size)
    hospital = HospitalMap.model_validate({"name": "random", "nodes": made.nodes, "edges": made.edges})
    if found := problems(hospital):
        raise HilError(f"the random map is wrong: {found[0]}")
    return hospital


class _Made:
    def __init__(self, random: Random, size: Size) -> None:
        self.random, self.size = random, size
        self.nodes: list[dict[str, Any]] = []
        self.edges: list[dict[str, Any]] = []
        self._crossed: set[tuple[str, tuple[float, float]]] = set()
        for floor in range(size.floors):
            self._floor(floor)
            self._crossings(floor)
        if size.floors > 1:
            self._lifts()
        self._places()

    def _floor(self, floor: int) -> None:
        size, random = self.size, self.random
        for x in range(size.columns):
            for y in range(size.rows):
                at = _SPACE_M * x + random.uniform(-0.2, 0.2), _SPACE_M * y + random.uniform(-0.2, 0.2)
                self._node(_way(floor, x, y), *at, f"F{floor}", "way")
        tree = {_way(floor, 0, 0)}
        pairs = list(self._pairs(floor))
        random.shuffle(pairs)
        left = pairs
        while left and len(tree) < size.columns * size.rows:
            pair = next(p for p in left if (p[0] in tree) != (p[1] in tree))
            tree.update(pair)
            left.remove(pair)
            random.shuffle(left)
            self._corridor(*pair)
        for pair in left:
            if random.random() < size.loops:
                self._corridor(*pair)

    def _pairs(self, floor: int) -> Iterator[tuple[str, str]]:
        for x in range(self.size.columns):
            for y in range(self.size.rows):
                if x + 1 < self.size.columns:
                    yield _way(floor, x, y), _way(floor, x + 1, y)
                if y + 1 < self.size.rows:
                    yield _way(floor, x, y), _way(floor, x, y + 1)

    def _corridor(self, a: str, b: str) -> None:
        door = {"kind": "door", "door": f"D-{a}-{b}"} if self.random.random() < 0.05 else {}
        self._edge(a, b, speed=self.random.choice((0.8, 1.0, 1.0, 1.2)), **door)

    def _crossings(self, floor: int) -> None:
        """Two ways that cross in the middle of a hall, with no node there."""
        for x in range(self.size.columns - 1):
            for y in range(self.size.rows - 1):
                if self.random.random() < self.size.crossings:
                    corners = [_way(floor, x + i, y + j) for i, j in ((0, 0), (1, 1), (1, 0), (0, 1))]
                    self._corridor(corners[0], corners[1])
                    self._corridor(corners[2], corners[3])
                    self._crossed |= set(zip(corners, (_OFF[0], _OFF[3], _OFF[2], _OFF[1]), strict=True))

    def _lifts(self) -> None:
        for number in range(2 if self.size.rows > 2 else 1):
            row = number * (self.size.rows - 1)
            for floor in range(self.size.floors):
                name = f"L{number}-{floor}"
                self._node(name, -3.0, _SPACE_M * row, f"F{floor}", "lift", lift=f"L{number}")
                self._edge(_way(floor, 0, row), name, speed=0.5)
                if floor:
                    self._edge(f"L{number}-{floor - 1}", name, kind="lift", length=4.0, speed=0.5)

    def _places(self) -> None:
        size = self.size
        spots = [(node, off) for node in self.nodes if node["kind"] == "way" for off in _OFF]
        spots = [(node, off) for node, off in spots if (node["id"], off) not in self._crossed]
        self.random.shuffle(spots)
        kinds = ["station"] * size.stations + ["park"] * size.parks + ["charger"] * size.chargers
        if len(kinds) > len(spots):
            raise HilError(f"{len(kinds)} places do not fit: there is room for {len(spots)}")
        for number, (kind, (node, off)) in enumerate(zip(kinds, spots, strict=False)):
            name = f"{kind}-{number}"
            self._node(name, node["x"] + off[0], node["y"] + off[1], node["map"], kind)
            self._edge(node["id"], name, speed=0.5)

    def _node(self, name: str, x: float, y: float, floor: str, kind: str, **more: str) -> None:
        self.nodes.append({"id": name, "x": x, "y": y, "map": floor, "kind": kind, **more})

    def _edge(self, a: str, b: str, **more: Any) -> None:
        self.edges.append({"id": f"{a}.{b}", "from": a, "to": b, **more})


def _way(floor: int, x: int, y: int) -> str:
    return f"W{floor}-{x}-{y}"
