"""The scores of every bed, made once for all who watch.

board = Scoreboard()
board.assessed(await present(store))         # what people entered
board.look(values_by_bed, now_ms)            # SCORE items of the beds of which something is different now
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from controller.live import Value
from controller.scores.entries import Assessment
from controller.scores.sources import MANUAL_LIMIT_MS, Source, chosen, entered
from devices.model.scores import News2, Part, lack_of, news2
from devices.model.scores_bedside import Gcs, shock_index
from devices.model.scores_chart import Parameter

Json = dict[str, Any]
AGAIN_MS = 5_000
"""A score that is the same is sent again after so long: its values' times are newer."""
_NOBODY: Mapping[str, Assessment] = {}


class _Scored(NamedTuple):
    """What a bed's score is made of."""

    score: News2
    sources: Mapping[Parameter, Source]
    entries: Mapping[str, Assessment]

    @property
    def sameness(self) -> tuple[object, ...]:
        """Equal as long as there is no news but new times and values within the same points."""
        parts = tuple((part.points, part.reason, part.under, part.lack) for part in self.score.parts)
        by = tuple((source.metric, source.device) for source in self.sources.values())
        return parts, by, self.score.scale, tuple(entry.at_ms for entry in self.entries.values())


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
            scored = self._scored(bed, values.get(bed, ()), now_ms)
            held, same = self._items.get(bed), scored.sameness
            if held and same == self._samenesses[bed] and now_ms - held["at_ms"] < AGAIN_MS:
                continue
            self._samenesses[bed] = same
            self._items[bed] = _item(bed, scored, now_ms)
            fresh.append(self._items[bed])
        return fresh

    def _scored(self, bed: str, values: Iterable[Value], now_ms: int) -> _Scored:
        sources, entries = chosen(values, now_ms), self._entries.get(bed, _NOBODY)
        seen = {parameter: source.seen for parameter, source in sources.items()}
        scale = entries["scale"].value["spo2"] if "scale" in entries else 1
        return _Scored(news2(seen | entered(entries), now_ms, scale), sources, entries)

    def _gone(self, bed: str) -> Json:
        now_ms = self._items.pop(bed)["at_ms"]
        del self._samenesses[bed]
        return {"bed": bed, "at_ms": now_ms, "news2": None, "shock_index": None, "gcs": None}


def _item(bed: str, scored: _Scored, now_ms: int) -> Json:
    score = scored.score
    told = {
        "total": score.total,
        "least": score.least,
        "risk": str(score.risk),
        "missing": [str(parameter) for parameter in score.missing],
        "oldest_ms": score.oldest_ms,
        "scale": score.scale,
        "parts": [_part(part, scored) for part in score.parts],
    }
    shock, gcs = _shock(scored.sources, now_ms), _gcs(scored.entries, now_ms)
    return {"bed": bed, "at_ms": now_ms, "news2": told, "shock_index": shock, "gcs": gcs}


def _part(part: Part, scored: _Scored) -> Json:
    source = scored.sources.get(part.parameter)
    under, value = part.under, None if part.seen is None else part.seen.value
    if part.parameter is Parameter.CONSCIOUSNESS and part.seen:
        value = scored.entries["consciousness"].value["acvpu"]
    if part.parameter is Parameter.OXYGEN and part.seen:
        entry = scored.entries["oxygen"].value
        under, value = "oxygen" if entry["on"] else "air", entry["l_min"]
    return {
        "parameter": str(part.parameter),
        "points": part.points,
        "reason": part.reason,
        "under": under,
        "lack": None if part.lack is None else str(part.lack),
        "value": value,
        "at_ms": part.seen and part.seen.at_ms,
        "metric": source and source.metric,
        "device": source and source.device,
    }


def _shock(sources: Mapping[Parameter, Source], now_ms: int) -> Json | None:
    """The index of what counts now; None when one of the two does not."""
    pulse, systolic = (sources.get(one) for one in (Parameter.PULSE, Parameter.SYSTOLIC))
    if pulse is None or systolic is None or any(lack_of(one.seen, now_ms) for one in (pulse, systolic)):
        return None
    index = shock_index(pulse.seen.value, systolic.seen.value)
    if index is None:
        return None
    times = {"pulse_ms": pulse.seen.at_ms, "systolic_ms": systolic.seen.at_ms}
    return {"value": index, "pulse": pulse.seen.value, "systolic": systolic.seen.value, **times}


def _gcs(entries: Mapping[str, Assessment], now_ms: int) -> Json | None:
    """The last, however old; `old`: it does not count as the present one any more."""
    entry = entries.get("gcs")
    if entry is None:
        return None
    gcs = Gcs(**entry.value)
    old = now_ms - entry.at_ms > MANUAL_LIMIT_MS
    return {"total": gcs.total, "text": gcs.text, "at_ms": entry.at_ms, "old": old}
