"""A patient's readings as FHIR Observations, piece by piece: months of them are never held at once.

async for piece in pieces(store, "4711"):        # rows of one stay and of about one hour, at most MOST
    piece.name                                   # the same for the same rows: "17/482193/0"
    resources(piece.rows, "4711", to_utc_ms)     # in a thread: it takes ms

Whose a reading is: who lay on its bed when it was measured. Waveforms are no Observations here.
"""

from collections.abc import AsyncIterator, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from controller.cds.resources import fhir_id
from controller.handover.coded import Json, notes, text
from controller.handover.observation import (
    PRESSURES,
    TOGETHER_MS,
    Reading,
    doubts,
    observation,
    pressure,
)
from controller.store import Store
from devices.model.metrics import METRICS

MOST = 500
"""Readings of one piece; a few more where parts of one blood pressure would be torn apart."""
STEP = 2_000
"""Rows of the store that are held at once."""
_HOUR_US = 3_600_000_000
_NEVER_US = 2**62
_PARTS = frozenset(PRESSURES[0])
_STAYS = "SELECT id, bed, from_ms, to_ms FROM stay WHERE identifier = ? ORDER BY from_ms, id"
_WANTED = "WITH wanted AS MATERIALIZED (SELECT id, device, metric FROM series WHERE bed = :bed)"
_NEXT = f"""{_WANTED} SELECT min((SELECT at_us FROM observation WHERE series = wanted.id AND at_us >= :from_us
  AND at_us < :to_us ORDER BY at_us LIMIT 1)) AS at_us FROM wanted"""
_ROWS = f"""{_WANTED} SELECT observation.id AS id, at_us, device, metric, value, reason, quality,
  observation.id IN (SELECT reading FROM disowned) AS alien
FROM wanted CROSS JOIN observation ON series = wanted.id
WHERE at_us >= :from_us AND at_us < :to_us AND (at_us > :from_us OR observation.id > :after)
ORDER BY at_us, observation.id LIMIT :most"""


class Row(NamedTuple):
    """A reading in the store; `alien`: not the patient's, as the patient says."""

    id: int
    at_us: int
    device: str
    metric: str
    value: float | None
    reason: int | None
    quality: int
    alien: bool


class Piece(NamedTuple):
    """Rows in order of their time, at least one."""

    name: str
    rows: list[Row]


class _Span(NamedTuple):
    stay: int
    bed: str
    from_us: int
    to_us: int


async def pieces(store: Store, patient: str) -> AsyncIterator[Piece]:
    """All of the patient's. Raises StoreError."""
    for row in await store.read(_STAYS, (patient,)):
        to_us = _NEVER_US if row["to_ms"] is None else row["to_ms"] * 1000
        async for piece in _of_stay(store, _Span(row["id"], row["bed"], row["from_ms"] * 1000, to_us)):
            yield piece


def resources(rows: Iterable[Row], patient: str, to_utc_ms: int) -> list[Json]:
    """An Observation for each reading, and one for all parts of a blood pressure."""
    who = {"reference": f"Patient/{fhir_id('Patient', patient)}", "type": "Patient"}
    subject = {**who, "identifier": {"value": patient}}
    return [_resource(one, subject, to_utc_ms) for one in _together(rows)]


async def _of_stay(store: Store, span: _Span) -> AsyncIterator[Piece]:
    held, number = list[Row](), 0
    async for rows in _steps(store, span):
        for row in rows:
            if held and _ends(held, row):
                yield _piece(span, held, number)
                number = number + 1 if _hour(row) == _hour(held[0]) else 0
                held = []
            held.append(row)
    if held:
        yield _piece(span, held, number)


def _piece(span: _Span, held: list[Row], number: int) -> Piece:
    return Piece(f"{span.stay}/{_hour(held[0])}/{number}", held)


def _ends(held: list[Row], row: Row) -> bool:
    """Whether `row` begins another piece; parts of a blood pressure stay together."""
    if len(held) < MOST and _hour(held[0]) == _hour(row):
        return False
    is_part = row.metric in _PARTS and row.at_us - held[-1].at_us <= TOGETHER_MS * 1000
    return not is_part or len(held) >= 2 * MOST


def _hour(row: Row) -> int:
    return row.at_us // _HOUR_US


async def _steps(store: Store, span: _Span) -> AsyncIterator[list[Row]]:
    """At most STEP rows each; hours in which nothing was measured are passed over."""
    about: dict[str, Any] = {"bed": span.bed, "most": STEP}
    at_us, after = span.from_us, 0
    while at_us < span.to_us:
        begin = await store.read(_NEXT, {"bed": span.bed, "from_us": at_us, "to_us": span.to_us})
        if begin[0]["at_us"] is None:
            return
        if begin[0]["at_us"] > at_us:
            at_us, after = begin[0]["at_us"], 0
        until_us = min((at_us // _HOUR_US + 1) * _HOUR_US, span.to_us)
        found = await store.read(_ROWS, {**about, "from_us": at_us, "to_us": until_us, "after": after})
        if rows := [_row(*one) for one in found]:
            yield [one for one in rows if one.metric in METRICS and METRICS[one.metric].is_of_patient]
        if len(found) < STEP:
            at_us, after = until_us, 0
        else:
            at_us, after = rows[-1].at_us, rows[-1].id


def _row(*columns: Any) -> Row:
    return Row(*columns[:-1], alien=bool(columns[-1]))


def _together(rows: Iterable[Row]) -> list[list[Row]]:
    """One each, but for parts of one measurement."""
    found, under_way = list[list[Row]](), dict[tuple[str, bool], list[Row]]()
    for row in rows:
        same = under_way.get((row.device, row.alien)) if row.metric in _PARTS else None
        if same and row.at_us - same[0].at_us <= TOGETHER_MS * 1000 and _is_new(row, same):
            same.append(row)
            continue
        found.append([row])
        if row.metric in _PARTS:
            under_way[row.device, row.alien] = found[-1]
    return [part for one in found for part in _whole(one)]


def _is_new(row: Row, same: Iterable[Row]) -> bool:
    return row.metric not in {one.metric for one in same}


def _whole(same: list[Row]) -> list[list[Row]]:
    """In the standard's order; without systolic or diastolic it is no blood pressure, but single numbers."""
    names = {one.metric for one in same}
    if len(same) > 1 and {"nibp_sys", "nibp_dia"} <= names:
        return [sorted(same, key=lambda one: PRESSURES[0].index(one.metric))]
    return [[one] for one in same]


@lru_cache(maxsize=1024)
def _by(device: str) -> Json:
    return {"reference": f"Device/{fhir_id('Device', device)}", "display": text(device)}


def _resource(same: list[Row], subject: Json, to_utc_ms: int) -> Json:
    first = same[0]
    more: Json = {
        "id": f"reading-{first.id}",
        "status": "entered-in-error" if first.alien else "final",
        "subject": subject,
        "device": _by(first.device),
        "interpretation": doubts(*(one.quality for one in same)),
        "note": notes("Not the patient's, as the patient says") if first.alien else [],
    }
    told = [Reading(one.metric, one.value, one.reason, one.at_us // 1000 + to_utc_ms) for one in same]
    return observation(told[0], **more) if len(told) == 1 else pressure(told, **more)
