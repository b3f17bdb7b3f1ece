"""The check of the lake: its files against the store, by SQL on both sides; no code shared with the writer.

    told = checked(database, folder)       # told.problems: in sentences; none: never twice, never missing

Of each day and series the rows, those with a value, and the sums of ids, of times, of values in thousandths
and of qualities must be the same (all of them whole numbers: no order of adding matters). Rows that are newer
than the lake, and days that the next generation writes again, are counted as waiting and not compared. Rows
that the store has dropped for their age are counted against its own record of that.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from controller.store.beside import reading
from controller.store.where import Where

MOST = 20
"""Sentences about one table."""
_DAY = 86_400_000_000
_DAY_OF = f"at_us / {_DAY} - iif(at_us % {_DAY} < 0, 1, 0)"
_SERIES_STORE = f"""SELECT {_DAY_OF} AS day, device, ifnull(bed, ''), metric,
  count(*), count({{counted}}), sum({{table}}.id), sum(at_us % {_DAY}), {{sums}}
FROM {{table}} JOIN series ON series.id = {{table}}.series
WHERE {{table}}.id BETWEEN :first AND :mark
  AND {_DAY_OF} NOT IN (SELECT day FROM lake_changed
    WHERE what = '{{table}}')
GROUP BY 1, 2, 3, 4"""
_SERIES_LAKE = f"""SELECT epoch_us(time) // {_DAY} AS of_day, device, ifnull(bed, ''), metric,
  count(*), count({{counted}}), sum(id), sum(epoch_us(time) % {_DAY}), {{sums}}
FROM rows WHERE id >= $first AND of_day NOT IN (SELECT unnest($days::BIGINT[])) GROUP BY 1, 2, 3, 4"""
_ALERTS_STORE = f"""SELECT {_DAY_OF} AS day, gateway, ifnull(device, ''), code,
  count(*), count(bed), sum(id), sum(at_us % {_DAY}), sum(priority * 2 + active), sum(length(detail))
FROM alert WHERE id BETWEEN :first AND :mark
  AND {_DAY_OF} NOT IN (SELECT day FROM lake_changed
    WHERE what = 'alert') GROUP BY 1, 2, 3, 4"""
_ALERTS_LAKE = f"""SELECT epoch_us(time) // {_DAY} AS of_day, gateway, ifnull(device, ''), code,
  count(*), count(bed), sum(id), sum(epoch_us(time) % {_DAY}), sum(priority * 2 + active::INT),
  sum(length(detail))
