"""The worklist: studies as a person looks for them, the urgent and the new ones first."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from aiohttp import web

from controller.imaging.archive.names import fold, words
from controller.imaging.manage.filters import FARTHEST, MOST, PAGE, filters, whole
from controller.imaging.parts import parts, sight
from controller.imaging.sight import CLAUSE, parameters

_COLUMNS = """uid, patient_id, patient_name, birth_date, sex, date, time, accession, description,
  modalities, series, instances, urgency, held"""
_SELECT = f"SELECT {_COLUMNS} FROM study WHERE {CLAUSE}"
_OF = " AND uid IN (SELECT value FROM json_each(:studies))"
_ORDER = " ORDER BY urgency DESC, date DESC, time DESC, id DESC LIMIT :limit OFFSET :offset"
_CLAUSES: Mapping[str, str] = {
    "accession": "accession = :accession",
    "from": "date >= :from",
    "to": "date <> '' AND date <= :to",
    "modality": "modalities LIKE :modality ESCAPE '!'",
    "urgency": "urgency >= :urgency",
    "study": "uid = :study",
}
_PATIENT = "patient_id = :patient"
_NAMED = "id IN (SELECT rowid FROM name WHERE name MATCH :words)"


async def worklist(request: web.Request) -> web.StreamResponse:
    """GET /manage/studies: what may be seen and fits `patient` (identifier, or beginnings of words of the
    name), `from` and `to` (study date), `modality`, `accession`, `urgency` (at least), `study`.

    Raises BadQuery.
    """
    asked = filters(request.query)
    limit, offset = whole(request.query, "limit", PAGE, MOST), whole(request.query, "offset", 0, FARTHEST)
    clauses = [_CLAUSES[name] for name in asked if name in _CLAUSES]
    values: dict[str, Any] = {**asked, **parameters(sight(request)), "limit": limit + 1, "offset": offset}
    if "modality" in asked:
        values["modality"] = f"%\\{asked['modality'].replace('_', '!_')}\\%"
    if patient := asked.get("patient"):
        values["words"] = _prefixes(patient)
        clauses.append(f"({_PATIENT} OR {_NAMED})" if values["words"] else _PATIENT)
    sql = " AND ".join((_SELECT, *clauses)) + _ORDER
    rows = await parts(request).archive.store.read(sql, values)
    told = {"studies": [_told(row) for row in rows[:limit]], "more": len(rows) > limit}
    return web.Response(body=orjson.dumps(told), content_type="application/json")


async def study_rows(request: web.Request, studies: Sequence[str]) -> list[dict[str, Any]]:
    """What the worklist tells of these, as far as they may be seen."""
    asked = {"studies": json.dumps(studies), **parameters(sight(request))}
    rows = await parts(request).archive.store.read(_SELECT + _OF, asked)
    return [_told(row) for row in rows]


def _prefixes(text: str) -> str:
    """FTS5's question for names of which a word begins with each word of `text`; "": it has no word."""
    return " ".join(f'"{word}"*' for word in words(fold(text)).split())


def _told(row: sqlite3.Row) -> dict[str, Any]:
    told = {name: row[name] for name in ("birth_date", "sex", "date", "time", "accession", "description")}
    return {
        "study": row["uid"],
        "patient": {"identifier": row["patient_id"] or None, "name": row["patient_name"]},
        **told,
        "modalities": [one for one in row["modalities"].split("\\") if one],
        "series": row["series"],
        "instances": row["instances"],
        "urgency": row["urgency"],
        "held": row["held"],
    }
