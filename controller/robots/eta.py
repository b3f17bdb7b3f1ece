"""How long a transport still takes, and how sure that is: what the map says, times what trips really took.

expected = Expected()
expected.trip(planned_ms=60_000, took_ms=75_000)       # learned at every arrival
expected.span(planned_ms, handlings)                   # low, middle, high: ms from now

The low end is a free way and nobody to wait for; the high end is seldom exceeded (`./run bench robots` counts
how often). Nothing is promised while a robot stands for a reason that has no known end.
"""

from dataclasses import dataclass, field

from controller.robots.energy import HANDLING_MS

_LEARN = 0.05
_HIGH = 2.0
"""Mean deviations above the mean."""


@dataclass(slots=True)
class Running:
    """A mean, and the mean deviation from it, that forget slowly."""

    mean: float
    off: float

    def learn(self, value: float) -> None:
        """One more value."""
        self.off += _LEARN * (abs(value - self.mean) - self.off)
        self.mean += _LEARN * (value - self.mean)

    @property
    def high(self) -> float:
        """What is seldom exceeded."""
        return self.mean + _HIGH * self.off


@dataclass(slots=True)
class Expected:
    """What driving and handling take in this hospital."""

    stretch: Running = field(default_factory=lambda: Running(1.3, 0.4))
    """What a trip took, by what the map says."""
    handling: Running = field(default_factory=lambda: Running(HANDLING_MS, HANDLING_MS / 2))

    def trip(self, planned_ms: float, took_ms: float) -> None:
        """A trip has ended; very short ones teach nothing."""
        if planned_ms > 5_000:
            self.stretch.learn(min(10.0, took_ms / planned_ms))

    def span(self, planned_ms: float, handlings: int) -> tuple[int, int, int]:
        """At the earliest, expected, and hardly later than, ms."""
        low = planned_ms
        middle = planned_ms * self.stretch.mean + handlings * self.handling.mean
        high = planned_ms * self.stretch.high + handlings * self.handling.high
        return round(low), round(max(low, middle)), round(max(low, middle, high))
