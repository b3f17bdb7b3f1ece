"""Boots in the database, and rows whose time is known better now than when they were written."""

import sqlite3

from controller.anchors import CORRECTED_US, Anchor, Anchors
from controller.store import Store

STAMPED = ("observation", "waveform", "device_event", "alert", "unknown_record")

_SAVE = """INSERT INTO boot
(boot, gateway, offset_us, measured_us, utc_offset_us, first_observation, first_waveform)
VALUES (?, ?, ?, ?, ?, (SELECT ifnull(max(id), 0) + 1 FROM observation),
  (SELECT ifnull(max(id), 0) + 1 FROM waveform))
ON CONFLICT (gateway, boot) DO UPDATE SET offset_us = excluded.offset_us, measured_us = excluded.measured_us,
  utc_offset_us = excluded.utc_offset_us
RETURNING id, first_observation, first_waveform"""


def save_anchor(db: sqlite3.Connection, anchor: Anchor) -> int:
    """Write what is known of a boot, mend the rows that were written with less. Returns the boot's id."""
    known = anchor.boot, anchor.gateway, anchor.offset_us, anchor.measured_us, anchor.utc_offset_us
    boot, first_observation, first_waveform = db.execute(_SAVE, known).fetchone()
    if anchor.learned_utc:
        for table in STAMPED:
            query = f"UPDATE {table} SET utc_us = mono_us + ? WHERE boot = ? AND utc_us IS NULL"
            db.execute(query, (anchor.utc_offset_us, boot))
    if anchor.moved:
        first = {"observation": first_observation, "waveform": first_waveform}
        for table in STAMPED:
            db.execute(
                f"UPDATE {table} SET at_us = mono_us + ? WHERE id >= ? AND boot = ? AND at_us - mono_us > ?",
                (anchor.offset_us, first.get(table, 0), boot, anchor.offset_us + CORRECTED_US),
            )
    return boot


async def load_anchors(store: Store, anchors: Anchors) -> None:
    """Give `anchors` every boot of the store. Raises StoreError."""
    for row in await store.read("SELECT * FROM boot"):
        offset, utc = row["offset_us"], row["utc_offset_us"]
        whose = row["boot"], row["gateway"]
        anchors.restore(Anchor(*whose, offset, row["measured_us"], utc, offset, utc is not None))
