"""Rows of SQLite as columns of Arrow, and those as a file of Parquet: nothing here knows what the lake has.

shape = Shape(series_of(db))
for batch in shape.batches(table, db.execute(…)): …        # pyarrow.Table, one column or more for each
file = write_part(batch, path)                             # sorted, zstd, fsynced
"""

import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet

from controller.lake.tables import DAY_US, SCHEMA, Column
from devices.model.metrics import METRICS
from devices.model.observation import NoValue

pc: Any = pyarrow.compute
pq: Any = pyarrow.parquet
"""Neither has types of its own."""

FETCHED = 50_000
"""Rows that are objects of Python at once."""
ROW_GROUP = 131_072
ZSTD_LEVEL = 3
_NAME = pa.dictionary(pa.int32(), pa.string())
_UTC = pa.timestamp("us", tz="UTC")
_TYPES: dict[str, pa.DataType] = {
    "int64": pa.int64(),
    "int32": pa.int32(),
    "double": pa.float64(),
    "text": pa.string(),
    "name": _NAME,
    "bool": pa.bool_(),
    "us": _UTC,
    "series": pa.int64(),
    "reason": _NAME,
}
_REASONS = pa.array([one.name.lower().replace("_", "-") for one in NoValue]).dictionary_encode()
_REASON_NUMBERS = pa.array([int(one) for one in NoValue], pa.int64())


def series_of(db: sqlite3.Connection) -> pa.Table:
    """Every series: id, device, bed, metric, unit (UCUM)."""
    rows = [tuple(row) for row in db.execute("SELECT id, device, bed, metric FROM series ORDER BY id")]
    ids, devices, beds, metrics = zip(*rows, strict=True) if rows else ((), (), (), ())
    units = [METRICS[one].unit if one in METRICS else None for one in metrics]
    named = {"device": devices, "bed": beds, "metric": metrics, "unit": units}
    columns = {name: pa.array(told, pa.string()).dictionary_encode() for name, told in named.items()}
    return pa.table({"id": pa.array(ids, pa.int64()), **columns})


class Shape:
    """Makes Arrow of rows."""

    def __init__(self, series: pa.Table) -> None:
        self._series = series.combine_chunks()

    def batches(
        self, columns: Sequence[Column], rows: Iterable[Sequence[Any]], most: int
    ) -> Iterator[pa.Table]:
        """The `rows`, at most `most` in each table; none: nothing."""
        held: list[pa.Table] = []
        left = iter(rows)
        while some := list(islice(left, FETCHED)):
            held.append(self.table(columns, some))
            if sum(one.num_rows for one in held) >= most:
                yield joined(held)
                held.clear()
        if held:
            yield joined(held)

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> pa.Table:
        """These rows; there may be none."""
        told = list(zip(*rows, strict=True)) or [()] * len(columns)
        made: dict[str, Any] = {}
        for column, values in zip(columns, told, strict=True):
            made |= self._column(column, values)
        return pa.table(made)

    def _column(self, column: Column, values: Sequence[Any]) -> dict[str, Any]:
        match column.kind:
            case "us":
                return {column.name: pa.array(values, pa.int64()).cast(_UTC)}
            case "name":
                return {column.name: pa.array(values, pa.string()).dictionary_encode()}
            case "bool":
                return {column.name: pa.array(values, pa.int64()).cast(pa.bool_())}
            case "reason":
                place = pc.index_in(pa.array(values, pa.int64()), value_set=_REASON_NUMBERS)
                return {column.name: _REASONS.take(place)}
            case "series":
                place = pc.index_in(pa.array(values, pa.int64()), value_set=self._series["id"])
                return {name: self._series[name].take(place) for name in ("device", "bed", "metric", "unit")}
            case kind:
                return {column.name: pa.array(values, _TYPES[kind])}


def days_of(table: pa.Table) -> pa.Array:
    """Of each row the day of `time`, as whole days since 1970."""
    return table["time"].cast(pa.timestamp("us")).cast(pa.date32(), safe=False).cast(pa.int32())


def distinct(days: pa.Array) -> set[int]:
    """Each day once."""
    return set(pc.unique(days).to_pylist())


def before(table: pa.Table, first: int) -> pa.Table:
    """Rows with a smaller id."""
    return table.filter(pc.less(table["id"], first))


def joined(tables: Iterable[pa.Table]) -> pa.Table:
    """One after the other, with one set of names."""
    return pa.concat_tables(tables, promote_options="default").unify_dictionaries()


def lasting(table: pa.Table, column: str, before: pa.Table) -> pa.Table:
    """With `column` true, too, of rows that have the id of one of which it was so `before`."""
    known = before.filter(before[column])["id"].combine_chunks()
    held = pc.or_(table[column], pc.is_in(table["id"], value_set=known))
    return table.set_column(table.column_names.index(column), column, held)


def on_day(table: pa.Table, days: pa.Array, day: int) -> pa.Table:
    """The rows of one day; `days` as days_of gives them."""
    return table.filter(pc.equal(days, pa.scalar(day, pa.int32())))


def write_part(table: pa.Table, path: Path, name: str, order: Iterable[str]) -> dict[str, Any]:
    """Make the file, whole and on the disk. Returns its rows, bytes and sha256."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    ordered = _sorted(table, order)
    told = {"wardlink.schema": str(SCHEMA), "wardlink.table": name}
    counted = [one.name for one in ordered.schema if pa.types.is_timestamp(one.type) or one.name == "id"]
    pq.write_table(
        ordered.replace_schema_metadata(told),
        path,
        row_group_size=ROW_GROUP,
        compression="zstd",
        compression_level=ZSTD_LEVEL,
        use_dictionary=[one for one in ordered.column_names if one not in counted],
        column_encoding=dict.fromkeys(counted, "DELTA_BINARY_PACKED"),
    )
    path.chmod(0o600)
    with path.open("rb+") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    return {"rows": ordered.num_rows, "bytes": path.stat().st_size, "sha256": digest}


def _sorted(table: pa.Table, order: Iterable[str]) -> pa.Table:
    """By these columns, names by their letters: Arrow sorts no dictionaries, but their places in order."""
    keys = {name: _places(table[name]) for name in order}
    if not keys:
        return table
    return table.take(pc.sort_indices(pa.table(keys), [(name, "ascending") for name in keys]))


def _places(column: pa.ChunkedArray) -> Any:
    if not pa.types.is_dictionary(column.type):
        return column
    whole = column.unify_dictionaries().combine_chunks()
    return pc.rank(whole.dictionary).take(whole.indices)


def read_part(path: Path) -> pa.Table:
    """All rows of a file."""
    return pq.read_table(path, partitioning=None)


def day_span(day: int) -> tuple[int, int]:
    """Its first µs, and that of the next."""
    return day * DAY_US, (day + 1) * DAY_US
