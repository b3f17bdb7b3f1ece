"""Cohorts measured: one question over a large hospital's lake, beside plain ways of asking the same.

`./run bench cohorts`: "SpO2 below 90 % for five minutes within 24 h of admission, 66 or older". The baselines
find runs in all of the lake's SpO2 and ask afterwards whose they are, and only read everything once. All must
count the same admissions.
"""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
import typer

from controller.clock import SystemClock, utc_text
from controller.lake import manifest as manifests
from controller.lake.asking import opened
from controller.lake.cohorts.asking import MEMORY_MB, asked
from controller.lake.cohorts.definition import CohortDefinition
from controller.lake.cohorts.found import Found
from controller.lake.manifest import File, Manifest
from controller.lake.parts import write_part
from controller.lake.tables import DAY_US, DAYS
from hil.bench.lake import FROM_US, MINUTES, day_of_minutes
from hil.errors import HilError

HOUR_US = 3_600_000_000
DIPS = 0.05
"""Of a bed's days: a low SpO2 of 3 to 40 minutes."""
QUESTION = CohortDefinition.model_validate(
    {
        "who": {"age_min": 66},
        "condition": {"code": "spo2", "op": "<", "value": 90, "unit": "%", "lasting_min": 5, "to_h": 24},
    }
)
_ALL_READ = (
    "SELECT count(bed), count(device), max(time), sum(value), max(metric), sum(quality) FROM observation"
)
_PLAIN = """WITH seen AS (
  SELECT bed, device, time, value < 90 AS hit, lag(value < 90) OVER one AS before,
    epoch_us(time) - lag(epoch_us(time)) OVER one AS since
  FROM observation WHERE metric = 'spo2' WINDOW one AS (PARTITION BY device ORDER BY time)),
islands AS (
  SELECT *, sum((hit AND (before IS NOT true OR since > 60000000))::INT)
    OVER (PARTITION BY device ORDER BY time ROWS UNBOUNDED PRECEDING) AS island FROM seen),
whose AS (
  SELECT stay.id, device, island, epoch_us(max(time)) - epoch_us(min(time)) AS lasted
  FROM islands JOIN stay ON stay.bed = islands.bed AND islands.time >= stay.began
    AND islands.time < least(stay.ended, stay.began + INTERVAL 24 HOURS)
  WHERE hit AND date_sub('year', stay.birth_date::DATE, stay.began::DATE) >= 66
  GROUP BY 1, 2, 3)
SELECT count(DISTINCT id) FROM whose WHERE lasted >= 300000000"""


def command(
    beds: Annotated[int, typer.Option(min=1, help="Of the hospital.")] = 1000,
    days: Annotated[int, typer.Option(min=1, help="Of its simulated minutes.")] = 30,
) -> None:
    """Cohorts: a question over months, time, rows and bytes, beside a plain full scan."""
    with tempfile.TemporaryDirectory(prefix="wardlink-bench-") as folder:
        rows = measure(Path(folder), beds, days, lambda text: typer.echo(text, err=True))
    for row in (["", "figure", "unit"], ["---", "---:", "---"], *rows):
        typer.echo(f"| {' | '.join(row)} |")


def measure(lake: Path, beds: int, days: int, tell: Callable[[str], object]) -> list[list[str]]:
    """Rows of a table: what, figure, unit. Raises HilError: two ways do not count the same."""
    tell(f"making {2 * beds * days * MINUTES:,} readings")
    _made(lake, beds, days)
    _forgotten(lake)
    cold = asked(lake, QUESTION, SystemClock())
    warm = asked(lake, QUESTION, SystemClock())
    tell("; ".join(cold.read.plan))
    plain_s, matching = _plain(lake, _PLAIN)
    if matching != cold.total.matching:
        raise HilError(f"the plain way counts {matching}, the cohort {cold.total.matching}")
    all_s, _ = _plain(lake, _ALL_READ)
    return [*_told(cold, warm), ["runs in all SpO2 first", f"{plain_s:.2f}", "s"], _row_all(all_s)]


def _row_all(all_s: float) -> list[str]:
    return ["every reading only read", f"{all_s:.2f}", "s"]


def _told(cold: Found, warm: Found) -> list[list[str]]:
    read, total = cold.read, cold.total
    return [
        ["readings in the lake", f"{read.rows_there:,}", ""],
        ["admissions asked for", f"{total.admitted:,}", ""],
        ["of them matching", f"{total.matching:,}", ""],
        ["not known", f"{total.unknown:,}", ""],
        ["files read", f"{read.files} of {read.files_there}", ""],
        ["rows read", f"{read.rows:,}", ""],
        ["bytes read", f"{read.bytes / 1e6:,.0f}", "MB"],
        ["cold", f"{read.took_ms / 1000:.2f}", "s"],
        ["warm", f"{warm.read.took_ms / 1000:.2f}", "s"],
    ]


def _plain(lake: Path, sql: str) -> tuple[float, int]:
    with opened(lake, MEMORY_MB) as duck:
        began = perf_counter()
        rows = duck.sql(sql).fetchall()
        return perf_counter() - began, rows[0][0]


def _forgotten(lake: Path) -> None:
    """The kernel forgets the files: the first question reads them from the disk."""
    os.sync()
    for path in lake.rglob("*.parquet"):
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _made(lake: Path, beds: int, days: int) -> None:
    files = [day_of_minutes(lake, number, beds, _values(beds, number)) for number in range(days)]
    files.append(_stays(lake, beds, days))
    marks = {one.name: 0 for one in DAYS}
    written = utc_text(FROM_US + days * DAY_US)
    manifests.write(lake, Manifest(1, written, marks, marks, tuple(files)))


def _values(beds: int, number: int) -> dict[tuple[str, str], Any]:
    """Heart rates, and SpO2 with a dip in some beds."""
    random = np.random.default_rng(number)
    spo2 = np.round(96 + random.normal(0, 1, (beds, MINUTES)), 1)
    for bed in np.flatnonzero(random.random(beds) < DIPS):
        first = random.integers(0, MINUTES)
        spo2[bed, first : first + random.integers(3, 40)] -= 10
    hr = np.round(75 + random.normal(0, 8, beds * MINUTES), 1)
    return {("hr", "/min"): hr, ("spo2", "%"): spo2.ravel()}


def _stays(lake: Path, beds: int, days: int) -> File:
    """On each bed one patient after the other, for half a day to nine days."""
    random, rows = np.random.default_rng(1), list[tuple[Any, ...]]()
    for bed in range(beds):
        at = FROM_US + int(random.integers(0, 24)) * HOUR_US
        while at < FROM_US + days * DAY_US:
            ended = at + int(random.integers(12, 216)) * HOUR_US
            born = f"{random.integers(1930, 2008)}-06-15"
            rows.append((len(rows), f"P{len(rows)}", f"bed-{bed}", "ward", False, at, ended, "female", born))
            at = ended + int(random.integers(2, 12)) * HOUR_US
    names = ("id", "patient", "bed", "ward", "home", "began", "ended", "sex", "birth_date")
    columns: dict[str, Any] = {
        name: pa.array(told) for name, told in zip(names, zip(*rows, strict=True), strict=True)
    }
    for name in ("began", "ended"):
        columns[name] = columns[name].cast(pa.timestamp("us", tz="UTC"))
    path = "stay/part-000001.parquet"
    return File(path, "stay", "", **write_part(pa.table(columns), lake / path, "stay", ()))
