"""A case, from the database.

case = await read_case(store, await chain(store, "bed-1", now_ms), now_ms)
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from controller.crew.entries import Checked, Mark
from controller.errors import NotFound
from controller.handover.case import (
    Alarm,
    Assessed,
    Case,
    Device,
    Instruction,
    Request,
    Stay,
    Who,
)
from controller.handover.vitals import Span, read_aliens, read_score, read_vitals
from controller.store import Store
from controller.store.sql import IDS
from devices.model.crew import Heard, StayAction
from devices.model.observation import EventKind

LONGEST_MS = 24 * 3_600_000
"""A document tells so much at most, and says where it begins: a whole week is in the record, not on paper."""
APART_MS = 24 * 3_600_000
"""Stays of the same patient that are farther apart are two cases."""

_CHAIN = """SELECT stay.id, stay.bed, stay.from_ms, stay.to_ms FROM stay
WHERE identifier = (SELECT identifier FROM stay WHERE bed = :bed AND to_ms IS NULL)
  AND from_ms < ifnull(to_ms, from_ms + 1) AND from_ms <= :now ORDER BY from_ms DESC, id DESC"""
_STAYS = f"""SELECT stay.id, stay.bed, bed.name AS place, stay.identifier, stay.name, stay.from_ms,
  stay.to_ms, stay.by, stay.gateway IS NOT NULL
  OR EXISTS (SELECT 1 FROM gateway WHERE gateway.place = stay.bed AND class = 'vehicle')
  OR EXISTS (SELECT 1 FROM series WHERE series.bed = stay.bed AND metric = 'latitude') AS is_vehicle
