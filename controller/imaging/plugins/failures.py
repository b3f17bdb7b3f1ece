"""What plug-ins could not look at, and why: read from the queue's database by the controller, which may also
ask for another try.

failures = Failures(path)
[one, *_] = await failures.listed()
await failures.again(one.id)                 # the plug-ins' process looks at it within seconds
"""

import asyncio
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from controller.errors import NotFound, StoreError
from controller.store import connect
from controller.store.beside import Beside

MOST: Final = 500
_FAILED: Final = "SELECT * FROM job WHERE state = 'failed' ORDER BY id DESC LIMIT ?"
_AGAIN: Final = "UPDATE job SET state = 'waiting', attempts = 0 WHERE id = ? AND state = 'failed' RETURNING *"


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that was looked at as often as is tried, each time in vain."""

    id: int
    plugin: str
    version: str
    source: str
    kind: str
    """What was looked at: see Given.kind."""
    study: str
    """Of an instance in the archive; "": it was none."""
    utc_us: int
    """When it was queued."""
    attempts: int
    reason: str


class Failures:
    """Of the database at `path`, which need not be there yet. Methods raise StoreError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._beside = Beside(path)

    async def listed(self) -> list[Failure]:
        """The newest first."""
        if not self._path.exists():
            return []
        return await self._beside.read(lambda db: [_failure(row) for row in db.execute(_FAILED, (MOST,))])

    async def again(self, number: int) -> None:
        """Look at it once more, as often as at a new one. Raises NotFound."""
        if not (self._path.exists() and await asyncio.to_thread(self._again, number)):
            raise NotFound(
                f"there is no failed look {number}: it is tried again already, or look at the list"
            )

    def _again(self, number: int) -> bool:
        try:
            with closing(connect(self._path)) as db:
                return bool(db.execute(_AGAIN, (number,)).fetchall())
        except sqlite3.Error as error:
            raise StoreError(f"{self._path}: {error}") from error


def _failure(row: sqlite3.Row) -> Failure:
    names = ("id", "plugin", "version", "source", "kind", "utc_us", "attempts")
    study = str(json.loads(row["subject"]).get("study", ""))
    return Failure(**{name: row[name] for name in names}, study=study, reason=row["message"])
