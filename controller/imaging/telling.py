"""Tells the controller which studies have come, so that their orders are done: each at least once.

The archive keeps of each new study that it is to be told, in the transaction that stores it. A study that is
held is told when a person has settled whose it is; one that says it is the order of another patient is held.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Mapping
from typing import Any, Final

from controller.errors import StoreError
from controller.imaging.archive.archive import Archive
from controller.imaging.asking import Asking

LOOK_S: Final = 1.0
AGAIN_S: Final = 10.0
"""After a controller, or a disk, that did not answer."""
AT_ONCE: Final = 100

_WAITING: Final = f"""SELECT study.* FROM arrived JOIN study ON study.id = arrived.study
WHERE held = '' ORDER BY study.id LIMIT {AT_ONCE}"""
_TOLD: Final = "DELETE FROM arrived WHERE study = ?"
_HOLD: Final = "UPDATE study SET held = ?, changed_ms = ? WHERE id = ? AND held = ''"
_DOUBT: Final = """INSERT INTO reconciliation
(at_ms, study, reason, message, patient_id, patient_name, expected) VALUES (?, ?, ?, ?, ?, ?, ?)"""
_MESSAGE: Final = "expected the patient for whom this was ordered, its accession number is of another's order"

log = logging.getLogger(__name__)


async def tell(archive: Archive, asking: Asking) -> None:
    """Until cancelled."""
    while True:
        try:
            waited = LOOK_S if await tell_next(archive, asking) < AT_ONCE else 0
        except StoreError as error:
            log.error("the controller is not told of new studies now: %s", error)
            waited = AGAIN_S
        await asyncio.sleep(waited)


async def tell_next(archive: Archive, asking: Asking) -> int:
    """Tell of those that wait; returns how many. Raises StoreError."""
    rows = await archive.store.read(_WAITING)
    for row in rows:
        told = await asking.arrived(row["uid"], row["accession"], row["patient_id"])
        await _settle(archive, row, told)
    return len(rows)


async def _settle(archive: Archive, study: sqlite3.Row, told: Mapping[str, Any]) -> None:
    now_ms, doubt = archive.clock.now_us() // 1000, told["doubt"]
    whose = study["patient_id"], study["patient_name"], told["expected"]

    def work(db: sqlite3.Connection) -> None:
        db.execute(_TOLD, (study["id"],))
        if doubt and db.execute(_HOLD, (doubt, now_ms, study["id"])).rowcount:
            db.execute(_DOUBT, (now_ms, study["uid"], doubt, _MESSAGE, *whose))

    await archive.store.write(work)
