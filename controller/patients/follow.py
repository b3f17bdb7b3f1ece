"""A stay turns out to be another patient's: what was said of the patient in that stay goes along.

If nothing else is left of the one who was meant, all goes along; what the right patient has already of it is
kept beside, and nothing is lost: of allergies both count, of measured values the newest, and birth date and
sex that were said of the right patient are the better ones.
"""

import json
import sqlite3
from collections.abc import Iterable

_FIND = "SELECT * FROM patient WHERE identifier = ?"
_LEFT = "SELECT 1 FROM stay WHERE identifier = ? LIMIT 1"
_RENAME = "UPDATE patient SET identifier = ?, name = ?, revision = revision + 1 WHERE id = ?"
_ADD = """INSERT INTO patient (identifier, name, ward, revision, by, at_ms) VALUES (?, ?, NULL, 0, ?, ?)
RETURNING *"""
_CHANGED = "UPDATE patient SET revision = revision + 1 WHERE id IN (?, ?)"
_SAID_THERE = "(:whole = 1 OR stay IN (SELECT CAST(value AS INTEGER) FROM json_each(:stays)))"
_PERSON = f"""SELECT * FROM patient_person WHERE patient = :old AND was IS NULL AND {_SAID_THERE}
ORDER BY id DESC LIMIT 1"""
_BETTER = "SELECT * FROM patient_person WHERE patient = ? AND was IS NULL ORDER BY id DESC LIMIT 1"
_FILL = """INSERT INTO patient_person (patient, birth_date, sex, stay, by, at_ms)
VALUES (?, ?, ?, ?, ?, ?)"""
_MOVE_PERSON = f"""UPDATE patient_person SET patient = :new, was = ifnull(was, :was)
WHERE patient = :old AND {_SAID_THERE}"""
_MOVE_MEASURED = f"UPDATE patient_measured SET patient = :new WHERE patient = :old AND {_SAID_THERE}"
_MOVE_GENOTYPES = f"UPDATE patient_genotype SET patient = :new WHERE patient = :old AND {_SAID_THERE}"
_MOVE_ALLERGIES = f"""UPDATE patient_allergy SET patient = :new WHERE patient = :old
AND ifnull(allergy, id) IN (SELECT id FROM patient_allergy WHERE patient = :old AND {_SAID_THERE})"""
"""An allergy is of whom it was first said."""


def follow(db: sqlite3.Connection, before: str, now: str, name: str, stays: Iterable[int]) -> None:
    """The `stays`, which were of `before`, are of `now` by now: inside the transaction that made them so."""
    old = db.execute(_FIND, (before,)).fetchone()
    if old is None or before == now:
        return
    whole = old["ward"] is None and db.execute(_LEFT, (before,)).fetchone() is None
    new = db.execute(_FIND, (now,)).fetchone()
    if whole and new is None:
        db.execute(_RENAME, (now, name, old["id"]))
        return
    if new is None:
        new = db.execute(_ADD, (now, name, old["by"], old["at_ms"])).fetchone()
    told = {"old": old["id"], "new": new["id"], "whole": int(whole), "stays": json.dumps(sorted(stays))}
    _move_person(db, told, before)
    db.execute(_MOVE_ALLERGIES, told)
    db.execute(_MOVE_MEASURED, told)
    db.execute(_MOVE_GENOTYPES, told)
    db.execute(_CHANGED, (old["id"], new["id"]))
    if whole:
        db.execute("DELETE FROM patient WHERE id = ?", (old["id"],))


def _move_person(db: sqlite3.Connection, told: dict[str, int | str], before: str) -> None:
    """Birth date and sex: what the right patient lacks of them is filled in."""
    better = db.execute(_BETTER, (told["new"],)).fetchone()
    found = db.execute(_PERSON, told).fetchone()
    db.execute(_MOVE_PERSON, {**told, "was": None if better is None else before})
    if better is None or found is None:
        return
    filled = tuple(better[one] if better[one] is not None else found[one] for one in ("birth_date", "sex"))
    if filled != (better["birth_date"], better["sex"]):
        db.execute(_FILL, (told["new"], *filled, found["stay"], found["by"], found["at_ms"]))
