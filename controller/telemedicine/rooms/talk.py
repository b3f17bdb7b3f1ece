"""What was written in a room: it only grows, and is there again for who comes back."""

import sqlite3
from dataclasses import dataclass

from controller.store import Store

LONGEST = 2000
"""Characters."""
MOST = 500
"""Of one room that are shown."""
_ADD = """INSERT INTO room_talk (room, actor, name, text, at_ms, key) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING RETURNING id"""
_OF = f"""SELECT * FROM (SELECT id, actor, name, text, at_ms FROM room_talk WHERE room = ?
ORDER BY id DESC LIMIT {MOST}) ORDER BY id"""


@dataclass(frozen=True, slots=True)
class Line:
    """`at_ms` is in the controller's time scale."""

    id: int
    actor: str
    name: str
    text: str
    at_ms: int


class Talk:
    """`room`: the meeting's number. Methods raise StoreError."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def say(self, room: str, who: tuple[str, str], said: tuple[str, str], at_ms: int) -> Line | None:
        """`who`: as the trail and as the others call them; `said`: the text, and the page's key of it, by
        which a line that is said again is known: None."""
        text, key = said

        def work(db: sqlite3.Connection) -> Line | None:
            row = db.execute(_ADD, (room, *who, text, at_ms, key)).fetchone()
            return Line(row["id"], *who, text, at_ms) if row else None

        return await self._store.write(work)

    async def of(self, room: str) -> list[Line]:
        """The last ones, the oldest first."""
        rows = await self._store.read(_OF, (room,))
        return [Line(**{name: row[name] for name in Line.__dataclass_fields__}) for row in rows]
