"""Facts of patients as one SELECT tells them, hence all of one moment.

Named SELECTs take the parameters in their docstrings; `facts_of` makes a PatientFacts of each row.
"""

import json
import sqlite3
from typing import Any, cast

from controller.patients.measures import MEASURES, shown
from controller.patients.model import KINDS, Allergy, Kind, Measured, PatientFacts, Said

_ALLERGY = ("id", "allergy", "code", "system", "display", "criticality", "reaction", "status", "by", "at_ms")
_NAME = """ifnull((SELECT stay.name FROM stay WHERE stay.identifier = patient.identifier
  ORDER BY stay.id DESC LIMIT 1), patient.name)"""
_FACTS = f"""SELECT whose.*,
  (SELECT json_object('birth_date', birth_date, 'sex', sex) FROM patient_person
    WHERE patient = whose.id AND was IS NULL ORDER BY id DESC LIMIT 1) AS person,
  (SELECT json_group_array(json_object({", ".join(f"'{name}', {name}" for name in _ALLERGY)}))
    FROM (SELECT * FROM patient_allergy WHERE patient = whose.id ORDER BY id)) AS allergies,
  (SELECT json_group_array(json_array(kind, value, at_ms, by)) FROM patient_measured AS one
    WHERE patient = whose.id AND id = (SELECT id FROM patient_measured AS newest
      WHERE newest.patient = one.patient AND newest.kind = one.kind ORDER BY at_ms DESC, id DESC LIMIT 1)
  ) AS measured
FROM whose"""
_NOT_REGISTERED = "CAST(NULL AS INTEGER) AS id, identifier, name, CAST(NULL AS TEXT) AS ward, 0 AS revision"
ONE = f"""WITH whose AS (
  SELECT id, identifier, {_NAME} AS name, ward, revision FROM patient WHERE identifier = :identifier
  UNION ALL
  SELECT * FROM (SELECT {_NOT_REGISTERED} FROM stay WHERE identifier = :identifier
    AND NOT EXISTS (SELECT 1 FROM patient WHERE identifier = :identifier) ORDER BY id DESC LIMIT 1)
) {_FACTS}"""
"""The patient `identifier`, in the register or only on a bed, now or once."""

LISTED = f"""WITH whose AS (
  SELECT * FROM (
    SELECT id, identifier, {_NAME} AS name, ward, revision FROM patient
    UNION ALL
    SELECT {_NOT_REGISTERED} FROM stay WHERE id IN (SELECT max(id) FROM stay
      WHERE to_ms IS NULL AND identifier NOT IN (SELECT identifier FROM patient) GROUP BY identifier))
  WHERE (:patients IS NULL OR identifier IN (SELECT value FROM json_each(:patients)))
    AND (:ward = '' OR ward = :ward) AND identifier > :after
    AND (:text = '' OR identifier = :text OR instr(lower(name), lower(:text)) > 0)
  ORDER BY identifier LIMIT :most
) {_FACTS} ORDER BY whose.identifier"""
"""Those in the register and those on a bed now; see model.Asked."""


def facts_of(row: sqlite3.Row) -> PatientFacts:
    """The facts in a row of ONE or LISTED."""
    person: dict[str, Any] = json.loads(row["person"] or '{"birth_date": null, "sex": null}')
    allergies, none_known = _allergies(json.loads(row["allergies"]))
    measured: dict[Kind, Measured | None] = dict.fromkeys(KINDS)
    measured.update(_measured(*told) for told in json.loads(row["measured"]))
    who = {name: row[name] for name in ("identifier", "name", "ward", "revision")}
    return PatientFacts(**who, **person, allergies=allergies, no_known_allergies=none_known, **measured)


def _allergies(rows: list[dict[str, Any]]) -> tuple[tuple[Allergy, ...], Said | None]:
    """The newest version of each, and who said last that none is known, if that still holds."""
    newest, none_known = dict[int, Allergy](), None
    for row in rows:
        row.pop("id")
        first = row.pop("allergy")
        if first is None:
            none_known = Said(row["by"], row["at_ms"])
            continue
        newest[first] = Allergy(id=first, **row)
        if row["status"] == "active":
            none_known = None
    known = tuple(newest[first] for first in sorted(newest))
    return known, None if any(one.status == "active" for one in known) else none_known


def _measured(kind: str, value: int, at_ms: int, by: str) -> tuple[Kind, Measured]:
    of = cast("Kind", kind)
    return of, Measured(shown(of, value), MEASURES[of].unit, at_ms, by)
