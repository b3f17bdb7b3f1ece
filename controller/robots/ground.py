"""A map made ready for decisions: places and ways as numbers, and what conflicts with what as bit masks.

A *part* of the ground is a node or an edge; parts are numbered, nodes first. A set of parts is an int with
their bits. Two robots may never hold parts that conflict: the same one; nodes, or a node and an edge, or
edges, that come nearer than two radii; anything of one lift; edges through one door. Edges that share a node
need no conflict, nor does an edge with its own ends: whoever drives on an edge holds both ends of it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from controller.robots.geometry import Point, Segment, cells, close_pairs, to_segment
from controller.robots.places import RESTING, Edge, HospitalMap, Kind, Width

LIFT_MS = 25_000.0
"""To call a lift and have its doors opened, on average; the ride is length by speed."""
DOOR_MS = 4_000.0


@dataclass(frozen=True, slots=True)
class Arc:
    """An edge in one direction."""

    edge: int
    """The part."""
    start: int
    end: int
    ms: float
    """At the edge's speed, with the wait for lift or door."""
    metres: float
    width: Width
    rest: tuple[int, int] | None


def mask_of(parts: Iterable[int]) -> int:
    """The bits of some parts."""
    mask = 0
    for part in parts:
        mask |= 1 << part
    return mask


def parts_of(mask: int) -> Iterator[int]:
    """The parts of a mask."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


class Ground:
    """The map in numbers; it never changes. A new map is a new ground."""

    def __init__(self, hospital: HospitalMap) -> None:
        self.map = hospital
        self.nodes = len(hospital.nodes)
        """How many; the parts from here on are edges."""
        self.ids = tuple(part.id for part in (*hospital.nodes, *hospital.edges))
        self.node = {node.id: i for i, node in enumerate(hospital.nodes)}
        self.edge = {edge.id: self.nodes + i for i, edge in enumerate(hospital.edges)}
        self.kinds = tuple(node.kind for node in hospital.nodes)
        self.rests = tuple(kind in RESTING for kind in self.kinds)
        """Of each node, whether robots rest there and nobody drives through."""
        self.waits = tuple(kind not in (Kind.LIFT, Kind.DOOR_SIDE) for kind in self.kinds)
        """Of each node, whether a robot may wait there for its way to become free."""
        self.out, self.into = self._joined_arcs()
        self.ms = [0.0] * self.nodes + [0.0] * len(hospital.edges)
        """Of each edge, how long it takes."""
        self.rest: dict[int, tuple[int, int]] = {}
        """Of the edges where wards sleep, when; ms since midnight."""
        for arc in (arc for arcs in self.out for arc in arcs):
            self.ms[arc.edge] = arc.ms
            if arc.rest:
                self.rest[arc.edge] = arc.rest
        self.conflicts = self._conflicts()
        """Of each part, the mask of what conflicts with it, with itself."""

    def _joined_arcs(self) -> tuple[tuple[tuple[Arc, ...], ...], tuple[tuple[Arc, ...], ...]]:
        out: list[list[Arc]] = [[] for _ in range(self.nodes)]
        into: list[list[Arc]] = [[] for _ in range(self.nodes)]
        for edge in self.map.edges:
            for arc in self._arcs(edge):
                out[arc.start].append(arc)
                into[arc.end].append(arc)
        return tuple(map(tuple, out)), tuple(map(tuple, into))

    def _arcs(self, edge: Edge) -> Iterator[Arc]:
        metres = self.map.length_m(edge)
        ms = 1000 * metres / edge.speed + {"lift": LIFT_MS, "door": DOOR_MS}.get(edge.kind, 0.0)
        start, end = self.node[edge.start], self.node[edge.end]
        part, width = self.edge[edge.id], Width[edge.width.upper()]
        yield Arc(part, start, end, ms, metres, width, edge.rest_ms)
        if edge.both:
            yield Arc(part, end, start, ms, metres, width, edge.rest_ms)

    def ends(self, edge: int) -> tuple[int, int]:
        """The two nodes of an edge."""
        found = self.map.edges[edge - self.nodes]
        return self.node[found.start], self.node[found.end]

    def at(self, node: int) -> Point:
        """Where a node is, on its floor."""
        return self.map.nodes[node].x, self.map.nodes[node].y

    @cached_property
    def floors(self) -> dict[str, list[tuple[int, Segment]]]:
        """By floor, its parts and their shapes; ways between floors have none."""
        floors: defaultdict[str, list[tuple[int, Segment]]] = defaultdict(list)
        for index, node in enumerate(self.map.nodes):
            floors[node.map].append((index, ((node.x, node.y), (node.x, node.y))))
        for edge in self.map.edges:
            a, b = self.map.by_id[edge.start], self.map.by_id[edge.end]
            if a.map == b.map:
                floors[a.map].append((self.edge[edge.id], ((a.x, a.y), (b.x, b.y))))
        return floors

    def near(self, floor: str, point: Point, within_m: float) -> list[tuple[float, int]]:
        """The parts of a floor within so many metres of a point, nearest first, nodes before edges."""
        around = cells((point, point), within_m)
        shapes = {one for cell in around for one in self._grid.get((floor, *cell), ())}
        found = ((to_segment(point, shape), part) for part, shape in shapes)
        return sorted((round(away, 3), part) for away, part in found if away <= within_m)

    @cached_property
    def _grid(self) -> dict[tuple[str, int, int], list[tuple[int, Segment]]]:
        """By floor and cell, the parts that are there: robots that know no node ask for them each second."""
        grid: defaultdict[tuple[str, int, int], list[tuple[int, Segment]]] = defaultdict(list)
        for floor, parts in self.floors.items():
            for one in parts:
                for cell in cells(one[1], 0.0):
                    grid[floor, *cell].append(one)
        return grid

    def _conflicts(self) -> list[int]:
        masks = [1 << part for part in range(len(self.ids))]
        for i, j in (*self._too_near(), *self._single()):
            masks[i] |= 1 << j
            masks[j] |= 1 << i
        return masks

    def _too_near(self) -> Iterator[tuple[int, int]]:
        for shapes in self.floors.values():
            for i, j in close_pairs([shape for _, shape in shapes], 2 * self.map.radius_m):
                a, b = shapes[i][0], shapes[j][0]
                if not self._joined(a, b):
                    yield a, b

    def _joined(self, a: int, b: int) -> bool:
        """Whether one is an end of the other, or they are edges with a common end."""
        ends = [set(self.ends(part)) if part >= self.nodes else {part} for part in (a, b)]
        return bool(ends[0] & ends[1])

    def _single(self) -> Iterator[tuple[int, int]]:
        groups: defaultdict[str, set[int]] = defaultdict(set)
        for index, node in enumerate(self.map.nodes):
            if node.lift:
                groups[f"lift {node.lift}"].add(index)
        for edge in self.map.edges:
            if edge.kind == "door":
                groups[f"door {edge.door}"].add(self.edge[edge.id])
            elif edge.kind == "lift":
                groups[f"lift {self.map.by_id[edge.start].lift}"].add(self.edge[edge.id])
        for group in groups.values():
            yield from combinations(sorted(group), 2)

    def spread(self, mask: int) -> int:
        """What conflicts with any part of a mask."""
        found = 0
        for part in parts_of(mask):
            found |= self.conflicts[part]
        return found
