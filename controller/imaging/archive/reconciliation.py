"""Studies whose patient is in doubt: a person confirms them, gives them to another patient, or deletes them.

Any study can be moved, held or not: that a picture is of another patient may turn out years later.
"""

from collections.abc import Callable
from dataclasses import dataclass
from sqlite3 import Connection, Row
from typing import TYPE_CHECKING, Final

from controller.imaging.archive.deletion import Deed, What, deleted_rows
from controller.imaging.archive.rewriting import Patient, Reason, rewritten
from controller.imaging.archive.verdicts import Verdict
from controller.imaging.errors import CannotSettle, NoSuchImage
from controller.imaging.sight import WHOLE

if TYPE_CHECKING:
    from controller.imaging.archive.archive import Archive

_DOUBTS: Final = """SELECT id, at_ms, study, reason, message, patient_id, patient_name, expected
FROM reconciliation WHERE settled_ms IS NULL ORDER BY at_ms DESC, id DESC LIMIT ?"""
_SETTLE: Final = """UPDATE reconciliation SET settled_ms = ?, settled_by = ?, settled_how = ?
WHERE study = ? AND settled_ms IS NULL"""
_KEPT: Final = "SELECT instances, urgency, first_ms FROM study WHERE uid = ?"
_KEEP: Final = "UPDATE study SET urgency = ?, first_ms = ? WHERE uid = ?"


@dataclass(frozen=True, slots=True)
class Doubt:
    """A study that is held."""

    id: int
    at_ms: int
    study: str
    reason: str
    message: str
    patient_id: str
    patient_name: str
    expected: str
    """The name of that patient as it is known."""


async def doubts(archive: "Archive", most: int = 1000) -> list[Doubt]:
    """The newest first. Raises StoreError."""
    return [Doubt(*row) for row in await archive.store.read(_DOUBTS, (most,))]


async def confirm(archive: "Archive", study: str, by: str) -> None:
    """The patient is right: all see it now who may see the patient. Raises NoSuchImage, StoreError."""
    now_ms = archive.clock.now_us() // 1000

    def work(db: Connection) -> None:
        if not db.execute(_SETTLE, (now_ms, by, "confirmed", study)).rowcount:
            raise NoSuchImage(f"study {study} is not held")
        db.execute("UPDATE study SET held = '', changed_ms = ? WHERE uid = ?", (now_ms, study))

    await archive.store.write(work)


async def move(archive: "Archive", study: str, patient: Patient, by: str, why: str) -> int:
    """Give the study to `patient`: each instance says so itself from now on, and who it was of before.

    Returns the number of instances. Raises NoSuchImage, CannotRead, ArchiveFull, StoreError; CannotSettle: an
    instance cannot be rewritten, or the study changed meanwhile. Then everything is as it was.
    """
    patient.check()
    stored = await archive.find(WHOLE, study)
    reason = Reason(by, why, archive.clock.utc_us())
    now_ms = archive.clock.now_us() // 1000
    freed = [0]

    def work(db: Connection, place: Callable[[], list[Verdict]]) -> list[Verdict]:
        before: Row | None = db.execute(_KEPT, (study,)).fetchone()
        if before is None or before["instances"] != len(stored):
            raise CannotSettle(f"study {study} changed while it was moved: look again")
        deed = Deed(by, f"moved to another patient: {why}", now_ms, "moved")
        freed[0] = deleted_rows(db, WHOLE, What(study), deed).fast
        verdicts = place()
        if bad := [verdict for verdict in verdicts if not verdict.outcome.success]:
            raise CannotSettle(bad[0].message)
        db.execute(_KEEP, (before["urgency"], before["first_ms"], study))
        return verdicts

    async with archive.begin(by) as batch:
        for one in stored:
            incoming = batch.part()
            content = await archive.files.read(one.sha256)
            incoming.write(await archive.in_thread(rewritten, content, patient, reason))
            await batch.take(incoming)
        await batch.commit(work, trusted=True)
    archive.room.used -= freed[0]
    await archive.garbage.collect()
    return len(stored)