FROM rows WHERE id >= $first AND of_day NOT IN (SELECT unnest($days::BIGINT[])) GROUP BY 1, 2, 3, 4"""
_STAYS_STORE = "SELECT id, identifier, bed, from_ms * 1000, to_ms * 1000 FROM stay ORDER BY id"
_STAYS_LAKE = "SELECT id, patient, bed, epoch_us(began), epoch_us(ended) FROM rows ORDER BY id"
_SUMS = {
    "observation": (
        "value",
        "ifnull(sum(CAST(value * 1000 AS INTEGER)), 0), sum(quality), count(reason)",
        "ifnull(sum(trunc(value * 1000)::BIGINT), 0), sum(quality), count(reason)",
    ),
    "waveform": (
        "utc_us",
        "sum(length(samples) / 2), sum(rate_mhz), sum(quality)",
        "sum(samples), sum(round(rate_hz * 1000)::BIGINT), sum(quality)",
    ),
}


@dataclass(frozen=True, slots=True)
class Checked:
    """`rows` were compared; `waiting`: rows that are newer than the lake."""

    problems: tuple[str, ...]
    rows: int
    waiting: int
    days_waiting: int


def checked(database: Where, folder: Path) -> Checked:
    """Hold the lake in `folder` against the store, as both are now."""
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    check = _Check(folder, manifest)
    problems = [*check.files()]
    with reading(database) as db:
        for table in manifest["marks"]:
            problems += list(check.day_table(db, table))[:MOST]
        problems += check.stays(db)
        (days,) = db.execute("SELECT count(*) FROM lake_changed").fetchone()
    return Checked(tuple(problems), check.rows, check.waiting, days)


class _Check:
    def __init__(self, folder: Path, manifest: dict[str, Any]) -> None:
        self._folder, self._manifest = folder, manifest
        self._duck = duckdb.connect()
        self.rows = self.waiting = 0
        self._spoilt = set[str]()
        """Files that are not what the manifest says: they are not read."""

    def files(self) -> Iterator[str]:
        """Each is there, whole and once, and no other is."""
        named = {one["path"]: one for one in self._manifest["files"]}
        found = {str(one.relative_to(self._folder)) for one in self._folder.rglob("*.parquet")}
        yield from (f"{path}: the manifest does not name it" for path in sorted(found - named.keys()))
        for path, one in sorted(named.items()):
            if path not in found:
                yield f"{path}: expected the file, there is none"
                continue
            with (self._folder / path).open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            if digest != one["sha256"]:
                self._spoilt.add(path)
                yield f"{path}: expected sha256 {one['sha256']}, it is {digest}"

    def day_table(self, db: sqlite3.Connection, table: str) -> Iterator[str]:
        """Sums of each day and series, ids that are there twice, and what the store has dropped."""
        if not self._opened(table):
            yield from self._none(db, table)
            return
        mark = self._manifest["marks"][table]
        first, newest = db.execute(f"SELECT ifnull(min(id), 1), ifnull(max(id), 0) FROM {table}").fetchone()
        twice, rows, old = self._duck.execute(
            "SELECT count(*) - count(DISTINCT id), count(*), count(*) FILTER (id < ?) FROM rows", [first]
        ).fetchall()[0]
        self.rows += rows
        self.waiting += max(0, newest - mark)
        if twice:
            yield f"{table}: {twice} rows are there twice"
        yield from self._dropped(db, table, old)
        yield from self._sums(db, table, {"first": first, "mark": mark})

    def stays(self, db: sqlite3.Connection) -> list[str]:
        """Who lay where, row by row: what the lake has must be there; what differs has changed since."""
        if not self._opened("stay"):
            return ["stay: expected a file, there is none"]
        store = {row[0]: row for row in db.execute(_STAYS_STORE)}
        found = self._duck.execute(_STAYS_LAKE).fetchall()
        lake = {row[0]: row for row in found}
        self.waiting += sum(lake.get(one) != row for one, row in store.items())
        strange = [f"stay {one}: it is not in the store" for one in sorted(lake.keys() - store.keys())]
        return [*strange, *(["stay: some are there twice"] if len(found) > len(lake) else [])][:MOST]

    def _opened(self, table: str) -> bool:
        named = [one["path"] for one in self._manifest["files"] if one["table"] == table]
        paths = [self._folder / one for one in named if one not in self._spoilt]
        there = [str(one) for one in paths if one.exists()]
        if there:
            relation = self._duck.read_parquet(there, hive_partitioning=False, union_by_name=True)
            relation.create_view("rows", replace=True)
        return bool(there)

    def _none(self, db: sqlite3.Connection, table: str) -> Iterator[str]:
        mark = self._manifest["marks"][table]
        (rows,) = db.execute(f"SELECT count(*) FROM {table} WHERE id <= ?", (mark,)).fetchone()
        if rows:
            yield f"{table}: expected {rows} rows, there is no file"

    def _dropped(self, db: sqlite3.Connection, table: str, found: int) -> Iterator[str]:
        query = "SELECT ifnull(sum(records), 0) FROM dropped WHERE what = ?"
        expected = db.execute(query, (table,)).fetchone()[0] - self._manifest["before"][table]
        if found != expected:
            yield f"{table}: expected {expected} rows that the store has dropped since, there are {found}"

    def _sums(self, db: sqlite3.Connection, table: str, span: dict[str, int]) -> Iterator[str]:
        if table == "alert":
            ours, theirs = _ALERTS_STORE, _ALERTS_LAKE
        else:
            counted, in_store, in_lake = _SUMS[table]
            ours = _SERIES_STORE.format(table=table, counted=counted, sums=in_store)
            theirs = _SERIES_LAKE.format(counted=counted.removesuffix("_us"), sums=in_lake)
        days = [row[0] for row in db.execute("SELECT day FROM lake_changed WHERE what = ?", (table,))]
        store = {row[:4]: row[4:] for row in db.execute(ours, span)}
        found = self._duck.execute(theirs, {"first": span["first"], "days": days}).fetchall()
        lake = {row[:4]: tuple(map(int, row[4:])) for row in found}
        for key in sorted(store.keys() | lake.keys()):
            if store.get(key) != lake.get(key):
                yield f"{table} {key}: the store has {store.get(key)}, the lake {lake.get(key)}"
