"""What was asked of a bucket, how long it took, and since when it does not answer.

counts = Counts(clock)
with counts.one("put"): ...          # in any thread
counts.told()                        # for a metric, or another process
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import Any, Literal, get_args

from controller.clock import Clock
from controller.objects.errors import BadObject, ObjectsAway

What = Literal["put", "get", "delete", "list"]
Outcome = Literal["done", "away", "spoiled"]
"""`spoiled`: it arrived, and not as it was."""


class Counts:
    """Of one bucket, in one process."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._lock = clock, Lock()
        self._asked: Counter[tuple[str, str]] = Counter()
        self._took_us: Counter[str] = Counter()
        self._away_us: int | None = None
        """When it began that nothing succeeded."""

    @contextmanager
    def one(self, what: What) -> Iterator[None]:
        """Something is asked inside the block."""
        began_us, outcome = self._clock.now_us(), "done"
        try:
            yield
        except ObjectsAway:
            outcome = "away"
            raise
        except BadObject:
            outcome = "spoiled"
            raise
        finally:
            self._note(what, outcome, began_us)

    def told(self) -> Mapping[str, Any]:
        """As JSON: {"asked": {"put": {"done": 3, …}, …}, "seconds": {"put": 0.2, …}, "away_s": 0}."""
        with self._lock:
            asked = {one: {out: self._asked[one, out] for out in get_args(Outcome)} for one in get_args(What)}
            seconds = {one: self._took_us[one] / 1e6 for one in get_args(What)}
            away_us = 0 if self._away_us is None else self._clock.now_us() - self._away_us
            return {"asked": asked, "seconds": seconds, "away_s": away_us / 1e6}

    def _note(self, what: str, outcome: str, began_us: int) -> None:
        with self._lock:
            self._asked[what, outcome] += 1
            self._took_us[what] += self._clock.now_us() - began_us
            if outcome != "away":
                self._away_us = None
            elif self._away_us is None:
                self._away_us = began_us
