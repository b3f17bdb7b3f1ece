"""Batches of records as CSV (RFC 4180): UTF-8 with or without BOM, commas or semicolons, quoted or not.

    for row in read(data): ...          # Row(number, values) or Fault(row number, problem)
    data = write(devices)               # for a maintenance system; `read` takes it back

A field that a spreadsheet would run as a formula is written with an apostrophe before it, which `read` takes
away again (OWASP, CSV injection).
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from controller.errors import BadRecord
from controller.inventory.record import COLUMNS, Problem

LARGEST_BYTES = 2_000_000
MOST_ROWS = 10_000
TOLD = ("bed", "battery_percent", "firmware", "pairing")
"""Columns of an export that an import leaves alone: the controller knows them better."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")


class Row(NamedTuple):
    """A row by column; `number` is that of its line in a spreadsheet: the head is 1."""

    number: int
    values: Mapping[str, str]


class Fault(NamedTuple):
    """What is wrong with one row."""

    row: int
    problem: Problem


def read(data: bytes) -> Iterator[Row | Fault]:
    """The rows of a table with a head. Raises BadRecord when there is none that can be read at all."""
    rows = _rows(data)
    head = [name.strip().lower() for name in next(rows, [])]
    _check_head(head)
    for number, row in enumerate(rows, start=2):
        if number > MOST_ROWS + 1:
            came, remedy = f"row {number}", "import the rest from a second file"
            yield Fault(number, Problem("", f"at most {MOST_ROWS} rows", came, remedy))
            return
        if not any(field.strip() for field in row):
            continue
        if len(row) != len(head):
            expected, remedy = (
                f"{len(head)} fields as in the head",
                "quote fields with separators, no line breaks",
            )
            came = row[0] if row[0].startswith("unreadable: ") else str(len(row))
            yield Fault(number, Problem("", expected, came, remedy))
        else:
            yield Row(number, {name: _plain(field) for name, field in zip(head, row, strict=True)})


def write(devices: Iterable[Mapping[str, Any]]) -> bytes:
    """The table of these devices, in UTF-8 with a BOM, which spreadsheets need."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow((*COLUMNS, *TOLD))
    for device in devices:
        values = (device.get(name) for name in (*COLUMNS, *TOLD))
        writer.writerow([_defused("" if value is None else str(value)) for value in values])
    return text.getvalue().encode("utf-8-sig")


def _rows(data: bytes) -> Iterator[list[str]]:
    if len(data) > LARGEST_BYTES:
        raise BadRecord(f"expected at most {LARGEST_BYTES} bytes, got {len(data)}: import it in parts")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRecord(f'expected UTF-8, got byte {error.start}: save it as "CSV UTF-8"') from error
    lines = re.split(r"\r\n|\n|\r", text)
    separator = ";" if lines[0].count(";") > lines[0].count(",") else ","
    for line in lines:  # each by itself: an open quote spoils its own row, not those after it
        try:
            yield next(csv.reader([line], delimiter=separator, strict=True), [])
        except csv.Error as error:
            yield [f"unreadable: {error}"]


def _check_head(head: list[str]) -> None:
    missing = {"device", "profile"} - set(head)
    unknown = set(head) - {*COLUMNS, *TOLD}
    if missing or unknown or len(set(head)) != len(head):
        wrong = ", ".join(sorted(missing or unknown)) or "one twice"
        raise BadRecord(
            f"expected a first row with column names of {', '.join(COLUMNS)}, device and profile at least; "
            f"{'missing' if missing else 'unknown'}: {wrong}: take an export as the pattern"
        )


def _defused(field: str) -> str:
    return f"'{field}" if field.startswith(_FORMULA) else field


def _plain(field: str) -> str:
    return field[1:] if field.startswith("'") and field[1:].startswith(_FORMULA) else field
