"""store/migrations/370-rooms.sql: who sat in rooms before, and what was written, is there by number."""

import sqlite3
from pathlib import Path

from controller.store import connect
from controller.store.migrate import migrations

ROOMS = 370
_VISIT = """INSERT INTO visit (id, number, subject, subject_name, way, host, start_ms, minutes, reason,
  follows, state, revision, booked_by, booked_ms, changed_by, changed_ms)
VALUES (7, 'TV00000007', '4711', 'Muster', 'bedside', 'ben', 1, 20, 'cough', '', 'in-progress',
  1, 'a', 1, 'a', 1)"""


def _before(db: sqlite3.Connection) -> None:
    db.execute(_VISIT)
    seats = [
        (7, 1, b"b", "ben", "Ben", "staff", 1, None),
        (7, 2, b"a", "patient:4711", "Anna", "patient", 2, 9),
    ]
    db.executemany("INSERT INTO visit_seat VALUES (?, ?, ?, ?, ?, ?, ?, ?)", seats)
    db.execute("INSERT INTO visit_talk VALUES (3, 7, 'ben', 'Ben', 'hello', 5, 'key')")


def test_seats_keep_their_numbers_and_lines_their_order(tmp_path: Path) -> None:
    db = connect(tmp_path / "old.sqlite")
    for number, (_, script) in sorted(migrations().items()):
        if number == ROOMS:
            _before(db)
        db.executescript(f"BEGIN IMMEDIATE;\n{script}\nCOMMIT;")
        if number == ROOMS:
            break
    seats = [
        tuple(row) for row in db.execute("SELECT room, number, actor, left_ms FROM room_seat ORDER BY number")
    ]
    assert seats == [("TV00000007", 1, "ben", None), ("TV00000007", 2, "patient:4711", 9)]
    [line] = [tuple(row) for row in db.execute("SELECT id, room, text, key FROM room_talk")]
    assert line == (3, "TV00000007", "hello", "key")
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    db.close()
