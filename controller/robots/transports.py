"""What is to be carried, and how urgent it is: by its class, and more so the longer it waits."""

from dataclasses import dataclass
from enum import IntEnum

AGEING_MS = 600_000
"""A transport that waits so long is as urgent as a fresh one of the next class."""
_DUE_MS = 600_000


class Priority(IntEnum):
    """Classes; a number between is one too."""

    LINEN = 0
    MEALS = 1
    MEDICINES = 2
    SAMPLES = 3
    BLOOD = 4


@dataclass(frozen=True, slots=True)
class Transport:
    """From a station to a station (ids), since `wanted_ms`; `load` is what robots have to be fit for."""

    id: str
    pick: str
    drop: str
    load: str = "linen"
    priority: int = Priority.LINEN
    wanted_ms: int = 0
    deadline_ms: int | None = None

    def urgency(self, now_ms: int) -> float:
        """Greater is sooner. It grows without limit with waiting, and by one class near the deadline."""
        due = self.deadline_ms is not None and now_ms > self.deadline_ms - _DUE_MS
        return self.priority + (now_ms - self.wanted_ms) / AGEING_MS + due
