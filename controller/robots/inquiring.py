"""What a robot is asked of itself: what it is and can (factsheet), and how it is as a whole (state).

inquiry = Inquiry(ids)
for asked in inquiry.due(facts, now_ms, knows=sheet is not None): …      # instant actions to be sent now
"""

from collections.abc import Callable, Iterator

from controller.robots.asking import AGAIN_MS, Asked
from controller.robots.facts import Facts
from controller.robots.reasons import because

WHOLE_MS = 45_000
"""A whole state older than this says nothing; robots tell one every 30 s."""
_SHEET_TRIES, _SHEET_MS = 3, 60_000


class Inquiry:
    """`ids` gives names that no action ever had."""

    def __init__(self, ids: Callable[[], str]) -> None:
        self._ids = ids
        self._sheet_tries = 0
        self._sheet_ms = self._state_ms = 0

    def due(self, facts: Facts, now_ms: int, *, knows: bool) -> Iterator[Asked]:
        """What is to be asked now. `knows`: its factsheet is here."""
        if not knows and self._sheet_tries < _SHEET_TRIES and now_ms - self._sheet_ms >= _SHEET_MS:
            self._sheet_tries, self._sheet_ms = self._sheet_tries + 1, now_ms
            yield self._ask("factsheetRequest", because("not-introduced"))
        is_there = now_ms - facts.at_ms < AGAIN_MS
        if is_there and not is_whole(facts, now_ms) and now_ms - self._state_ms >= AGAIN_MS:
            self._state_ms = now_ms
            yield self._ask("stateRequest", because("not-whole"))

    def _ask(self, kind: str, why: str) -> Asked:
        return Asked(f"{self._ids()}-{kind}", why, kind=kind)


def is_whole(facts: Facts, now_ms: int) -> bool:
    """Whether it has said lately how it is, not only where."""
    return now_ms - facts.whole_ms <= WHOLE_MS
