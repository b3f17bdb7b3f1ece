"""Boots in the database, and rows whose time is known better now than when they were written."""

import json
import sqlite3
from collections.abc import Iterable

from controller.anchors import Anchor, Anchors, Lower, Shift
from controller.store import Store
from controller.timeline import Knot, TimeLine

STAMPED = ("observation", "waveform", "device_event", "alert", "unknown_record", "attachment")

_SAVE = """INSERT INTO boot
(boot, gateway, offset_us, measured_us, utc_offset_us, newest_us, knots, first_observation, first_waveform)
VALUES (?, ?, ?, ?, ?, ?, ?, (SELECT ifnull(max(id), 0) + 1 FROM observation),
  (SELECT ifnull(max(id), 0) + 1 FROM waveform))
ON CONFLICT (gateway, boot) DO UPDATE SET offset_us = excluded.offset_us, measured_us = excluded.measured_us,
  utc_offset_us = excluded.utc_offset_us, newest_us = excluded.newest_us, knots = excluded.knots
RETURNING id"""
_AGAIN = """UPDATE boot SET offset_us = ?, measured_us = ?, utc_offset_us = ?, newest_us = ?, knots = ?
WHERE id = ?"""
_FIRST = "SELECT first_observation, first_waveform FROM boot WHERE id = ?"
_LOWER = "at_us = mono_us + :offset", "AND mono_us > :after AND at_us > mono_us + :offset"
_BEFORE_ALL = -(2**62)


def save_anchor(db: sqlite3.Connection, anchor: Anchor) -> int:
    """Write what is known of a boot, mend the rows that were written with less. Returns the boot's id."""
    boot = db.execute(_SAVE, (anchor.boot, anchor.gateway, *_known(anchor))).fetchone()[0]
    if anchor.learned_utc:
        for table in STAMPED:
            query = f"UPDATE {table} SET utc_us = mono_us + ? WHERE boot = ? AND utc_us IS NULL"
            db.execute(query, (anchor.utc_offset_us, boot))
    for change in anchor.changes:
        match change:
            case Shift(by_us):
                move_rows(db, boot, "at_us = at_us + :by", by=by_us)
            case Lower(after_us, offset_us):
                after = _BEFORE_ALL if after_us is None else after_us
                move_rows(db, boot, *_LOWER, after=after, offset=offset_us)
    return boot


def save_again(db: sqlite3.Connection, anchors: Iterable[tuple[int, Anchor]]) -> None:
    """Of boots with these ids, whose rows stay as they are."""
    db.executemany(_AGAIN, [(*_known(anchor), boot) for boot, anchor in anchors])


def _known(anchor: Anchor) -> tuple[int | str | None, ...]:
    measured = anchor.offset_us, anchor.measured_us, anchor.utc_offset_us, anchor.newest_us
    return *measured, json.dumps(anchor.line.knots)


def move_rows(db: sqlite3.Connection, boot: int, change: str, where: str = "", **about: int) -> None:
    """Set the times of the boot's rows, inside a transaction."""
    observation, waveform = db.execute(_FIRST, (boot,)).fetchone()
    first: dict[str, int] = {"observation": observation, "waveform": waveform}
    for table in STAMPED:
        spot = {"first": first.get(table, 0), "boot": boot, **about}
        db.execute(f"UPDATE {table} SET {change} WHERE id >= :first AND boot = :boot {where}", spot)


async def load_anchors(store: Store, anchors: Anchors, since_us: int = 0) -> None:
    """Give `anchors` every boot of the store; the present scale began at `since_us`. Raises StoreError."""
    for row in await store.read("SELECT * FROM boot"):
        utc, measured_us = row["utc_offset_us"], row["measured_us"]
        anchors.restore(
            Anchor(
                *(row["boot"], row["gateway"], row["offset_us"], measured_us, utc, row["newest_us"]),
                line=TimeLine(Knot(*knot) for knot in json.loads(row["knots"])),
                settled=measured_us >= since_us,
                stored_utc=utc is not None,
            )
        )
