"""A release: Parquet files without anybody's identifiers, made of the lake, the same bytes each time.

    made = release(lake, folder, project, Source(disguise, allowed))

person, stay, observation, alert are by row; summary counts people: cells of fewer than SMALLEST are empty.
Not in it: names, identifiers, beds, wards, gateways, serials, free text, ids of the store, days of birth;
what was measured of fewer than SMALLEST; stays that are not whole. Where one is cut off, at the first or last
day of the project or where the lake ends, a day is seen in the files that others know, and so the shift is.
"""

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet

from controller.errors import LakeError
from controller.lake import manifest as manifests
from controller.lake.asking import opened
from controller.lake.research.disguise import OLDEST, Disguise, age, band
from controller.lake.research.projects import Allowed, Project
from devices.model.alarm_limits import CONDITIONS

pq: Any = pyarrow.parquet
SMALLEST = 5
"""People of whom something is told together; fewer could be recognised."""
BATCH = 131_072
SUMS = "SHA256SUMS"
_DAY_US = 86_400_000_000
_STAYS = """SELECT id, patient, bed, epoch_us(began), epoch_us(ended), sex, birth_date,
  strftime(make_timestamp(epoch_us(began)), '%Y-%m-%d'), strftime(make_timestamp(epoch_us(ended)), '%Y-%m-%d')
FROM stay WHERE NOT home AND ended IS NOT NULL ORDER BY patient, began, id"""
_ROWS = """FROM {table} AS one JOIN whose ON whose.bed = one.bed AND epoch_us(one.time) >= whose.began
  AND epoch_us(one.time) < whose.ended LEFT JOIN devices ON devices.device = one.device
WHERE one.day BETWEEN $from_day::DATE AND $to_day::DATE"""
_TIME = f"make_timestamp(epoch_us(one.time) + whose.shift * {_DAY_US}) AS time"
_METRICS = "one.metric IN (SELECT unnest($metrics::VARCHAR[]))"
_CODES = "one.code IN (SELECT unnest($codes::VARCHAR[]))"
_TABLES = {
    "person": """SELECT person, any_value(sex) AS sex, arg_min(years, stay) AS age FROM whose
GROUP BY person ORDER BY person""",
    "stay": f"""SELECT person, stay, make_timestamp(began + shift * {_DAY_US}) AS began,
  make_timestamp(ended + shift * {_DAY_US}) AS ended, years AS age
FROM whose ORDER BY person, stay""",
    "observation": f"""SELECT person, stay, {_TIME}, devices.name AS device, one.metric, one.unit, one.value,
  one.reason, one.quality {_ROWS.format(table="observation")} AND {_METRICS}
ORDER BY person, stay, metric, time, device, value, quality""",
    "alert": f"""SELECT person, stay, {_TIME}, devices.name AS device, one.code, one.priority, one.active
{_ROWS.format(table="alert")} AND {_CODES} ORDER BY person, stay, time, code, device, active""",
    "summary": f"""SELECT sex, band AS age, metric, unit,
  CASE WHEN people >= {SMALLEST} THEN people END AS people,
  CASE WHEN people >= {SMALLEST} THEN readings END AS readings,
  CASE WHEN people >= {SMALLEST} THEN mean END AS mean
FROM (SELECT whose.sex, whose.band, one.metric, one.unit, count(DISTINCT person) AS people,
  count(one.value) AS readings, round(fsum(one.value ORDER BY one.id) / count(one.value), 3) AS mean
  {_ROWS.format(table="observation")} AND {_METRICS} GROUP BY ALL) ORDER BY ALL""",
}
_NAMES = {"alert": "alert", "observation": "observation", "summary": "observation"}
"""Which table of the lake a table needs."""


@dataclass(frozen=True, slots=True)
class Source:
    """How people are disguised, and who may be in it."""

    disguise: Disguise
    allowed: Allowed


@dataclass(frozen=True, slots=True)
class Made:
    """What was written: `digest` is that of SHA256SUMS."""

    generation: int
    people: int
    rows: int
    digest: str


def release(lake: Path, folder: Path, project: Project, source: Source) -> Made:
    """Make the files in `folder`, anew. Raises LakeError: there is no lake, or there are too few people for
    it."""
    manifest = manifests.read(lake)
    if folder.exists():
        shutil.rmtree(folder)
    with opened(lake) as duck:
        has = {one.table for one in manifest.files} if manifest else set[str]()
        _see_devices(duck, source.disguise)
        stays = _of_the_old(list(_stays(duck, project, source)))
        _see_stays(duck, stays)
        people = _measured(duck, project) if "observation" in has else {}
        metrics = sorted(metric for metric, those in people.items() if len(those) >= SMALLEST)
        if not metrics:
            most = max(map(len, people.values()), default=0)
            raise LakeError(
                f"expected {SMALLEST} people or more who may be in the data of {project.number}, there are "
                f"{most}: ask for more, or wait"
            )
        those = set[str]().union(*(people[one] for one in metrics))
        _see_stays(duck, [one for one in stays if one["person"] in those])
        folder.mkdir(parents=True, mode=0o700)
        told = {**_days(project), "metrics": metrics, "codes": _codes(metrics)}
        made = [name for name in _TABLES if _NAMES.get(name, "stay") in has]
        rows = sum(_write(duck, folder / f"{name}.parquet", _TABLES[name], told) for name in made)
    return Made(manifest.generation if manifest else 0, len(those), rows, _summed(folder, project))


