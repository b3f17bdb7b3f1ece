"""Whether a robot is to stand (startPause, stopPause of VDA 5050), and what it is told to that end.

pausing.reasons.add("fleet")
asked = pausing.due(facts, now_ms, may_go_on=True)        # None: it is as it should be
"""

from collections.abc import Callable

from controller.robots.asking import AGAIN_MS, Asked
from controller.robots.facts import Facts
from controller.robots.reasons import because, joined
from controller.robots.told import LIFE_MS


class Pausing:
    """Of one robot. `ids` gives names that no action ever had."""

    def __init__(self, ids: Callable[[], str]) -> None:
        self.reasons: set[str] = set()
        """Why it is to stand, until none is left."""
        self.is_ours = False
        """It was told to stand, and may still do so for that."""
        self._ids = ids
        self._asked: Asked | None = None
        self._at_ms = 0

    @property
    def is_open(self) -> bool:
        """Whether it was asked, and has not said that it did."""
        return self._asked is not None

    def heard(self, facts: Facts) -> None:
        """It has said how it is."""
        if self._asked and facts.ended(self._asked.action_id):
            self._asked = None

    def due(self, facts: Facts, now_ms: int, *, may_go_on: bool) -> Asked | None:
        """What it has to be asked, until it is so. `may_go_on`: nothing else keeps it from that."""
        is_paused = bool(facts.state.paused)
        wanted = "startPause" if self.reasons else "stopPause"
        if self.reasons:
            says = facts.state.paused is not None
            needed = not (is_paused if says else self.is_ours and not self._asked)
        else:
            needed = self.is_ours and is_paused and may_go_on
        if not needed:
            over = now_ms - self._at_ms > LIFE_MS + AGAIN_MS  # none of ours can still come
            self._asked = None
            self.is_ours = self.is_ours and (bool(self.reasons) or is_paused or not over)
            return None
        if self._asked is None or self._asked.kind != wanted:
            why = joined(because(f"stop-{one}") for one in sorted(self.reasons))
            why = why or because("nothing-stops-it")
            self._asked = Asked(f"{self._ids()}-{wanted}", why, kind=wanted)
        if self.reasons:
            self.is_ours, self._at_ms = True, now_ms
        return self._asked
