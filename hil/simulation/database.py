"""The controller's SQLite: real, in a file, with crashes and refusals at its transactions.

That a commit survives once SQLite said so is SQLite's promise (WAL, `synchronous = FULL`), which other
campaigns try with power cuts on real files. Here a transaction is there whole or not at all, so nothing is
synced and the hours go by faster.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from controller import store
from hil.simulation.loop import Crash

POINTS = ("begin", "before commit", "after commit")
"""Where a crash can be aimed at."""
_product_connect = store.connect


class SimDatabase:
    """The file, and who is connected to it. `full`: nothing can be written."""

    def __init__(self, committed: Callable[[sqlite3.Connection], None]) -> None:
        self.full = False
        self.passed: Counter[str] = Counter()
        self.connections: list[sqlite3.Connection] = []
        self._committed = committed
        self._aim: tuple[str, int] | None = None

    def aim(self, point: str, nth: int) -> None:
        """Crash at the `nth` `point` from now."""
        self._aim = point, self.passed[point] + nth

    @property
    def is_aimed(self) -> bool:
        """Whether the crash is still to come."""
        return self._aim is not None

    def disarm(self) -> None:
        """No crash after all."""
        self._aim = None

    def point(self, name: str) -> None:
        """A transaction is here."""
        self.passed[name] += 1
        if self._aim == (name, self.passed[name]):
            self._aim = None
            raise Crash(name)

    def connect(self, path: Path) -> sqlite3.Connection:
        """In place of `controller.store.connect`: its connection, with the points."""
        database = self

        class Connection(sqlite3.Connection):
            """Tells when a transaction begins and ends."""

            def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
                if sql.startswith("BEGIN"):
                    database.point("begin")
                    if database.full:
                        raise sqlite3.OperationalError("database or disk is full")
                return super().execute(sql, *args)

            def __exit__(self, kind: Any, *rest: Any) -> bool:  # type: ignore[override]
                if kind is not None:
                    return bool(super().__exit__(kind, *rest))
                try:
                    database.point("before commit")
                except Crash as crash:
                    super().__exit__(type(crash), crash, None)
                    raise
                super().__exit__(None, None, None)
                database._committed(self)
                database.point("after commit")
                return False

        connection = _connected(path, Connection)
        self.connections.append(connection)
        return connection

    def close_all(self) -> None:
        """The process is gone."""
        for connection in self.connections:
            connection.close()
        self.connections.clear()


def _connected(path: Path, factory: type[sqlite3.Connection]) -> sqlite3.Connection:
    plain = sqlite3.connect

    def connect(*args: Any, **options: Any) -> sqlite3.Connection:
        return plain(*args, **options, factory=factory)

    sqlite3.connect = connect
    try:
        connection = _product_connect(path)
    finally:
        sqlite3.connect = plain
    connection.execute("PRAGMA synchronous = OFF")
    return connection
