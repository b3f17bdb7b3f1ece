"""How long things took: counts by upper bound, as Prometheus' histograms have them. Pure.

took = Histogram()
took.observe(0.004)          # seconds
took.buckets()               # [("0.001", 0), ("0.0025", 0), ("0.005", 1), …, ("+Inf", 1)]
"""

from bisect import bisect_left
from collections.abc import Sequence

SECONDS = (
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
    30.0,
    60.0,
    300.0,
    3600.0,
)
"""Upper bounds, from what a commit takes to what an ambulance's backlog takes."""


class Histogram:
    """Observations of one kind. One thread observes."""

    __slots__ = ("bounds", "counts", "sum")

    def __init__(self, bounds: Sequence[float] = SECONDS) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def observe(self, value: float, times: int = 1) -> None:
        """`value` was seen, so many times."""
        self.counts[bisect_left(self.bounds, value)] += times
        self.sum += value * times

    def buckets(self) -> list[tuple[str, float]]:
        """Upper bound as text, and how many were not above it."""
        total, found = 0, list[tuple[str, float]]()
        for bound, count in zip((*map(str, self.bounds), "+Inf"), self.counts, strict=True):
            total += count
            found.append((bound, total))
        return found
