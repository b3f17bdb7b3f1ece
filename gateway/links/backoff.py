"""How long to wait before the next attempt: longer after each failure, up to a limit."""

from dataclasses import dataclass, field


@dataclass
class Backoff:
    """Seconds to wait: `first_s`, doubled after every failure, at most `most_s`."""

    first_s: float
    most_s: float
    _next_s: float = field(init=False)

    def __post_init__(self) -> None:
        self.reset()

    def failed(self) -> float:
        """One more attempt failed: the seconds to wait before the next one."""
        wait_s, self._next_s = self._next_s, min(2 * self._next_s, self.most_s)
        return wait_s

    def reset(self) -> None:
        """An attempt succeeded."""
        self._next_s = min(self.first_s, self.most_s)
