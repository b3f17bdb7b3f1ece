"""Pictures of a crew in the database: told by an event, their bytes in chunks, and how far each has come.

Everything inside the caller's transaction. A picture of a stay is one row, however often it is told.
"""

import hashlib
import sqlite3
from collections import Counter
from dataclasses import dataclass

from controller.crew.told import Told

COMING, RECEIVED, ARCHIVED, REFUSED = "coming", "received", "archived", "refused"

_ADD = """INSERT OR IGNORE INTO still
(event, stay, gateway, vehicle, box_stay, by, digest, size, media, kind, shows, clock, error_ms, state, why)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'coming', '')"""
_ONE = """SELECT still.*, crew_event.at_ms, stay.from_ms, stay.identifier, stay.name,
  (SELECT count(*) FROM still AS other WHERE other.stay = still.stay AND other.id <= still.id) AS number
FROM still JOIN crew_event ON crew_event.event = still.event JOIN stay ON stay.id = still.stay"""
_OF_STATE = f"{_ONE} WHERE still.state = ? ORDER BY still.id"
_SPANS = """SELECT "offset", length(data) FROM attachment
WHERE gateway = ? AND digest = ? AND size = ? ORDER BY "offset", length(data)"""
_CHUNKS = """SELECT "offset", data FROM attachment
WHERE gateway = ? AND digest = ? AND size = ? ORDER BY "offset", length(data)"""
_STATE = "UPDATE still SET state = ?, why = ?, patient_id = ? WHERE id = ?"
_CAME_AGAIN = f"""{_ONE} JOIN (SELECT DISTINCT gateway, digest FROM attachment) AS came
ON came.gateway = still.gateway AND came.digest = still.digest WHERE still.state = 'archived'"""
_MISNAMED = f"""{_ONE} WHERE still.state = 'archived' AND still.patient_id <> ''
AND still.patient_id <> stay.identifier AND NOT EXISTS (SELECT 1 FROM still AS first
  WHERE first.stay = still.stay AND first.id < still.id AND first.state = 'archived'
  AND first.patient_id NOT IN ('', stay.identifier))"""
_NAMED = "UPDATE still SET patient_id = ? WHERE gateway = ? AND box_stay = ? AND state = 'archived'"
_IS_WANTED = """SELECT 1 FROM still
WHERE gateway = ? AND digest = ? AND state IN ('coming', 'received', 'refused') LIMIT 1"""
_STRAYS = """DELETE FROM attachment WHERE at_us < ? AND NOT EXISTS (
  SELECT 1 FROM still WHERE still.gateway = attachment.gateway AND still.digest = attachment.digest)
RETURNING gateway"""
_COUNT = """INSERT INTO counter (gateway, name, value) VALUES (?, 'stray-chunks-dropped', ?)
ON CONFLICT (gateway, name) DO UPDATE SET value = counter.value + excluded.value"""
_DROP = "DELETE FROM attachment WHERE gateway = ? AND digest = ?"


@dataclass(frozen=True, slots=True)
class Still:
    """A picture of one stay. Times in the controller's scale, ms; `number`: which of the stay's.

    `patient_id`: who that is by what is known now; `archived_as`: as the archive has it, "": it has not.
    """

    id: int
    gateway: str
    vehicle: str
    box_stay: str
    patient_id: str
    archived_as: str
    patient_name: str
    by: str
    digest: bytes
    size: int
    media: str
    kind: str
    shows: str
    clock: str
    error_ms: int | None
    at_ms: int
    from_ms: int
    number: int


def keep(db: sqlite3.Connection, told: Told, stay: int) -> None:
    """A crew told of a picture of the patient of `stay`: its bytes are coming, or there already."""
    said = told.detail
    what = bytes.fromhex(told.text("digest")), said["size"], said["media"], said["kind"], told.text("shows")
    whose = told.event, stay, told.gateway, told.vehicle, told.box_stay, told.text("by")
    db.execute(_ADD, (*whose, *what, said["clock"], said.get("error_ms")))


def of_state(db: sqlite3.Connection, state: str) -> list[Still]:
    """Those that have come so far, the earliest first."""
    return [_still(row) for row in db.execute(_OF_STATE, (state,)).fetchall()]


def is_whole(db: sqlite3.Connection, still: Still) -> bool:
    """Whether there is a chunk for every byte."""
    reached = 0
    for offset, length in db.execute(_SPANS, (still.gateway, still.digest, still.size)):
        if offset > reached:
            return False
        reached = max(reached, offset + length)
    return reached == still.size


def content(db: sqlite3.Connection, still: Still) -> bytes | None:
    """The file; None: what came is not what was told of."""
    data = bytearray(still.size)
    for offset, chunk in db.execute(_CHUNKS, (still.gateway, still.digest, still.size)):
        data[offset : offset + len(chunk)] = chunk
    is_it = len(data) == still.size and hashlib.sha256(data).digest() == still.digest
    return bytes(data) if is_it else None


def move(db: sqlite3.Connection, still: Still, state: str, why: str = "", patient_id: str = "") -> None:
    """It has come so far; of what the archive has, the chunks go."""
    db.execute(_STATE, (state, why, patient_id, still.id))
    if state == ARCHIVED:
        _drop(db, still.gateway, still.digest)


def came_again(db: sqlite3.Connection) -> list[Still]:
    """Those that the archive has, and whose box sent chunks since: it does not know. Their chunks go."""
    again = [_still(row) for row in db.execute(_CAME_AGAIN).fetchall()]
    for one in again:
        _drop(db, one.gateway, one.digest)
    return again


def misnamed(db: sqlite3.Connection) -> list[Still]:
    """One of each stay whose pictures the archive has under another identifier than the stay has now."""
    return [_still(row) for row in db.execute(_MISNAMED).fetchall()]


def name(db: sqlite3.Connection, still: Still, patient_id: str) -> None:
    """The archive has the pictures of that stay under this identifier; "": that is left to people."""
    db.execute(_NAMED, (patient_id, still.gateway, still.box_stay))


def drop_strays(db: sqlite3.Connection, before_us: int) -> dict[str, int]:
    """Chunks that came before that, and of which nobody told what they are, go, and are counted. How many, by
    gateway."""
    dropped = Counter(row["gateway"] for row in db.execute(_STRAYS, (before_us,)).fetchall())
    db.executemany(_COUNT, dropped.items())
    return dropped


def _drop(db: sqlite3.Connection, gateway: str, digest: bytes) -> None:
    """Unless the same picture is wanted for another patient."""
    if not db.execute(_IS_WANTED, (gateway, digest)).fetchone():
        db.execute(_DROP, (gateway, digest))


def _still(row: sqlite3.Row) -> Still:
    return Still(
        id=row["id"],
        gateway=row["gateway"],
        vehicle=row["vehicle"],
        box_stay=row["box_stay"],
        patient_id=row["identifier"],
        archived_as=row["patient_id"],
        patient_name=row["name"],
        by=row["by"],
        digest=row["digest"],
        size=row["size"],
        media=row["media"],
        kind=row["kind"],
        shows=row["shows"],
        clock=row["clock"],
        error_ms=row["error_ms"],
        at_ms=row["at_ms"],
        from_ms=row["from_ms"],
        number=row["number"],
    )
