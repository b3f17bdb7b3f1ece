"""Two drawings as SVG, made of text: the calibration curve and the decision curve.

Text and lines alone: no script, no style sheet, nothing that is loaded.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

Json = Mapping[str, Any]
Point = tuple[float, float]
WIDTH, HEIGHT, LEFT, BOTTOM = 580, 400, 90, 340
RIGHT, TOP = 545, 30
COLOURS = {
    "model": "#0b5cad",
    "news2_5": "#b35900",
    "news2_7": "#8a1c1c",
    "all": "#777777",
    "none": "#222222",
}
NAMES = {
    "model": "model",
    "news2_5": "NEWS2 ≥ 5",
    "news2_7": "NEWS2 ≥ 7",
    "all": "everybody",
    "none": "nobody",
}


class _Frame:
    """Axes from 0 (or `low`) up to what is largest."""

    def __init__(self, right: float, low: float, high: float) -> None:
        self._right, self._low, self._high = right, low, high

    def place(self, point: Point) -> Point:
        x, y = point
        across = LEFT + (RIGHT - LEFT) * x / self._right
        return across, BOTTOM - (BOTTOM - TOP) * (y - self._low) / (self._high - self._low)

    def line(self, points: Sequence[Point], colour: str, dashes: str = "") -> str:
        at = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(self.place, points))
        more = f' stroke-dasharray="{dashes}"' if dashes else ""
        return f'<polyline points="{at}" fill="none" stroke="{colour}" stroke-width="2"{more}/>'

    def ticks(self, count: int = 4) -> str:
        parts: list[str] = []
        for number in range(count + 1):
            share = number / count
            x, y = self._right * share, self._low + (self._high - self._low) * share
            across, up = self.place((x, y))
            parts.append(_text(across, BOTTOM + 18, f"{x:.3g}", "middle"))
            parts.append(_text(LEFT - 8, up + 4, f"{y:.2g}", "end"))
        return "".join(parts)


def calibration(curve: Sequence[Json]) -> str:
    """Share of events against predicted probability, by groups of equal size."""
    points = [(one["predicted"], one["observed"]) for one in curve]
    most = max(max(point) for point in points) or 1.0
    frame = _Frame(most, 0.0, most)
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{COLOURS["model"]}"/>'
        for x, y in map(frame.place, points)
    )
    ideal = frame.line([(0, 0), (most, most)], COLOURS["all"], "6 4")
    drawn = ideal + frame.line(points, COLOURS["model"]) + dots
    return _drawing("Calibration, held out", ("predicted probability", "share of events"), frame, drawn)


def decision(rows: Sequence[Json]) -> str:
    """Net benefit by threshold."""
    high = max(max(one[way] for way in NAMES) for one in rows) or 0.01
    frame = _Frame(rows[-1]["threshold"], -high / 2, high * 1.1)
    parts: list[str] = []
    for number, (way, name) in enumerate(NAMES.items()):
        points = [(one["threshold"], max(one[way], -high / 2)) for one in rows]
        parts.append(frame.line(points, COLOURS[way]))
        parts.append(_text(RIGHT - 90, TOP + 16 * number, name, "start", COLOURS[way]))
    return _drawing("Decision curve, held out", ("threshold", "net benefit"), frame, "".join(parts))


def _drawing(title: str, axes: tuple[str, str], frame: _Frame, drawn: str) -> str:
    across, up = axes
    edges = f'<path d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}" fill="none" stroke="#222222"/>'
    words = _text(WIDTH / 2, 18, title, "middle") + _text(WIDTH / 2, HEIGHT - 14, across, "middle")
    turned = f'<g transform="rotate(-90)">{_text(-HEIGHT / 2, 18, up, "middle")}</g>'
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    ground = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>'
    name = f"<title>{escape(title)}: {escape(up)} by {escape(across)}</title>"
    inside = name + ground + edges + frame.ticks() + words + turned + drawn
    return f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size}>{inside}</svg>\n'


def _text(x: float, y: float, words: str, anchor: str, colour: str = "#222222") -> str:
    at = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"'
    return f'<text {at} font-family="sans-serif" font-size="13">{escape(words)}</text>'
