"""Beats in a pleth, by two moving averages of its square.

Where the mean of the squares over a systolic peak (0.11 s) is above that over a beat (0.67 s), there is a
beat; its time is that of its top. Both means follow the strength of the pulse by themselves. Squared, the
second (dicrotic) wave of a pulse is next to nothing, but in a slow heart it stands alone: so a top has to
have an eighth of the squares before, which are forgotten within three seconds. Method: Elgendi M, Norton I,
Brearley M, Abbott D, Schuurmans D (2013), PLoS ONE 8(10): e76585.
"""

from array import array


class Beats:
    """`rate_hz` samples a second. `interval` and `width` (the last beat's), `since` (its top) are in samples.

    The width is that of the part of its top where the squares are above their mean.
    """

    def __init__(self, rate_hz: int) -> None:
        self._closest = rate_hz // 4
        self._shortest = max(2, rate_hz * 4 // 100)
        self._peak = max(3, rate_hz * 11 // 100 | 1)
        self._beat = max(5, rate_hz * 2 // 3 | 1)
        self._margin = self._beat // 2 - self._peak // 2
        self._squares = array("l", [0] * self._beat)
        self.restart()

    def restart(self) -> None:
        """Forget everything."""
        for index in range(self._beat):
            self._squares[index] = 0
        self._at = 0
        self._peak_sum = self._beat_sum = 0
        self._inside = 0
        self._highest = self._usual = 0
        self._since_top = 0
        self.interval = 0
        self.width = 0
        self.since = 0

    def add(self, pleth: int, noise: int) -> bool:
        """Whether a beat has ended; it is known 0.3 s late. A pleth of less than `noise` is none."""
        squares, size, at = self._squares, self._beat, self._at
        square = pleth * pleth if pleth > 0 else 0
        self._beat_sum += square - squares[at]
        self._peak_sum += (
            squares[(at - self._margin) % size] - squares[(at - self._margin - self._peak) % size]
        )
        squares[at] = square
        self._at = (at + 1) % size
        self.since += 1
        self._usual -= self._usual >> 7
        if self._peak_sum * size > (self._beat_sum + noise * noise * size) * self._peak:
            return self._enter(squares[(at - size // 2) % size])
        return self._leave()

    def _enter(self, square: int) -> bool:
        self._inside += 1
        if self._inside == 1 or square > self._highest:
            self._highest = square
            self._since_top = 0
        else:
            self._since_top += 1
        return False

    def _leave(self) -> bool:
        inside, self._inside = self._inside, 0
        interval = self.since - self._since_top - 1
        top = self._highest
        if inside < self._shortest or interval < self._closest or 8 * top < self._usual:
            return False
        self._usual = (
            max(top, self._usual - (self._usual >> 2))
            if top < 4 * self._usual or not self._usual
            else 4 * self._usual
        )
        self.interval = interval
        self.width = inside
        self.since = self._since_top + 1
        return True
