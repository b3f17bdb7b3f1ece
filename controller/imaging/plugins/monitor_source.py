"""A minute of each bed's ECG, every five minutes, read from the controller's database, which is only read."""

import base64
import json
from collections.abc import Sequence
from sqlite3 import Connection
from typing import Any, Final

from controller.clock import Clock
from controller.history.reading import LONGEST_RUN_US
from controller.imaging.errors import GoneMeanwhile
from controller.imaging.plugins.ecg.screening import MONITOR
from controller.imaging.plugins.model import Finding
from controller.imaging.plugins.plugin import Plugin
from controller.imaging.plugins.queue import Job, New
from controller.imaging.plugins.source import Content, for_plugins
from controller.store.beside import Beside
from controller.store.where import Where

EVERY_US: Final = 300_000_000
LENGTH_US: Final = 60_000_000
_LATE_US: Final = 20_000_000
"""So long after its end a minute is looked at: by then its samples are here, unless a link is cut."""
_LEADS: Final = f"""SELECT series.id, series.bed, metric FROM stay JOIN series ON series.bed = stay.bed
WHERE stay.to_ms IS NULL AND metric LIKE '{MONITOR}%'
  AND EXISTS (SELECT 1 FROM waveform WHERE waveform.series = series.id AND at_us >= ? AND at_us < ?)
ORDER BY series.bed, metric <> 'ecg_ii', metric, series.id"""
_RUNS: Final = """SELECT at_us, rate_mhz, scale, "offset", samples FROM waveform
WHERE series = ? AND at_us >= ? AND at_us < ? ORDER BY at_us, id"""
_WHO: Final = """SELECT identifier FROM stay WHERE bed = ? AND from_ms * 1000 <= ?
  AND (to_ms IS NULL OR to_ms * 1000 >= ?)"""


class MonitorSource:
    """One lead of each bed with a patient: the second one, if there is one."""

    name = "monitor"

    def __init__(self, database: Where, plugins: Sequence[Plugin], clock: Clock) -> None:
        self._beside = Beside(database)
        self._plugins = plugins
        self._clock = clock

    async def new(self, after: int | None) -> tuple[int, list[New]]:
        """See Source.new. The mark counts periods; those that were missed are not made up for."""
        period = (self._clock.now_us() - _LATE_US) // EVERY_US
        if after is None or period <= after:
            return (period if after is None else after), []
        return period, await self._beside.read(lambda db: self._new(db, period * EVERY_US))

    def _new(self, db: Connection, end_us: int) -> list[New]:
        found = dict[str, New]()
        begin_us = end_us - LENGTH_US
        for row in db.execute(_LEADS, (begin_us, end_us)):
            subject = {"series": row["id"], "bed": row["bed"], "from_us": begin_us, "to_us": end_us}
            for one in for_plugins(self._plugins, row["metric"], subject):
                found.setdefault(f"{row['bed']}/{one.plugin}", one)
        return list(found.values())

    async def content(self, job: Job) -> Content:
        """See Source.content."""
        return await self._beside.read(lambda db: _content(db, job))

    async def tell(self, job: Job, findings: Sequence[Finding], report: bytes) -> None:
        """They stay in the queue's database, where the controller looks for them."""


def _content(db: Connection, job: Job) -> Content:
    bed, from_us, to_us = job.subject["bed"], job.subject["from_us"], job.subject["to_us"]
    who = db.execute(_WHO, (bed, from_us, to_us)).fetchall()
    if len(who) != 1:
        raise GoneMeanwhile("no patient, or more than one, was on the bed in that minute")
    rows = db.execute(_RUNS, (job.subject["series"], from_us - LONGEST_RUN_US, to_us)).fetchall()
    rates = [row["rate_mhz"] for row in rows]
    rate = max(set(rates), key=rates.count) if rates else 0
    runs = [one for row in rows if row["rate_mhz"] == rate and (one := _run(row, from_us, to_us))]
    if not runs:
        raise GoneMeanwhile("of that minute nothing is kept")
    told = {"metric": job.kind, "rate_hz": rate / 1000, "runs": runs}
    return Content(json.dumps(told).encode(), who[0]["identifier"], bed, from_us)


def _run(row: Any, from_us: int, to_us: int) -> dict[str, Any] | None:
    """What of it is in that minute; None: nothing."""
    per_us = row["rate_mhz"] / 1e9
    samples: bytes = row["samples"]
    first = max(0, round((from_us - row["at_us"]) * per_us))
    last = min(len(samples) // 2, round((to_us - row["at_us"]) * per_us))
    if first >= last:
        return None
    at_s = max(0.0, (row["at_us"] - from_us) / 1e6 + first / row["rate_mhz"] * 1000)
    cut = base64.b64encode(samples[2 * first : 2 * last]).decode()
    return {"at_s": at_s, "scale": row["scale"], "offset": row["offset"], "samples": cut}
