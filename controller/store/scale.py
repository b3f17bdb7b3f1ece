"""The controller's time scale over its restarts: it carries on, and what was stamped by a wrong clock moves.

since = await begin_scale(store, clock)       # at each start, before anything asks the clock

- In one boot of the host the scale carries on: how long the controller was away is known to the microsecond.
  If UTC is another by now (the host began with a wrong clock, which was set since), the scale follows it and
  takes along all that it stamped: ages, stays and sessions stay as they are.
- Another boot begins a scale with UTC, but never before the last time known: order comes first. If UTC is
  behind that, nobody knows what passed since, so old values are not shown as if their age were known.
  When UTC turns out to be right after all, the times of the boot before move back in front of it.
- A UTC before 2025 is none.
"""

import sqlite3
from dataclasses import dataclass

from controller.anchors import CORRECTED_US
from controller.clock import SystemClock
from controller.store import Store
from controller.store.restamp import move_rows

EARLIEST_US = 1_735_689_600_000_000
"""2025-01-01: a clock before it was never set."""

_STAMPED_MS = (
    *(("stay", "from_ms"), ("stay", "to_ms"), ("assignment", "from_ms"), ("assignment", "to_ms")),
    *(("session", "began_ms"), ("session", "used_ms"), ("quarantine", "first_ms"), ("quarantine", "last_ms")),
    *(("gateway", "added_ms"), ("device", "added_ms"), ("user", "changed_ms")),
    *(("journal", "heard_ms"), ("journal", "told_ms"), ("hour_run", "at_ms")),
)
"""Times of the scale beside those of records."""
_LATEST = "SELECT max({column}) FROM {table}"
_BOOTS = "SELECT id FROM boot WHERE measured_us BETWEEN ? AND ?"
_MOVE_KNOTS = """UPDATE boot SET offset_us = offset_us + :by, measured_us = measured_us + :by,
  knots = (SELECT json_group_array(json_array(
    CAST(json_extract(value, '$[0]') AS INTEGER),
    CAST(json_extract(value, '$[1]') AS INTEGER) + :by)) FROM json_each(knots))
WHERE id = :boot"""
_MOVE_MS = "UPDATE {table} SET {column} = {column} + ? WHERE {column} BETWEEN ? AND ?"
_MOVE_SCALE = "UPDATE scale SET began_us = began_us + :by, ended_us = ended_us + :by WHERE id = :scale"


@dataclass(frozen=True, slots=True)
class Since:
    """The present scale began at `us`; `gap_known`: whether earlier times tell true ages."""

    us: int
    gap_known: bool

    @property
    def shown_us(self) -> int:
        """What is older has no true age, and is not shown."""
        return 0 if self.gap_known else self.us


async def begin_scale(store: Store, clock: SystemClock) -> Since:
    """Give `clock` the offset that carries on. Raises StoreError."""
    return await store.write(lambda db: _begin(db, clock))


def _begin(db: sqlite3.Connection, clock: SystemClock) -> Since:
    last = db.execute("SELECT * FROM scale ORDER BY id DESC LIMIT 1").fetchone()
    if last is None or last["host_boot"] != clock.host_boot():
        return _another(db, clock)
    offset_us = clock.utc_us() - clock.since_boot_us()
    by_us = offset_us - last["offset_us"]
    if clock.utc_us() >= EARLIEST_US and abs(by_us) > CORRECTED_US:
        _move(db, last, by_us, until_us=clock.since_boot_us() + last["offset_us"])
        db.execute("UPDATE scale SET offset_us = ? WHERE id = ?", (offset_us, last["id"]))
        last = db.execute("SELECT * FROM scale WHERE id = ?", (last["id"],)).fetchone()
    clock.offset_us = last["offset_us"]
    return Since(last["began_us"], bool(last["gap_known"]))


def _another(db: sqlite3.Connection, clock: SystemClock) -> Since:
    """The first start in a boot of the host."""
    ended_us, utc_us = _latest_us(db), clock.utc_us()
    now_us = max(utc_us, ended_us + 1)
    gap_known = ended_us - utc_us <= CORRECTED_US
    clock.offset_us = now_us - clock.since_boot_us()
    db.execute("UPDATE scale SET ended_us = ? WHERE ended_us IS NULL", (ended_us,))
    # The first scale has all that is in the database.
    began_us = now_us if db.execute("SELECT 1 FROM scale").fetchone() else 0
    db.execute(
        "INSERT INTO scale (host_boot, offset_us, began_us, gap_known) VALUES (?, ?, ?, ?)",
        (clock.host_boot(), clock.offset_us, began_us, gap_known),
    )
    return Since(began_us, gap_known)


def _latest_us(db: sqlite3.Connection) -> int:
    """The last time of the scale that anything tells of."""
    known = [db.execute("SELECT max(measured_us) FROM boot").fetchone()[0]]
    for table, column in _STAMPED_MS:
        latest_ms = db.execute(_LATEST.format(table=table, column=column)).fetchone()[0]
        known.append(None if latest_ms is None else latest_ms * 1000 + 999)
    return max((us for us in known if us is not None), default=0)


def _push_before(db: sqlite3.Connection, scale: sqlite3.Row, by_us: int) -> None:
    """`scale` moves: the one before it ends where that begins then, or goes back to where it was."""
    query = "SELECT * FROM scale WHERE id < ? ORDER BY id DESC LIMIT 1"
    before = db.execute(query, (scale["id"],)).fetchone()
    if before is None:
        return
    pushed_us = min(0, scale["began_us"] + by_us - (before["ended_us"] - before["pushed_us"]) - 1)
    if by_us := pushed_us - before["pushed_us"]:
        _move(db, before, by_us, until_us=before["ended_us"])
        db.execute("UPDATE scale SET pushed_us = ? WHERE id = ?", (pushed_us, before["id"]))


def _move(db: sqlite3.Connection, scale: sqlite3.Row, by_us: int, *, until_us: int) -> None:
    """All that was stamped in this scale, up to `until_us`, happened `by_us` later than it seemed."""
    if by_us < 0:  # make room first
        _push_before(db, scale, by_us)
    _move_stamped(db, by_us, scale["began_us"], until_us)
    db.execute(_MOVE_SCALE, {"by": by_us, "scale": scale["id"]})
    if by_us > 0:
        _push_before(db, scale, by_us)


def _move_stamped(db: sqlite3.Connection, by_us: int, began_us: int, until_us: int) -> None:
    for (boot,) in db.execute(_BOOTS, (began_us, until_us)).fetchall():
        db.execute(_MOVE_KNOTS, {"by": by_us, "boot": boot})
        move_rows(db, boot, "at_us = at_us + :by", by=by_us)
    for table, column in _STAMPED_MS:
        span = by_us // 1000, began_us // 1000, until_us // 1000
        db.execute(_MOVE_MS.format(table=table, column=column), span)
