"""Strict reading of the CSV and TOML of a base: an error names file, row, column, expected and got."""

import csv
import io
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeVar

from controller.errors import ConfigError, ControllerError
from controller.prescriptions.checks.units import Incomparable, Quantity, exact, kind_of

MOST_BYTES, MOST_ROWS, MOST_LETTERS = 32 << 20, 200_000, 2_000
"""Of one file, of one file, and of one cell."""
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
T = TypeVar("T")


class KnowledgeError(ConfigError):
    """A file of a base or of a formulary that cannot be used: which, where, expected and got."""


class Row:
    """One row of a table; each reading of a cell raises KnowledgeError that says where."""

    def __init__(self, file: str, number: int, cells: Mapping[str, str]) -> None:
        self.file, self.number, self.cells = file, number, cells

    def wrong(self, column: str, expected: str) -> KnowledgeError:
        """What is wrong with a cell; `number` counts lines of the file from 1."""
        got = self.cells.get(column, "")
        return KnowledgeError(f"{self.file}, row {self.number}, {column}: expected {expected}, got {got!r}")

    def text(self, column: str) -> str:
        """Not empty."""
        if not (cell := self.cells[column]):
            raise self.wrong(column, "some text")
        return cell

    def words(self, column: str, form: re.Pattern[str] = CODE) -> tuple[str, ...]:
        """Codes with spaces between; none is allowed."""
        found = tuple(self.cells[column].split())
        if not all(form.fullmatch(word) for word in found) or len(set(found)) < len(found):
            raise self.wrong(column, f"different codes of the form {form.pattern}, spaces between")
        return found

    def names(self, column: str) -> tuple[str, ...]:
        """Names with semicolons between; none is allowed."""
        return tuple(one.strip() for one in self.cells[column].split(";") if one.strip())

    def code(self, column: str, form: re.Pattern[str] = CODE) -> str:
        """One code."""
        if not form.fullmatch(self.cells[column]):
            raise self.wrong(column, f"a code of the form {form.pattern}")
        return self.cells[column]

    def choice(self, column: str, choices: Mapping[str, T]) -> T:
        """One of the named."""
        if self.cells[column] not in choices:
            raise self.wrong(column, " or ".join(choices))
        return choices[self.cells[column]]

    def number_or_none(self, column: str) -> Fraction | None:
        """A decimal number from 0, or nothing."""
        return self.number_of(column) if self.cells[column] else None

    def number_of(self, column: str) -> Fraction:
        """A decimal number from 0."""
        if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", self.cells[column]):
            raise self.wrong(column, "a decimal number such as 0.5")
        return exact(self.cells[column])

    def unit(self, column: str) -> str:
        """A UCUM unit that we can compare."""
        try:
            kind_of(self.cells[column])
        except Incomparable as error:
            raise self.wrong(column, "a UCUM unit such as mg or mg/kg") from error
        return self.cells[column]

    def quantity(self, value: str, unit: str) -> Quantity:
        """Of two cells."""
        return Quantity(self.number_of(value), self.unit(unit))

    def made(self, column: str, make: Callable[[str], T], expected: str) -> T:
        """What `make` makes of a cell; ValueError and our own errors mean that it is not as expected."""
        try:
            return make(self.cells[column])
        except (ValueError, ControllerError) as error:
            raise self.wrong(column, expected) from error


def text_of(file: str, data: bytes) -> str:
    """UTF-8, with or without a byte order mark. Raises KnowledgeError."""
    if len(data) > MOST_BYTES:
        raise KnowledgeError(f"{file}: expected at most {MOST_BYTES} bytes, got {len(data)}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise KnowledgeError(
            f"{file}: expected UTF-8, got byte {data[error.start]:#x} at {error.start}"
        ) from error


def rows(file: str, data: bytes, columns: Sequence[str]) -> Iterator[Row]:
    """The rows of a CSV file (RFC 4180) with exactly these columns, in any order. Raises KnowledgeError."""
    reader = csv.reader(io.StringIO(text_of(file, data), newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        if sorted(header) != sorted(columns):
            raise KnowledgeError(
                f"{file}, row 1: expected the columns {', '.join(columns)}, got {', '.join(header)}"
            )
        for count, cells in enumerate(reader):
            yield _row(file, reader.line_num, header, cells, count)
    except csv.Error as error:
        raise KnowledgeError(f"{file}, row {reader.line_num}: expected CSV, got {error}") from error


def _row(file: str, line: int, header: Sequence[str], cells: Sequence[str], count: int) -> Row:
    if count >= MOST_ROWS:
        raise KnowledgeError(f"{file}: expected at most {MOST_ROWS} rows, got more")
    if len(cells) != len(header):
        raise KnowledgeError(f"{file}, row {line}: expected {len(header)} cells, got {len(cells)}")
    row = Row(file, line, dict(zip(header, (cell.strip() for cell in cells), strict=True)))
    for column, cell in row.cells.items():
        if len(cell) > MOST_LETTERS or not cell.isprintable():
            raise row.wrong(column, f"up to {MOST_LETTERS} printable letters")
    return row


def head(file: str, data: bytes) -> dict[str, Any]:
    """A TOML file. Raises KnowledgeError."""
    try:
        return tomllib.loads(text_of(file, data))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise KnowledgeError(f"{file}: expected TOML, got {error}") from error
