"""What is wrong with a map, in sentences that say what to do: nothing is driven on one with any of these.

The last three are what the traffic's promise stands on (controller/robots/traffic.py): wherever a robot may
rest, it stands in nobody's way, and from every resting place every other one can be reached.
"""

from collections import Counter
from collections.abc import Iterator

from controller.robots.geometry import between, close_pairs
from controller.robots.ground import Ground, parts_of
from controller.robots.places import Edge, HospitalMap, Kind

_SPOT_M = 0.05


def problems(hospital: HospitalMap) -> list[str]:
    """Every problem; those of the whole only if the parts are right."""
    found = [*_names(hospital), *_ends(hospital)]
    if not found:
        found = [*_lengths(hospital), *_spots(hospital)]
    if not found:
        ground = Ground(hospital)
        found = [*_missing(ground), *_in_the_way(ground), *_unreachable(ground)]
    return found


def _names(hospital: HospitalMap) -> Iterator[str]:
    for what, parts in (("node", hospital.nodes), ("edge", hospital.edges)):
        for name, times in Counter(part.id for part in parts).items():
            if times > 1:
                yield f"{what} {name}: {times} have this id: give each its own"


def _ends(hospital: HospitalMap) -> Iterator[str]:
    for edge in hospital.edges:
        for node in (edge.start, edge.end):
            if node not in hospital.by_id:
                yield f"edge {edge.id}: there is no node {node}: correct it, or add the node"
        if edge.start == edge.end:
            yield f"edge {edge.id}: leads from {edge.start} to itself: take it out"


def _lengths(hospital: HospitalMap) -> Iterator[str]:
    for edge in hospital.edges:
        a, b = hospital.by_id[edge.start], hospital.by_id[edge.end]
        apart = between(((a.x, a.y), (a.x, a.y)), ((b.x, b.y), (b.x, b.y)))
        if edge.kind == "lift":
            yield from _lift(hospital, edge)
        elif a.map != b.map:
            yield f'edge {edge.id}: joins the floors {a.map} and {b.map}: only kind = "lift" does'
        elif edge.length is not None and edge.length < apart - _SPOT_M:
            yield f"edge {edge.id}: {edge.length} m long, but its ends are {apart:.2f} m apart: correct it"


def _lift(hospital: HospitalMap, edge: Edge) -> Iterator[str]:
    a, b = hospital.by_id[edge.start], hospital.by_id[edge.end]
    if a.lift is None or a.lift != b.lift:
        yield f"edge {edge.id}: a lift joins nodes of one lift: give {a.id} and {b.id} the same lift"
    elif a.map == b.map:
        yield f"edge {edge.id}: a lift joins two floors, and both ends are on {a.map}: correct one"


def _spots(hospital: HospitalMap) -> Iterator[str]:
    for floor in sorted({node.map for node in hospital.nodes}):
        nodes = [node for node in hospital.nodes if node.map == floor]
        points = [((node.x, node.y), (node.x, node.y)) for node in nodes]
        for i, j in close_pairs(points, _SPOT_M):
            yield f"nodes {nodes[i].id} and {nodes[j].id}: on one spot: move one, or take it out"


def _missing(ground: Ground) -> Iterator[str]:
    for kind, least in ((Kind.STATION, 2), (Kind.CHARGER, 1)):
        there = ground.kinds.count(kind)
        if there < least:
            yield f"there should be at least {least} of kind {kind}, and {there} are: add what is missing"


def _in_the_way(ground: Ground) -> Iterator[str]:
    for node in range(ground.nodes):
        if not ground.rests[node]:
            continue
        for part in parts_of(ground.conflicts[node] & ~(1 << node)):
            yield (
                f"{ground.kinds[node]} {ground.ids[node]}: a robot that rests there is in the way of "
                f"{ground.ids[part]}: keep {2 * ground.map.radius_m:g} m (two radii) between them"
            )


def _unreachable(ground: Ground) -> Iterator[str]:
    """Every place has to be reached from one crossing, and to reach it: then each reaches each."""
    places = [node for node in range(ground.nodes) if ground.rests[node]]
    beside = (arc.end for node in places for arc in ground.out[node] if not ground.rests[arc.end])
    first = next(beside, None)
    if first is None:
        yield "no way leads from any station, charger or park: add edges to nodes of kind way"
        return
    to, back = (_reached(ground, first, forwards=way) for way in (True, False))
    hint = "add an edge, or both = true; nobody drives through stations, chargers, parks"
    for node in places:
        name = f"{ground.kinds[node]} {ground.ids[node]}"
        if node not in to:
            yield f"{name}: cannot be reached from {ground.ids[first]}: {hint}"
        elif node not in back:
            yield f"{name}: no way leads from there to {ground.ids[first]}: {hint}"


def _reached(ground: Ground, first: int, *, forwards: bool) -> set[int]:
    reached, left = {first}, [first]
    while left:
        node = left.pop()
        for arc in (ground.out if forwards else ground.into)[node]:
            there = arc.end if forwards else arc.start
            if there not in reached:
                reached.add(there)
                if not ground.rests[there]:
                    left.append(there)
    return reached