FROM stay JOIN bed ON bed.id = stay.bed
WHERE stay.id IN {IDS} ORDER BY stay.from_ms, stay.id"""
_CREW = f"""SELECT crew_event.kind, crew_event.at_ms, event.detail FROM crew_event
JOIN device_event AS event ON event.id = crew_event.event
WHERE crew_event.stay IN {IDS} ORDER BY crew_event.at_ms, crew_event.event"""
_NOT_TAKEN = """SELECT count(*) AS number FROM crew_event
WHERE vehicle = ? AND problem IS NOT NULL AND stay IS NULL AND at_ms >= ? AND at_ms < ?"""
_ALERTS = """SELECT gateway, device, code, priority, active, detail, at_us / 1000 AS at_ms FROM alert
WHERE bed = ? AND at_us >= ? AND at_us < ? ORDER BY at_us, id"""
_ASSESSED = f"""SELECT kind, value, by, at_ms FROM assessment
WHERE stay IN {IDS} ORDER BY at_ms, id"""
_REQUESTS = f"""SELECT resource, note, asked_by, asked_ms, answer, acknowledged_by, acknowledged_ms
FROM arrival_request WHERE stay IN {IDS} ORDER BY asked_ms, id"""
_INSTRUCTIONS = f"""SELECT id, text, by, at_ms FROM instruction
WHERE stay IN {IDS} ORDER BY at_ms, id"""
_DEVICES = "SELECT id, profile FROM device WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"


async def chain(store: Store, bed: str, now_ms: int) -> list[int]:
    """Ids of the stays of the patient who is on `bed` now: those before it, without a day's gap.

    Raises NotFound, StoreError.
    """
    rows = await store.read(_CHAIN, {"bed": bed, "now": now_ms})
    if not rows:
        raise NotFound(f"nobody is on bed {bed!r}: there is nothing to hand over")
    chosen = [rows[0]]
    for row in rows[1:]:
        if row["to_ms"] is not None and chosen[-1]["from_ms"] - row["to_ms"] > APART_MS:
            break
        chosen.append(row)
    return [row["id"] for row in chosen]


async def read_case(store: Store, ids: Sequence[int], now_ms: int) -> Case:
    """All of these stays of one patient, as it is known at `now_ms`. Raises NotFound, StoreError."""
    rows = await store.read(_STAYS, (json.dumps(ids),))
    if not rows:
        raise NotFound(f"there is no stay of {ids}: nothing is handed over")
    stays = tuple(_stay(row) for row in rows)
    until_ms = now_ms if stays[-1].to_ms is None else min(stays[-1].to_ms, now_ms)
    from_ms = max(stays[0].from_ms, until_ms - LONGEST_MS)
    spans = [span for stay in stays if (span := Span.of(stay, from_ms, now_ms)) is not None]
    vitals = [vital for span in spans for vital in await read_vitals(store, span)]
    aliens = [alien for span in spans for alien in await read_aliens(store, span)]
    assessments = await _assessments(store, ids)
    crew = await store.read(_CREW, (json.dumps(ids),))
    measured = sorted({one.device for one in (*(v.last for v in vitals), *(a.told for a in aliens))})
    return Case(
        made_ms=now_ms,
        from_ms=from_ms,
        who=_who(rows[-1], crew),
        stays=stays,
        vitals=tuple(vitals),
        aliens=tuple(aliens),
        alarms=tuple([alarm for span in spans for alarm in await _alarms(store, span)]),
        marks=tuple(_marks(crew)),
        checks=tuple(_checks(crew)),
        assessments=assessments,
        requests=tuple(Request(*row) for row in await store.read(_REQUESTS, (json.dumps(ids),))),
        instructions=tuple(await _instructions(store, ids, crew)),
        devices=tuple(Device(*row) for row in await store.read(_DEVICES, (json.dumps(measured),))),
        score=await read_score(store, spans[-1], assessments, until_ms) if spans else None,
        not_taken=sum([await _not_taken(store, span) for span in spans]),
    )


def _stay(row: sqlite3.Row) -> Stay:
    where, times = (row["bed"], row["place"], bool(row["is_vehicle"])), (row["from_ms"], row["to_ms"])
    return Stay(row["id"], *where, *times, row["by"])


def _who(last: sqlite3.Row, crew: Iterable[sqlite3.Row]) -> Who:
    """The last name and identifier, and what the crew said last of sex and age."""
    known: dict[str, Any] = {}
    for _, detail in _told(crew, EventKind.PATIENT):
        if detail["action"] != StayAction.END:
            known |= {name: detail[name] for name in ("sex", "age", "class") if name in detail}
    return Who(last["identifier"], last["name"], known.get("sex"), known.get("age"), known.get("class"))


def _told(crew: Iterable[sqlite3.Row], kind: EventKind) -> Iterable[tuple[int, dict[str, Any]]]:
    return ((row["at_ms"], json.loads(row["detail"])) for row in crew if row["kind"] == kind)


def _marks(crew: Iterable[sqlite3.Row]) -> Iterable[Mark]:
    for at_ms, detail in _told(crew, EventKind.MARK):
        yield Mark(detail["code"], detail.get("text", ""), detail["by"], at_ms)


def _checks(crew: Iterable[sqlite3.Row]) -> Iterable[Checked]:
    last: dict[tuple[str, str], Checked] = {}
    for at_ms, detail in _told(crew, EventKind.CHECKLIST):
        key = detail["list"], detail["item"]
        last[key] = Checked(*key, bool(detail["done"]), detail["by"], at_ms)
    return sorted(last.values(), key=lambda one: one.at_ms)


async def _assessments(store: Store, ids: Sequence[int]) -> tuple[Assessed, ...]:
    rows = await store.read(_ASSESSED, (json.dumps(ids),))
    return tuple(Assessed(row["kind"], json.loads(row["value"]), row["by"], row["at_ms"]) for row in rows)


async def _instructions(store: Store, ids: Sequence[int], crew: Sequence[sqlite3.Row]) -> list[Instruction]:
    heard: dict[str, tuple[str, int]] = {}
    for at_ms, detail in _told(crew, EventKind.INSTRUCTION):
        if detail["state"] == Heard.ACKNOWLEDGED:
            heard.setdefault(detail["id"], (detail["by"], at_ms))
    rows = await store.read(_INSTRUCTIONS, (json.dumps(ids),))
    return [_instruction(row, *heard.get(row["id"], (None, None))) for row in rows]


def _instruction(row: sqlite3.Row, heard_by: str | None, heard_ms: int | None) -> Instruction:
    return Instruction(row["id"], row["text"], row["by"], row["at_ms"], heard_by, heard_ms)


async def _alarms(store: Store, span: Span) -> list[Alarm]:
    """Of all that was said of an alarm one line: it is one from its beginning until it is said to be over."""
    alarms: list[Alarm] = []
    active: dict[tuple[Any, ...], int] = {}
    for row in await store.read(_ALERTS, (span.stay.bed, span.from_us, span.to_us)):
        detail = json.loads(row["detail"])
        key = row["gateway"], row["device"], row["code"], detail.get("alarm")
        place = active.get(key)
        alarm = _alarm(row, detail, None if place is None else alarms[place])
        if place is not None:
            alarms[place] = alarm
        elif row["active"]:  # else it had begun on another patient, or before what is told here
            active[key] = len(alarms)
            alarms.append(alarm)
        if not row["active"]:
            active.pop(key, None)
    return alarms


def _alarm(row: sqlite3.Row, detail: dict[str, Any], before: Alarm | None) -> Alarm:
    """As it is after this was said of it. A latched one is over from the first time on that this is said."""
    is_over = not row["active"] or bool(detail.get("over"))
    known_ms = before.to_ms if before else None
    over_ms = (known_ms or row["at_ms"]) if is_over else None
    what = row["gateway"], row["device"], row["code"], row["priority"]
    said = str(detail.get("value", "")), str(detail.get("limit", ""))
    flags = bool(detail.get("seen")), bool(detail.get("escalated"))
    return Alarm(*what, *said, before.from_ms if before else row["at_ms"], over_ms, *flags)


async def _not_taken(store: Store, span: Span) -> int:
    about = span.stay.bed, span.from_us // 1000, span.to_us // 1000
    return (await store.read(_NOT_TAKEN, about))[0]["number"]
