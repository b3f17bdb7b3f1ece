"""The rows of an instance, inside the transaction of its batch: here it is decided what becomes of it.

An instance that is there already with the same bytes is a success (ALREADY); with others, the first stays and
the second is quarantined. So is one that would put a study to another patient or a series to another study.
"""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import orjson

from controller.imaging.archive.attributes import Columns, series_columns, study_columns
from controller.imaging.archive.doubts import doubt
from controller.imaging.archive.garbage import drop_file
from controller.imaging.archive.judging import Fault, Judged
from controller.imaging.archive.metadata import dictionary, packed
from controller.imaging.archive.names import words
from controller.imaging.archive.verdicts import CANNOT_UNDERSTAND, CODES, Outcome, Verdict

_THERE: Final = """SELECT instance.file, series.uid AS series, study.uid AS study
FROM instance JOIN series ON series.id = instance.series JOIN study ON study.id = series.study
WHERE instance.uid = ?"""
_STUDY: Final = "SELECT id, patient_id, issuer, held FROM study WHERE uid = ?"
_SERIES: Final = "SELECT id, study, dictionary FROM series WHERE uid = ?"
_QUARANTINE: Final = """INSERT INTO quarantine
(at_ms, from_whom, reason, message, file, size, study, instance, patient_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_WAITS: Final = "SELECT 1 FROM quarantine WHERE file = ? AND reason = ? AND settled_ms IS NULL"
_COUNT: Final = "UPDATE study SET instances = instances + 1, changed_ms = ? WHERE id = ?"
_RECOUNT: Final = """UPDATE study SET
  series = (SELECT count(*) FROM series WHERE study = study.id),
  instances = (SELECT ifnull(sum(instances), 0) FROM series WHERE study = study.id),
  modalities = ifnull('\\' || (SELECT group_concat(modality, '\\') FROM
    (SELECT DISTINCT modality FROM series WHERE study = study.id AND modality <> '' ORDER BY modality)
  ) || '\\', '')
