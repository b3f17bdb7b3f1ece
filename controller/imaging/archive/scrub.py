"""Do the files still have the bytes that came? All are read again, the one that was read longest ago first.

What is missing or changed is marked, told, and not given out any more. If it is right again at a later look
(a backup was brought back), it is given out again; who sends the same instance once more heals it, too.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from controller.imaging.archive.archive import Archive

AGAIN_MS: Final = 7 * 86_400_000
"""A file is read no sooner again."""
AT_LEAST_S: Final = 0.01
"""For each file, however small."""
_NEXT: Final = """SELECT sha256, size, damaged FROM file
WHERE checked_ms <= ? AND tier <= ? ORDER BY checked_ms LIMIT 1"""
_MARK: Final = "UPDATE file SET checked_ms = ?, damaged = ? WHERE sha256 = ?"
_DAMAGED: Final = """SELECT study.uid AS study, instance.uid AS instance, study.patient_id, file.damaged
FROM file JOIN instance ON instance.file = file.sha256 JOIN series ON series.id = instance.series
JOIN study ON study.id = series.study WHERE file.damaged <> '' LIMIT ?"""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Damaged:
    """An instance whose file is not what it was."""

    study: str
    instance: str
    patient_id: str
    how: str
    """"missing", "changed"."""


async def damaged(archive: "Archive", most: int = 1000) -> list[Damaged]:
    """What was found so far. Raises StoreError."""
    return [Damaged(*row) for row in await archive.store.read(_DAMAGED, (most,))]


async def check_next(archive: "Archive") -> int | None:
    """Read the file that waits longest. Returns its bytes; None: none waits. Raises StoreError, OSError."""
    now_ms = archive.clock.now_us() // 1000
    within_reach = archive.tiers is not None and archive.tiers.slow.answers
    rows = await archive.store.read(_NEXT, (now_ms - AGAIN_MS, int(within_reach)))
    if not rows:
        return None
    sha256: bytes = rows[0]["sha256"]
    found = await asyncio.to_thread(archive.files.digest, sha256)
    how = "missing" if found is None else "" if found == sha256 else "changed"
    known = await archive.store.write(lambda db: db.execute(_MARK, (now_ms, how, sha256)).rowcount)
    if not known:  # it was deleted meanwhile
        return 0
    if not how:
        archive.files.damaged.discard(sha256)
    elif sha256 not in archive.files.damaged:
        archive.files.damaged.add(sha256)
        log.error("the file %s is %s: bring it back from a backup, or send it again", sha256.hex(), how)
    return rows[0]["size"]


async def scrub(archive: "Archive") -> None:
    """Check one after the other at the rate of the settings, until cancelled. Raises StoreError, OSError."""
    rate = archive.settings.scrub_rate
    while rate:
        size = await check_next(archive)
        await asyncio.sleep(60 if size is None else max(AT_LEAST_S, size / rate))
