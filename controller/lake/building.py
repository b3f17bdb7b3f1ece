"""One generation of the lake more: what is new in the store, and the days whose rows changed since.

    await store.write(lambda db: caught_up(db, folder))
    written = write(database, folder, utc_us)            # reads beside the controller, holds up nobody
    await store.write(lambda db: settled(db, written, by, utc_us))

Never twice and never missing: ids of the store only grow, so what arrives late is new like all else and goes
into a further file of its day. Rows that move to another time mark both days (migration 420); those days are
written again, whole, from the store and, for rows that the store has dropped for their age, from the files.
Files are made in a folder beside, renamed, and count from the moment the manifest names them.
"""

import shutil
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import utc_day, utc_text
from controller.errors import LakeError
from controller.files import sync
from controller.identity.certificates import By
from controller.lake import manifest as manifests
from controller.lake.alone import alone
from controller.lake.manifest import File, Manifest
from controller.lake.parts import (
    Shape,
    before,
    day_span,
    days_of,
    distinct,
    joined,
    lasting,
    on_day,
    read_part,
    series_of,
    write_part,
)
from controller.lake.tables import DAY_US, DAYS, WHOLES, DayTable, WholeTable
from controller.store.beside import reading
from controller.store.where import Where

AT_ONCE = 1_000_000
"""Rows of one file at most, and what is held in memory."""
SMALL, MOST_SMALL = 250_000, 8
"""A day with more files than that of fewer rows than this has them made into one."""
_KNOWN = "SELECT value FROM meta WHERE key = 'lake-generation'"
_BEGUN = "SELECT value FROM meta WHERE key = 'lake-begun'"
_BEGIN = """INSERT INTO meta VALUES ('lake-begun', ?)
ON CONFLICT (key) DO UPDATE SET value = excluded.value"""
_SPAN = "SELECT ifnull(min(id), 1), ifnull(max(id), 0) FROM {table}"
_CHANGED = "SELECT day FROM lake_changed WHERE what = ? ORDER BY day"
_DROPPED = "SELECT ifnull(sum(records), 0) FROM dropped WHERE what = ?"


@dataclass(frozen=True, slots=True)
class Written:
    """What became of it. `changed`: the last mark of a changed day that was heeded."""

    generation: int
    rows: int
    files: int
    again: int
    """Days that were written again."""
    changed: int


def write(database: Where, folder: Path, utc_us: int) -> Written:
    """Bring the lake up to the store as it is now, after `caught_up`. Raises StoreError; LakeError: another
    writes it, or it is not of this store."""
    with alone(folder), reading(database, settled=True) as db:
        return _Generation(db, folder, utc_us).write()


def caught_up(db: sqlite3.Connection, folder: Path) -> None:
    """The store knows of a generation that was written when nobody could tell it any more, and of the one
    that begins now. One that it did not begin was written of what a restored backup does not have."""
    (known,) = db.execute(_KNOWN).fetchone()
    begun, old = db.execute(_BEGUN).fetchone(), manifests.read(folder)
    # None: this was not kept yet.
    if old is not None and old.generation == known + 1 and (begun is None or begun[0] == old.generation):
        db.execute("UPDATE meta SET value = ? WHERE key = 'lake-generation'", (known := old.generation,))
    if old is None or old.generation == known:
        db.execute(_BEGIN, (known + 1,))


def settled(db: sqlite3.Connection, written: Written, by: By, utc_us: int) -> None:
    """The store knows of the generation, and the trail does; inside the caller's transaction."""
    db.execute("DELETE FROM lake_changed WHERE seq <= ?", (written.changed,))
    db.execute("UPDATE meta SET value = ? WHERE key = 'lake-generation'", (written.generation,))
    detail = {"rows": written.rows, "files": written.files, "days_again": written.again}
    entry = Entry("lake-written", by.actor, f"lake/{written.generation}", where=by.where, detail=detail)
    append(db, entry, utc_us)


