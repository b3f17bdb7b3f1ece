"""A map for tests of robots: a corridor with a way round, two stations, two parks, a charger; fast edges.

A   P1      P2    B
|   |       |     |
W0--W1--W2--W3----W4---C
    |           |
    V1--V2------V3
"""

from controller.robots.map import parse
from controller.robots.places import HospitalMap

SPEED_M_S = 3.0
_STEP_M = 2.5
_PLACES = {
    "W0": (0, 0, "way"),
    "W1": (1, 0, "way"),
    "W2": (2, 0, "way"),
    "W3": (3, 0, "way"),
    "W4": (4, 0, "way"),
    "V1": (1, 1, "way"),
    "V2": (2, 1, "way"),
    "V3": (3, 1, "way"),
    "A": (0, -1, "station"),
    "B": (4, -1, "station"),
    "P1": (1, -1, "park"),
    "P2": (3, -1, "park"),
    "C": (5, 0, "charger"),
}
"""In steps."""
_WAYS = "W0-W1 W1-W2 W2-W3 W3-W4 W1-V1 V1-V2 V2-V3 V3-W3 W0-A W4-B W1-P1 W3-P2 W4-C"


def place(name: str) -> tuple[float, float]:
    """Where a place is, m."""
    x, y, _ = _PLACES[name]
    return x * _STEP_M, y * _STEP_M


def corridors() -> HospitalMap:
    """The map; its only floor is `floor`."""
    nodes = (
        f'[[nodes]]\nid = "{name}"\nx = {x * _STEP_M}\ny = {y * _STEP_M}\nmap = "floor"\nkind = "{kind}"\n'
        for name, (x, y, kind) in _PLACES.items()
    )
    edges = (
        f'[[edges]]\nid = "{way}"\nfrom = "{way[: way.index("-")]}"\nto = "{way[way.index("-") + 1 :]}"\n'
        f"speed = {SPEED_M_S}\n"
        for way in _WAYS.split()
    )
    return parse("\n".join((*nodes, *edges)), "corridors.toml")
