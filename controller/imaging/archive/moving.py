"""Studies that nobody changed or looked at for long move to the slow place, one file after the other.

A copy is made and read back; the index notes that the file is there (`file.tier`), and in that transaction
that its copy at the fast place is to go (`moved`); that is deleted. After a kill between any two steps the
next round goes on: it takes a copy that is right as it is. What is sent again is at the fast place again.
"""

import asyncio
import logging
from functools import partial
from sqlite3 import Connection
from typing import TYPE_CHECKING, Final

from controller.imaging.archive.tiers import Tiers

if TYPE_CHECKING:
    from controller.imaging.archive.archive import Archive

RATE: Final = 16 << 20
"""Bytes a second that are moved, at most: whoever looks at images has the disk first."""
AT_LEAST_S: Final = 0.01
"""For each file, however small."""
_DAY_MS: Final = 86_400_000
_AT_ONCE: Final = 500
_FAST: Final = """study JOIN series ON series.study = study.id JOIN instance ON instance.series = series.id
JOIN file ON file.sha256 = instance.file AND file.tier = 0 AND file.damaged = ''"""
_IS_OLD: Final = "study.changed_ms <= :before AND study.looked_ms <= :before AND study.held = ''"
_OLD: Final = f"""SELECT DISTINCT study.id, study.changed_ms FROM {_FAST}
WHERE {_IS_OLD} ORDER BY study.changed_ms"""
_FILES: Final = f"""SELECT DISTINCT file.sha256, file.size FROM {_FAST}
WHERE {_IS_OLD} AND study.id = :study"""
_LOOKED: Final = """UPDATE study SET looked_ms = ? WHERE id IN (SELECT series.study FROM instance
JOIN series ON series.id = instance.series WHERE instance.file = ?)"""
_NOTE: Final = "UPDATE file SET tier = 1, checked_ms = ? WHERE sha256 = ? AND tier = 0"
_IS_SLOW: Final = "SELECT 1 FROM file WHERE sha256 = ? AND tier = 1"

log = logging.getLogger(__name__)


async def move_old(archive: "Archive", tiers: Tiers) -> int:
    """Move what is old by the settings. Returns the number of files.

    Raises StoreError; OSError: the slow place cannot be used now.
    """
    await note_looks(archive, tiers)
    await take_copies_away(archive, tiers)
    first = not await archive.store.read("SELECT 1 FROM file WHERE tier = 1 LIMIT 1")
    await tiers.slow.prepare(first=first)
    days, moved = archive.settings.slow_after_days, 0
    if days is None:
        return 0
    before = archive.clock.now_us() // 1000 - days * _DAY_MS
    for study in await archive.store.read(_OLD, {"before": before}):
        await note_looks(archive, tiers)  # a round may take days
        for row in await archive.store.read(_FILES, {"study": study["id"], "before": before}):
            moved += await _try(archive, tiers, row["sha256"], row["size"])
            await asyncio.sleep(max(AT_LEAST_S, row["size"] / RATE))
    return moved


async def note_looks(archive: "Archive", tiers: Tiers) -> None:
    """Tell the index which studies were looked at since it was last told. Raises StoreError."""
    now_ms = archive.clock.now_us() // 1000
    while tiers.looked:
        some = [tiers.looked.pop() for _ in range(min(_AT_ONCE, len(tiers.looked)))]
        await archive.store.write(partial(_note_looks, rows=[(now_ms, sha256) for sha256 in some]))


def _note_looks(db: Connection, rows: list[tuple[int, bytes]]) -> None:
    db.executemany(_LOOKED, rows)


async def _try(archive: "Archive", tiers: Tiers, sha256: bytes, size: int) -> bool:
    """Whether the file moved. Raises StoreError, OSError: no other can be moved, either."""
    try:
        moved = await move(archive, tiers, sha256, size)
    except OSError as error:
        if not tiers.slow.answers:
            raise
        log.error("the file %s cannot be moved now: %s", sha256.hex(), error)
        return False
    if moved:
        await take_copies_away(archive, tiers)
    return moved


async def move(archive: "Archive", tiers: Tiers, sha256: bytes, size: int) -> bool:
    """Copy, check, note; the copy at the fast place is then to be taken away. False: the file is damaged, was
    deleted meanwhile, or was there already. Raises StoreError, OSError.
    """
    now_ms = archive.clock.now_us() // 1000
    await archive.garbage.hold(sha256)  # whoever deletes it waits
    try:
        if not await _is_right(tiers, sha256):
            await tiers.slow.bring(sha256, tiers.fast.path(sha256))
            if not await _is_right(tiers, sha256):
                await _look_at(archive, tiers, sha256)
                return False
        noted = await archive.store.write(lambda db: _note(db, sha256, now_ms))
    finally:
        archive.garbage.release([sha256])
    if noted:
        archive.room.used -= size
    return noted


async def _is_right(tiers: Tiers, sha256: bytes) -> bool:
    """Whether the slow place has it, byte for byte. Raises OSError."""
    return await asyncio.to_thread(tiers.slow.digest, sha256) == sha256


async def _look_at(archive: "Archive", tiers: Tiers, sha256: bytes) -> None:
    """The copy is not what the file should be: it goes, and the scrub says whether the file is damaged."""
    log.error("the copy of the file %s is not right: it stays where it is", sha256.hex())
    await tiers.slow.delete(sha256)
    soon = "UPDATE file SET checked_ms = 0 WHERE sha256 = ?"
    await archive.store.write(lambda db: db.execute(soon, (sha256,)))


def _note(db: Connection, sha256: bytes, now_ms: int) -> bool:
    if not db.execute(_NOTE, (now_ms, sha256)).rowcount:
        return False
    db.execute("INSERT OR IGNORE INTO moved VALUES (?)", (sha256,))
    return True


async def take_copies_away(archive: "Archive", tiers: Tiers) -> None:
    """Delete at the fast place what has moved, unless it has just come again. Raises StoreError, OSError."""
    for row in await archive.store.read("SELECT sha256 FROM moved"):
        await archive.garbage.unless_held(row["sha256"], partial(_take_away, archive, tiers, row["sha256"]))


async def _take_away(archive: "Archive", tiers: Tiers, sha256: bytes) -> None:
    if await archive.store.read(_IS_SLOW, (sha256,)):
        await tiers.fast.delete(sha256)
    await archive.store.write(lambda db: db.execute("DELETE FROM moved WHERE sha256 = ?", (sha256,)))
