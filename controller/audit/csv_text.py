"""The trail as CSV (RFC 4180)."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from controller.clock import utc_text

COLUMNS = "number", "utc", "action", "actor", "entity", "patient", "outcome", "where", "why", "detail", "hash"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet would run what begins so."""


def lines(entries: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """The head, then a line for each entry; what a spreadsheet would run gets an apostrophe before it."""
    yield _line(COLUMNS)
    for entry in entries:
        detail = "; ".join(f"{key}={value}" for key, value in entry["detail"].items())
        known = {**entry, "utc": utc_text(entry["utc_us"]), "detail": detail}
        yield _line([known[name] for name in COLUMNS])


def _line(cells: Iterable[object]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(["" if cell is None else _safe(str(cell)) for cell in cells])
    return out.getvalue().encode("utf-8", "replace")


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
