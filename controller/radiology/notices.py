"""Who was told of a signed report: whoever placed the order, until read; of a critical one everyone who sees
the patient, until a person has acknowledged it.
"""

import sqlite3
from typing import Any

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import Clock
from controller.errors import Conflict, NotFound
from controller.identity.certificates import By
from controller.imaging.sight import Sight, parameters
from controller.radiology.model import Notice
from controller.store import Store

MOST = 200

_SELECT = """SELECT notice.id, accession, notice.version, person, stay.identifier, stay.name,
  modality || ' ' || part AS wanted, report.conclusion, notice.critical, notice.at_ms, read_ms,
  acknowledged_ms, acknowledged_by, report.by
FROM imaging_notice AS notice JOIN imaging_order ON imaging_order.id = notice.imaging_order
JOIN stay ON stay.id = imaging_order.stay JOIN imaging_report AS report
  ON report.imaging_order = notice.imaging_order AND report.version = notice.version"""
_OPEN = f"""{_SELECT} WHERE (person = :person AND (read_ms IS NULL
  OR (notice.critical = 1 AND acknowledged_ms IS NULL)))
OR (notice.critical = 1 AND acknowledged_ms IS NULL
  AND (:patients IS NULL OR stay.identifier IN (SELECT value FROM json_each(:patients))))
ORDER BY notice.critical DESC, notice.id DESC LIMIT :most"""
_ONE = f"{_SELECT} WHERE notice.id = ?"
_READ = "UPDATE imaging_notice SET read_ms = ? WHERE id = ? AND read_ms IS NULL"
_ACKNOWLEDGE = "UPDATE imaging_notice SET acknowledged_ms = ?, acknowledged_by = ? WHERE id = ?"


class Notices:
    """Methods raise StoreError, too."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def open(self, person: str, sight: Sight) -> list[Notice]:
        """What `person` has not read, wherever the patient is by now; and of the patients who are seen what
        is critical and nobody has acknowledged."""
        asked = {"person": person, "patients": parameters(sight)["patients"], "most": MOST}
        return [_notice(row) for row in await self._store.read(_OPEN, asked)]

    async def read(self, number: int, by: By) -> None:
        """The person for whom it is has read it. Raises NotFound."""

        def work(db: sqlite3.Connection) -> None:
            row = _held(db, number, Sight(), by)
            if db.execute(_READ, (self._clock.now_us() // 1000, number)).rowcount:
                self._audit(db, "imaging-report-seen", row, by)

        await self._store.write(work)

    async def acknowledge(self, number: int, sight: Sight, by: By) -> Notice:
        """A person says that the critical result is known and acted on. Raises NotFound; Conflict: it is not
        critical, somebody did so already, or the person wrote it."""

        def work(db: sqlite3.Connection) -> Notice:
            row = _held(db, number, sight, by)
            if not row["critical"]:
                raise Conflict(f"notice {number} is of no critical result: there is nothing to acknowledge")
            if row["acknowledged_by"] is not None:
                raise Conflict(f"notice {number} was acknowledged by {row['acknowledged_by']} already")
            if row["by"] == by.actor:
                raise Conflict("expected another person than who signed the report: tell somebody")
            db.execute(_ACKNOWLEDGE, (self._clock.now_us() // 1000, by.actor, number))
            self._audit(db, "imaging-report-acknowledged", row, by)
            return _notice(db.execute(_ONE, (number,)).fetchone())

        return await self._store.write(work)

    def _audit(self, db: sqlite3.Connection, action: str, row: sqlite3.Row, by: By) -> None:
        entity, detail = f"imaging-order/{row['accession']}", {"version": row["version"]}
        whose = {"patient": row["identifier"], "where": by.where}
        append(db, Entry(action, by.actor, entity, **whose, detail=detail), self._clock.utc_us())


_NONE = "there is no notice {} for you: see /api/imaging/notices for those there are"


def _held(db: sqlite3.Connection, number: int, sight: Sight, by: By) -> sqlite3.Row:
    row = db.execute(_ONE, (number,)).fetchone()
    if row is None or not (row["person"] == by.actor or sight.shows(row["identifier"], "")):
        raise NotFound(_NONE.format(number))
    return row


def _notice(row: sqlite3.Row) -> Notice:
    told: dict[str, Any] = {name: row[name] for name in Notice.__dataclass_fields__}
    told["critical"] = bool(row["critical"])
    return Notice(**told)
