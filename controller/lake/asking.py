"""Questions to the lake in SQL, answered by DuckDB out of the files as they lie there.

    with opened(folder) as duck:
        duck.sql("SELECT metric, count(*) FROM observation GROUP BY 1")

Each table is a view of the files that the manifest names at that moment. Nothing else can be read: the views
are made first, then the door to the file system is shut but for the lake. DuckDB would still write there, so
what people ask (`as_text`) may only be a SELECT.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from controller.errors import LakeError
from controller.lake import manifest as manifests
from controller.lake.manifest import Manifest

FETCHED = 10_000
"""Rows that are in memory at once."""


@contextmanager
def opened(folder: Path, memory_mb: int = 1024) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that sees the tables of the lake. Raises LakeError: there is none."""
    manifest = manifests.read(folder)
    if manifest is None:
        raise LakeError(f"{folder}: there is no lake yet: `wardlink lake write` makes one")
    # What does not fit into memory is patients' data, too: for nobody else's eyes, and gone at the end.
    with TemporaryDirectory(prefix="wardlink-lake-") as spilled:
        duck = duckdb.connect(config={"memory_limit": f"{memory_mb}MB", "temp_directory": spilled})
        try:
            _see(duck, folder, manifest)
            yield duck
        except duckdb.Error as error:
            raise LakeError(f"the question cannot be answered: {error}") from error
        finally:
            duck.close()


def as_text(duck: duckdb.DuckDBPyConnection, sql: str, *, as_csv: bool) -> Iterator[str]:
    """What SQL answers: a table that is cut to fit, or all of it as lines of CSV. Raises LakeError: also when
    it is anything else than one question."""
    if [one.type for one in duck.extract_statements(sql)] != [duckdb.StatementType.SELECT]:
        raise LakeError("expected one SELECT (or FROM, DESCRIBE, SUMMARIZE, SHOW): nothing is written here")
    if not as_csv:
        found: Any = duck.sql(sql)
        yield str(found)
        return
    texts = duck.execute(f"SELECT COLUMNS(*)::VARCHAR FROM ({sql.rstrip().rstrip(';')})")
    yield _line(column[0] for column in texts.description or ())
    while rows := texts.fetchmany(FETCHED):
        yield from map(_line, rows)


def _line(cells: Iterable[str | None]) -> str:
    told = io.StringIO()
    csv.writer(told, lineterminator="").writerow("" if one is None else one for one in cells)
    return told.getvalue()


def _see(duck: duckdb.DuckDBPyConnection, folder: Path, manifest: Manifest) -> None:
    for table in sorted({one.table for one in manifest.files}):
        files = [one for one in manifest.files if one.table == table]
        paths = manifests.paths(folder, files)
        relation = duck.read_parquet(paths, hive_partitioning=bool(files[0].day), union_by_name=True)
        relation.create_view(table)
    duck.execute(f"SET allowed_directories = ['{str(folder).replace(chr(39), chr(39) * 2)}']")
    duck.execute("SET enable_external_access = false")
    duck.execute("SET lock_configuration = true")
