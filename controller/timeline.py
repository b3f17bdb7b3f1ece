"""From a gateway's monotonic time of one boot to the controller's time scale: a line that never turns back.

line = TimeLine([Knot(0, offset_us)])
line.at(mono_us)                  # controller's time
line.steer(mono_us, offset_us)    # from here on another offset, gradually: what was said later stays later

Whatever is learned of clocks, records keep their order only if all of a boot are stamped by one function that
rises, so what has been stamped is not stamped otherwise, unless all that comes after it is, too.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

STEEPNESS = 4
"""An offset changes by at most one part of so many of the time that passes."""
KEPT = 64
"""Knots; those before them are the oldest records', which drift least matters to."""


class Knot(NamedTuple):
    """At `mono_us` of the boot, controller's time less monotonic time was `offset_us`."""

    mono_us: int
    offset_us: int


class TimeLine:
    """Knots in order of time: straight lines between them, constant offsets before and after."""

    def __init__(self, knots: Iterable[Knot]) -> None:
        self.knots = list(knots)

    @property
    def last(self) -> Knot:
        """From here on the offset is constant."""
        return self.knots[-1]

    def at(self, mono_us: int) -> int:
        """The controller's time of `mono_us`."""
        return mono_us + self._offset(mono_us)

    def at_all(self, column: Sequence[int]) -> list[int]:
        """The same for many."""
        if min(column, default=0) >= self.last.mono_us:
            offset_us = self.last.offset_us
            return [mono_us + offset_us for mono_us in column]
        return [self.at(mono_us) for mono_us in column]

    def _offset(self, mono_us: int) -> int:
        if mono_us >= self.last.mono_us:
            return self.last.offset_us
        for before, after in pairwise(self.knots):
            if before.mono_us <= mono_us < after.mono_us:
                passed, length = mono_us - before.mono_us, after.mono_us - before.mono_us
                return before.offset_us + passed * (after.offset_us - before.offset_us) // length
        return self.knots[0].offset_us

    def steer(self, mono_us: int, offset_us: int) -> None:
        """Go over to `offset_us` after `mono_us`, which is not before the last knot."""
        takes_us = STEEPNESS * abs(offset_us - self.last.offset_us)
        self._append(Knot(mono_us, self.last.offset_us), Knot(mono_us + takes_us, offset_us))

    def jump(self, mono_us: int, offset_us: int) -> None:
        """Have a greater offset at once after `mono_us`: nothing is overtaken."""
        self._append(Knot(mono_us, self.last.offset_us), Knot(mono_us + 1, offset_us))

    def _append(self, *knots: Knot) -> None:
        self.knots = [*self.knots, *knots][-KEPT:]

    def shift(self, by_us: int) -> None:
        """Everything was `by_us` later than it seemed."""
        self.knots = [Knot(mono_us, offset_us + by_us) for mono_us, offset_us in self.knots]

    def take_back(self, offset_us: int) -> int | None:
        """Take back the last rises to more than `offset_us`: they were wrong.

        Returns the monotonic time after which the line is another now; None: it rose nowhere.
        """
        since: int | None = None
        while len(self.knots) > 1 and self.last.offset_us > max(self.knots[-2].offset_us, offset_us):
            self.knots.pop()
            since = self.last.mono_us
        return since
