"""`wardlink ledger`: the proof for a terminal, as JSON, and as a file for the checker."""

import os
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich import box
from rich.table import Table

from controller.clock import SystemClock
from controller.errors import StoreError
from controller.export import write_export
from controller.proof import SUMMED, JournalProof, count_twice, journals
from controller.store.beside import reading
from controller.store.where import Where

COUNTS = ("produced", "committed", "missing", "duplicated", "quarantined", "shed", "resent")
WIDTH = 180
"""Columns that the table takes. Numbers are never cut: on a narrower terminal the lines wrap."""

_SCALE = "SELECT host_boot, offset_us FROM scale ORDER BY id DESC LIMIT 1"
_STEPS = (("s", 1000, 60), ("min", 60_000, 60), ("h", 3_600_000, 24), ("d", 86_400_000, None))


def read_proof(database: Where, part: str) -> tuple[list[JournalProof], int]:
    """The journals of gateways with `part` in their id, and the controller's time, ms. Raises StoreError."""
    with reading(database) as db:
        now_ms = _now_ms(db)
        return [one for one in journals(db, count_twice(db)) if part in one.gateway], now_ms


def export_to(database: Where, file: Path) -> int:
    """Write the export, for its owner's eyes. Returns how many lines. Raises StoreError."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with reading(database) as db, os.fdopen(handle, "wb") as out:
            return write_export(db, out, SystemClock().utc_us())
    except OSError as error:
        raise StoreError(f"{file}: the export cannot be written ({error.strerror})") from error


def as_json(found: Iterable[JournalProof], now_ms: int) -> dict[str, Any]:
    """All of it, with the time that ages are counted from."""
    return {"server_ms": now_ms, "journals": [asdict(journal) for journal in found]}


def as_table(found: list[JournalProof], now_ms: int) -> Table:
    """A row for each lane of each journal, and their sums. Every age says as of when."""
    table = Table(box=box.SIMPLE, collapse_padding=True, pad_edge=False)
    for name in ("gateway", "journal", "lane", *COUNTS, "oldest unreceipted", "clock", "heard"):
        justify = "left" if name in ("gateway", "journal", "lane", "clock") else "right"
        table.add_column(name, justify=justify, no_wrap=True)
    for journal in found:
        name = journal.journal + (" open" if journal.open else "")
        about = _clock(journal), _ago(journal.heard_ms, now_ms)
        for lane in journal.lanes:
            counts = (str(getattr(lane, count)) for count in COUNTS)
            oldest = _oldest(journal, lane.oldest_ms, lane.waiting, now_ms)
            table.add_row(journal.gateway, name, lane.lane, *counts, oldest, *about)
    table.add_section()
    table.add_row("all", "", "", *(str(sum(one.sums[count] for one in found)) for count in COUNTS))
    return table


def verdict(found: list[JournalProof]) -> str:
    """Whether anything is missing, in one sentence."""
    sums = {name: sum(one.sums[name] for one in found) for name in SUMMED}
    if sums["duplicated"]:
        return f"{sums['duplicated']} records are stored twice: a defect, report it."
    if sums["missing"]:
        return (
            f"{sums['missing']} of {sums['produced']} blocks are missing; "
            f"the gateways last said that {sums['waiting']} wait with them."
        )
    return f"Nothing is missing: {sums['produced']} blocks were produced, and each is accounted for."


def age(ms: int) -> str:
    """`2 s`, `14 min`, `3 h`, `2 d`."""
    return next(f"{ms // size} {unit}" for unit, size, limit in _STEPS if not limit or ms // size < limit)


def _oldest(journal: JournalProof, oldest_ms: int | None, waiting: int | None, now_ms: int) -> str:
    if journal.told_ms is None or waiting is None:
        return "-"
    what = "none" if oldest_ms is None else f"{age(oldest_ms)} ({waiting} wait)"
    return f"{what}, {_ago(journal.told_ms, now_ms)}"


def _ago(at_ms: int | None, now_ms: int) -> str:
    return "-" if at_ms is None else f"{age(max(now_ms - at_ms, 0))} ago"


def _clock(journal: JournalProof) -> str:
    clock = journal.clock
    if clock is None:
        return "-"
    error = "" if clock.error_ms is None else f" ±{clock.error_ms:.3g} ms"
    return f"{clock.sync}{error}{'' if clock.utc_known else ', no UTC'}"


def _now_ms(db: sqlite3.Connection) -> int:
    """The time of the controller that wrote this database, if that was in this boot of this host."""
    clock, scale = SystemClock(), db.execute(_SCALE).fetchone()
    if scale is not None and scale["host_boot"] == clock.host_boot():
        clock.offset_us = scale["offset_us"]
    return clock.now_us() // 1000
