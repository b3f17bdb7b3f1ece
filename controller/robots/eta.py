"""How long a transport still takes, and how sure that is: as long as others like it took of late.

    lately = Lately()
    span = lately.span(Ahead(planned_ms=90_000, picked=False, before=1), now_ms)    # ms from now
    lately.told("TR1", ahead, now_ms)           # somebody is told this: what becomes of it teaches
    lately.arrived("TR1", now_ms)               # ... when it is there
    lately.ended("TR1", now_ms)                 # ... or never will be

What was told is compared with what came, for each kind of what lies ahead (fetched or not, how many are
before it): how far the rest of the way was exceeded, by its length. Those still on their way count as well,
as *longer than so far* (Kaplan and Meier, J. Am. Stat. Assoc. 53, 1958): else the quick ones alone would
teach what a jam is like. The span is from what hardly any undercut to what hardly any exceeded.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

LOW, MIDDLE, HIGH = 0.01, 0.5, 0.98
"""Of a hundred that were alike, one was there sooner and two were later than the span."""
LEAST, MOST = 40, 400
"""So many have to have come before they are believed; more than the last are forgotten."""
GUESS = -1.0, 1.0, 12.0
"""Low, middle and high as long as too few have come: wide, and said to be a guess."""
_MOST_BEFORE = 2
_AGE_MS = 5_000
_ROUNDING = 1e-12
_Kind = tuple[bool, int]


class Ahead(NamedTuple):
    """What lies ahead of a transport: the free way to its end, how many come before it where it goes next."""

    planned_ms: float
    picked: bool
    before: int

    @property
    def kind(self) -> _Kind:
        """What is compared with each other."""
        return self.picked, min(self.before, _MOST_BEFORE)

    def excess(self, took_ms: float) -> float:
        """By how much it took longer than planned, in parts of what it may be out by."""
        return (took_ms - self.planned_ms) / self._unit_ms

    def after(self, excess: float) -> int:
        """The other way round, ms; nothing takes less than no time."""
        return max(0, round(self.planned_ms + excess * self._unit_ms))

    @property
    def _unit_ms(self) -> float:
        return self.planned_ms / 2 + 30_000


@dataclass(frozen=True, slots=True)
class Span:
    """At the earliest, most likely, hardly later than: ms. Not `observed`: a guess, too few have come."""

    low_ms: int
    middle_ms: int
    high_ms: int
    observed: bool


class Took(NamedTuple):
    """What was told of a transport, and how long it took from then on."""

    ahead: Ahead
    took_ms: int


class Lately:
    """The last transports of each kind, and those on their way."""

    def __init__(self) -> None:
        self._ended: dict[_Kind, deque[tuple[float, bool]]] = {}
        """How far each was exceeded, and whether it arrived (else: at least so far)."""
        self._open: dict[str, list[tuple[Ahead, int]]] = {}
        """By transport, what was told and when."""
        self._known: dict[_Kind, tuple[int, tuple[float, float, float] | None]] = {}
        """By kind, since when what follows from all this is known."""

    def told(self, transport: str, ahead: Ahead, now_ms: int) -> None:
        """Somebody is told when it will be there."""
        self._open.setdefault(transport, []).append((ahead, now_ms))

    def arrived(self, transport: str, now_ms: int) -> tuple[Took, ...]:
        """It is there. Gives what was told of it, for `remember` after a start."""
        told = tuple(Took(ahead, now_ms - at_ms) for ahead, at_ms in self._open.pop(transport, ()))
        for one in told:
            self.remember(one)
        return told

    def ended(self, transport: str, now_ms: int) -> None:
        """It will not be there any more."""
        for ahead, at_ms in self._open.pop(transport, ()):
            self._learn(Took(ahead, now_ms - at_ms), came=False)

    def remember(self, one: Took) -> None:
        """So long it took."""
        self._learn(one, came=True)

    def _learn(self, one: Took, *, came: bool) -> None:
        held = self._ended.setdefault(one.ahead.kind, deque(maxlen=MOST))
        held.append((one.ahead.excess(one.took_ms), came))

    def span(self, ahead: Ahead, now_ms: int) -> Span:
        """How long it takes from now on."""
        known = self._of(ahead.kind, now_ms)
        low, middle, high = map(ahead.after, known or GUESS)
        return Span(low, middle, high, known is not None)

    def _of(self, kind: _Kind, now_ms: int) -> tuple[float, float, float] | None:
        if kind in self._known and now_ms - self._known[kind][0] < _AGE_MS:
            return self._known[kind][1]
        ended = self._ended.get(kind, ())
        found = None
        if sum(came for _, came in ended) >= LEAST:
            told = (one for those in self._open.values() for one in those if one[0].kind == kind)
            still = ((ahead.excess(now_ms - at_ms), False) for ahead, at_ms in told)
            found = _ends([*ended, *still])
        self._known[kind] = now_ms, found
        return found


def _ends(seen: list[tuple[float, bool]]) -> tuple[float, float, float]:
    """Low, middle and high; the last as wide as a guess where so many are on their way that none can say."""
    low, middle, high = quantiles(seen, (LOW, MIDDLE, HIGH))
    longest = max(excess for excess, _ in seen)
    high = max(longest, GUESS[2]) if high is None else high
    middle = high if middle is None else middle
    return (min(middle, high) if low is None else low), middle, high


def quantiles(seen: Iterable[tuple[float, bool]], levels: Sequence[float]) -> list[float | None]:
    """Kaplan and Meier: below which value so large a part lies, for rising levels; None: nobody can say.

    `seen`: values, and whether each is exact or only a least one. One more is taken to be larger than all, so
    that few do not promise what only many could.
    """
    order = sorted(seen, key=lambda one: (one[0], not one[1]))
    still, found = 1.0, list[float | None]()
    for place, (value, is_exact) in enumerate(order):
        still *= 1 - is_exact / (len(order) + 1 - place)
        while len(found) < len(levels) and 1 - still >= levels[len(found)] - _ROUNDING:
            found.append(value)
    return found + [None] * (len(levels) - len(found))
