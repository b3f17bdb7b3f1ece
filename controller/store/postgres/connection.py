"""A connection to PostgreSQL that is used as one to SQLite: the same SQL, rows and errors.

    db = connect("postgresql://wardlink@127.0.0.1:5432/wardlink")
    with db:                                       # commits, or takes everything back
        db.execute("BEGIN IMMEDIATE")              # writers of all controllers come one after the other
        db.execute("UPDATE meta SET value = ? WHERE key = ?", (1, "registry"))

Whoever writes holds one advisory lock until the commit, as SQLite has one writer: what a transaction has read is
still so when it writes, whichever controller the others run in. Readers wait for nobody.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from typing import Any, Self

import psycopg
from psycopg import pq
from psycopg.abc import AdaptContext, Buffer
from psycopg.adapt import Dumper, Loader
from psycopg.types.string import StrDumper

from controller.errors import StoreError
from controller.store.postgres.dialect import statements, translate

Parameters = Sequence[Any] | Mapping[str, Any]
WRITERS = 0x77617264  # "ward"
_LOCK = f"SELECT pg_advisory_xact_lock({WRITERS})"
_COLLATION = "SELECT datcollate, pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()"
_INTEGRITY = psycopg.errors.IntegrityError, psycopg.errors.RaiseException
_DATA = psycopg.errors.DataError, psycopg.errors.DatatypeMismatch, psycopg.errors.UndefinedFunction


class Row(tuple[Any, ...]):
    """As `sqlite3.Row`: by place and by name."""

    names: tuple[str, ...] = ()

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


def _rows(cursor: psycopg.Cursor[Any]) -> Any:
    names = tuple(column.name for column in cursor.description or ())
    made = type("Row", (Row,), {"names": names, "__slots__": ()})
    return made


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


class Connection:
    """What we use of `sqlite3.Connection`, whose errors are raised."""

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        with _as_sqlite():
            self._db = psycopg.connect(url, autocommit=True, row_factory=_rows, prepare_threshold=3)
            _adapt(self._db)
            if read_only:
                self._db.execute("SET default_transaction_read_only = on")

    def execute(self, sql: str, parameters: Parameters = ()) -> psycopg.Cursor[Any]:
        """One statement."""
        with _as_sqlite():
            if sql == "BEGIN IMMEDIATE":
                self._db.execute("BEGIN")
                return self._db.execute(_LOCK.encode())
            text = translate(sql)
            return self._db.execute(text.encode(), _given(text, parameters))

    def executemany(self, sql: str, rows: Sequence[Parameters] | Iterator[Parameters]) -> psycopg.Cursor[Any]:
        """The same statement for each."""
        text = translate(sql)
        cursor = self._db.cursor()
        with _as_sqlite():
            cursor.executemany(text.encode(), [_given(text, row) or () for row in rows])
        return cursor

    def executescript(self, script: str) -> None:
        """Several statements."""
        for one in statements(script):
            with _as_sqlite():
                word = one.rstrip(";").upper()
                if word.startswith("BEGIN"):
                    self.execute("BEGIN IMMEDIATE")
                else:
                    self._db.execute(translate(one).replace("%%", "%").encode())

    def interrupt(self) -> None:
        """Whatever runs ends with an error; called in another thread."""
        self._db.cancel_safe()

    def close(self) -> None:
        """What was not committed is gone."""
        self._db.close()

    @property
    def in_transaction(self) -> bool:
        """Whether one has begun."""
        return self._db.info.transaction_status != pq.TransactionStatus.IDLE

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self.in_transaction:
            with _as_sqlite():
                self._db.execute("ROLLBACK" if kind else "COMMIT")


def connect(url: str, *, read_only: bool = False) -> Connection:
    """Raises sqlite3.Error; StoreError: the database sorts text otherwise than we do."""
    db = Connection(url, read_only=read_only)
    [(collation, encoding)] = db.execute(_COLLATION).fetchall()
    if collation not in ("C", "POSIX") or encoding != "UTF8":
        db.close()
        raise StoreError(
            f"expected a database of LC_COLLATE 'C' and encoding UTF8, got {collation} and {encoding}: "
            "CREATE DATABASE wardlink TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C.UTF-8' ENCODING 'UTF8'"
        )
    return db


def prepare(db: Connection) -> None:
    """SQLite's functions, before the first migration."""
    text = resources.files("controller.store.postgres").joinpath("prelude.sql").read_text(encoding="utf-8")
    with _as_sqlite():
        db._db.execute(text.encode())


def _adapt(context: AdaptContext) -> None:
    adapters = context.adapters
    assert adapters is not None
    adapters.register_dumper(str, StrDumper)
    adapters.register_dumper(bool, _Truth)
    adapters.register_loader("bool", _FromTruth)
    adapters.register_loader("numeric", _FromNumeric)
    adapters.register_loader("json", _AsText)


def _given(text: str, parameters: Parameters) -> Parameters | None:
    if isinstance(parameters, Mapping):
        return parameters
    if "%(p1)s" in text:
        return {f"p{at}": value for at, value in enumerate(parameters, 1)}
    return parameters or None


class _as_sqlite:  # noqa: N801 - reads as a statement
    """What PostgreSQL says, as SQLite says it."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        if not isinstance(error, psycopg.Error):
            return
        if isinstance(error, _INTEGRITY):
            raise sqlite3.IntegrityError(str(error)) from error
        if isinstance(error, _DATA):
            raise sqlite3.DataError(str(error)) from error
        raise sqlite3.OperationalError(str(error)) from error
