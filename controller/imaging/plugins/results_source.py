"""Laboratory results as analysers have sent them, read from the controller's database, which is only read."""

import json
from collections.abc import Sequence
from sqlite3 import Connection, Row
from typing import Any, Final

from controller.imaging.errors import GoneMeanwhile
from controller.imaging.plugins.laboratory.limits import DELTA_HOURS
from controller.imaging.plugins.laboratory.screening import KIND
from controller.imaging.plugins.model import Finding
from controller.imaging.plugins.plugin import Plugin
from controller.imaging.plugins.queue import Job, New
from controller.imaging.plugins.source import Content, for_plugins
from controller.store.beside import Beside
from controller.store.where import Where

MOST: Final = 500
_OTHERS: Final = 300
_IS_PATIENTS: Final = """kind = 'lab-result' AND json_extract(detail, '$.patient') IS NOT NULL
  AND json_extract(detail, '$.control') IS NULL"""
_LAST: Final = "SELECT ifnull(max(id), 0) FROM device_event"
_NEW: Final = (
    f"SELECT id FROM device_event WHERE id > ? AND id <= ? AND {_IS_PATIENTS} ORDER BY id LIMIT {MOST}"
)
_ONE: Final = "SELECT id, at_us, bed, detail FROM device_event WHERE id = ? AND kind = 'lab-result'"
_BEFORE: Final = f"""SELECT id, at_us, bed, detail FROM device_event
WHERE kind = 'lab-result' AND json_extract(detail, '$.patient') = ? AND at_us >= ? AND id < ?
  AND json_extract(detail, '$.control') IS NULL ORDER BY at_us DESC, id DESC LIMIT {_OTHERS}"""


class ResultsSource:
    """Results of patients (not of controls) in the order in which they were taken in."""

    name = "results"

    def __init__(self, database: Where, plugins: Sequence[Plugin]) -> None:
        self._beside = Beside(database, settled=True)
        self._plugins = plugins

    async def new(self, after: int | None) -> tuple[int, list[New]]:
        """See Source.new. What was there before plug-ins were is not looked at: it was seen long ago."""
        if after is None:
            return await self._beside.read(_last), []
        return await self._beside.read(lambda db: self._new(db, after))

    def _new(self, db: Connection, after: int) -> tuple[int, list[New]]:
        last = _last(db)
        rows = db.execute(_NEW, (after, last)).fetchall()
        new = [one for row in rows for one in for_plugins(self._plugins, KIND, {"event": row["id"]})]
        return (rows[-1]["id"] if len(rows) == MOST else last), new

    async def content(self, job: Job) -> Content:
        """See Source.content."""
        return await self._beside.read(lambda db: _content(db, job.subject["event"]))

    async def tell(self, job: Job, findings: Sequence[Finding], report: bytes) -> None:
        """They stay in the queue's database, where the controller looks for them."""


def _last(db: Connection) -> int:
    return db.execute(_LAST).fetchone()[0]


def _content(db: Connection, event: int) -> Content:
    row = db.execute(_ONE, (event,)).fetchone()
    if row is None:
        raise GoneMeanwhile("the result is not there any more")
    patient = json.loads(row["detail"]).get("patient", "")
    since_us = row["at_us"] - DELTA_HOURS * 3_600_000_000
    others = db.execute(_BEFORE, (patient, since_us, event)).fetchall()
    told = {"result": _told(row), "others": [_told(one) for one in others]}
    return Content(json.dumps(told).encode(), patient, row["bed"] or "", row["at_us"])


def _told(row: Row) -> dict[str, Any]:
    detail = json.loads(row["detail"])
    told = {name: str(detail.get(name, "")) for name in ("loinc", "value", "unit", "specimen", "comment")}
    return {**told, "at_s": row["at_us"] / 1e6}
