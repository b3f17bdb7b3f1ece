"""Readings out of a store as FHIR: Observations a second, and bytes of one, as Bulk Data makes them."""

import asyncio
import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import perf_counter

import orjson

from controller.api.bulk_files import Files
from controller.api.bulk_observations import pieces, resources
from controller.store import Store, connect

HOURS = 6
"""So long somebody lies on bed-1."""
_BED = "INSERT INTO bed (id, ward, name) VALUES ('bed-1', 'ward-a', 'Bed 1')"
_STAY = """INSERT INTO stay (bed, identifier, name, from_ms, to_ms, by)
VALUES ('bed-1', 'P1', 'N', ?, ?, 'bench')"""


def measure(database: Path, from_us: int, folder: Path) -> Iterator[list[str]]:
    """Rows of a table: what, figure, unit; files go to `folder`."""
    with closing(connect(database)) as db, db:
        _admit(db, from_us)
    folder.mkdir()
    began = perf_counter()
    readings, size = asyncio.run(_written(database, folder))
    yield ["readings out as FHIR", f"{readings / (perf_counter() - began):,.0f}", "a second"]
    yield ["bytes of an Observation", f"{size / readings:.0f}", "bytes"]


def _admit(db: sqlite3.Connection, from_us: int) -> None:
    db.execute("INSERT INTO ward VALUES ('ward-a', 'A')")
    db.execute(_BED)
    db.execute(_STAY, (from_us // 1000, from_us // 1000 + HOURS * 3_600_000))


async def _written(database: Path, folder: Path) -> tuple[int, int]:
    store, files = await Store.open(database), Files(folder)
    try:
        async for piece in pieces(store, "P1"):
            lines = [orjson.dumps(one) + b"\n" for one in resources(piece.rows, "P1", 0)]
            hashlib.sha256(b"".join(lines)).digest()
            for line in lines:
                files.add("Observation", line)
    finally:
        await store.close()
    outputs = files.close()
    return sum(one.count for one in outputs), sum(one.bytes for one in outputs)
