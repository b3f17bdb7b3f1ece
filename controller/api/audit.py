"""The audit trail for the auditor: search it, see whether it is whole, take it away."""

import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import orjson
from aiohttp import web

from controller.api.answers import BadRequest, answer
from controller.api.asked import asked_span, whole
from controller.api.auditing import record_access
from controller.api.context import context
from controller.api.download import download
from controller.audit import csv_text
from controller.audit.checkup import Checkup
from controller.audit.fhir import audit_event
from controller.audit.search import ALL, Question, found

CHECKUP = web.AppKey("checkup", Checkup)
PAGE, MOST = 100, 500
"""Entries in one answer, unless told otherwise, and at most."""
LONGEST_MS = 200 * 366 * 86_400_000
OBSERVER = "wardlink"
"""Who recorded it, in FHIR."""
FORMATS = {"csv": "text/csv", "fhir": "application/fhir+ndjson", "jsonl": "application/jsonl"}


async def search(request: web.Request) -> web.StreamResponse:
    """GET /api/audit."""
    limit = whole(request, "limit", PAGE)
    if not 1 <= limit <= MOST:
        raise BadRequest(f"expected limit from 1 to {MOST}, got {limit}")
    before = whole(request, "before") if "before" in request.query else None
    question = _question(request, before, limit + 1)
    rows = await context(request).auditor.beside.read(lambda db: list(found(db, question)))
    await _record(request, question)
    shown = [_shown(row) for row in rows[:limit]]
    return answer({"entries": shown, "next": shown[-1]["number"] if len(rows) > limit else None})


async def export(request: web.Request) -> web.StreamResponse:
    """GET /api/audit/export: all that the same search finds, as a file."""
    form = request.query.get("format", "csv")
    if form not in FORMATS:
        raise BadRequest(f"expected format {', '.join(FORMATS)}, got {form!r:.40}")
    question = _question(request, None, ALL)
    await _record(request, question)

    def write(db: sqlite3.Connection, file: BinaryIO) -> None:
        file.writelines(_lines(form, found(db, question)))

    return await download(request, f"wardlink-audit.{_ENDINGS[form]}", FORMATS[form], write)


async def verification(request: web.Request) -> web.StreamResponse:
    """GET /api/audit/verification: the last one, and its age."""
    parts = context(request)
    checked = request.config_dict[CHECKUP].last()
    told: dict[str, Any] = dict.fromkeys(
        ("as_of_ms", "whole", "entries", "heads", "last_head_utc_ms", "fault_count")
    )
    faults: list[dict[str, Any]] = []
    if checked is not None:
        verdict, head = checked.verdict, checked.verdict.newest_head
        told |= {"as_of_ms": checked.as_of_us // 1000, "whole": verdict.is_whole, "entries": verdict.entries}
        told |= {"heads": verdict.heads, "last_head_utc_ms": head and head.utc_us // 1000}
        told["fault_count"] = verdict.fault_count
        faults = [{"kind": one.kind, "number": one.number, "message": one.message} for one in verdict.faults]
    return answer({"server_ms": parts.clock.now_us() // 1000, **told, "faults": faults})


_ENDINGS = {"csv": "csv", "fhir": "ndjson", "jsonl": "jsonl"}


def _question(request: web.Request, before: int | None, limit: int) -> Question:
    from_ms, to_ms = asked_span(request, LONGEST_MS)
    texts = {name: request.query.get(name, "").strip()[:64] for name in ("patient", "actor", "action")}
    return Question(from_ms * 1000, to_ms * 1000 + 999, **texts, before=before, limit=limit)


async def _record(request: web.Request, question: Question) -> None:
    """Whoever reads the trail is in it."""
    asked = " ".join(
        f"{name}/{getattr(question, name)}" for name in ("actor", "action") if getattr(question, name)
    )
    await record_access(request, {question.patient} - {""}, asked)


def _shown(entry: Mapping[str, Any]) -> dict[str, Any]:
    known = {**entry, "utc_ms": entry["utc_us"] // 1000}
    del known["utc_us"]
    return known


def _lines(form: str, entries: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    if form == "csv":
        return csv_text.lines(entries)
    told = (audit_event(entry, OBSERVER) if form == "fhir" else entry for entry in entries)
    return (orjson.dumps(one) + b"\n" for one in told)
