"""A cohort's question, asked of the lake: counts by month, what was left out, the course around the event.

found = asked(folder, definition, clock)                  # a Found
members = members_of(folder, definition)                  # who they are: for those who may see them
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from controller.clock import Clock, utc_day, utc_of
from controller.errors import LakeError
from controller.lake import manifest as manifests
from controller.lake.asking import opened
from controller.lake.cohorts.compiling import AROUND_MIN, BIN_MIN, MINUTE_US, OUT, Question, compiled_of
from controller.lake.cohorts.definition import CohortDefinition, conditions_of, event_of
from controller.lake.cohorts.found import Basis, Found, Member, Month, Read, Step
from controller.lake.manifest import Manifest

MEMORY_MB = 3072
MOST_OPERATORS = 6
_MONTHS = """SELECT month, count(*), count(*) FILTER (matches), count(*) FILTER (matches IS NULL)
FROM outcome WHERE eligible IS NOT false GROUP BY month ORDER BY month"""
_TOTAL = """SELECT count(*), count(*) FILTER (matches), count(*) FILTER (matches IS NULL),
  count(*) FILTER (eligible IS NULL), count(DISTINCT patient) FILTER (matches)
FROM outcome WHERE eligible IS NOT false"""
_BASIS = """SELECT coalesce(sum(used_{n}), 0), {outs}, count(*) FILTER (used_{n} IS NULL OR used_{n} = 0),
  count(*) FILTER (used_{n} > 0 AND holds_{n} IS NULL), count(*) FILTER (holds_{n} = false
    AND minutes_{n} * 2 < asked_{n})
