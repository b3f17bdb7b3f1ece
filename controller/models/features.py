"""What a model looks at: each parameter of NEWS2 as it was last seen, how old that is, and where it went.

    found = look(history, at_ms, limit_ms)       # a Look, or Lacking: which parameter, and why

Nothing is filled in: a parameter that is missing or too old gives no features at all, and a trend that is not
known is said as a feature of its own (`…_no_trend` is 1, and the slope's 0 means nothing).
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from devices.model.scores_chart import CHART, Parameter

Kind = Literal["last", "below", "above", "slope", "no-trend", "minutes"]
HOUR_MS = 3_600_000
TREND_MS = 4 * HOUR_MS
"""A slope is of the readings of so long."""
SPAN_MS = HOUR_MS
"""Readings nearer to each other than this in all say nothing of a trend."""
UNITS: Mapping[Parameter, str] = {
    Parameter.RESPIRATION: "/min",
    Parameter.SPO2: "%",
    Parameter.OXYGEN: "0 or 1",
    Parameter.SYSTOLIC: "mmHg",
    Parameter.PULSE: "/min",
    Parameter.CONSCIOUSNESS: "0 or 1",
    Parameter.TEMPERATURE: "°C",
}


class Feature(NamedTuple):
    """One number that a model looks at, in `unit`."""

    name: str
    parameter: Parameter
    kind: Kind
    unit: str


class Series(NamedTuple):
    """Readings of one parameter in order of time, ms; values in the unit of `UNITS`."""

    at_ms: Sequence[int]
    values: Sequence[float]


History = Mapping[Parameter, Series]


class Look(NamedTuple):
    """The features, in the order of `FEATURES`, and when each parameter was last seen."""

    values: tuple[float, ...]
    seen_ms: Mapping[Parameter, int]

    @property
    def oldest_ms(self) -> int:
        """When the oldest input was seen."""
        return min(self.seen_ms.values())


class Lacking(NamedTuple):
    """Why there are no features: by parameter, "missing" or "stale"."""

    why: Mapping[Parameter, str]


def _usual(parameter: Parameter) -> tuple[float | None, float | None]:
    """The field in which NEWS2 gives no points: from, to."""
    row = next(row for row in CHART[parameter] if row.points == 0)
    return tuple(None if one is None else float(one) for one in (row.low, row.high))  # type: ignore[return-value]


USUAL = {parameter: _usual(parameter) for parameter in CHART}


def _features() -> Iterator[Feature]:
    for one in Parameter:
        yield Feature(str(one), one, "last", UNITS[one])
        if one not in CHART:
            continue
        low, high = USUAL[one]
        if low is not None:
            yield Feature(f"{one}_below", one, "below", UNITS[one])
        if high is not None:
            yield Feature(f"{one}_above", one, "above", UNITS[one])
        yield Feature(f"{one}_per_h", one, "slope", f"{UNITS[one]} per h")
        yield Feature(f"{one}_no_trend", one, "no-trend", "0 or 1")
        yield Feature(f"{one}_min", one, "minutes", "min")


FEATURES = tuple(_features())


def look(history: History, at_ms: int, limit_ms: int) -> Look | Lacking:
    """The features at `at_ms`: what was read later is not looked at, older than `limit_ms` is stale."""
    values: list[float] = []
    seen: dict[Parameter, int] = {}
    why: dict[Parameter, str] = {}
    for parameter in Parameter:
        series = history.get(parameter)
        end = bisect_right(series.at_ms, at_ms) if series else 0
        if series is None or end == 0:
            why[parameter] = "missing"
        elif at_ms - series.at_ms[end - 1] > limit_ms:
            why[parameter] = "stale"
        else:
            seen[parameter] = series.at_ms[end - 1]
            values += _of(parameter, series, end, at_ms)
    return Lacking(why) if why else Look(tuple(values), seen)


def _of(parameter: Parameter, series: Series, end: int, at_ms: int) -> Iterator[float]:
    """The features of one parameter; readings before `end` are known."""
    value = float(series.values[end - 1])
    yield value
    if parameter not in CHART:
        return
    low, high = USUAL[parameter]
    if low is not None:
        yield max(0.0, low - value)
    if high is not None:
        yield max(0.0, value - high)
    trend = slope(series, bisect_right(series.at_ms, at_ms - TREND_MS), end)
    yield 0.0 if trend is None else trend
    yield float(trend is None)
    yield (at_ms - series.at_ms[end - 1]) / 60_000


def slope(series: Series, begin: int, end: int) -> float | None:
    """Per hour, by least squares; None: fewer than two readings, or all within less than an hour."""
    if end - begin < 2 or series.at_ms[end - 1] - series.at_ms[begin] < SPAN_MS:
        return None
    first, count = series.at_ms[begin], end - begin
    hours = [(at - first) / HOUR_MS for at in series.at_ms[begin:end]]
    values = series.values[begin:end]
    middle, mean = sum(hours) / count, sum(values) / count
    spread = sum((one - middle) ** 2 for one in hours)
    return sum((one - middle) * (value - mean) for one, value in zip(hours, values, strict=True)) / spread
