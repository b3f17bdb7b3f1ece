"""What was measured, the limits that it has to keep, and whether it does.

    Measurement("recovery", 1.8, "s", upper=5.0, uncertainty=0.1).judgement      # Judgement.WITHIN
    Distribution("alarm delay", "s", delays, {"p95": Limits(upper=1.0), "max": Limits(upper=3.0)})

Uncertainty is expanded: U = k · u with k = 2, about 95 % coverage (JCGM 100:2008, 6.2 and 6.3). By JCGM
106:2012, 8.3 (decision rules with guard bands, here as wide as U) a value keeps its limits when all of value
± U lies within them, breaks them when all of it lies beyond one, and proves nothing in between. By simple
acceptance (8.2) the value alone decides, and its uncertainty is shared by both sides as risk.
"""

import math
import re
import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from hil.errors import BadMeasurement

COVERAGE_FACTOR = 2
"""k: how many standard uncertainties every uncertainty here is wide, on each side."""
_LARGEST = 1e15
"""No quantity of a rig is beyond this; of squares of such values one can still form a mean."""
_UNIT = re.compile(r"[!-~]+")
_QUANTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?)")


class Rule(StrEnum):
    """How uncertainty counts when a value is held against its limits."""

    GUARDED = "guarded"
    SIMPLE = "simple"


class Judgement(StrEnum):
    """What a measurement says of its limits."""

    WITHIN = "within"
    BEYOND = "beyond"
    INCONCLUSIVE = "inconclusive"
    """Its uncertainty reaches over a limit: measure better, or more."""
    NO_LIMITS = "no limits"
    """For information: nothing is claimed."""


def is_number(value: float) -> bool:
    """Whether it can be a result: finite, and no larger than any quantity here."""
    return math.isfinite(value) and abs(value) <= _LARGEST


def worst(judgements: list[Judgement]) -> Judgement:
    """Of many, the one that counts: a broken limit, then an open question, then a kept limit."""
    order = (Judgement.BEYOND, Judgement.INCONCLUSIVE, Judgement.WITHIN)
    return next((one for one in order if one in judgements), Judgement.NO_LIMITS)


@dataclass(frozen=True, slots=True)
class Limits:
    """Both belong to what is allowed; None: no limit on that side."""

    lower: float | None = None
    upper: float | None = None

    def __post_init__(self) -> None:
        ends = [one for one in (self.lower, self.upper) if one is not None]
        if not all(map(math.isfinite, ends)) or ends != sorted(ends):
            raise BadMeasurement(f"expected finite limits, the lower first, not {self.lower} to {self.upper}")


@dataclass(frozen=True, slots=True)
class Measurement:
    """One quantity: `value` in `unit` (UCUM, case-sensitive), drawn from so many `samples`.

    `uncertainty` is expanded (k = 2), in the same unit; None: nobody knows it, and only Rule.SIMPLE judges.
    """

    name: str
    value: float
    unit: str
    lower: float | None = None
    upper: float | None = None
    uncertainty: float | None = None
    samples: int = 1
    rule: Rule = Rule.GUARDED
    note: str = ""
    """How it was measured and what the uncertainty is made of, in a sentence."""
    kind: Literal["value"] = "value"

    def __post_init__(self) -> None:
        _check(self.name, self.unit, [self.value], self.uncertainty)
        limits = Limits(self.lower, self.upper)
        if self.samples < 1:
            raise BadMeasurement(f"{self.name}: expected at least one sample, not {self.samples}")
        _check_rule(self.name, self.rule, self.uncertainty, [limits])

    @property
    def judgement(self) -> Judgement:
        """Whether the value keeps its limits, by its rule."""
        if self.lower is None and self.upper is None:
            return Judgement.NO_LIMITS
        guard = self.uncertainty if self.rule is Rule.GUARDED and self.uncertainty else 0.0
        lower = -math.inf if self.lower is None else self.lower
        upper = math.inf if self.upper is None else self.upper
        if lower <= self.value - guard and self.value + guard <= upper:
            return Judgement.WITHIN
        if self.value + guard < lower or self.value - guard > upper:
            return Judgement.BEYOND
        return Judgement.INCONCLUSIVE