WHERE id = ?"""


@dataclass(slots=True)
class Arrival:
    """A batch on its way into the index."""

    now_ms: int
    by: str
    hospital: Mapping[str, str] | None = None
    """Names by identifier of those whom the hospital knows; None: it was not asked."""
    known_only: bool = False
    """Somebody whom the hospital does not know is in doubt."""
    trusted: bool = False
    """A person says that the patient is right."""
    same: Callable[[bytes, bytes, int], bool] = lambda *_: False
    """Whether two files differ in nothing but their meta information (sameness.py)."""
    settle: Callable[[bytes], None] = lambda _: None
    """Returns when the file is on the disk: beside a row that is there, none may be that is not."""
    added: int = 0
    """Bytes of files that were not there, or not at the fast place, before."""
    quarantined: int = 0
    """Bytes that wait for a person now."""


def place(db: sqlite3.Connection, item: Judged | Fault, arrival: Arrival) -> Verdict:
    """Make the rows of `item`, whose file is kept already."""
    _keep_file(db, item, arrival)
    if isinstance(item, Fault):
        return _quarantine(db, item, arrival, item.reason, item.message)
    there = db.execute(_THERE, (item.instance,)).fetchone()
    if there is not None:
        return _again(db, item, arrival, there)
    study = db.execute(_STUDY, (item.study,)).fetchone()
    if study is not None and _other_patient(study, item):
        told = f"expected the patient of study {item.study}, got another"
        return _quarantine(db, item, arrival, "other-patient", told)
    series = db.execute(_SERIES, (item.series,)).fetchone()
    if series is not None and (study is None or series["study"] != study["id"]):
        told = f"series {item.series} is in another study"
        return _quarantine(db, item, arrival, "series-elsewhere", told)
    study_id, held = _new_study(db, item, arrival) if study is None else (study["id"], study["held"])
    if series is None:
        series_id, known = _new_series(db, item, study_id)
    else:
        series_id, known = series["id"], series["dictionary"]
    _insert(db, "instance", _instance_columns(item, series_id, known, arrival))
    db.execute("UPDATE series SET instances = instances + 1 WHERE id = ?", (series_id,))
    db.execute(_COUNT, (arrival.now_ms, study_id))
    return _verdict(item, Outcome.HELD if held else Outcome.STORED, held)


def _keep_file(db: sqlite3.Connection, item: Judged | Fault, arrival: Arrival) -> None:
    kept = item.sha256, item.size, arrival.now_ms
    if db.execute("INSERT OR IGNORE INTO file (sha256, size, checked_ms) VALUES (?, ?, ?)", kept).rowcount:
        arrival.added += item.size
        return
    arrival.settle(item.sha256)
    # Its bytes have just been written again, at the fast place: what was damaged is whole.
    if db.execute("UPDATE file SET tier = 0 WHERE sha256 = ? AND tier = 1", (item.sha256,)).rowcount:
        arrival.added += item.size
    db.execute("UPDATE file SET damaged = '' WHERE sha256 = ? AND damaged <> ''", (item.sha256,))


def _other_patient(study: sqlite3.Row, item: Judged) -> bool:
    issuers = {study["issuer"], item.issuer} - {""}
    return study["patient_id"] != item.patient_id or len(issuers) > 1


def _again(db: sqlite3.Connection, item: Judged, arrival: Arrival, there: sqlite3.Row) -> Verdict:
    if there["file"] == item.sha256:
        return _verdict(item, Outcome.ALREADY)
    if arrival.same(there["file"], item.sha256, item.size):
        arrival.added -= drop_file(db, item.sha256).fast
        return _verdict(item, Outcome.ALREADY)
    if (there["study"], there["series"]) != (item.study, item.series):
        told = f"instance {item.instance} is in another series"
        return _quarantine(db, item, arrival, "instance-elsewhere", told)
    told = f"instance {item.instance} is there with other bytes, which stay"
    return _quarantine(db, item, arrival, "differs", told)


def _quarantine(
    db: sqlite3.Connection, item: Judged | Fault, arrival: Arrival, reason: str, message: str
) -> Verdict:
    """Kept once, however often it is sent."""
    waits = db.execute(_WAITS, (item.sha256, reason)).fetchone()
    if waits is None:
        names = item.study, item.instance, item.patient_id
        what = reason, message, item.sha256, item.size
        arrival.quarantined += item.size
        db.execute(_QUARANTINE, (arrival.now_ms, arrival.by, *what, *names))
    return refusal(item, reason, message, Outcome.QUARANTINED)


def refusal(item: Judged | Fault, reason: str, message: str, outcome: Outcome = Outcome.REFUSED) -> Verdict:
    """The verdict over what is not let in."""
    return Verdict(
        *(outcome, item.sop_class, item.instance, item.study, item.series, item.patient_id),
        *(CODES.get(reason, CANNOT_UNDERSTAND), reason, message),
    )


def _verdict(item: Judged, outcome: Outcome, reason: str = "") -> Verdict:
    return Verdict(
        *(outcome, item.sop_class, item.instance, item.study, item.series, item.patient_id), reason=reason
    )


def _new_study(db: sqlite3.Connection, item: Judged, arrival: Arrival) -> tuple[int, str]:
    """Its id, and why it is held."""
    columns = study_columns(orjson.loads(item.metadata))
    held = "" if arrival.trusted else _doubt(db, columns, arrival)
    times: Columns = {"first_ms": arrival.now_ms, "changed_ms": arrival.now_ms}
    study = _insert(
        db, "study", {**columns, **times, "held": held, "modalities": "", "series": 0, "instances": 0}
    )
    name = words(str(columns["folded"]))
    db.execute("INSERT INTO name (rowid, words) VALUES (?, ?)", (study, name))
    return study, held


def _doubt(db: sqlite3.Connection, study: Columns, arrival: Arrival) -> str:
    return doubt(db, study, arrival.now_ms, arrival.hospital, known_only=arrival.known_only)


def _new_series(db: sqlite3.Connection, item: Judged, study: int) -> tuple[int, bytes]:
    """Its id and its dictionary."""
    known = dictionary(item.metadata)
    columns = series_columns(orjson.loads(item.metadata))
    series = _insert(db, "series", {**columns, "study": study, "instances": 0, "dictionary": known})
    recount(db, study)
    return series, known


def recount(db: sqlite3.Connection, study: int) -> None:
    """Set what the study says of its series, after one came or went."""
    db.execute(_RECOUNT, (study,))


def _instance_columns(item: Judged, series: int, known: bytes, arrival: Arrival) -> Columns:
    return {
        "series": series,
        "uid": item.instance,
        "class": item.sop_class,
        "number": item.number,
        "syntax": item.syntax,
        "file": item.sha256,
        "frames": item.frames,
        "pixel_offset": item.pixel_offset,
        "pixel_length": item.pixel_length,
        "pixel": item.pixel,
        "places": item.places,
        "metadata": packed(item.metadata, known),
        "added_ms": arrival.now_ms,
        "added_by": arrival.by,
    }


def _insert(db: sqlite3.Connection, table: str, columns: Columns) -> int:
    names = ", ".join(columns)
    marks = ", ".join(f":{name}" for name in columns)
    return db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING id", columns).fetchone()[0]
