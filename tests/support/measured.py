"""Readings in the store, written as ingest writes what a device on a bed measured."""

import sqlite3

from controller.store import Store

_SERIES = "INSERT OR IGNORE INTO series (device, bed, metric) VALUES (?, ?, ?)"
_ROW = """INSERT INTO observation (stream, number, place, boot, mono_us, at_us, series, value, quality)
SELECT 1, 0, 0, 1, 0, ?, id, ?, ? FROM series WHERE device = ? AND bed = ? AND metric = ?"""


async def measure(
    store: Store, device: str, bed: str, at_us: int, /, quality: int = 0, **values: float | None
) -> None:
    """What `device` measured on `bed` at once, by metric."""

    def work(db: sqlite3.Connection) -> None:
        for metric, value in values.items():
            db.execute(_SERIES, (device, bed, metric))
            db.execute(_ROW, (at_us, value, quality, device, bed, metric))

    await store.write(work)


async def boots(store: Store, boot: bytes) -> None:
    """The boot of which `measure` tells: what is shown of readings needs it."""
    names = "id, boot, gateway, offset_us, measured_us, first_observation, first_waveform"
    await store.write(
        lambda db: (
            db.execute(f"INSERT INTO boot ({names}) VALUES (1, ?, 'gw-a', 0, 0, 1, 1)", (boot,)) and None
        )
    )