@dataclass(frozen=True, slots=True)
class Distribution:
    """One quantity many times, judged by its percentiles: "p50", "p95", "p99", "min", "max", "mean".

    `uncertainty` is that of a single sample (expanded, k = 2). Percentiles are by nearest rank, so that each
    is a value that really came.
    """

    name: str
    unit: str
    samples: tuple[float, ...]
    limits: Mapping[str, Limits] = field(default_factory=dict[str, Limits])
    uncertainty: float | None = None
    rule: Rule = Rule.GUARDED
    note: str = ""
    kind: Literal["distribution"] = "distribution"

    def __post_init__(self) -> None:
        _check(self.name, self.unit, self.samples, self.uncertainty)
        if not self.samples:
            raise BadMeasurement(f"{self.name}: expected at least one sample")
        for name in self.limits:
            self.at(name)
        _check_rule(self.name, self.rule, self.uncertainty, list(self.limits.values()))

    def at(self, name: str) -> float:
        """The value of "p95" and the like. Raises BadMeasurement for a name that means nothing."""
        match = _QUANTILE.fullmatch(name)
        if match:
            return sorted(self.samples)[self._rank(match) - 1]
        simple = {"min": min, "max": max, "mean": statistics.fmean}
        if name not in simple:
            raise BadMeasurement(f"{self.name}: expected p0 to p99.9, min, max or mean, not {name!r}")
        return simple[name](self.samples)

    def at_most(self, name: str, confidence: float = 0.95) -> float | None:
        """What a percentile does not exceed, with that confidence; None: so few samples do not tell.

        Distribution-free, by order statistics: the r-th of n samples is above the p-quantile with the
        probability that fewer than r of them fall below it (Hahn and Meeker, Statistical Intervals, 5.2).
        """
        ranks = (rank for rank, below in self._below(name) if below >= confidence)
        return next((sorted(self.samples)[rank - 1] for rank in ranks), None)

    def at_least(self, name: str, confidence: float = 0.95) -> float | None:
        """What a percentile does not fall below, with that confidence; None: so few samples do not tell."""
        ranks = [rank for rank, below in self._below(name) if below <= 1 - confidence]
        return sorted(self.samples)[ranks[-1] - 1] if ranks else None

    def _below(self, name: str) -> Iterator[tuple[int, float]]:
        """Each rank, and how probable it is that fewer samples than that are below the percentile."""
        match, below = _QUANTILE.fullmatch(name), 0.0
        for rank in range(1, len(self.samples) + 1 if match else 1):
            below += _binomial(len(self.samples), rank - 1, float(name[1:]) / 100)
            yield rank, below

    def measured(self) -> list[Measurement]:
        """Its percentiles, each with its limits: the median, 95th, 99th and largest, and what has a limit."""
        names = dict.fromkeys(("p50", "p95", "p99", "max", *self.limits))
        return [
            Measurement(
                f"{self.name}, {name}",
                self.at(name),
                self.unit,
                self.limits.get(name, Limits()).lower,
                self.limits.get(name, Limits()).upper,
                self.uncertainty,
                len(self.samples),
                self.rule,
            )
            for name in names
        ]

    @property
    def judgement(self) -> Judgement:
        """The worst of its percentiles'."""
        return worst([one.judgement for one in self.measured()])

    def _rank(self, match: re.Match[str]) -> int:
        # A percent of a count, rounded before it is raised: 0.95 · 20 is 19, and not a little more.
        return max(1, math.ceil(round(float(match[1]) * len(self.samples) / 100, 9)))


AnyMeasurement = Measurement | Distribution


def _binomial(count: int, hits: int, part: float) -> float:
    """The probability of `hits` of `count`, by logarithms: a coefficient of thousands is beyond a float."""
    if part in (0.0, 1.0):
        return float(hits == count * part)
    choose = math.lgamma(count + 1) - math.lgamma(hits + 1) - math.lgamma(count - hits + 1)
    return math.exp(choose + hits * math.log(part) + (count - hits) * math.log1p(-part))


def _check(name: str, unit: str, values: list[float] | tuple[float, ...], uncertainty: float | None) -> None:
    if not name or not _UNIT.fullmatch(unit):
        raise BadMeasurement(f"expected a name and a unit of UCUM, not {name!r} in {unit!r}")
    if not all(map(is_number, values)):
        raise BadMeasurement(f"{name}: expected finite values: what was not measured is a failed test")
    if uncertainty is not None and not (math.isfinite(uncertainty) and uncertainty >= 0):
        raise BadMeasurement(f"{name}: expected an uncertainty of 0 or more, not {uncertainty}")


def _check_rule(name: str, rule: Rule, uncertainty: float | None, limits: list[Limits]) -> None:
    limited = any(one.lower is not None or one.upper is not None for one in limits)
    if limited and rule is Rule.GUARDED and uncertainty is None:
        raise BadMeasurement(f"{name}: a guard band needs an uncertainty: say it, or take Rule.SIMPLE")
