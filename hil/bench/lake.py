"""The lake measured: rows a second out of a store, bytes a reading, and one question over a large hospital.

`./run bench lake`: a store of some beds is written into a lake and checked, and as FHIR; then days of
simulated minutes of many beds are made as the lake's own files, and DuckDB is asked one question.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
import typer

from controller.clock import utc_day
from controller.lake import manifest as manifests
from controller.lake.asking import opened
from controller.lake.building import write
from controller.lake.check import checked
from controller.lake.manifest import File, Manifest
from controller.lake.parts import joined, write_part
from controller.lake.tables import DAY_US, DAYS
from controller.store import connect
from controller.store.migrate import migrate
from hil.bench import fhir_readings
from hil.bench.history.filled import Filled

FROM_US = 1_790_000_000_000_000 // DAY_US * DAY_US
"""Midnight."""
MINUTES = 1440
QUESTION = """SELECT bed, day, round(avg(value), 1) AS mean, max(value) AS highest,
  count(*) FILTER (value > 100) AS minutes_above_100
FROM observation WHERE metric = 'hr' GROUP BY bed, day ORDER BY minutes_above_100 DESC LIMIT 10"""


def command(
    beds: Annotated[int, typer.Option(min=1, help="Of the large hospital.")] = 1000,
    days: Annotated[int, typer.Option(min=1, help="Of its simulated minutes.")] = 30,
) -> None:
    """The lake: rows a second, bytes a reading, and a question over a large hospital."""
    with tempfile.TemporaryDirectory(prefix="wardlink-bench-") as folder:
        rows = measure(Path(folder), beds, days, typer.echo)
    for row in (["", "figure", "unit"], ["---", "---:", "---"], *rows):
        typer.echo(f"| {' | '.join(row)} |")


def measure(folder: Path, beds: int, days: int, tell: Callable[[str], object]) -> list[list[str]]:
    """Rows of a table: what, figure, unit."""
    rows = [*_written(folder, tell), *_asked(folder / "large", beds, days, tell)]
    shutil.rmtree(folder / "large")
    return rows


def _written(folder: Path, tell: Callable[[str], object]) -> Iterator[list[str]]:
    """Of two beds and one day: 86,400 s × 4 metrics each."""
    database, lake = folder / "wardlink.sqlite", folder / "lake"
    with connect(database) as db:
        migrate(db)
    Filled(database, 2, FROM_US, 1).fill(1)
    tell("writing")
    began = perf_counter()
    made = write(database, lake, FROM_US)
    took_s = perf_counter() - began
    manifest = manifests.read(lake)
    files = [one for one in manifest.files if one.table == "observation"] if manifest else []
    readings = sum(one.rows for one in files)
    yield ["rows into the lake", f"{made.rows / took_s:,.0f}", "a second"]
    yield ["bytes of a reading", f"{sum(one.bytes for one in files) / readings:.1f}", "bytes"]
    tell("checking")
    began = perf_counter()
    found = checked(database, lake)
    yield ["rows checked", f"{found.rows / (perf_counter() - began):,.0f}", "a second"]
    yield ["problems found", str(len(found.problems)), ""]
    tell("writing FHIR")
    yield from fhir_readings.measure(database, FROM_US, folder / "fhir")


def _asked(lake: Path, beds: int, days: int, tell: Callable[[str], object]) -> Iterator[list[str]]:
    tell(f"making {beds * days * MINUTES:,} readings")
    files = tuple(_day(lake, beds, number) for number in range(days))
    marks = {one.name: 0 for one in DAYS} | {"observation": beds * days * MINUTES}
    manifests.write(lake, Manifest(1, "", marks, dict.fromkeys(marks, 0), files))
    yield [
        f"lake of {beds:,} beds, {days} days of minutes",
        f"{sum(one.bytes for one in files) / 1e6:,.0f}",
        "MB",
    ]
    with opened(lake) as duck:
        for told in ("the first time", "again"):
            began = perf_counter()
            rows = duck.sql(QUESTION).fetchall()
            yield [f"one question, {told}", f"{perf_counter() - began:.2f}", "s"]
        tell(f"{len(rows)} rows; the plan:")
        tell(duck.sql(f"EXPLAIN {QUESTION}").fetchall()[0][1])


def _day(lake: Path, beds: int, number: int) -> File:
    """A minute of heart rate in each bed."""
    minute = np.tile(np.arange(MINUTES, dtype=np.int64), beds)
    noise = np.random.default_rng(number).normal(0, 6, beds * MINUTES)
    values = np.round(75 + 15 * np.sin(minute / 180) + noise, 1)
    return day_of_minutes(lake, number, beds, {("hr", "/min"): values})


def day_of_minutes(lake: Path, number: int, beds: int, said: Mapping[tuple[str, str], Any]) -> File:
    """A day's file, as parts.write_part writes every file: of each metric (with its unit) the values of each
    bed, minute by minute."""
    day, size = FROM_US // DAY_US + number, beds * MINUTES
    names = [f"bed-{one}" for one in range(beds)]
    minute = np.tile(np.arange(MINUTES, dtype=np.int64), beds)
    at = pa.array(day * DAY_US + minute * 60_000_000).cast(pa.timestamp("us", tz="UTC"))
    nothing: Any = pa.nulls(size)
    tables = list[pa.Table]()
    for place, ((metric, unit), values) in enumerate(said.items()):
        first = (number * len(said) + place) * size
        columns = {
            "id": pa.array(np.arange(size, dtype=np.int64) + first),
            "time": at,
            "utc": at,
            "device": _named(names, beds),
            "bed": _named(names, beds),
            "metric": _one(metric, size),
            "unit": _one(unit, size),
            "value": pa.array(values),
            "reason": nothing.cast(pa.string()).dictionary_encode(),
            "quality": pa.array(np.zeros(size, dtype=np.int32)),
        }
        tables.append(pa.table(columns))
    date = utc_day(day * DAY_US).isoformat()
    path = f"observation/day={date}/part-000001-{number:04d}.parquet"
    told = write_part(joined(tables), lake / path, "observation", ("metric", "device", "time", "id"))
    return File(path, "observation", date, **told)


def _named(names: list[str], beds: int) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(np.repeat(np.arange(beds, dtype=np.int32), MINUTES), names)


def _one(name: str, size: int) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(np.zeros(size, dtype=np.int32), [name])