FROM outcome WHERE eligible IS NOT false"""
_MEMBERS = """SELECT patient, ward, wards, began, CASE WHEN is_open THEN NULL ELSE ended END, event
FROM outcome WHERE matches ORDER BY began, patient"""
_DAYS = "SELECT condition, min(first_us), max(last_us) FROM span WHERE first_us < last_us GROUP BY 1"


def asked(folder: Path, definition: CohortDefinition, clock: Clock) -> Found:
    """What the lake says. Raises LakeError: there is none, or it cannot be read."""
    began_us = clock.now_us()
    with _outcome(folder, definition) as (duck, manifest, profile):
        event = event_of(definition.condition)
        steps = list(_steps(duck, definition, event))
        total, not_known, patients = _total(duck)
        took_ms = (clock.now_us() - began_us) // 1000
        conditions = conditions_of(definition.condition)
        return Found(
            generation=manifest.generation,
            lake_utc_ms=_until(manifest) // 1000,
            disowned_known=_has(manifest, "disowned"),
            total=total,
            months=[Month(*row) for row in duck.execute(_MONTHS).fetchall()],
            not_known_who=not_known,
            patients=patients,
            bases=[_basis(duck, n) for n in range(len(conditions))],
            event=event,
            unit=conditions[event].unit,
            steps=steps,
            read=_read(profile, manifest, took_ms),
        )


def members_of(folder: Path, definition: CohortDefinition) -> list[Member]:
    """The admissions that match. Raises LakeError."""
    with _outcome(folder, definition) as (duck, _, _):
        return [Member(*row) for row in duck.execute(_MEMBERS).fetchall()]


@contextmanager
def _outcome(
    folder: Path, definition: CohortDefinition
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Manifest, Mapping[str, Any]]]:
    """A connection that has the table `outcome`, the lake's manifest, and DuckDB's profile of making it."""
    manifest = manifests.read(folder)
    with opened(folder, MEMORY_MB) as duck:
        if manifest is None or not _has(manifest, "stay"):
            raise LakeError(f"{folder}: the lake has no admissions yet: `wardlink lake write` brings it up")
        for name, columns in _EMPTY.items():
            if not _has(manifest, name):
                duck.execute(f"CREATE TEMP VIEW {name} AS SELECT {columns} WHERE false")
        compiled = compiled_of(definition)
        until = {"until": _until(manifest)}
        _ask(duck, compiled.places, until)
        _ask(duck, compiled.admissions)
        _ask(duck, compiled.windows, until)
        days = _days(duck.execute(_DAYS).fetchall(), len(conditions_of(definition.condition)))
        profile = _profiled(duck, compiled.outcome, days)
        yield duck, manifest, profile


_EMPTY = {
    "disowned": "NULL::BIGINT AS id",
    "observation": """NULL::BIGINT AS id, NULL::TIMESTAMPTZ AS time, NULL::VARCHAR AS device,
      NULL::VARCHAR AS bed, NULL::VARCHAR AS metric, NULL::DOUBLE AS value, NULL::VARCHAR AS reason,
      NULL::INT AS quality, NULL::DATE AS day""",
}
"""Tables that a lake may not have yet, and are then empty."""


def _ask(duck: duckdb.DuckDBPyConnection, question: Question, more: Mapping[str, Any] | None = None) -> Any:
    return duck.execute(question.sql, {**question.parameters, **(more or {})})


def _profiled(
    duck: duckdb.DuckDBPyConnection, question: Question, days: Mapping[str, str]
) -> Mapping[str, Any]:
    """Run it, once, and take the profile of that run."""
    explained = Question(f"EXPLAIN (ANALYZE, FORMAT JSON) {question.sql}", question.parameters)
    ((_, text),) = _ask(duck, explained, days).fetchall()
    return json.loads(text)


def _days(rows: Iterable[tuple[int, int, int]], conditions: int) -> dict[str, str]:
    """The days that the windows of each condition touch: files of other days are not opened."""
    told = {f"{end}_day{n}": "1970-01-01" for n in range(conditions) for end in ("low", "high")}
    for condition, first_us, last_us in rows:
        told[f"low_day{condition}"] = utc_day(first_us).isoformat()
        told[f"high_day{condition}"] = utc_day(last_us - 1).isoformat()
    return told


def _steps(duck: duckdb.DuckDBPyConnection, definition: CohortDefinition, event: int) -> Iterator[Step]:
    ends = duck.execute("SELECT min(event), max(event) FROM outcome WHERE matches").fetchone()
    if ends is None or ends[0] is None:
        return
    around = AROUND_MIN * MINUTE_US
    days = _days([(event, ends[0] - around, ends[1] + around)], event + 1)
    told = {name: day for name, day in days.items() if name.endswith(f"day{event}")}
    for place, *rest in _ask(duck, compiled_of(definition).trajectory, told).fetchall():
        yield Step(place * BIN_MIN - AROUND_MIN, *rest)


def _total(duck: duckdb.DuckDBPyConnection) -> tuple[Month, int, int]:
    ((admitted, matching, unknown, not_known, patients),) = duck.execute(_TOTAL).fetchall()
    return Month("", admitted, matching, unknown), not_known, patients


def _basis(duck: duckdb.DuckDBPyConnection, n: int) -> Basis:
    outs = ", ".join(f"coalesce(sum({one}_{n}), 0)" for one in OUT)
    (row,) = duck.execute(_BASIS.format(n=n, outs=outs)).fetchall()
    return Basis(*map(int, row))


def _until(manifest: Manifest) -> int:
    """µs: up to when the lake has what was measured."""
    return utc_of(manifest.written)


def _has(manifest: Manifest, table: str) -> bool:
    return any(one.table == table for one in manifest.files)


def _read(profile: Mapping[str, Any], manifest: Manifest, took_ms: int) -> Read:
    there = [one for one in manifest.files if one.table == "observation"]
    nodes = list(_nodes(profile["operator"]))
    files = [one for one in nodes if one["name"] == "PARQUET_SCAN"]
    scans = [one for one in files if "bed" in one["extra_info"].get("Projections", "")]
    slowest = sorted(nodes, key=lambda one: -one["timing"])[:MOST_OPERATORS]
    return Read(
        files=sum(int(one["extra_info"].get("Total Files Read", 0)) for one in scans),
        files_there=len(there),
        row_groups=sum(one.get("row_groups_scanned", 0) for one in scans),
        row_groups_there=sum(one.get("total_row_groups_to_scan", 0) for one in scans),
        rows=sum(one.get("rows_scanned", 0) for one in scans),
        rows_there=sum(one.rows for one in there),
        bytes=sum(one.get("bytes_scanned", 0) for one in scans),
        took_ms=took_ms,
        plan=[f"{one['name']} {one['timing'] * 1000:.0f} ms" for one in slowest],
    )


def _nodes(operators: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for one in operators:
        if one["type"] not in ("RESULT_COLLECTOR", "EXPLAIN_ANALYZE"):
            yield one
        yield from _nodes(one.get("children", ()))
