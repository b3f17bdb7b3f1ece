"""The scores of the patient on board, as they change: of what is measured, and what the crew assessed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from devices.model.scores_made import score
from devices.model.scores_sources import FEEDS
from gateway.crew.board import Value

Json = dict[str, Any]
AGAIN_MS = 5_000
"""Scores that are the same are told again after so long: their values' times are newer."""


class Entry(NamedTuple):
    """What the crew assessed."""

    value: Json
    at_ms: int


@dataclass(slots=True)
class Scoring:
    """`item` is what was told last; None: nothing yet."""

    item: Json | None = None
    _sameness: tuple[object, ...] = ()

    def look(self, values: Iterable[Value], assessments: Mapping[str, Json], now_ms: int) -> bool:
        """Score again. Whether there is something to tell."""
        # Of an earlier boot nobody knows when it was, if the clock is not set: it does not count.
        entries = {
            kind: Entry(one["value"], one["at_ms"])
            for kind, one in assessments.items()
            if one["at_ms"] is not None
        }
        scored = score([one for one in values if one.metric in FEEDS], entries, now_ms)
        if self.item and scored.sameness == self._sameness and now_ms - self.item["at_ms"] < AGAIN_MS:
            return False
        self._sameness, self.item = scored.sameness, scored.item(now_ms)
        return True

    def forget(self) -> None:
        """Somebody else is on board."""
        self.item = None
