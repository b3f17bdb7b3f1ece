"""PostgreSQL's values as SQLite gives them: rows by place and name, truth as 1 and 0, JSON as text."""

from functools import cache
from typing import Any

import psycopg
from psycopg.abc import AdaptContext, Buffer
from psycopg.adapt import Dumper, Loader
from psycopg.types.numeric import Int8Dumper
from psycopg.types.string import StrDumper

_NOWHERE = "\U0010ffff"
"""A noncharacter (Unicode, 23.7): in no text."""


class Row(tuple[Any, ...]):
    """As `sqlite3.Row`: by place and by name."""

    names: tuple[str, ...] = ()
    __slots__ = ()

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, str):
            return super().__getitem__(key)
        try:
            return super().__getitem__(self.names.index(key))
        except ValueError:
            raise IndexError(f"no such column: {key}") from None

    def keys(self) -> list[str]:
        """The columns' names."""
        return list(self.names)


def rows(cursor: psycopg.Cursor[Any]) -> Any:
    """What makes a row of such a cursor."""
    return _of(tuple(column.name for column in cursor.description or ()))


@cache
def _of(names: tuple[str, ...]) -> type[Row]:
    return type("Row", (Row,), {"names": names, "__slots__": ()})


def adapt(context: AdaptContext, *, read_only: bool = False) -> None:
    """A connection, from now on."""
    adapters = context.adapters
    assert adapters is not None
    adapters.register_dumper(int, Int8Dumper)  # one type: one plan for each statement
    adapters.register_dumper(str, _AskedFor if read_only else StrDumper)
    adapters.register_dumper(bool, _Truth)
    adapters.register_loader("bool", _FromTruth)
    adapters.register_loader("numeric", _FromNumeric)
    adapters.register_loader("json", _AsText)


class _AskedFor(StrDumper):
    """PostgreSQL takes no text with NUL, so that no row has one: what asks for it finds nothing."""

    def dump(self, obj: Any) -> Buffer | None:
        return super().dump(obj.replace("\0", _NOWHERE))


class _Truth(Dumper):
    """True and False are 1 and 0 in our tables."""

    oid = psycopg.adapters.types["int8"].oid

    def dump(self, obj: Any) -> Buffer:
        return b"1" if obj else b"0"


class _FromTruth(Loader):
    def load(self, data: Buffer) -> int:
        return int(bytes(data) == b"t")


class _FromNumeric(Loader):
    """What sums of whole numbers are in PostgreSQL."""

    def load(self, data: Buffer) -> int | float:
        text = bytes(data).decode()
        return float(text) if "." in text or "N" in text else int(text)


class _AsText(Loader):
    def load(self, data: Buffer) -> str:
        return bytes(data).decode()
