"""The scores of one bed, made of what devices measure there and people assess: NEWS2, shock index, GCS.

scored = score(values, entries, now_ms)
scored.item(now_ms)        # SCORE, as the pages of the controller and of a box get it
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from devices.model.scores import News2, Part, lack_of, news2
from devices.model.scores_bedside import Gcs, shock_index
from devices.model.scores_chart import Parameter
from devices.model.scores_sources import MANUAL_LIMIT_MS, Entry, Measured, Source, chosen, entered

Json = dict[str, Any]


class Scored(NamedTuple):
    """What a bed's score is made of."""

    score: News2
    sources: Mapping[Parameter, Source]
    entries: Mapping[str, Entry]

    @property
    def sameness(self) -> tuple[object, ...]:
        """Equal as long as there is no news but new times and values within the same points."""
        parts = tuple((part.points, part.reason, part.under, part.lack) for part in self.score.parts)
        by = tuple((source.metric, source.device) for source in self.sources.values())
        return parts, by, self.score.scale, tuple(entry.at_ms for entry in self.entries.values())

    def item(self, now_ms: int) -> Json:
        """SCORE, without its bed."""
        told = _told(self)
        shock, gcs = _shock(self.sources, now_ms), _gcs(self.entries, now_ms)
        return {"at_ms": now_ms, "news2": told, "shock_index": shock, "gcs": gcs}


def score(values: Iterable[Measured], entries: Mapping[str, Entry], now_ms: int) -> Scored:
    """Of the `values` of metrics in `FEEDS`, and the last entry of each kind."""
    sources = chosen(values, now_ms)
    seen = {parameter: source.seen for parameter, source in sources.items()}
    scale = entries["scale"].value["spo2"] if "scale" in entries else 1
    return Scored(news2(seen | entered(entries), now_ms, scale), sources, entries)


def _told(scored: Scored) -> Json:
    score = scored.score
    return {
        "total": score.total,
        "least": score.least,
        "risk": str(score.risk),
        "missing": [str(parameter) for parameter in score.missing],
        "oldest_ms": score.oldest_ms,
        "scale": score.scale,
        "parts": [_part(part, scored) for part in score.parts],
    }


def _part(part: Part, scored: Scored) -> Json:
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


def _gcs(entries: Mapping[str, Entry], now_ms: int) -> Json | None:
    """The last, however old; `old`: it does not count as the present one any more."""
    entry = entries.get("gcs")
    if entry is None:
        return None
    gcs = Gcs(**entry.value)
    old = now_ms - entry.at_ms > MANUAL_LIMIT_MS
    return {"total": gcs.total, "text": gcs.text, "at_ms": entry.at_ms, "old": old}
