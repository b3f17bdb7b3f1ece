"""How long a receipt takes, and when to do without it."""

from dataclasses import dataclass

SECOND = 1_000_000_000
"""In nanoseconds."""


@dataclass(slots=True)
class RoundTrip:
    """How long a receipt takes, as RFC 6298 estimates it: nanoseconds."""

    smoothed: int | None = None
    variation: int = 0
    shortest: int = SECOND
    longest: int = 30 * SECOND

    def measured(self, sample: int) -> None:
        """A receipt came `sample` after its block was sent for the first time.

        Not Karn's rule, which takes no sample of what was sent twice: TCP brings the first one, only late;
        who learns nothing of it would send everything twice for ever.
        """
        sample = min(sample, self.longest)
        if self.smoothed is None:
            self.smoothed, self.variation = sample, sample // 2
            return
        self.variation = (3 * self.variation + abs(self.smoothed - sample)) // 4
        self.smoothed = (7 * self.smoothed + sample) // 8

    def timeout(self, tries: int) -> int:
        """When to send again after `tries` sendings."""
        smoothed = self.longest // 10 if self.smoothed is None else self.smoothed
        base = smoothed + max(smoothed, 4 * self.variation, self.shortest)
        return min(base << min(tries - 1, 5), self.longest)
