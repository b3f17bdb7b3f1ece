"""What is read of a record for one chosen item: of the case's patient alone, whatever the item names.

    content = await casefile.read("4711", item.kind, item.what)      # NotFound: it is not this patient's

Images themselves are asked of the archive (api/conferences_images.py); here it is known which study.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from controller.conferences.items import Item, Kind, What
from controller.errors import NotFound
from controller.history.reading import Steps, find_steps, measured_on
from controller.imaging.sight import Sight
from controller.prescriptions.books import Books as Prescriptions
from controller.prescriptions.document import dosage_text
from controller.store import Store
from devices.model.metrics import METRICS

Json = dict[str, Any]
POINTS = 240
"""Steps of a span of vital signs."""
MOST_RESULTS = 500
_STAYS = """SELECT bed, from_ms, to_ms FROM stay WHERE identifier = :patient AND from_ms < :to_ms
AND (to_ms IS NULL OR to_ms > :from_ms) ORDER BY from_ms"""
_RESULTS = f"""SELECT at_us, detail FROM device_event WHERE kind = 'lab-result'
AND json_extract(detail, '$.patient') = :patient AND json_extract(detail, '$.control') IS NULL
AND at_us >= :from_ms * 1000 AND at_us < :to_ms * 1000 ORDER BY at_us, id LIMIT {MOST_RESULTS}"""
_SHOWN = ("code", "system", "text", "value", "unit", "loinc", "flags", "status", "range", "specimen", "time")
_REPORT = """SELECT accession, modality || ' ' || part AS wanted, version, findings, conclusion,
  imaging_report.by, imaging_report.at_ms
FROM imaging_report JOIN imaging_order ON imaging_order.id = imaging_report.imaging_order
JOIN stay ON stay.id = imaging_order.stay
WHERE accession = :accession AND stay.identifier = :patient AND signature IS NOT NULL
ORDER BY version DESC LIMIT 1"""
_SUMMARY = """SELECT visit_summary.content ->> '$.plain' AS plain, signed.by, signed.utc_ms
FROM visit_summary JOIN visit_summary_signed AS signed USING (visit, version)
JOIN visit ON visit.id = visit_summary.visit LEFT JOIN stay ON stay.id = visit.stay
WHERE visit.number = :visit AND ifnull(stay.identifier, visit.subject) = :patient
ORDER BY version DESC LIMIT 1"""


class CaseFile:
    """Methods raise StoreError, too."""

    def __init__(self, store: Store, prescriptions: Prescriptions) -> None:
        self._store = store
        self._prescriptions = prescriptions
        self._reading: Mapping[Kind, Callable[[str, What], Awaitable[Json]]] = {
            "vitals": self._vitals,
            "results": self._results,
            "report": self._report,
            "prescription": self._prescription,
            "summary": self._summary,
            "imaging": self._as_it_is,
            "document": self._as_it_is,
        }

    async def read(self, patient: str, kind: Kind, what: What) -> Json:
        """As it is now. Raises NotFound: the patient has no such thing."""
        return await self._reading[kind](patient, what)

    async def _vitals(self, patient: str, what: What) -> Json:
        """By metric: unit, times, and extremes and mean of each step, over all the patient's beds."""
        found: dict[str, Json] = {}
        for stay in await self._store.read(_STAYS, {**what, "patient": patient}):
            begin = max(int(what["from_ms"]), stay["from_ms"])
            end = min(int(what["to_ms"]), stay["to_ms"] or int(what["to_ms"]))
            if begin < end:
                await self._measured(found, stay["bed"], Steps(begin, end, POINTS))
        return {"metrics": found}

    async def _measured(self, found: dict[str, Json], bed: str, steps: Steps) -> None:
        names = sorted(await measured_on(self._store, bed) & METRICS.keys())
        for one in sorted(await find_steps(self._store, bed, names, steps, steps.from_us), key=_when):
            kept = found.setdefault(one.metric, {"unit": METRICS[one.metric].unit, "points": []})
            kept["points"].append([steps.middle_ms(one.step), one.low, one.high, one.mean])

    async def _results(self, patient: str, what: What) -> Json:
        rows = await self._store.read(_RESULTS, {**what, "patient": patient})
        return {"results": [_result(row["at_us"], json.loads(row["detail"])) for row in rows]}

    async def _report(self, patient: str, what: What) -> Json:
        rows = await self._store.read(_REPORT, {**what, "patient": patient})
        return _first([dict(row) for row in rows], "signed report")

    async def _prescription(self, patient: str, what: What) -> Json:
        rx = await self._prescriptions.find(str(what["number"]), Sight(frozenset({patient})))
        wanted = rx.wanted
        words = {
            "medicine": wanted.medicine.code.display,
            "dosage": dosage_text(wanted.dose, wanted.timing, wanted.route),
        }
        return {"number": rx.number, "state": str(rx.state), "by": rx.prescriber, **words}

    async def _summary(self, patient: str, what: What) -> Json:
        rows = await self._store.read(_SUMMARY, {**what, "patient": patient})
        told = [{**json.loads(row["plain"]), "by": row["by"], "utc_ms": row["utc_ms"]} for row in rows]
        return {"visit": what["visit"], **_first(told, "signed summary")}

    async def _as_it_is(self, _: str, what: What) -> Json:
        return dict(what)


def shown(item: Item, content: Json) -> Json:
    """An item with what it says, as pages and partner sites are told."""
    named = {"id": item.id, "kind": item.kind, "title": item.title, "by": item.by, "at_ms": item.at_ms}
    return {**named, "content": content}


def _when(found: Any) -> tuple[str, int]:
    return found.metric, found.step


def _result(at_us: int, told: Json) -> Json:
    return {"at_ms": at_us // 1000, **{name: told.get(name) for name in _SHOWN}}


def _first(found: list[Json], what: str) -> Json:
    if not found:
        raise NotFound(f"the patient has no such {what}: choose another")
    return found[0]
