"""ELM327: questions, one at a time. The adapter takes no other before its prompt; a byte would stop it."""

from collections import deque
from collections.abc import Callable, Iterable

from devices.model.observation import Instant, later

SET_UP: tuple[str, ...] = ("ATZ", "ATE0", "ATL0", "ATS0", "ATH1", "ATSP0")
"""Reset; no echo, no line feeds, no blanks, with headers; find the bus by itself."""
SEARCH = "0100"
"""The first question to the vehicle: the adapter tries one bus after the other, which takes a while."""


class Dialogue:
    """The questions of one connection, in rounds of `ROUND_S`. `plan` gives those of each round."""

    ROUND_S = 1.0
    PATIENCE_S = 10.0
    SEARCH_S = 20.0

    def __init__(self, plan: Callable[[], Iterable[str]]) -> None:
        self._plan = plan
        self._queue = deque(SET_UP)
        self._due: Instant | None = None
        self._began = Instant(0)
        self.open: str | None = None
        """The question that awaits its answer."""
        self._outgoing = b""
        self._ask(Instant(0))
        self._due = None

    def take(self) -> bytes:
        """The question that is to be sent, once."""
        outgoing, self._outgoing = self._outgoing, b""
        return outgoing

    def next_timer(self) -> Instant:
        """When `lapsed` is to be called; at once for the first time, which sets the clock."""
        return Instant(0) if self._due is None else self._due

    def add(self, questions: Iterable[str]) -> None:
        """Ask these, too, in this round."""
        self._queue.extend(questions)

    def restart(self) -> None:
        """The adapter has forgotten its settings: set it up again, beginning with the next question."""
        self._queue = deque(SET_UP)

    def heard(self, now: Instant) -> None:
        """The adapter is still at it."""
        if self.open:
            self._due = max(self._due or now, later(now, self.PATIENCE_S))

    def answered(self, now: Instant) -> None:
        """The prompt came: ask the next question, or rest until the next round."""
        if self._queue:
            self._ask(now)
        else:
            self.open = None
            self._due = max(now, later(self._began, self.ROUND_S))

    def lapsed(self, now: Instant) -> str | None:
        """Time has reached `now`: the question that nobody answered, if one was. The next is asked."""
        if self._due is None:
            self._began, self._due = now, later(now, self.PATIENCE_S)
            return None
        if now < self._due:
            return None
        lost = self.open
        if lost:
            self.restart()
        elif not self._queue:
            self._began = now
            self.add(self._plan())
        self._ask(now)
        return lost

    def _ask(self, now: Instant) -> None:
        self.open = self._queue.popleft() if self._queue else None
        self._outgoing = f"{self.open}\r".encode("ascii") if self.open else b""
        self._due = later(now, self.SEARCH_S if self.open == SEARCH else self.PATIENCE_S)
