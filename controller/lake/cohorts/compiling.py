"""A definition as DuckDB's SQL: what it says is in the parameters, never in the text.

    compiled = compiled_of(definition)
    duck.execute(compiled.admissions.sql, compiled.admissions.told(until))   # who was admitted, when, how old
    duck.execute(compiled.outcome.sql, …)                                    # holds, holds not, not known

Runs are islands: of one admission and device, in order of time, a reading that compares begins a new one when
the reading before it did not, or is further away than the gap. All times are µs of the lake's scale.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from controller.clock import utc_of
from controller.lake.cohorts.definition import (
    CohortAll,
    CohortAny,
    CohortCondition,
    CohortDefinition,
    CohortNot,
    CohortTree,
    conditions_of,
    event_of,
    metrics_of,
)
from controller.lake.tables import DAY_US
from devices.model.scores_sources import FLAWS

HOUR_US, MINUTE_US = 3_600_000_000, 60_000_000
BIN_MIN, AROUND_MIN = 5, 120
"""Minutes: steps of the trajectory, and how far it goes before and after the event."""
_OPERATORS = {"<": "<", "<=": "<=", ">": ">", ">=": ">="}
"""The only words of a definition that become text, and only these."""
OUT = ("disowned", "no_value", "flawed", "out_of_range")
"""Why a reading is left out; the first that holds counts."""


@dataclass(frozen=True, slots=True)
class Question:
    """A statement and what its parameters are."""

    sql: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Compiled:
    """In the order in which they are asked; each makes a table for the next."""

    places: Question
    admissions: Question
    windows: Question
    outcome: Question
    trajectory: Question

    def questions(self) -> tuple[Question, ...]:
        """All of them."""
        return self.places, self.admissions, self.windows, self.outcome, self.trajectory


_PLACES = """CREATE TEMP TABLE place AS
WITH stays AS (
  SELECT id, patient, bed, ward, epoch_us(began) AS began, coalesce(epoch_us(ended), $until) AS ended,
    ended IS NULL AS is_open, sex, birth_date
  FROM stay WHERE NOT home),