class _Generation:
    """One reading of the store, of one moment, and the files that are made of it."""

    def __init__(self, db: sqlite3.Connection, folder: Path, utc_us: int) -> None:
        self._db, self._folder, self._utc_us = db, folder, utc_us
        self._old = manifests.read(folder)
        self._number = self._next_number()
        self._beside = folder / f".new-{self._number}"
        self._new: list[File] = []
        self._gone: set[File] = set()
        self._again = 0
        self._shape = Shape(series_of(db))

    def write(self) -> Written:
        """See the function of that name."""
        self._sweep()
        marks = {one.name: self._table(one) for one in DAYS}
        for whole in WHOLES:
            self._add(self._whole(whole), whole.name, None, ())
        (changed,) = self._db.execute("SELECT ifnull(max(seq), 0) FROM lake_changed").fetchone()
        rows = sum(one.rows for one in self._new if one.day)
        self._commit(marks)
        return Written(self._number, rows, len(self._new), self._again, changed)

    def _next_number(self) -> int:
        (known,) = self._db.execute(_KNOWN).fetchone()
        if self._old is None:
            return known + 1
        behind = [one.name for one in DAYS if self._span(one)[1] < self._old.marks[one.name]]
        if behind or self._old.generation != known:
            raise LakeError(
                f"expected a lake of this database (generation {known}), {self._folder} is at generation "
                f"{self._old.generation}: after a backup was restored, move the lake away and write it anew"
            )
        return self._old.generation + 1

    def _span(self, table: DayTable) -> tuple[int, int]:
        return tuple(self._db.execute(_SPAN.format(table=table.name)).fetchone())

    def _files(self, table: str, day: str = "") -> tuple[File, ...]:
        return self._old.of(table, day) if self._old else ()

    def _table(self, table: DayTable) -> int:
        """Everything of one table. Returns its mark."""
        first, newest = self._span(table)
        mark = self._old.marks[table.name] if self._old else 0
        changed = [row[0] for row in self._db.execute(_CHANGED, (table.name,))] if mark else []
        for day in changed:
            self._write_again(table, day, first, newest)
        self._add_new(table, (mark, newest), frozenset(changed))
        return max(mark, newest)

    def _whole(self, table: WholeTable) -> pa.Table:
        """All of a small table."""
        rows = self._shape.table(table.columns, [tuple(one) for one in self._db.execute(table.query)])
        old = self._files(table.name)
        self._gone |= set(old)
        for one in old if table.lasting else ():
            rows = lasting(rows, table.lasting, read_part(self._folder / one.path))
        return rows

    def _add_new(self, table: DayTable, span: tuple[int, int], but: frozenset[int]) -> None:
        for rows in self._shape.batches(table.columns, self._plain(table.by_id, span), AT_ONCE):
            days = days_of(rows)
            for day in sorted(distinct(days) - but):
                self._add(on_day(rows, days, day), table.name, day, table.order)
                self._join_small(table, day)

    def _plain(self, sql: str, parameters: tuple[int, ...]) -> Iterable[tuple[Any, ...]]:
        """Rows as tuples, of which there may be very many: half the time."""
        cursor = self._db.cursor()
        cursor.row_factory = None
        return cursor.execute(sql, parameters)

    def _write_again(self, table: DayTable, day: int, first: int, newest: int) -> None:
        """The day as the store has it now; of rows that it has dropped, as the files have them."""
        old = self._files(table.name, _date(day))
        stored = self._plain(table.by_day, (*day_span(day), first, newest))
        kept = [before(read_part(self._folder / one.path), first) for one in old]
        for rows in (*kept, *self._shape.batches(table.columns, stored, AT_ONCE)):
            if rows.num_rows:
                self._add(rows, table.name, day, table.order)
        self._gone |= set(old)
        self._again += 1

    def _join_small(self, table: DayTable, day: int) -> None:
        date = _date(day)
        small = [one for one in self._files(table.name, date) if one.rows < SMALL and one not in self._gone]
        if len(small) <= MOST_SMALL:
            return
        held = [read_part(self._folder / one.path) for one in small]
        self._add(joined(held), table.name, day, table.order)
        self._gone |= set(small)

    def _add(self, rows: pa.Table, table: str, day: int | None, order: tuple[str, ...]) -> None:
        date = "" if day is None else _date(day)
        part = f"part-{self._number:06d}-{len(self._new):04d}.parquet"
        path = f"{table}/day={date}/{part}" if date else f"{table}/{part}"
        told = write_part(rows, self._beside / path, table, order)
        self._new.append(File(path, table, date, **told))

    def _commit(self, marks: dict[str, int]) -> None:
        folders = {self._folder}
        for one in self._new:
            target = self._folder / one.path
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            (self._beside / one.path).rename(target)
            folders |= {target.parent, target.parent.parent}
        for folder in folders:
            sync(folder)
        kept = set(self._old.files if self._old else ()) - self._gone
        before = self._old.before if self._old else self._dropped()
        files = tuple(sorted(kept | set(self._new)))
        manifests.write(self._folder, Manifest(self._number, utc_text(self._utc_us), marks, before, files))
        self._old = manifests.read(self._folder)
        self._sweep()

    def _dropped(self) -> dict[str, int]:
        names = [one.name for one in DAYS]
        return {name: self._db.execute(_DROPPED, (name,)).fetchone()[0] for name in names}

    def _sweep(self) -> None:
        """Take away what the manifest does not name: it is of a generation before, or of none."""
        named = {one.path for one in self._old.files} if self._old else set[str]()
        for beside in self._folder.glob(".new-*"):
            shutil.rmtree(beside)
        for table in (*DAYS, *WHOLES):
            for path in sorted((self._folder / table.name).rglob("part-*.parquet")):
                if str(path.relative_to(self._folder)) not in named:
                    path.unlink()
                    if path.parent.name.startswith("day=") and not any(path.parent.iterdir()):
                        path.parent.rmdir()


def _date(day: int) -> str:
    return utc_day(day * DAY_US).isoformat()
