"""What people have been asked to see to, and have not: each thing once."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """Since `at_ms`; about a robot, a transport, or the whole."""

    number: int
    at_ms: int
    why: str
    robot: str | None
    transport: str | None


class Attention:
    """The open questions."""

    def __init__(self) -> None:
        self.open: dict[tuple[str | None, str | None, str], Question] = {}
        self._count = 0

    def ask(self, why: str, robot: str | None, transport: str | None, now_ms: int) -> bool:
        """Whether it is new."""
        key = robot, transport, why
        if key in self.open:
            return False
        self._count += 1
        self.open[key] = Question(self._count, now_ms, why, robot, transport)
        return True

    def better(self, robot: str) -> None:
        """The robot drives again: what was asked about it alone is settled."""
        self._close(lambda one: one.robot == robot and one.transport is None)

    def ended(self, transport: str) -> None:
        """The transport is over."""
        self._close(lambda one: one.transport == transport)

    def seen_to(self, number: int) -> bool:
        """Somebody has seen to it. False: there is no such question."""
        before = len(self.open)
        self._close(lambda one: one.number == number)
        return len(self.open) < before

    def _close(self, is_closed: Callable[[Question], bool]) -> None:
        self.open = {key: one for key, one in self.open.items() if not is_closed(one)}
