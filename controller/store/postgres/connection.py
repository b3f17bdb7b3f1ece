"""A connection to PostgreSQL that is used as one to SQLite: the same SQL, rows and errors.

    db = connect("postgresql://wardlink@127.0.0.1:5432/wardlink")
    with db:                                       # commits, or takes everything back
        db.execute("BEGIN IMMEDIATE")              # writers of all controllers come one after the other
        db.execute("UPDATE meta SET value = ? WHERE key = ?", (1, "registry"))

Whoever writes holds one advisory lock until the commit, as SQLite has one writer: what a transaction has read
is still so when it writes, whichever controller the others run in. Readers wait for nobody. Who says BEGIN
CONCURRENT shares it with others who do: nothing that one of them reads or writes may be another's.

A connection that is lost is an sqlite3.OperationalError; the next transaction, or question outside of one,
connects again, by `host=a,b target_session_attrs=read-write` to whichever server writes by then. A
transaction leaves a mark with its commit: where the answer to COMMIT was lost, that says whether it holds.
"""

import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import resources
from itertools import count
from threading import Event
from typing import Any, Self, cast

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import tuple_row

from controller.errors import StoreError, Unknown
from controller.store.migrate import applied
from controller.store.postgres.adapting import adapt, rows
from controller.store.postgres.dialect import AGAIN, translate
from controller.store.postgres.saying import as_sqlite
from controller.store.postgres.tokens import statements

Parameters = Sequence[Any] | Mapping[str, Any]
WRITERS, MAKERS = 0x77617264, 0x7761726D  # "ward", "warm"
"""Advisory locks: of who writes, and of who makes the schema."""
_ALONE, _TOGETHER = "BEGIN IMMEDIATE", "BEGIN CONCURRENT"
_BEGIN = {
    _ALONE: f"BEGIN; SELECT lock_writers({WRITERS}, false)",
    _TOGETHER: f"BEGIN; SELECT lock_writers({WRITERS}, true)",
    "BEGIN EXCLUSIVE": f"BEGIN; SET LOCAL idle_in_transaction_session_timeout = '3s'; "
    f"SELECT lock_writers({WRITERS}, false)",
    "BEGIN": "BEGIN ISOLATION LEVEL REPEATABLE READ",
}
"""EXCLUSIVE is for one that only reads: nobody writes meanwhile."""
_COLLATION = """SELECT datcollate, pg_encoding_to_char(encoding) FROM pg_database
WHERE datname = current_database()"""
_DEFAULTS = {
    **{"connect_timeout": "5", "application_name": "wardlink", "tcp_user_timeout": "20000"},
    **{"keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3"},
    "client_encoding": "UTF8",
}
"""Unless the URL says otherwise: a server that is gone is known to be within half a minute."""
_MARK = """INSERT INTO commit_mark (writer, number) VALUES ('{writer}', {number})
ON CONFLICT (writer) DO UPDATE SET number = {number}, at = now(); COMMIT"""
_SETTINGS = """SET lock_timeout = '10s'; SET jit = off; SET tcp_user_timeout = 20000;
SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3"""
"""A server would know of a host that is gone after two hours."""
_WRITER = "SET idle_in_transaction_session_timeout = '3s'"  # as long as a lease: who hangs holds up nobody
_READER = "SET default_transaction_read_only = on"
_CANCEL_S, _ASKED_EVERY_S = 2.0, 0.2
_FUNCTIONS = "prelude", "parts", "writers", "ledger"


