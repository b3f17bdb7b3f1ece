"""Fixes of a vehicle, written to the store as ingest writes what a receiver measured."""

import sqlite3
from collections.abc import Sequence

from controller.arrivals.globe import Point, moved
from controller.arrivals.position import Fix
from controller.store import Store

_SERIES = "INSERT OR IGNORE INTO series (device, bed, metric) VALUES (?, ?, ?)"
_ROW = """INSERT INTO observation (stream, number, place, boot, mono_us, at_us, series, value, quality)
SELECT 1, 0, 0, 1, 0, ?, id, ?, ? FROM series WHERE device = ? AND bed = ? AND metric = ?"""
GNSS = '["latitude", "longitude", "vehicle_speed", "vehicle_course", "gnss_hdop"]'
"""Metrics of a receiver, as a birth tells them."""


def ride(start: Point, course: float, kmh: float, seconds: range, until_us: int) -> list[Fix]:
    """A straight ride, one fix at each of `seconds` of it; the last second of the range is at `until_us`."""
    last = seconds[-1]
    return [
        Fix(until_us - (last - s) * 1_000_000, *moved(start, course, kmh / 3.6 * s), kmh, course, 0.9)
        for s in seconds
    ]


async def write_fixes(
    store: Store, vehicle: str, fixes: Sequence[Fix], device: str = "gnss-1", quality: int = 0
) -> None:
    """All of `fixes`, told by `device` on `vehicle`."""

    def work(db: sqlite3.Connection) -> None:
        for fix in fixes:
            told = {"latitude": fix.latitude, "longitude": fix.longitude, "gnss_hdop": fix.hdop}
            told |= {"vehicle_speed": fix.speed, "vehicle_course": fix.course}
            for metric, value in told.items():
                db.execute(_SERIES, (device, vehicle, metric))
                db.execute(_ROW, (fix.at_us, value, quality, device, vehicle, metric))

    await store.write(work)
