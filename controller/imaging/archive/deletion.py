"""Taking away what is stored: rows and files, with a note of who did it and why, which stays."""

from dataclasses import dataclass
from sqlite3 import Connection
from typing import TYPE_CHECKING, Final

from controller.imaging.archive.garbage import drop_file
from controller.imaging.archive.index import recount
from controller.imaging.errors import NoSuchImage
from controller.imaging.sight import CLAUSE, Sight, parameters

if TYPE_CHECKING:
    from controller.imaging.archive.archive import Archive

_FIND: Final = f"""SELECT instance.id, instance.file, instance.series, study.id AS study, study.patient_id
FROM study JOIN series ON series.study = study.id JOIN instance ON instance.series = series.id
WHERE study.uid = :study AND {CLAUSE} AND (:series IS NULL OR series.uid = :series)
  AND (:instance IS NULL OR instance.uid = :instance)"""
_COUNT: Final = """UPDATE series SET instances =
  (SELECT count(*) FROM instance WHERE instance.series = series.id) WHERE study = ?"""
_NOTE: Final = """INSERT INTO deletion
(at_ms, by, why, patient_id, study, series, instance, instances, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_SETTLE: Final = """UPDATE reconciliation SET settled_ms = ?, settled_by = ?, settled_how = ?
WHERE study = ? AND settled_ms IS NULL"""


@dataclass(frozen=True, slots=True)
class What:
    """What is to go: a study, a series or an instance of it."""

    study: str
    series: str | None = None
    instance: str | None = None


@dataclass(frozen=True, slots=True)
class Deed:
    """Who does it, why, when, and how an open doubt about the study is settled by it."""

    by: str
    why: str
    now_ms: int
    how: str = "deleted"


@dataclass(frozen=True, slots=True)
class Deleted:
    """What went."""

    patient_id: str
    instances: int
    bytes: int
    """Of files that nothing else names."""
    fast: int
    """Of them at the fast place."""


async def delete(archive: "Archive", sight: Sight, what: What, *, by: str, why: str) -> Deleted:
    """Delete what `sight` shows of `what`. When this returns, the files are gone, too, if the disk allows it.

    Raises NoSuchImage, StoreError.
    """
    deed = Deed(by, why, archive.clock.now_us() // 1000)
    deleted = await archive.store.write(lambda db: deleted_rows(db, sight, what, deed))
    archive.room.used -= deleted.fast
    await archive.garbage.collect()
    return deleted


def deleted_rows(db: Connection, sight: Sight, what: What, deed: Deed) -> Deleted:
    """In a transaction: the rows go, the note comes. Raises NoSuchImage."""
    uids = {"study": what.study, "series": what.series, "instance": what.instance}
    rows = db.execute(_FIND, {**uids, **parameters(sight)}).fetchall()
    if not rows:
        raise NoSuchImage("there is no such study, series or instance")
    study, patient_id = rows[0]["study"], rows[0]["patient_id"]
    db.executemany("DELETE FROM instance WHERE id = ?", [(row["id"],) for row in rows])
    _count_series(db, study, deed.now_ms)
    if not db.execute("SELECT 1 FROM study WHERE id = ?", (study,)).fetchone():
        db.execute(_SETTLE, (deed.now_ms, deed.by, deed.how, what.study))
    gone = [drop_file(db, row["file"]) for row in rows]
    freed = sum(one.all for one in gone)
    named = patient_id, what.study, what.series or "", what.instance or ""
    db.execute(_NOTE, (deed.now_ms, deed.by, deed.why, *named, len(rows), freed))
    return Deleted(patient_id, len(rows), freed, sum(one.fast for one in gone))


def _count_series(db: Connection, study: int, now_ms: int) -> None:
    """After instances went: what is empty goes, the rest is counted anew."""
    db.execute(_COUNT, (study,))
    db.execute("DELETE FROM series WHERE study = ? AND instances = 0", (study,))
    recount(db, study)
    db.execute("UPDATE study SET changed_ms = ? WHERE id = ?", (now_ms, study))
    if db.execute("DELETE FROM study WHERE id = ? AND instances = 0", (study,)).rowcount:
        db.execute("DELETE FROM name WHERE rowid = ?", (study,))
