"""Whether a new study is of the patient that it says. If not surely, it is held until a person has looked."""

import json
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from controller.imaging.archive.attributes import Columns
from controller.imaging.archive.glance import Glance
from controller.imaging.archive.names import fold, words

Hospital = Callable[[frozenset[str]], Awaitable[Mapping[str, str]]]
"""Asked for patients by identifier, it gives the names of those whom it knows. Raises StoreError: silence."""

_STUDIES: Final = "SELECT uid FROM study WHERE uid IN (SELECT value FROM json_each(:uids))"
_OTHERS: Final = """SELECT patient_name, folded, birth_date FROM study
WHERE patient_id = ? AND held = '' ORDER BY id DESC LIMIT 20"""
_HOLD: Final = """INSERT INTO reconciliation
(at_ms, study, reason, message, patient_id, patient_name, expected) VALUES (?, ?, ?, ?, ?, ?, ?)"""


async def names_known(
    hospital: Hospital | None, glance: Glance, patients: Mapping[str, str]
) -> Mapping[str, str] | None:
    """What the hospital says of the patients of studies that are new; `patients`: identifiers by study.

    None: there is no hospital to ask. Raises StoreError.
    """
    if hospital is None:
        return None
    known = {uid for (uid,) in glance.rows(_STUDIES, {"uids": json.dumps(list(patients))})}
    asked = frozenset(patient for study, patient in patients.items() if patient and study not in known)
    return await hospital(asked) if asked else {}


def doubt(
    db: sqlite3.Connection,
    study: Columns,
    now_ms: int,
    hospital: Mapping[str, str] | None,
    *,
    known_only: bool = False,
) -> str:
    """Why `study` (its columns) is held, a word, which is in the table of doubts then; "": it is not.

    `hospital`: names by identifier of those of its patients whom the hospital knows; None: it was not asked;
    `known_only`: somebody whom it does not know is held, too.
    """
    reason, message, expected = _doubt(db, study, hospital, known_only=known_only)
    if reason:
        whose = study["patient_id"], study["patient_name"], expected
        db.execute(_HOLD, (now_ms, study["uid"], reason, message, *whose))
    return reason


def _doubt(
    db: sqlite3.Connection, study: Columns, hospital: Mapping[str, str] | None, *, known_only: bool
) -> tuple[str, str, str]:
    patient, name = str(study["patient_id"]), str(study["patient_name"])
    if not patient:
        return "no-patient-id", "expected a Patient ID, the files have none", ""
    if hospital is not None:
        known = hospital.get(patient)
        if known is None and known_only:
            return "unknown-patient", "expected a patient whom the hospital knows", ""
        if known is not None and strangers(str(study["folded"]), fold(known)):
            return "name-differs", f"expected the name of patient {patient}, got {name!r}", known
    others = db.execute(_OTHERS, (patient,)).fetchall()
    names = {other["folded"] for other in others}
    if names and all(strangers(str(study["folded"]), other) for other in names):
        told = f"expected the name that other studies of patient {patient} have, got {name!r}"
        return "name-differs", told, others[0]["patient_name"]
    born, known_born = study["birth_date"], [other["birth_date"] for other in others if other["birth_date"]]
    if born and known_born and born not in known_born:
        told = f"expected the birth date {known_born[0]} of other studies, got {born}"
        return "birth-date-differs", told, others[0]["patient_name"]
    return "", "", ""


def strangers(one: str, other: str) -> bool:
    """Whether two folded names have no word in common; an empty name is nobody's."""
    ours, theirs = set(words(one).split()), set(words(other).split())
    return bool(ours and theirs) and ours.isdisjoint(theirs)
