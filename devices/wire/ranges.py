"""A set of non-negative integers kept as sorted, disjoint, inclusive ranges."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

Range = tuple[int, int]
"""First and last, both in."""


class Ranges:
    """Block numbers: millions of them in a few pairs, as long as they mostly follow each other."""

    __slots__ = ("_firsts", "_lasts")

    def __init__(self, ranges: Iterable[Range] = ()) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        for first, last in ranges:
            self.add(first, last)

    def add(self, first: int, last: int) -> Range:
        """Put `first`..`last` in. Returns the range that now holds them."""
        if first > last or first < 0:
            raise ValueError(f"expected 0 <= first <= last, got {first}..{last}")
        low = bisect_left(self._lasts, first - 1)
        high = bisect_right(self._firsts, last + 1)
        if low < high:
            first = min(first, self._firsts[low])
            last = max(last, self._lasts[high - 1])
        self._firsts[low:high] = [first]
        self._lasts[low:high] = [last]
        return first, last

    def remove(self, first: int, last: int) -> None:
        """Take out whatever of `first`..`last` is in."""
        low = bisect_left(self._lasts, first)
        high = bisect_right(self._firsts, last)
        if low >= high:
            return
        kept = [(self._firsts[low], first - 1), (last + 1, self._lasts[high - 1])]
        kept = [pair for pair in kept if pair[0] <= pair[1]]
        self._firsts[low:high] = [pair[0] for pair in kept]
        self._lasts[low:high] = [pair[1] for pair in kept]

    def range_of(self, number: int) -> Range | None:
        """The range that holds `number`, or None."""
        place = bisect_right(self._firsts, number) - 1
        if place >= 0 and number <= self._lasts[place]:
            return self._firsts[place], self._lasts[place]
        return None

    def within(self, first: int, last: int) -> list[Range]:
        """What of `first`..`last` is in."""
        low, high = bisect_left(self._lasts, first), bisect_right(self._firsts, last)
        pairs = zip(self._firsts[low:high], self._lasts[low:high], strict=True)
        return [(max(first, a), min(last, b)) for a, b in pairs]

    def missing(self, first: int, last: int) -> list[Range]:
        """What of `first`..`last` is not in."""
        gaps: list[Range] = []
        place = first
        for a, b in self.within(first, last):
            if a > place:
                gaps.append((place, a - 1))
            place = b + 1
        if place <= last:
            gaps.append((place, last))
        return gaps

    def first(self) -> int | None:
        """The smallest number, or None."""
        return self._firsts[0] if self._firsts else None

    def __contains__(self, number: int) -> bool:
        return self.range_of(number) is not None

    def __iter__(self) -> Iterator[Range]:
        return iter(list(zip(self._firsts, self._lasts, strict=True)))

    def __len__(self) -> int:
        """How many numbers, not how many ranges."""
        return sum(self._lasts) - sum(self._firsts) + len(self._firsts)

    def __bool__(self) -> bool:
        return bool(self._firsts)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Ranges):
            return NotImplemented
        return self._firsts == other._firsts and self._lasts == other._lasts

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Ranges({list(self)})"
