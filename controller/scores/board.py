"""The scores of every bed, made once for all who watch.

board = Scoreboard()
board.assessed(await present(store))         # what people entered
board.look(values_by_bed, now_ms)            # SCORE items of the beds of which something is different now
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from controller.live import Value
from controller.scores.entries import Assessment
from devices.model.scores_made import score

Json = dict[str, Any]
AGAIN_MS = 5_000
"""A score that is the same is sent again after so long: its values' times are newer."""
_NOBODY: Mapping[str, Assessment] = {}


class Scoreboard:
    """The last scores, by bed."""

    def __init__(self) -> None:
        self._entries: dict[str, dict[str, Assessment]] = {}
        self._items: dict[str, Json] = {}
        self._samenesses: dict[str, tuple[object, ...]] = {}

    @property
    def items(self) -> list[Json]:
        """All SCORE items, as they were last made."""
        return list(self._items.values())

    def assessed(self, entries: Iterable[Assessment]) -> None:
        """The last entries of each kind of all present patients: nothing else was entered."""
        self._entries = {}
        for entry in entries:
            self._entries.setdefault(entry.bed, {})[entry.kind] = entry

    def look(self, values: Mapping[str, Sequence[Value]], now_ms: int) -> list[Json]:
        """Score every bed by its `values`. Gives what is to be sent; `news2` None: nothing to score."""
        fresh = [self._gone(bed) for bed in self._items.keys() - values.keys() - self._entries.keys()]
        for bed in values.keys() | self._entries.keys():
            scored = score(values.get(bed, ()), self._entries.get(bed, _NOBODY), now_ms)
            held, same = self._items.get(bed), scored.sameness
            if held and same == self._samenesses[bed] and now_ms - held["at_ms"] < AGAIN_MS:
                continue
            self._samenesses[bed] = same
            self._items[bed] = {"bed": bed, **scored.item(now_ms)}
            fresh.append(self._items[bed])
        return fresh

    def _gone(self, bed: str) -> Json:
        now_ms = self._items.pop(bed)["at_ms"]
        del self._samenesses[bed]
        return {"bed": bed, "at_ms": now_ms, "news2": None, "shock_index": None, "gcs": None}