class Connection:
    """What we use of `sqlite3.Connection`, whose errors are raised."""

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        self._url, self._read_only = url, read_only
        self._name, self._numbers = secrets.token_hex(8), count(1)
        self._doubt: dict[int, bool | None] = {}
        """Transactions whose commit was not answered, and whether they hold, once that is known."""
        self._begun = False
        self.lives = 0  # how often it was connected: each time it may be to another server
        with as_sqlite():
            self._db = self._connected()

    def execute(self, sql: str, parameters: Parameters = ()) -> psycopg.Cursor[Any]:
        """One statement."""
        with as_sqlite():
            if sql.startswith("BEGIN"):
                return self._begin(sql)
            query, given = _asked(sql, parameters)
            if self._begun or not self._read_only:
                return self._db.execute(query, given)
            return self._again(lambda: self._db.execute(query, given))

    def executemany(self, sql: str, many: Iterable[Parameters]) -> psycopg.Cursor[Any]:
        """The same statement for each, on one way to the server and back."""
        text = translate(sql)
        cursor = self._db.cursor()
        with as_sqlite():
            cursor.executemany(text.encode(), [_given(text, row) or () for row in many])
        return cursor

    def copy(self, table: str, columns: str, many: Iterable[Sequence[Any]]) -> None:
        """New rows, by COPY: a fifth of what as many INSERTs take."""
        order = f"COPY {table} ({columns}) FROM STDIN".encode()
        with as_sqlite(), self._db.cursor() as cursor, cursor.copy(order) as copy:
            for row in many:
                copy.write_row(row)

    def executescript(self, script: str) -> None:
        """Several statements."""
        for one in statements(script):
            with as_sqlite():
                word = one.rstrip(";").upper()
                if word.startswith("BEGIN"):
                    self.execute("BEGIN IMMEDIATE")
                elif word == "COMMIT":
                    self._commit()
                else:
                    self._db.execute(*_asked(one, ()))

    def cursor(self) -> "Streamed":
        """For very many rows, in a transaction."""
        return Streamed(self._db)

    def interrupt(self) -> None:
        """Whatever runs ends with an error; called in another thread."""
        with as_sqlite():
            self._db.cancel_safe(timeout=_CANCEL_S)

    def close(self) -> None:
        """What was not committed is gone."""
        self._db.close()

    def holds(self, number: int) -> bool:
        """Whether a transaction that Unknown was raised for is stored. Raises sqlite3.Error."""
        if self._doubt.get(number) is None:
            with self:
                self.execute("BEGIN IMMEDIATE")
        return bool(self._doubt[number])

    @property
    def in_transaction(self) -> bool:
        """Whether one has begun."""
        return self._db.info.transaction_status != pq.TransactionStatus.IDLE

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if not self._begun:
            return
        with as_sqlite():
            if kind is None:
                self._commit()
            else:
                self._begun = False
                if not self._db.closed:
                    self._db.execute("ROLLBACK")

    def _begin(self, sql: str) -> psycopg.Cursor[Any]:
        in_doubt = None in self._doubt.values()
        how = _BEGIN[_ALONE if in_doubt and sql == _TOGETHER else sql]
        done = self._again(lambda: self._db.execute(how.encode()))
        self._begun = True
        if in_doubt and how == _BEGIN[_ALONE]:
            self._resolve()
        return done

    def _again(self, work: Any) -> Any:
        """Nothing has begun yet: on a new connection if this one turns out to be lost."""
        if not self._db.closed:
            try:
                return work()
            except psycopg.OperationalError:
                if not self._db.closed:
                    if self.in_transaction:
                        self._db.execute("ROLLBACK")
                    raise
        self._begun = False
        self._db = self._connected()
        return work()

    def _resolve(self) -> None:
        """Whoever has the writers' lock knows that no transaction before is still under way."""
        row = self._db.execute("SELECT number FROM commit_mark WHERE writer = %s", (self._name,)).fetchone()
        for number, known in self._doubt.items():
            if known is None:
                self._doubt[number] = row is not None and row[0] == number

    def _commit(self) -> None:
        self._begun = False
        if self._read_only:
            self._db.execute("COMMIT")
            return
        number = next(self._numbers)
        try:
            self._db.execute(_MARK.format(writer=self._name, number=number).encode())
        except psycopg.Error as error:
            if not self._db.closed:
                self._db.execute("ROLLBACK")
                raise
            self._doubt[number] = None
            if not self._held_after_all(number, error):
                raise

    def _held_after_all(self, number: int, error: psycopg.Error) -> bool:
        """Raises Unknown."""
        try:
            return self.holds(number)
        except (sqlite3.Error, StoreError) as still:
            why = f"{self._url}: the server was lost while it committed, whether it did is not known: {still}"
            raise Unknown(why, number) from error

    def _connected(self) -> psycopg.Connection[Any]:
        try:
            conninfo = make_conninfo(**{**_DEFAULTS, **conninfo_to_dict(self._url)})
            made = psycopg.connect(conninfo, autocommit=True, row_factory=rows, prepare_threshold=3)
        except psycopg.errors.InvalidCatalogName as error:
            raise _not_there(self._url) from error
        except psycopg.OperationalError as error:
            if "does not exist" in str(error) and "database" in str(error):
                raise _not_there(self._url) from error
            raise
        adapt(made, read_only=self._read_only)
        self.lives += 1
        made.execute(f"{_SETTINGS}; {_READER if self._read_only else _WRITER}".encode())
        return made


