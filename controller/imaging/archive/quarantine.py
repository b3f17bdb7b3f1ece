"""What was not let in: a person looks at it, throws it away, or has it taken after all.

How it is taken depends on why it was not: an instance that is there with other bytes is replaced, one of
another patient is given to the patient of its study, which it then says itself (rewriting.py).
"""

from collections.abc import Callable
from dataclasses import dataclass
from sqlite3 import Connection, Row
from typing import TYPE_CHECKING, Final

from controller.imaging.archive.deletion import Deed, What, deleted_rows
from controller.imaging.archive.garbage import drop_file
from controller.imaging.archive.rewriting import Patient, Reason, rewritten
from controller.imaging.archive.verdicts import Verdict
from controller.imaging.errors import CannotSettle, NoSuchImage
from controller.imaging.sight import WHOLE

if TYPE_CHECKING:
    from controller.imaging.archive.archive import Archive

_WAITING: Final = """SELECT id, at_ms, from_whom, reason, message, size, study, instance, patient_id
FROM quarantine WHERE settled_ms IS NULL ORDER BY at_ms DESC, id DESC LIMIT ?"""
_ONE: Final = "SELECT file, reason, size, study, instance FROM quarantine WHERE id = ? AND settled_ms IS NULL"
_SETTLE: Final = """UPDATE quarantine SET settled_ms = ?, settled_by = ?, settled_how = ?, file = NULL
WHERE id = ? AND settled_ms IS NULL"""
_THERE: Final = """SELECT study.uid AS study FROM instance JOIN series ON series.id = instance.series
JOIN study ON study.id = series.study WHERE instance.uid = ?"""
_PATIENT: Final = "SELECT patient_id, patient_name, birth_date, sex FROM study WHERE uid = ?"
_REPLACES: Final = frozenset(("differs", "instance-elsewhere"))


@dataclass(frozen=True, slots=True)
class Waiting:
    """An instance, or what claims to be one, that waits for a person."""

    id: int
    at_ms: int
    from_whom: str
    reason: str
    message: str
    size: int
    study: str
    instance: str
    patient_id: str


async def waiting(archive: "Archive", most: int = 1000) -> list[Waiting]:
    """The newest first. Raises StoreError."""
    return [Waiting(*row) for row in await archive.store.read(_WAITING, (most,))]


async def content(archive: "Archive", number: int) -> bytes:
    """Its bytes. Raises NoSuchImage, CannotRead."""
    return await archive.files.read((await _one(archive, number))["file"])


async def discard(archive: "Archive", number: int, by: str) -> None:
    """Throw it away: its bytes go, the note of it stays. Raises NoSuchImage, StoreError."""
    row = await _one(archive, number)
    deed = Deed(by, "", archive.clock.now_us() // 1000, "discarded")
    freed = await archive.store.write(lambda db: _settle(db, number, row["file"], deed))
    archive.room.used -= freed
    archive.room.quarantined -= row["size"]
    await archive.garbage.collect()


async def accept(archive: "Archive", number: int, by: str) -> Verdict:
    """Take it after all. Raises NoSuchImage, CannotRead, StoreError; CannotSettle: it cannot be taken."""
    row = await _one(archive, number)
    bytes_ = await archive.files.read(row["file"])
    if row["reason"] == "other-patient":
        bytes_ = await _for_the_study(archive, bytes_, row["study"], by)
    deed = Deed(by, f"replaced from quarantine {number}", archive.clock.now_us() // 1000, "taken")
    freed = [0]

    def work(db: Connection, place: Callable[[], list[Verdict]]) -> list[Verdict]:
        if row["reason"] in _REPLACES and (there := db.execute(_THERE, (row["instance"],)).fetchone()):
            what = What(there["study"], instance=row["instance"])
            freed[0] += deleted_rows(db, WHOLE, what, deed).fast
        freed[0] += _settle(db, number, row["file"], deed)
        verdicts = place()
        if not verdicts[0].outcome.success:
            raise CannotSettle(verdicts[0].message)
        return verdicts

    async with archive.begin(by) as batch:
        incoming = batch.part()
        incoming.write(bytes_)
        await batch.take(incoming)
        verdicts = await batch.commit(work, trusted=True)
    archive.room.used -= freed[0]
    archive.room.quarantined -= row["size"]
    await archive.garbage.collect()
    return verdicts[0]


async def _one(archive: "Archive", number: int) -> Row:
    rows = await archive.store.read(_ONE, (number,))
    if not rows:
        raise NoSuchImage(f"nothing waits in quarantine with number {number}")
    return rows[0]


async def _for_the_study(archive: "Archive", bytes_: bytes, study: str, by: str) -> bytes:
    rows = await archive.store.read(_PATIENT, (study,))
    if not rows:
        return bytes_
    reason = Reason(by, "quarantine", archive.clock.utc_us())
    return await archive.in_thread(rewritten, bytes_, Patient(*rows[0]), reason)


def _settle(db: Connection, number: int, sha256: bytes, deed: Deed) -> int:
    """Bytes of its file at the fast place, if it goes. Raises NoSuchImage: somebody else was first."""
    if not db.execute(_SETTLE, (deed.now_ms, deed.by, deed.how, number)).rowcount:
        raise NoSuchImage(f"nothing waits in quarantine with number {number}")
    return drop_file(db, sha256).fast
