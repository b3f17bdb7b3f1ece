"""What changed between two runs: versions, tests that turned, and measurements against their uncertainty.

Two values with uncertainties Ua and Ub differ when |b − a| > √(Ua² + Ub²) (the normalized error of ISO 13528,
9.7, is above 1). Percentiles differ when their intervals of 95 %, widened by the uncertainty of a sample, lie
apart. All else cannot be told from chance, and is said to be so.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from hil.evidence.measurement import Distribution, Measurement
from hil.evidence.report import of_test
from hil.evidence.stored import Record


class Change(StrEnum):
    """From the first run to the second."""

    BETTER = "better"
    WORSE = "worse"
    DIFFERENT = "different"
    """It differs, and no limit says which way is good."""
    SAME = "not distinguishable"
    UNKNOWN = "cannot be compared"
    """Only one has it, in another unit, or nobody knows its uncertainty."""


_ORDER = (Change.WORSE, Change.BETTER, Change.DIFFERENT, Change.UNKNOWN, Change.SAME)
"""In which a reader wants them."""


@dataclass(frozen=True, slots=True)
class Turned:
    """Something that is named, as it was and as it is; "" where there is none."""

    name: str
    before: str
    after: str
    change: Change = Change.DIFFERENT


@dataclass(frozen=True, slots=True)
class Moved:
    """A measurement of both runs; None in one of them: only the other has it."""

    name: str
    test: str
    before: Measurement | None
    after: Measurement | None
    change: Change


@dataclass(frozen=True, slots=True)
class Comparison:
    """Of two runs."""

    before: Record
    after: Record
    facts: list[Turned] = field(default_factory=list[Turned])
    """Rig, seed, command, parts and verdict, where they differ."""
    digests: list[Turned] = field(default_factory=list[Turned])
    tests: list[Turned] = field(default_factory=list[Turned])
    measurements: list[Moved] = field(default_factory=list[Moved])

    @property
    def is_worse(self) -> bool:
        """Whether a test or a measurement got worse."""
        changes = [one.change for one in self.tests] + [one.change for one in self.measurements]
        return Change.WORSE in changes


def compared(before: Record, after: Record) -> Comparison:
    """What there is to say."""
    return Comparison(
        before,
        after,
        list(_turned(_facts(before), _facts(after))),
        list(_turned(dict(before.run.digests), dict(after.run.digests))),
        list(_tests(before, after)),
        sorted(_measurements(before, after), key=lambda one: _ORDER.index(one.change)),
    )


def _facts(record: Record) -> dict[str, str]:
    run = record.run
    parts = {f"{one.name} is": "real" if one.real else f"faked: {one.description}" for one in run.parts}
    return {"rig": run.rig, "seed": str(run.seed), "command": run.command, **parts, "verdict": record.verdict}


def _turned(before: dict[str, str], after: dict[str, str]) -> Iterator[Turned]:
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            yield Turned(name, before.get(name, ""), after.get(name, ""))


def _tests(before: Record, after: Record) -> Iterator[Turned]:
    """Those whose result turned."""
    was, now = ({one.test: of_test(one, record) for one in record.run.outcomes} for record in (before, after))
    for one in _turned(was, now):
        yield replace(one, change=_turn(one.before, one.after))


def _turn(before: str, after: str) -> Change:
    """To stop passing is worse, in whatever way; what was skipped or not there says nothing of then."""
    if before == "passed" or after in ("failed", "error"):
        return Change.WORSE if before not in ("failed", "error") else Change.DIFFERENT
    return Change.BETTER if after == "passed" and before not in ("", "skipped") else Change.DIFFERENT


_Key = tuple[str, str]


def _measurements(before: Record, after: Record) -> Iterator[Moved]:
    was, now = dict(_single(before)), dict(_single(after))
    for test, name in dict.fromkeys((*was, *now)):
        old, new = was.get((test, name)), now.get((test, name))
        change = _moved(old, new)
        yield Moved(name, test, old[0] if old else None, new[0] if new else None, change)


def _single(record: Record) -> Iterator[tuple[_Key, tuple[Measurement, tuple[float, float] | None]]]:
    """Each measurement and percentile with its interval of 95 %, None where nobody knows it."""
    for one in record.taken:
        if isinstance(one.measured, Measurement):
            yield (one.test, one.measured.name), (one.measured, _interval(one.measured))
            continue
        for each in one.measured.measured():
            name = each.name.rpartition(", ")[2]
            yield (one.test, each.name), (each, _percentile_interval(one.measured, name))


def _interval(one: Measurement) -> tuple[float, float] | None:
    if one.uncertainty is None:
        return None
    return one.value - one.uncertainty, one.value + one.uncertainty


def _percentile_interval(one: Distribution, name: str) -> tuple[float, float] | None:
    low, high = one.at_least(name, 0.975), one.at_most(name, 0.975)
    if low is None or high is None or one.uncertainty is None:
        return None
    return low - one.uncertainty, high + one.uncertainty


_Held = tuple[Measurement, tuple[float, float] | None] | None


def _moved(old: _Held, new: _Held) -> Change:
    if old is None or new is None or old[0].unit != new[0].unit:
        return Change.UNKNOWN
    if old[0].value == new[0].value:
        return Change.SAME
    if old[1] is None or new[1] is None:
        return Change.UNKNOWN
    (before, (low, high)), (after, (new_low, new_high)) = (old[0], old[1]), (new[0], new[1])
    if (low, high) == _interval(before) and (new_low, new_high) == _interval(after):
        differs = abs(after.value - before.value) > math.hypot((high - low) / 2, (new_high - new_low) / 2)
    else:
        differs = new_low > high or low > new_high
    return _direction(before, after) if differs else Change.SAME


def _direction(before: Measurement, after: Measurement) -> Change:
    """By the newer limits: away from a single limit is better, and so is nearer to the middle of two."""
    match after.lower, after.upper:
        case None, None:
            return Change.DIFFERENT
        case None, _:
            is_better = after.value < before.value
        case _, None:
            is_better = after.value > before.value
        case lower, upper:
            middle = (lower + upper) / 2
            is_better = abs(after.value - middle) < abs(before.value - middle)
    return Change.BETTER if is_better else Change.WORSE
