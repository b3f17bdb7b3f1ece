"""What a cohort is: a small JSON document, and what is refused of it.

    {"who": {"age_min": 66}, "condition":
      {"code": "spo2", "op": "<", "value": 90, "unit": "%", "lasting_min": 5, "to_h": 24}}

Conditions join by {"all": […]}, {"any": […]}, {"not": …}. What is not known stays so: Kleene's logic of three
values, which is SQL's. Times are relative to the admission, or to its end.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag, model_validator

from controller.clock import utc_of
from devices.model.metrics import METRICS, Metric

MOST_CONDITIONS, DEEPEST = 8, 4
LONGEST_H = 24 * 366
"""Hours of a window."""
Operator = Literal["<", "<=", ">", ">="]
Day = Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-[01][0-9]-[0-3][0-9]$")]
Hours = Annotated[float, Field(ge=-LONGEST_H, le=LONGEST_H, allow_inf_nan=False)]
Age = Annotated[int, Field(ge=0, le=130)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class CohortWho(_Part):
    """Whose admissions are asked for. Ages in whole years on the day of admission, UTC, both included;
    `wards`: where the admission began."""

    age_min: Age | None = None
    age_max: Age | None = None
    sex: Literal["female", "male", "other"] | None = None
    wards: Annotated[list[Annotated[str, StringConstraints(max_length=64)]], Field(max_length=50)] = []

    @model_validator(mode="after")
    def _in_order(self) -> "CohortWho":
        if self.age_min is not None and self.age_max is not None and self.age_min > self.age_max:
            raise ValueError("expected age_min not above age_max")
        return self


class CohortCondition(_Part):
    """One measurement: `code` is a name of devices/model/metrics.csv, an MDC name or number ("mdc:150456"),
    or "loinc:59408-5", which may be that of several metrics of one unit; `unit` is UCUM and the metric's own.

    It holds when readings of one device compare so for `lasting_min` minutes without a break: from the first
    to the last of them, none of them otherwise, and no two of them more than `max_gap_s` seconds apart.
    """

    code: Annotated[str, StringConstraints(max_length=80)]
    op: Operator
    value: Annotated[float, Field(allow_inf_nan=False)]
    unit: Annotated[str, StringConstraints(max_length=20)]
    lasting_min: Annotated[float, Field(ge=0, le=60 * 24 * 7)] = 0
    max_gap_s: Annotated[int, Field(ge=1, le=86_400)] = 60
    anchor: Literal["admission", "discharge"] = "admission"
    from_h: Hours = 0
    to_h: Hours | None = None
    """None: to the end of the admission."""

    @model_validator(mode="after")
    def _measurable(self) -> "CohortCondition":
        units = {one.unit for one in metrics_of(self.code)}
        if units != {self.unit}:
            raise ValueError(f"{self.code} is measured in {' and '.join(units)}, got {self.unit!r}")
        end_h = self.to_h if self.to_h is not None else LONGEST_H if self.anchor == "admission" else 0
        if self.from_h >= end_h:
            raise ValueError("expected from_h before to_h: a window that ends before it begins has nothing")
        return self


def _kind(told: Any) -> str:
    names = told if isinstance(told, dict) else type(told).model_fields
    return next((one for one in ("all", "any", "not") if one in names or f"{one}_" in names), "condition")


CohortTree = Annotated[
    Annotated["CohortAll", Tag("all")]
    | Annotated["CohortAny", Tag("any")]
    | Annotated["CohortNot", Tag("not")]
    | Annotated[CohortCondition, Tag("condition")],
    Discriminator(_kind),
]


class CohortAll(_Part):
    """Each of them holds."""

    all_: Annotated[list[CohortTree], Field(alias="all", min_length=1, max_length=MOST_CONDITIONS)]


class CohortAny(_Part):
    """At least one of them holds."""

    any_: Annotated[list[CohortTree], Field(alias="any", min_length=1, max_length=MOST_CONDITIONS)]


class CohortNot(_Part):
    """It does not hold."""

    not_: Annotated[CohortTree, Field(alias="not")]


class CohortDefinition(_Part):
    """A cohort of admissions that began on days from `from_day` to `to_day` (UTC, both included; None: all
    of the lake). A patient who lies on another bed within `transfer_min` minutes is still admitted."""

    who: CohortWho = CohortWho()
    condition: CohortTree
    from_day: Day | None = None
    to_day: Day | None = None
    transfer_min: Annotated[int, Field(ge=0, le=1440)] = 60

    @model_validator(mode="after")
    def _small(self) -> "CohortDefinition":
        for day in (self.from_day, self.to_day):
            if day is not None:
                utc_of(f"{day}T00:00:00Z")  # ValueError: no such day
        if self.from_day and self.to_day and self.from_day > self.to_day:
            raise ValueError("expected from_day not after to_day")
        if depth_of(self.condition) > DEEPEST or len(conditions_of(self.condition)) > MOST_CONDITIONS:
            raise ValueError(f"expected at most {MOST_CONDITIONS} conditions, {DEEPEST} deep")
        return self


def parts_of(tree: CohortTree) -> list[CohortTree]:
    """What it joins; of a condition nothing."""
    match tree:
        case CohortAll():
            return tree.all_
        case CohortAny():
            return tree.any_
        case CohortNot():
            return [tree.not_]
        case _:
            return []


def depth_of(tree: CohortTree) -> int:
    """1: a condition alone."""
    return 1 + max(map(depth_of, parts_of(tree)), default=0)


def conditions_of(tree: CohortTree) -> list[CohortCondition]:
    """All of them, in the order in which they stand."""
    if isinstance(tree, CohortCondition):
        return [tree]
    return [found for part in parts_of(tree) for found in conditions_of(part)]


def event_of(tree: CohortTree) -> int:
    """The number of the condition whose first time is the event of the trajectory: the first that is not
    under a `not`; there is none: the first."""
    conditions = conditions_of(tree)
    wanted = _wanted(tree)
    return next((n for n, one in enumerate(conditions) if any(one is found for found in wanted)), 0)


def _wanted(tree: CohortTree) -> list[CohortCondition]:
    if isinstance(tree, CohortNot):
        return []
    if isinstance(tree, CohortCondition):
        return [tree]
    return [found for part in parts_of(tree) for found in _wanted(part)]


def metrics_of(code: str) -> tuple[Metric, ...]:
    """The metrics that a code means. Raises ValueError: none, or none that is a number of a patient's."""
    kind, _, rest = code.partition(":")
    found = [one for one in METRICS.values() if _is_meant(one, code, kind, rest)]
    if not found:
        raise ValueError(f"no measurement has the code {code!r}: expected a name of docs/cohorts.md")
    return tuple(found)


def _is_meant(one: Metric, code: str, kind: str, rest: str) -> bool:
    named = code in (one.name, one.mdc_refid)
    coded = (kind == "loinc" and one.loinc == rest) or (kind == "mdc" and str(one.mdc_code) == rest)
    return (named or coded) and one.is_of_patient and not one.is_waveform
