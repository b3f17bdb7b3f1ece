"""Reads a presentation state, ours or another's, into what a page can draw: lines and words on images.

PS3.3, C.10.5 Graphic Annotation, C.11.8 Softcopy VOI LUT. Curves become polylines here. What cannot be drawn
on the pixels of an image (units of the display, kinds that are not known) is counted, and the page says so.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import cos, hypot, pi, sin
from typing import Any

from controller.imaging.annotate.data import Item, first, items, name, number, numbers, text, texts, values
from controller.imaging.annotate.scale import Point

CLASSES = frozenset({"1.2.840.10008.5.1.4.1.1.11.1", "1.2.840.10008.5.1.4.1.1.11.2"})
"""SOP Class UIDs of what is read: grayscale and colour."""
MOST_POINTS = 20_000
"""Of one state; what has more is not ours, and would stop a page."""
_CORNERS = 64
"""Of the polygon that stands for a circle."""


@dataclass(frozen=True, slots=True)
class Target:
    """What something refers to; without frames: all of them."""

    instance: str
    frames: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A polyline through `points`; with one point, a dot."""

    on: Sequence[Target]
    points: Sequence[Point]
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """Words that begin at `at`; if `anchor`, they belong to what is there."""

    on: Sequence[Target]
    at: Point
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One presentation state."""

    instance: str
    by: str
    made: str
    """YYYYMMDDHHMMSS in the zone of `zone`; "" if it does not say."""
    zone: str
    """+HHMM, "" if it does not say."""
    label: str
    on: Sequence[Target]
    """All that it refers to."""
    window: tuple[float, float] | None
    lines: Sequence[Line] = field(default_factory=list["Line"])
    words: Sequence[Words] = field(default_factory=list["Words"])
    left_out: int = 0
    """Marks that cannot be drawn here."""

    def told(self) -> dict[str, Any]:
        """As JSON for the page."""
        return asdict(self)


def shown(state: Item) -> Shown:
    """What the DICOM JSON of a presentation state says; whatever it is, this does not raise."""
    on = [target for series in items(state, "00081115") for target in _targets(series)]
    lines, words, left_out = list[Line](), list[Words](), 0
    budget = MOST_POINTS
    for found in _marks(state, on):
        budget -= 0 if found is None else len(found.points) if isinstance(found, Line) else 1
        if found is None or budget < 0:
            left_out += 1
        elif isinstance(found, Line):
            lines.append(found)
        else:
            words.append(found)
    made = text(state, "00700082") + text(state, "00700083")[:6]
    who = name(state, "00700084").partition("=")[0].replace("^", " ").strip()
    label = text(state, "00700081") or text(state, "00700080")
    instance, zone = text(state, "00080018"), text(state, "00080201")
    return Shown(instance, who, made, zone, label, on, _window(state), lines, words, left_out)


def _targets(item: Item) -> list[Target]:
    found = [(text(one, "00081155"), numbers(one, "00081160")) for one in items(item, "00081140")]
    return [Target(instance, [int(frame) for frame in frames]) for instance, frames in found if instance]


def _window(state: Item) -> tuple[float, float] | None:
    table = first(state, "00283110")
    centre, width = numbers(table, "00281050"), numbers(table, "00281051")
    return (centre[0], width[0]) if centre and width and width[0] > 0 else None


def _marks(state: Item, on: Sequence[Target]) -> Iterator[Line | Words | None]:
    for annotation in items(state, "00700001"):
        here = _targets(annotation) or on
        for graphic in items(annotation, "00700009"):
            yield _line(graphic, here)
        for told in items(annotation, "00700008"):
            yield _words(told, here)


def _line(graphic: Item, on: Sequence[Target]) -> Line | None:
    data = numbers(graphic, "00700022")
    points = list(zip(data[::2], data[1::2], strict=False))
    make = _KINDS.get(text(graphic, "00700023"))
    if make is None or text(graphic, "00700005") != "PIXEL" or number(graphic, "00700020", 2) != 2:
        return None
    made = make(points) if len(points) <= MOST_POINTS else None
    return Line(on, *made) if made else None


_Made = tuple[list[Point], bool]


def _point(points: list[Point]) -> _Made | None:
    return (points[:1], False) if points else None


def _polyline(points: list[Point]) -> _Made | None:
    if len(points) < 2:
        return None
    closed = len(points) > 3 and points[0] == points[-1]
    return (points[:-1] if closed else points), closed


def _circle(points: list[Point]) -> _Made | None:
    """Its centre and a point of its edge."""
    if len(points) != 2:
        return None
    (x, y), (edge_x, edge_y) = points
    radius = hypot(edge_x - x, edge_y - y)
    return [(x + radius * cos(turn), y + radius * sin(turn)) for turn in _TURNS], True


def _ellipse(points: list[Point]) -> _Made | None:
    """The ends of its longer axis, then of its shorter one."""
    if len(points) != 4:
        return None
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = points
    x, y, long_x, long_y = (ax + bx) / 2, (ay + by) / 2, (bx - ax) / 2, (by - ay) / 2
    short_x, short_y = (dx - cx) / 2, (dy - cy) / 2
    return [
        (x + long_x * cos(turn) + short_x * sin(turn), y + long_y * cos(turn) + short_y * sin(turn))
        for turn in _TURNS
    ], True


_TURNS = [2 * pi * n / _CORNERS for n in range(_CORNERS)]
_KINDS: Mapping[str, Any] = {
    "POINT": _point, "POLYLINE": _polyline, "INTERPOLATED": _polyline, "CIRCLE": _circle, "ELLIPSE": _ellipse,
}  # fmt: skip


def _words(told: Item, on: Sequence[Target]) -> Words | None:
    """At their box, else at their anchor."""
    written = "\n".join(one for one in texts(told, "00700006")) or ""
    for corner, units in (("00700010", "00700003"), ("00700014", "00700004")):
        at = numbers(told, corner)
        if len(at) == 2 and text(told, units) == "PIXEL" and written and values(told, "00700006"):
            return Words(on, (at[0], at[1]), written)
    return None
