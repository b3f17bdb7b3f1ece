"""Questions to a device that speaks when asked: in rounds, one at a time, each waiting for its answer.

    rounds = Rounds(questions)          # questions(0), questions(1), …: those of each round
    rounds.take()                       # bytes for data_to_send
    rounds.answered(now)                # the device answered what `rounds.open` asked: on to the next
    rounds.lapsed(now)                  # from handle_timer: the question that nobody answered, if one was

A round begins `ROUND_S` after the one before it, or when that is over if it took longer.
"""

from collections import deque
from collections.abc import Callable, Iterable

from devices.model.observation import Instant, later

Questions = Callable[[int], Iterable[bytes]]


class Rounds:
    """The questions of one connection. The first is due at once."""

    ROUND_S = 1.0
    PATIENCE_S = 1.0

    def __init__(self, questions: Questions) -> None:
        self._questions = questions
        self._number = 0
        self._left = deque(questions(0))
        self._due: Instant | None = None
        self._began = Instant(0)
        self.open: bytes | None = self._left.popleft() if self._left else None
        """The question that awaits its answer."""
        self._outgoing = self.open or b""

    def take(self) -> bytes:
        """The question that is to be sent, once."""
        outgoing, self._outgoing = self._outgoing, b""
        return outgoing

    def next_timer(self) -> Instant:
        """When `lapsed` is to be called; at once for the first time, which sets the clock."""
        return Instant(0) if self._due is None else self._due

    def answered(self, now: Instant) -> None:
        """Ask the next question, or rest until the next round."""
        self._began = now if self._due is None else self._began
        if self._left:
            self._ask(now)
        else:
            self.open = None
            self._due = max(now, later(self._began, self.ROUND_S))

    def lapsed(self, now: Instant) -> bytes | None:
        """Time has reached `now`: the question that waited in vain; the next one, or a new round."""
        if self._due is None:
            self._began, self._due = now, later(now, self.PATIENCE_S)
            return None
        if now < self._due:
            return None
        lost = self.open
        if lost is not None:
            self.answered(now)
            return lost
        self._number += 1
        self._began = now
        self._left.extend(self._questions(self._number))
        self._ask(now)
        return None

    def _ask(self, now: Instant) -> None:
        self.open = self._left.popleft() if self._left else None
        self._outgoing = self.open or b""
        self._due = later(now, self.PATIENCE_S if self.open else self.ROUND_S)
