"""Axes and marks of a plot in SVG, as elements: whatever a device said is text and never markup.

    plot = Plot(Axis(0, 10, "s"), Axis(-3, 3, "%"), "Bland–Altman of SpO2", "what is to be seen, in words")
    plot.dot(4.2, -0.3)
    plot.level(0.5, "bias 0.5 %", "mean")
    Markup(plot.text())

Colours are classes: the page's style sheet gives them in light, dark and print.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from hil.evidence.text import visible

WIDTH, HEIGHT = 760, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 18, 46
_LABEL_GAP = 13
"""Between labels of lines that lie too near to each other."""


@dataclass(frozen=True, slots=True)
class Axis:
    """From `low` to `high`, and what it is."""

    low: float
    high: float
    label: str
    has_numbers: bool = True

    @classmethod
    def around(cls, values: Sequence[float], label: str, margin: float = 0.06) -> "Axis":
        """Wide enough for all of `values`, and a little more."""
        low, high = min(values), max(values)
        span = max(high - low, 1e-6 * abs(high), 1e-9)
        return cls(low - margin * span, high + margin * span, label)

    def part(self, value: float) -> float:
        """Where `value` is, 0 at the low end and 1 at the high one."""
        return (value - self.low) / (self.high - self.low)

    def ticks(self) -> Iterator[float]:
        """About six round numbers; none on an axis without."""
        if not self.has_numbers:
            return
        rough = (self.high - self.low) / 6
        unit = 10 ** math.floor(math.log10(rough))
        step = next(unit * many for many in (1, 2, 5, 10, 20) if unit * many >= rough)
        for number in range(math.ceil(self.low / step), math.floor(self.high / step) + 1):
            yield number * step


class Plot:
    """One plot; marks are drawn in the order in which they are put there."""

    def __init__(self, across: Axis, up: Axis, title: str, description: str, height: int = HEIGHT) -> None:
        self.across, self.up, self.height = across, up, height
        self._levels: list[float] = []
        self._root = ElementTree.Element(
            "svg", {"viewBox": f"0 0 {WIDTH} {self.height}", "role": "img", "class": "plot"}
        )
        self._add("title", {}, title)
        self._add("desc", {}, description)
        for value in across.ticks():
            self._add(
                "line", {**_line(self.x(value), _TOP, self.x(value), self.height - _BOTTOM), "class": "grid"}
            )
            self._label(self.x(value), self.height - _BOTTOM + 16, f"{value:.6g}", "middle")
        for value in up.ticks():
            self._add("line", {**_line(_LEFT, self.y(value), WIDTH - _RIGHT, self.y(value)), "class": "grid"})
            self._label(_LEFT - 6, self.y(value) + 4, f"{value:.6g}", "end")
        self._label((_LEFT + WIDTH - _RIGHT) / 2, self.height - 8, across.label, "middle", "axis")
        middle = (_TOP + self.height - _BOTTOM) / 2
        turned = self._label(14, middle, up.label, "middle", "axis")
        turned.set("transform", f"rotate(-90 14 {middle:g})")

    def x(self, value: float) -> float:
        """Where it is, in the picture's units."""
        return _LEFT + self.across.part(value) * (WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        """Where it is, in the picture's units."""
        return self.height - _BOTTOM - self.up.part(value) * (self.height - _TOP - _BOTTOM)

    def dot(self, x: float, y: float, kind: str = "dot") -> None:
        """A point."""
        self._add("circle", {"cx": _n(self.x(x)), "cy": _n(self.y(y)), "r": "2.4", "class": kind})

    def bar(self, x: tuple[float, float], y: tuple[float, float], kind: str = "bar", hint: str = "") -> None:
        """A rectangle between two corners."""
        left, right = sorted(map(self.x, x))
        top, bottom = sorted(map(self.y, y))
        told = {"x": left, "y": top, "width": max(1.0, right - left), "height": bottom - top}
        bar = self._add("rect", {**{name: _n(value) for name, value in told.items()}, "class": kind})
        if hint:
            ElementTree.SubElement(bar, "title").text = visible(hint)

    def curve(self, points: Sequence[tuple[float, float] | None], kind: str) -> None:
        """A line through points; where there is None it is broken."""
        path, pen = list[str](), "M"
        for point in points:
            if point is not None:
                path.append(f"{pen}{_n(self.x(point[0]))} {_n(self.y(point[1]))}")
            pen = "M" if point is None else "L"
        self._add("path", {"d": "".join(path), "class": kind})

    def level(self, y: float, label: str, kind: str) -> None:
        """A line across the plot, with its label at the right end, above it if there is room."""
        at = self.y(y)
        self._add("line", {**_line(_LEFT, at, WIDTH - _RIGHT, at), "class": kind})
        while any(abs(at - other) < _LABEL_GAP for other in self._levels):
            at += _LABEL_GAP
        self._levels.append(at)
        self._label(WIDTH - _RIGHT - 4, at - 4, label, "end", "mark")

    def mark(self, x: float, label: str, kind: str, row: int = 0) -> None:
        """A line up the plot, with its label at the top, in one of several rows."""
        at = self.x(x)
        self._add("line", {**_line(at, _TOP, at, self.height - _BOTTOM), "class": kind})
        is_right = at > WIDTH * 0.75
        shift, anchor = (-4, "end") if is_right else (4, "start")
        self._label(at + shift, _TOP + 10 + row * _LABEL_GAP, label, anchor, "mark")

    def write(self, x: float, y: float, text: str) -> None:
        """Text that begins at a point, or ends there at the right edge."""
        self._label(self.x(x), self.y(y), text, "end" if self.x(x) > WIDTH * 0.6 else "start", "mark")

    def text(self) -> str:
        """The SVG element."""
        return ElementTree.tostring(self._root, encoding="unicode")

    def _label(self, x: float, y: float, text: str, anchor: str, kind: str = "tick") -> ElementTree.Element:
        return self._add("text", {"x": _n(x), "y": _n(y), "text-anchor": anchor, "class": kind}, text)

    def _add(self, tag: str, attributes: dict[str, str], text: str = "") -> ElementTree.Element:
        element = ElementTree.SubElement(self._root, tag, attributes)
        element.text = visible(text) or None
        return element


def _line(x1: float, y1: float, x2: float, y2: float) -> dict[str, str]:
    return {"x1": _n(x1), "y1": _n(y1), "x2": _n(x2), "y2": _n(y2)}


def _n(value: float) -> str:
    return f"{value:.1f}"
