"""One page of one person in one room: what it is told, in order, until it has confirmed it."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
LONGEST_QUEUE = 500
"""Messages that a page may owe a confirmation for; one that is so far behind has to join again."""


@dataclass(frozen=True, slots=True)
class Party:
    """Who sits there."""

    actor: str
    """As the audit trail has it: "ben", "patient:4711", "guest:TV00000001/3"."""
    name: str
    """As the others see it."""
    part: str
    """"staff", "patient" or "guest"."""


@dataclass(slots=True)
class Seat:
    """`number` is nobody else's, ever; `page` is the hash of the page's own secret."""

    number: int
    page: bytes
    party: Party
    heard_ms: int
    """When it was heard last."""
    came_ms: int = 0
    """When it sat down, or began anew."""
    is_quiet: bool = False
    """It was not heard for a while: the others are told so, and go on with what they have of it."""
    audio: bool = False
    """Whether it sends sound, as the page says."""
    video: bool = False
    view: int = 0
    """Which of its cameras it sends, as the page says."""
    reduced: dict[str, str] = field(default_factory=dict[str, str])
    """What a slow network leaves of both, as the page says, by the seat that it is sent to, "0": all."""
    heard: int = 0
    """The number of what was heard of it last."""
    told: int = 0
    """The number of what it was told last."""
    queue: deque[tuple[int, Json]] = field(default_factory=deque[tuple[int, Json]])

    def tell(self, message: Json) -> None:
        """Queue it."""
        self.told += 1
        self.queue.append((self.told, message))

    @property
    def is_lost(self) -> bool:
        """Whether more waits than is kept: it cannot go on from here."""
        return len(self.queue) > LONGEST_QUEUE

    def confirm(self, number: int) -> None:
        """The page has everything up to `number`."""
        while self.queue and self.queue[0][0] <= number:
            self.queue.popleft()

    def owed(self, after: int) -> list[tuple[int, Json]]:
        """What follows `after`."""
        return [item for item in self.queue if item[0] > after]

    def begin_anew(self, now_ms: int) -> None:
        """The same page is back, and knows nothing of what was queued."""
        self.heard_ms, self.came_ms, self.heard, self.is_quiet = now_ms, now_ms, 0, False
        self.queue.clear()