class Streamed:
    """A cursor whose rows stay at the server until they are asked for; `row_factory` None: tuples."""

    def __init__(self, db: psycopg.Connection[Any]) -> None:
        self._db = db
        self.row_factory: Any = rows

    def execute(self, sql: str, parameters: Parameters = ()) -> Iterator[Any]:
        """Its rows."""
        with as_sqlite():
            name = f"rows_{secrets.token_hex(4)}"
            cursor = self._db.cursor(name, row_factory=self.row_factory or tuple_row)
            cursor.itersize = 2_000
            cursor.execute(*_asked(sql, parameters))
        return _told(cursor)


def _told(cursor: Any) -> Iterator[Any]:
    with as_sqlite(), cursor:
        yield from cursor


def connect(url: str, *, read_only: bool = False) -> Connection:
    """Raises sqlite3.Error; StoreError: there is no such database, or it sorts text otherwise than we do."""
    db = Connection(url, read_only=read_only)
    [(collation, encoding)] = db.execute(_COLLATION).fetchall()
    if collation not in ("C", "POSIX") or encoding != "UTF8":
        db.close()
        raise StoreError(f"{url}: expected LC_COLLATE 'C' and UTF8, got {collation} and {encoding}: {_HOW}")
    return db


@contextmanager
def prepared(db: Connection) -> Iterator[None]:
    """Our functions are there, nobody else makes the schema meanwhile. Raises StoreError: it is newer."""
    folder = resources.files("controller.store.postgres")
    text = "".join(folder.joinpath(f"{one}.sql").read_text(encoding="utf-8") for one in _FUNCTIONS)
    with as_sqlite():
        # Asked again and again: who waits within a question holds up an index that is made beside others.
        while not db.execute("SELECT pg_try_advisory_lock(?)", (MAKERS,)).fetchall()[0][0]:
            Event().wait(_ASKED_EVERY_S)
        try:
            applied(cast("sqlite3.Connection", db))
            db._db.execute(text.encode())
            yield
        finally:
            db._db.execute(f"SELECT pg_advisory_unlock({MAKERS})".encode())


_HOW = (
    "CREATE DATABASE wardlink TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C.UTF-8' ENCODING 'UTF8' "
    "(docs/operations.md)"
)


def _not_there(url: str) -> StoreError:
    return StoreError(f"{url}: expected a database that is there, make it: {_HOW}")


def _asked(sql: str, parameters: Parameters) -> tuple[bytes, Parameters | None]:
    """A statement for psycopg: `%` stands for itself where nothing is given."""
    given = _given(text := translate(sql), parameters)
    return (text if given is not None else text.replace("%%", "%")).encode(), given


def _given(text: str, parameters: Parameters) -> Parameters | None:
    if not isinstance(parameters, Mapping):
        if "%(p1" not in text:
            return parameters or None
        parameters = {f"p{at}": value for at, value in enumerate(parameters, 1)}
    if f"{AGAIN})s" in text:
        return {**parameters, **{name + AGAIN: value for name, value in parameters.items()}}
    return parameters
