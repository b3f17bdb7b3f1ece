"""What is near what on a floor: distances of points and straight segments, and pairs nearer than a limit.

for i, j in close_pairs(shapes, 0.8): ...      # indices of shapes that come nearer than 0.8 m
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

Point = tuple[float, float]
Segment = tuple[Point, Point]
"""A point is a segment with one end twice."""
_CELL_M = 4.0


def to_segment(p: Point, s: Segment) -> float:
    """The distance of a point from a segment, m."""
    (ax, ay), (bx, by) = s
    dx, dy = bx - ax, by - ay
    length2 = dx * dx + dy * dy
    along = 0.0 if length2 == 0 else min(1.0, max(0.0, ((p[0] - ax) * dx + (p[1] - ay) * dy) / length2))
    return math.hypot(p[0] - ax - along * dx, p[1] - ay - along * dy)


def between(s: Segment, t: Segment) -> float:
    """The distance of two segments, m; 0 when they cross or touch."""
    if _cross(s, t):
        return 0.0
    return min(to_segment(s[0], t), to_segment(s[1], t), to_segment(t[0], s), to_segment(t[1], s))


def _side(s: Segment, p: Point) -> float:
    (ax, ay), (bx, by) = s
    return (bx - ax) * (p[1] - ay) - (by - ay) * (p[0] - ax)


def _cross(s: Segment, t: Segment) -> bool:
    return _side(s, t[0]) * _side(s, t[1]) < 0 and _side(t, s[0]) * _side(t, s[1]) < 0


def close_pairs(shapes: Sequence[Segment], limit: float) -> Iterator[tuple[int, int]]:
    """Every pair (i < j) of shapes that are nearer than `limit`, m. A grid spares comparing all with all."""
    grid: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for index, shape in enumerate(shapes):
        for cell in cells(shape, limit / 2):
            grid[cell].append(index)
    seen = {pair for inside in grid.values() for pair in combinations(inside, 2)}
    for i, j in sorted(seen):
        if between(shapes[i], shapes[j]) < limit - 1e-9:
            yield i, j


def cells(shape: Segment, margin: float) -> Iterator[tuple[int, int]]:
    """The cells of a grid that anything nearer to the shape than `margin` may be in, m."""
    (ax, ay), (bx, by) = shape
    for column in _range(min(ax, bx) - margin, max(ax, bx) + margin):
        for row in _range(min(ay, by) - margin, max(ay, by) + margin):
            middle = ((column + 0.5) * _CELL_M, (row + 0.5) * _CELL_M)
            if to_segment(middle, shape) <= margin + _CELL_M * math.sqrt(0.5):
                yield column, row


def _range(low: float, high: float) -> range:
    return range(math.floor(low / _CELL_M), math.floor(high / _CELL_M) + 1)
