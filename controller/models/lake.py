"""A cohort out of the lake: stays, readings and what people assessed, and events that the hospital lists.

    cohort = from_lake(folder, title="Ward A, 2026", events=path, since_us=0)

Who had an event is not in the lake: `events` is a file of `patient,utc,kind` (kinds: cohort.EVENTS, utc in
ISO 8601): all there were until the lake's newest reading. Needs DuckDB, of the extra `data`. Readings of
homes are left out, and such that NEWS2 does not count; of several in a minute the last of the best metric
stands for it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from controller.clock import utc_of
from controller.errors import ModelError
from controller.lake.asking import opened
from controller.models.cohort import EVENTS, About, Cohort, CohortStay, Outcome, lines, made
from controller.models.landmarks import APART_MS
from devices.model.scores_chart import Parameter
from devices.model.scores_sources import FEEDS, FLAWS

HEAD = ["patient", "utc", "kind"]
_YEAR_DAYS = 365.2425
_STAYS = """SELECT id, patient, ward, sex, birth_date, epoch_ms(began), epoch_ms(ended) FROM stay
WHERE NOT home AND (ended IS NULL OR epoch_us(ended) >= $since) ORDER BY id"""
_NEWEST = "SELECT max(epoch_ms(time)) FROM observation"
_READINGS = """WITH ranked AS (
  SELECT stay.id AS stay, metric, epoch_ms(time) AS at_ms, value,
    feeds.parameter AS parameter, feeds.rank AS rank
  FROM observation JOIN feeds USING (metric) JOIN stay ON observation.bed = stay.bed
    AND time >= stay.began AND (stay.ended IS NULL OR time < stay.ended)
  WHERE NOT stay.home AND observation.id NOT IN (SELECT id FROM disowned) AND value IS NOT NULL
    AND (quality & $flaws) = 0 AND epoch_us(time) >= $since)
SELECT stay, parameter, arg_max(at_ms, (-rank, at_ms)), arg_max(value, (-rank, at_ms))
FROM ranked GROUP BY stay, parameter, at_ms // 60000"""
_SAID = """SELECT stay, kind, epoch_ms(time), value FROM assessment JOIN stay ON stay.id = assessment.stay
WHERE NOT home AND kind IN ('consciousness', 'oxygen', 'scale') AND epoch_us(time) >= $since"""


def from_lake(folder: Path, title: str, events: Path | None, since_us: int = 0) -> Cohort:
    """Everybody who was there after `since_us`. Raises LakeError, ModelError."""
    listed = list(lines(events, HEAD, _event)) if events else []
    with opened(folder) as duck:
        newest_ms = duck.execute(_NEWEST).fetchall()[0][0] or 0
        stays = list(_stays(duck, since_us, newest_ms))
        readings = [*_readings(duck, since_us), *_said(duck, since_us)]
        other = _other_scale(duck)
    kept = [stay for stay in stays if stay.id not in other]
    known = {stay.id for stay in kept}
    placed = list(_placed(stays, other, listed, since_us // 1000))
    left_out = {"other_scale_of_spo2": len(other), "events_of_others": len(listed) - len(placed)}
    about = About(title, "hospital", "The hospital's own lake", left_out)
    cohort = made(about, kept, [one for one in readings if one[0] in known], placed)
    return replace(cohort, known_ms=(since_us // 1000, newest_ms))


def _event(cells: Mapping[str, str]) -> tuple[str, Outcome]:
    if cells["kind"] not in EVENTS:
        raise ValueError(f"kind: expected one of {', '.join(EVENTS)}, got {cells['kind']!r}")
    return cells["patient"], Outcome(utc_of(cells["utc"]) // 1000, cells["kind"])


def _stays(duck: duckdb.DuckDBPyConnection, since_us: int, newest_ms: int) -> Iterator[CohortStay]:
    """Those, too, that ended so shortly before that their event ends the next."""
    asked = {"since": since_us - APART_MS * 1000}
    for number, patient, ward, sex, born, began_ms, ended_ms in duck.execute(_STAYS, asked).fetchall():
        last = ended_ms if ended_ms is not None else max(began_ms, newest_ms)
        yield CohortStay(str(number), patient, ward, sex or "", _age(born, began_ms), began_ms, last)


def _age(born: str | None, at_ms: int) -> int | None:
    """Years. A date may lack its month or day (FHIR's date)."""
    if not born:
        return None
    day = born + {4: "-07-01", 7: "-15"}.get(len(born), "")
    return max(0, int((at_ms * 1000 - utc_of(day)) / 86_400_000_000 / _YEAR_DAYS))


def _readings(duck: duckdb.DuckDBPyConnection, since_us: int) -> Iterator[tuple[str, Parameter, int, float]]:
    feeds = [(metric, str(parameter), rank) for metric, (parameter, rank) in FEEDS.items()]
    duck.execute("CREATE TEMP TABLE feeds (metric VARCHAR, parameter VARCHAR, rank INTEGER)")
    duck.executemany("INSERT INTO feeds VALUES (?, ?, ?)", feeds)
    asked = {"flaws": int(FLAWS), "since": since_us}
    for stay, parameter, at_ms, value in duck.execute(_READINGS, asked).fetchall():
        yield str(stay), Parameter(parameter), at_ms, value


def _said(duck: duckdb.DuckDBPyConnection, since_us: int) -> Iterator[tuple[str, Parameter, int, float]]:
    """What people assessed: oxygen, and consciousness."""
    for stay, kind, at_ms, text in duck.execute(_SAID, {"since": since_us}).fetchall():
        value: dict[str, Any] = json.loads(text)
        if kind == "oxygen":
            yield str(stay), Parameter.OXYGEN, at_ms, float(value["on"])
        elif kind == "consciousness":
            yield str(stay), Parameter.CONSCIOUSNESS, at_ms, float(value["acvpu"] != "A")


def _other_scale(duck: duckdb.DuckDBPyConnection) -> set[str]:
    """Stays of people whose SpO2 is judged by scale 2: no model was trained on it."""
    rows = duck.execute(_SAID, {"since": 0}).fetchall()
    return {str(stay) for stay, kind, _, text in rows if kind == "scale" and json.loads(text)["spo2"] == 2}


def _placed(
    stays: list[CohortStay], other: set[str], listed: list[tuple[str, Outcome]], since_ms: int
) -> Iterator[tuple[str, Outcome]]:
    """Each event in the last stay of its patient before it, of `other` ones none.

    Raises ModelError: it is not of before `since_ms`, and that patient was not there then.
    """
    patients = {one.patient for one in stays}
    for patient, outcome in listed:
        there = [
            one
            for one in stays
            if one.patient == patient and one.began_ms <= outcome.at_ms <= one.ended_ms + APART_MS
        ]
        if not there and patient in patients and outcome.at_ms >= since_ms:
            raise ModelError(f"an event ({outcome.kind}) is in no stay of its patient: see its utc")
        kept = [one for one in there if one.id not in other]
        yield from ((one.id, outcome) for one in sorted(kept, key=lambda one: one.began_ms)[-1:])
