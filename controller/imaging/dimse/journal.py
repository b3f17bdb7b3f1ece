"""Commitments that were asked for and not yet reported: they outlive this process.

journal = await Journal.open(folder, clock)
await journal.add("CT1", "1.2.3", [(sop_class, sop_instance)])     # on the disk when it returns
for one in await journal.due(): ...
await journal.delivered(one)
"""

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from controller.clock import Clock
from controller.store import Store

FIRST_WAIT_MS, LONGEST_WAIT_MS = 5_000, 3_600_000
GIVEN_UP_MS: Final = 7 * 24 * 3_600_000
"""A peer that takes no report for a week asks again, or looks."""
KEPT_MS: Final = 30 * 24 * 3_600_000
AT_ONCE = 8

Item = tuple[str, str]
"""SOP Class UID, SOP Instance UID."""


@dataclass(frozen=True, slots=True)
class Commitment:
    """A request."""

    number: int
    title: str
    transaction: str
    items: tuple[Item, ...]
    tries: int
    asked_ms: int


class Journal:
    """The database of commitments."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.changed = asyncio.Event()
        """Set when there is something to do."""

    @classmethod
    async def open(cls, folder: Path, clock: Clock) -> "Journal":
        """Raises StoreError."""
        return cls(await Store.open(folder / "commitments.sqlite", "controller.imaging.dimse"), clock)

    async def close(self) -> None:
        """Close the database."""
        await self._store.close()

    async def add(self, title: str, transaction: str, items: Sequence[Item]) -> None:
        """Keep a request; one that was made before is answered again. Raises StoreError."""
        now = self._now_ms()
        row = (title, transaction, json.dumps(items), now, now)
        await self._store.write(
            lambda db: db.execute(
                """INSERT INTO commitment (title, transaction_uid, items, asked_ms, next_ms)
                VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET items = excluded.items,
                asked_ms = excluded.asked_ms, next_ms = excluded.next_ms, tries = 0, delivered_ms = NULL""",
                row,
            )
        )
        self.changed.set()

    async def due(self) -> list[Commitment]:
        """What is to be tried now. Raises StoreError."""
        rows = await self._store.read(
            "SELECT * FROM commitment WHERE next_ms <= ? ORDER BY next_ms LIMIT ?", (self._now_ms(), AT_ONCE)
        )
        return [
            Commitment(
                *(row["id"], row["title"], row["transaction_uid"]),
                items=tuple((item[0], item[1]) for item in json.loads(row["items"])),
                tries=row["tries"],
                asked_ms=row["asked_ms"],
            )
            for row in rows
        ]

    async def wait_s(self) -> float | None:
        """Seconds until something is due; None: there is nothing. Raises StoreError."""
        rows = await self._store.read("SELECT min(next_ms) AS next FROM commitment")
        next_ms: int | None = rows[0]["next"]
        return None if next_ms is None else max(next_ms - self._now_ms(), 0) / 1000

    async def delivered(self, one: Commitment) -> None:
        """The peer has the report. Old ones go. Raises StoreError."""
        now = self._now_ms()

        def work(db: sqlite3.Connection) -> None:
            db.execute(
                "UPDATE commitment SET next_ms = NULL, delivered_ms = ? WHERE id = ?", (now, one.number)
            )
            db.execute("DELETE FROM commitment WHERE next_ms IS NULL AND asked_ms < ?", (now - KEPT_MS,))

        await self._store.write(work)

    async def failed(self, one: Commitment) -> bool:
        """Try again, each time after twice as long; False: a week has passed. Raises StoreError."""
        now = self._now_ms()
        again = now - one.asked_ms < GIVEN_UP_MS
        wait = min(FIRST_WAIT_MS << min(one.tries, 20), LONGEST_WAIT_MS)
        await self._store.write(
            lambda db: db.execute(
                "UPDATE commitment SET tries = tries + 1, next_ms = ? WHERE id = ?",
                (now + wait if again else None, one.number),
            )
        )
        return again

    def _now_ms(self) -> int:
        return self._clock.now_us() // 1000
