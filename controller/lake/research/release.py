"""A release: Parquet files without anybody's identifiers, made of the lake, the same bytes each time.

    made = release(lake, folder, project, Source(disguise, patients))

person, stay, observation, alert are by row; summary counts people: cells of fewer than SMALLEST are empty.
Not in it: names, identifiers, beds, wards, gateways, serials, free text, ids of the store, days of birth.
"""

import hashlib
import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet

from controller.errors import LakeError
from controller.lake import manifest as manifests
from controller.lake.asking import opened
from controller.lake.research.disguise import Disguise, age, band
from controller.lake.research.projects import Project

pq: Any = pyarrow.parquet
SMALLEST = 5
"""People of whom something is told together; fewer could be recognised."""
BATCH = 131_072
SUMS = "SHA256SUMS"
_DAY_US = 86_400_000_000
_STAYS = """SELECT patient, bed, epoch_us(began), epoch_us(ended), sex, birth_date,
  strftime(make_timestamp(epoch_us(began)), '%Y-%m-%d'),
  coalesce(strftime(make_timestamp(epoch_us(ended)), '%Y-%m-%d'), '9999')
FROM stay WHERE NOT home ORDER BY patient, began, id"""
_ROWS = """FROM {table} AS one JOIN whose ON whose.bed = one.bed AND epoch_us(one.time) >= whose.began
  AND epoch_us(one.time) < whose.ended LEFT JOIN devices ON devices.device = one.device
WHERE one.day BETWEEN $from_day::DATE AND $to_day::DATE"""
_TIME = f"make_timestamp(epoch_us(one.time) + whose.shift * {_DAY_US}) AS time"
_METRICS = "one.metric IN (SELECT unnest($metrics::VARCHAR[]))"
_TABLES = {
    "person": """SELECT person, any_value(sex) AS sex, arg_min(years, stay) AS age FROM whose
GROUP BY person ORDER BY person""",
    "stay": f"""SELECT person, stay, make_timestamp(began + shift * {_DAY_US}) AS began,
  CASE WHEN open THEN NULL ELSE make_timestamp(ended + shift * {_DAY_US}) END AS ended, years AS age
FROM whose ORDER BY person, stay""",
    "observation": f"""SELECT person, stay, {_TIME}, devices.name AS device, one.metric, one.unit, one.value,
  one.reason, one.quality {_ROWS.format(table="observation")} AND {_METRICS}
ORDER BY person, stay, metric, time, device, value, quality""",
    "alert": f"""SELECT person, stay, {_TIME}, devices.name AS device, one.code, one.priority, one.active
{_ROWS.format(table="alert")} ORDER BY person, stay, time, code, device, active""",
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
    patients: frozenset[str]


@dataclass(frozen=True, slots=True)
class Made:
    """What was written: `digest` is that of SHA256SUMS."""

    generation: int
    people: int
    rows: int
    digest: str


def release(lake: Path, folder: Path, project: Project, source: Source) -> Made:
    """Make the files in `folder`, which must not be there yet. Raises LakeError: there is no lake, or there
    are too few people for it."""
    manifest = manifests.read(lake)
    beside = folder.with_name(folder.name + ".new")
    if beside.exists():
        shutil.rmtree(beside)
    beside.mkdir(parents=True, mode=0o700)
    with opened(lake) as duck:
        people = _whose(duck, project, source)
        if people < SMALLEST:
            shutil.rmtree(beside)
            raise LakeError(
                f"expected {SMALLEST} people or more who may be in the data of {project.number}, there are "
                f"{people}: ask for more, or wait"
            )
        wanted = project.proposed
        told = {"from_day": wanted.from_day, "to_day": wanted.to_day, "metrics": list(wanted.metrics)}
        has = {one.table for one in manifest.files} if manifest else set[str]()
        made = [name for name in _TABLES if _NAMES.get(name, "stay") in has]
        rows = sum(_write(duck, beside / f"{name}.parquet", _TABLES[name], told) for name in made)
    digest = _summed(beside, project)
    beside.rename(folder)
    return Made(manifest.generation if manifest else 0, people, rows, digest)


def _whose(duck: duckdb.DuckDBPyConnection, project: Project, source: Source) -> int:
    """Make the tables `whose` and `devices`, which no file gets. Returns how many people there are."""
    disguise, numbers, held = source.disguise, dict[str, int](), list[dict[str, Any]]()
    wanted = project.proposed
    for patient, bed, began, ended, sex, born, day, last in duck.execute(_STAYS).fetchall():
        if patient not in source.patients or day > wanted.to_day or last < wanted.from_day:
            continue
        numbers[patient] = numbers.get(patient, 0) + 1
        years = age(born, day)
        who = {"person": disguise.person(patient), "stay": numbers[patient], "bed": bed, "band": band(years)}
        span = {"began": began, "ended": 2**62 if ended is None else ended, "open": ended is None}
        held.append(who | span | {"shift": disguise.days(patient), "sex": sex or "unknown", "years": years})
    names = ("person", "stay", "bed", "band", "began", "ended", "open", "shift", "sex", "years")
    kinds = (*(pa.string(), pa.int32(), pa.string(), pa.string(), pa.int64(), pa.int64()),)
    kinds += (pa.bool_(), pa.int64(), pa.string(), pa.int32())
    shape = pa.schema(list(zip(names, kinds, strict=True)))
    duck.register("whose", pa.Table.from_pylist(held, schema=shape))
    devices = [row[0] for row in duck.execute("SELECT DISTINCT device FROM device ORDER BY 1").fetchall()]
    told = [{"device": one, "name": disguise.device(one)} for one in devices]
    kept = pa.schema([("device", pa.string()), ("name", pa.string())])
    duck.register("devices", pa.Table.from_pylist(told, schema=kept))
    return len(numbers)


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