def _stays(duck: duckdb.DuckDBPyConnection, project: Project, source: Source) -> Iterator[dict[str, Any]]:
    """Those that are whole within the days, of who may be in it, and are still so in the store."""
    disguise, numbers, wanted = source.disguise, dict[str, int](), project.proposed
    for *stay, sex, born, day, last in duck.execute(_STAYS).fetchall():
        _, patient, bed, began, ended = stay
        if patient not in source.allowed.patients or tuple(stay) not in source.allowed.stays:
            continue
        if day < wanted.from_day or last > wanted.to_day:
            continue
        numbers[patient] = numbers.get(patient, 0) + 1
        years = age(born, day)
        who = {"person": disguise.person(patient), "stay": numbers[patient], "bed": bed, "band": band(years)}
        span = {"began": began, "ended": ended, "shift": disguise.days(patient)}
        yield who | span | {"sex": sex or "unknown", "years": years}


def _of_the_old(stays: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Who is of the oldest in one stay is so in all: else the age at an earlier one and the time between them
    tell how old."""
    old = {one["person"] for one in stays if one["years"] == OLDEST}
    oldest = {"years": OLDEST, "band": band(OLDEST)}
    return [one | oldest if one["person"] in old else one for one in stays]


def _see_stays(duck: duckdb.DuckDBPyConnection, stays: list[dict[str, Any]]) -> None:
    """As the table `whose`, which no file gets."""
    names = ("person", "stay", "bed", "band", "began", "ended", "shift", "sex", "years")
    kinds = (*(pa.string(), pa.int32(), pa.string(), pa.string(), pa.int64(), pa.int64()),)
    kinds += (pa.int64(), pa.string(), pa.int32())
    shape = pa.schema(list(zip(names, kinds, strict=True)))
    duck.register("whose", pa.Table.from_pylist(stays, schema=shape))


def _see_devices(duck: duckdb.DuckDBPyConnection, disguise: Disguise) -> None:
    """As the table `devices`, which no file gets."""
    devices = [row[0] for row in duck.execute("SELECT DISTINCT device FROM device ORDER BY 1").fetchall()]
    told = [{"device": one, "name": disguise.device(one)} for one in devices]
    kept = pa.schema([("device", pa.string()), ("name", pa.string())])
    duck.register("devices", pa.Table.from_pylist(told, schema=kept))


def _measured(duck: duckdb.DuckDBPyConnection, project: Project) -> dict[str, set[str]]:
    """Of each metric that was asked for, of whom there is a value."""
    found = dict[str, set[str]]()
    asked = {**_days(project), "metrics": list(project.proposed.metrics)}
    rows = f"{_ROWS.format(table='observation')} AND {_METRICS} AND one.value IS NOT NULL"
    query = f"SELECT one.metric, whose.person {rows} GROUP BY ALL"
    for metric, person in duck.execute(query, asked).fetchall():
        found.setdefault(metric, set()).add(person)
    return found


def _codes(metrics: Iterable[str]) -> list[str]:
    """Alarms of these metrics; others would tell what else was measured."""
    wanted = set(metrics)
    return [code for code, one in CONDITIONS.items() if not wanted.isdisjoint(one.metrics)]


def _days(project: Project) -> dict[str, Any]:
    return {"from_day": project.proposed.from_day, "to_day": project.proposed.to_day}


def _write(duck: duckdb.DuckDBPyConnection, path: Path, query: str, told: dict[str, Any]) -> int:
    used = {name: value for name, value in told.items() if f"${name}" in query}
    reader: Any = duck.execute(query, used).to_arrow_reader(BATCH)
    rows = 0
    with pq.ParquetWriter(path, reader.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def _summed(folder: Path, project: Project) -> str:
    wanted = project.proposed
    about = {"project": project.number, "title": wanted.title, "purpose": wanted.purpose, "days": "shifted"}
    text = json.dumps(about, indent=1, ensure_ascii=False) + "\n"
    (folder / "about.json").write_text(text, encoding="utf-8")
    lines = "".join(_line(one) for one in sorted(_files(folder)))
    (folder / SUMS).write_text(lines, encoding="utf-8")
    return hashlib.sha256(lines.encode()).hexdigest()


def _files(folder: Path) -> Iterable[Path]:
    return [one for one in folder.iterdir() if one.name != SUMS]


def _line(path: Path) -> str:
    with path.open("rb") as file:
        return f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.name}\n"
