"""The marks of a room: kept until they are taken away, and there again for who comes late.

A mark has an id that its page drew, since it comes to the others by a shorter way, too: said again, it is the
same. Of one that was taken away nothing is left but that it was: a pinned label holds a small part of the
picture.
"""

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from controller.store import Store
from controller.telemedicine.rooms.room import ROOM
from controller.telemedicine.rooms.seat import Json

MOST = 300
"""Of one room at a time."""
_IS_KNOWN = "SELECT 1 FROM room_mark WHERE room = ? AND id = ?"
_COUNT = "SELECT count(*) FROM room_mark WHERE room = ? AND gone_ms IS NULL"
_ADD = """INSERT INTO room_mark (room, id, author, actor, name, still, body, at_ms, gone_ms, gone_by)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, '')"""
_OF = """SELECT id, author, actor, name, still, body FROM room_mark
WHERE room = ? AND gone_ms IS NULL ORDER BY at_ms, id"""
_GONE = """UPDATE room_mark SET gone_ms = :now_ms, gone_by = :by, body = ''
WHERE room = :room AND gone_ms IS NULL"""
_OF_IDS = f"""{_GONE} AND id IN (SELECT value FROM json_each(:ids)) AND (:whose IS NULL OR actor = :whose)
RETURNING id"""
_OF_STILL = f"{_GONE} AND still = :still RETURNING id"
_OF_ROOM = f"{_GONE} RETURNING id"


@dataclass(frozen=True, slots=True)
class Drawn:
    """One mark, by whom: `body` is what the page says of it, without its id."""

    id: str
    author: int
    """The seat's number."""
    actor: str
    name: str
    still: str
    body: Json

    @property
    def is_on_image(self) -> bool:
        """On what the meeting shows to all (images.py), and not on the picture of a seat."""
        return self.body["seat"] == ROOM

    @property
    def told(self) -> Json:
        """As pages are told of it."""
        return {**self.body, "id": self.id, "from": self.author, "name": self.name, "still": self.still}


def add(db: sqlite3.Connection, room: str, mark: Drawn, at_ms: int) -> str:
    """ "": it is kept; "known": it was; "full": there are too many."""
    if db.execute(_IS_KNOWN, (room, mark.id)).fetchone():
        return "known"
    if db.execute(_COUNT, (room,)).fetchone()[0] >= MOST:
        return "full"
    row = room, mark.id, mark.author, mark.actor, mark.name, mark.still, json.dumps(mark.body), at_ms
    db.execute(_ADD, row)
    return ""


def take_away(
    db: sqlite3.Connection, room: str, ids: Collection[str], whose: str | None, gone: tuple[str, int]
) -> list[str]:
    """Those of `ids` that are there and are `whose`, None: anybody's. `gone`: by whom, and when (ms)."""
    told = {"ids": json.dumps(list(ids)), "whose": whose, **_by(room, gone)}
    return _ids(db.execute(_OF_IDS, told))


def of_still(db: sqlite3.Connection, room: str, still: str, gone: tuple[str, int]) -> list[str]:
    """The picture is not frozen any more: what was drawn on it goes."""
    return _ids(db.execute(_OF_STILL, {"still": still, **_by(room, gone)}))


def of_room(db: sqlite3.Connection, room: str, gone: tuple[str, int]) -> list[str]:
    """The meeting is over: nothing of it stays."""
    return _ids(db.execute(_OF_ROOM, _by(room, gone)))


async def of(store: Store, room: str) -> list[Drawn]:
    """Those that are there, the earliest first. Raises StoreError."""
    return [_mark(row) for row in await store.read(_OF, (room,))]


def _mark(row: sqlite3.Row) -> Drawn:
    kept = {name: row[name] for name in Drawn.__dataclass_fields__ if name != "body"}
    return Drawn(**kept, body=json.loads(row["body"]))


def _by(room: str, gone: tuple[str, int]) -> dict[str, Any]:
    by, now_ms = gone
    return {"room": room, "by": by, "now_ms": now_ms}


def _ids(rows: sqlite3.Cursor) -> list[str]:
    return [row["id"] for row in rows.fetchall()]