apart AS (
  SELECT *, began - max(ended) OVER (PARTITION BY patient ORDER BY began, id
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS gap
  FROM stays WHERE began < ended)
SELECT *, sum((gap IS NULL OR gap > $transfer)::INT) OVER (PARTITION BY patient ORDER BY began, id) AS nth
FROM apart"""
_ADMISSIONS = """CREATE TEMP TABLE admission AS
WITH joined AS (
  SELECT patient, nth, min(began) AS began, max(ended) AS ended, bool_or(is_open) AS is_open,
    arg_min(ward, (began, id)) AS ward, list(DISTINCT ward) AS wards, any_value(sex) AS sex,
    any_value(birth_date) AS birth_date
  FROM place GROUP BY patient, nth),
born AS (
  SELECT *, make_timestamp(began)::DATE AS day,
    try_cast(birth_date || CASE length(birth_date) WHEN 4 THEN '-01-01' WHEN 7 THEN '-01' ELSE '' END AS DATE)
      AS born_first
  FROM joined WHERE began >= $from AND began < $to),
spanned AS (
  SELECT *, CASE length(birth_date) WHEN 10 THEN born_first WHEN 7 THEN last_day(born_first)
    WHEN 4 THEN make_date(year(born_first), 12, 31) END AS born_last FROM born),
aged AS (
  SELECT *, CASE WHEN born_first <= day THEN date_sub('year', born_first, day) END AS oldest,
    CASE WHEN born_first <= day THEN CASE WHEN born_last <= day THEN date_sub('year', born_last, day)
      ELSE 0 END END AS youngest FROM spanned)
SELECT row_number() OVER (ORDER BY began, patient) AS number, patient, nth, began, ended, is_open, ward,
  wards, strftime(day, '%Y-%m') AS month, {eligible} AS eligible
FROM aged"""
_WINDOWS = """CREATE TEMP TABLE span AS
WITH asked AS (
  SELECT unnest($conditions::INT[]) AS condition, unnest($at_end::BOOL[]) AS at_end,
    unnest($from_us::BIGINT[]) AS from_us, unnest($to_us::BIGINT[]) AS to_us),
around AS (
  SELECT *, CASE WHEN NOT at_end THEN began WHEN NOT is_open THEN ended END AS anchor
  FROM admission CROSS JOIN asked WHERE eligible IS NOT false)
SELECT condition, number, patient, anchor + from_us AS first_us,
  least(ended, anchor + coalesce(to_us, ended - anchor)) AS last_us,
  NOT is_open OR coalesce(anchor + to_us <= $until, false) AS is_over
FROM around"""
_SEGMENTS = """{name} AS (
  SELECT *, DATE '1970-01-01' + unnest(range(first_us // {day}, (last_us - 1) // {day} + 1))::INT AS day
  FROM (SELECT span.number, {more}place.bed, greatest(place.began, span.first_us) AS first_us,
      least(place.ended, span.last_us) AS last_us
    FROM {spans} AS span JOIN place ON place.patient = span.patient
      AND place.began < span.last_us AND place.ended > span.first_us
    WHERE {which}) AS whole
  WHERE first_us < last_us)"""
_JOINED = """observation AS one JOIN {name} AS segment ON one.bed = segment.bed AND one.day = segment.day
      AND epoch_us(one.time) >= segment.first_us AND epoch_us(one.time) < segment.last_us
    WHERE one.metric IN ({metrics}) AND one.day BETWEEN $low_day{n}::DATE AND $high_day{n}::DATE"""
_LEFT_OUT = """CASE WHEN one.id IN (SELECT id FROM disowned) THEN 1
      WHEN one.reason IN ('rejected', 'overflow', 'underflow') THEN 4 WHEN one.value IS NULL THEN 2
      WHEN one.quality & $flaws{n} <> 0 THEN 3 WHEN one.value < $reject_low{n} OR one.value > $reject_high{n}
      THEN 4 ELSE 0 END"""
_CONDITION = """{segments},
read_{n} AS MATERIALIZED (
  SELECT segment.number, one.device, one.metric, epoch_us(one.time) AS us, one.id,
    one.value {op} $value{n} AS hit, {left_out} AS out
  FROM {joined}),
sum_{n} AS (
  SELECT number, count(*) FILTER (out = 0) AS used, {counts},
    count(DISTINCT us // {minute}) FILTER (out = 0) AS minutes
  FROM read_{n} GROUP BY number),
source_{n} AS (SELECT DISTINCT number, device, metric FROM read_{n} WHERE out = 0 AND hit),
step_{n} AS (
  SELECT *, lag(hit) OVER seen AS hit_before, us - lag(us) OVER seen AS since
  FROM read_{n} JOIN source_{n} USING (number, device, metric) WHERE out = 0
  WINDOW seen AS (PARTITION BY number, device, metric ORDER BY us, id)),
island_{n} AS (
  SELECT *, sum((hit_before IS NOT true OR since > $gap{n})::INT) OVER (
    PARTITION BY number, device, metric ORDER BY us, id ROWS UNBOUNDED PRECEDING) AS island
  FROM step_{n} WHERE hit),
run_{n} AS (
  SELECT number, min(us) AS began, max(us) - min(us) AS lasted
  FROM island_{n} GROUP BY number, device, metric, island),
event_{n} AS (SELECT number, min(began) AS event FROM run_{n} WHERE lasted >= $lasting{n} GROUP BY number),
answer_{n} AS (
  SELECT span.number, event, used, {outs}, is_over, minutes, (last_us - first_us) / {minute} AS asked,
    CASE WHEN event IS NOT NULL THEN true WHEN used > 0 AND is_over THEN false END AS holds
  FROM span LEFT JOIN sum_{n} USING (number) LEFT JOIN event_{n} USING (number)
  WHERE span.condition = $number{n})"""
_OUTCOME = """CREATE TEMP TABLE outcome AS
WITH {conditions}
SELECT admission.number, admission.patient, began, ended, is_open, ward, wards, month, eligible,
  {columns},
  answer_{event}.event AS event, eligible AND ({tree}) AS matches
FROM admission {joins}"""
_TRAJECTORY = """WITH around AS (
  SELECT number, patient, event, event - $around AS first_us, event + $around AS last_us
  FROM outcome WHERE matches AND event IS NOT NULL),
{segments},
mean AS (
  SELECT segment.number, (epoch_us(one.time) - segment.event + $around) // $bin AS bin,
    avg(one.value) AS value
  FROM {joined} AND {left_out} = 0 GROUP BY 1, 2)
SELECT bin, count(*), quantile_cont(value, 0.25), median(value), quantile_cont(value, 0.75)
FROM mean GROUP BY bin ORDER BY bin"""


def compiled_of(definition: CohortDefinition) -> Compiled:
    """The questions of a definition. `until` and the days that its windows touch come when it is asked."""
    conditions = conditions_of(definition.condition)
    event = event_of(definition.condition)
    return Compiled(
        Question(_PLACES, {"transfer": definition.transfer_min * MINUTE_US}),
        _admissions(definition),
        _windows(conditions),
        _outcome(definition.condition, conditions, event),
        _trajectory(conditions[event], event),
    )


def _admissions(definition: CohortDefinition) -> Question:
    """Whoever began in the period; `eligible` is null of whom it is not known."""
    who, parts, told = definition.who, list[str](), dict[str, Any]()
    told["from"] = utc_of(f"{definition.from_day}T00:00:00Z") if definition.from_day else 0
    told["to"] = utc_of(f"{definition.to_day}T00:00:00Z") + DAY_US if definition.to_day else 2**62
    if who.age_min is not None:
        parts.append("CASE WHEN youngest >= $age_min THEN true WHEN oldest < $age_min THEN false END")
        told["age_min"] = who.age_min
    if who.age_max is not None:
        parts.append("CASE WHEN oldest <= $age_max THEN true WHEN youngest > $age_max THEN false END")
        told["age_max"] = who.age_max
    if who.sex is not None:
        parts.append("nullif(sex, 'unknown') = $sex")
        told["sex"] = who.sex
    if who.wards:
        parts.append("list_contains($wards::VARCHAR[], ward)")
        told["wards"] = list(who.wards)
    return Question(_ADMISSIONS.format(eligible=" AND ".join(f"({one})" for one in parts) or "true"), told)


def _windows(conditions: list[CohortCondition]) -> Question:
    told = {
        "conditions": list(range(len(conditions))),
        "at_end": [one.anchor == "discharge" for one in conditions],
        "from_us": [round(one.from_h * HOUR_US) for one in conditions],
        "to_us": [None if one.to_h is None else round(one.to_h * HOUR_US) for one in conditions],
    }
    return Question(_WINDOWS, told)


def _outcome(tree: CohortTree, conditions: list[CohortCondition], event: int) -> Question:
    told = dict[str, Any]()
    texts = list[str]()
    for n, one in enumerate(conditions):
        texts.append(_condition(one, n))
        told |= _measured(one, n)
        told |= {f"value{n}": one.value, f"gap{n}": one.max_gap_s * 1_000_000, f"number{n}": n}
        told[f"lasting{n}"] = round(one.lasting_min * MINUTE_US)
    numbers = range(len(conditions))
    names = ("holds", "used", *OUT, "is_over", "minutes", "asked")
    columns = ", ".join(f"answer_{n}.{name} AS {name}_{n}" for n in numbers for name in names)
    joins = " ".join(f"LEFT JOIN answer_{n} ON answer_{n}.number = admission.number" for n in numbers)
    text, _ = _tree(tree, 0)
    whole = _OUTCOME.format(
        conditions=",\n".join(texts), columns=columns, event=event, tree=text, joins=joins
    )
    return Question(whole, told)


def _condition(one: CohortCondition, n: int) -> str:
    segments = _SEGMENTS.format(
        name=f"segment_{n}", day=DAY_US, more="", spans="span", which=f"span.condition = $number{n}"
    )
    counts = ", ".join(f"count(*) FILTER (out = {place}) AS {name}" for place, name in enumerate(OUT, 1))
    return _CONDITION.format(
        n=n,
        segments=segments,
        op=_OPERATORS[one.op],
        left_out=_LEFT_OUT.format(n=n),
        joined=_joined(one, n, f"segment_{n}"),
        counts=counts,
        minute=MINUTE_US,
        outs=", ".join(OUT),
    )


def _trajectory(one: CohortCondition, n: int) -> Question:
    """The median admission around the event: first a mean of each in each step, then quartiles of these."""
    segments = _SEGMENTS.format(name="segment", day=DAY_US, more="span.event, ", spans="around", which="true")
    text = _TRAJECTORY.format(
        segments=segments, joined=_joined(one, n, "segment"), left_out=_LEFT_OUT.format(n=n)
    )
    told = {"around": AROUND_MIN * MINUTE_US, "bin": BIN_MIN * MINUTE_US}
    return Question(text, {**_measured(one, n), **told})


def _joined(one: CohortCondition, n: int, name: str) -> str:
    metrics = ", ".join(f"$metric{n}_{place}" for place, _ in enumerate(metrics_of(one.code)))
    return _JOINED.format(name=name, metrics=metrics, n=n)


def _measured(one: CohortCondition, n: int) -> dict[str, Any]:
    """What readings count: the widest of the metrics' measurement ranges, and none that its device flaws."""
    metrics = metrics_of(one.code)
    names = {f"metric{n}_{place}": metric.name for place, metric in enumerate(metrics)}
    low, high = min(m.reject_low for m in metrics), max(m.reject_high for m in metrics)
    ranges = {f"reject_low{n}": float(low), f"reject_high{n}": float(high)}
    return {**names, **ranges, f"flaws{n}": int(FLAWS)}


def _tree(tree: CohortTree, first: int) -> tuple[str, int]:
    """Text of the logic, and the number of the next condition."""
    match tree:
        case CohortAll():
            return _joined_by(" AND ", tree.all_, first)
        case CohortAny():
            return _joined_by(" OR ", tree.any_, first)
        case CohortNot():
            text, after = _tree(tree.not_, first)
            return f"NOT {text}", after
        case _:
            return f"answer_{first}.holds", first + 1


def _joined_by(word: str, parts: list[CohortTree], first: int) -> tuple[str, int]:
    texts = list[str]()
    for part in parts:
        text, first = _tree(part, first)
        texts.append(text)
    return f"({word.join(texts)})", first
