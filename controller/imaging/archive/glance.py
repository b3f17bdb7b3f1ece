"""Questions to the index that are answered faster than a thread is woken: rows that a UID names."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from controller.errors import StoreError


class Glance:
    """A connection that only reads, for the event loop's own thread; in WAL mode it waits for no writer."""

    def __init__(self, path: Path) -> None:
        """Raises StoreError."""
        self._path = path
        try:
            uri = f"{path.absolute().as_uri()}?mode=ro"
            self._db = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=0.1)
        except sqlite3.Error as error:
            raise StoreError(f"{path}: {error}") from error

    def rows(self, query: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """All that there are, of committed data: some tens of microseconds. Raises StoreError."""
        try:
            return self._db.execute(query, parameters).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"{self._path}: {error}") from error

    def close(self) -> None:
        """Nothing is asked any more."""
        self._db.close()
