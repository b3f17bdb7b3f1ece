"""A model's score of everybody on a bed, every five minutes: from what NEWS2 counts, and never without it.

    await Scoring(model, store, hub, clock, kept_days).run()     # until cancelled

It is computed only where NEWS2 is complete, of the values that NEWS2 counts, with trends of the same metrics
from the history. It raises no alarm and tells nobody: who opens a bed sees it there.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple

from controller.bedside.limits import WardLimits
from controller.clock import Clock, utc_text
from controller.history.reading import Steps, find_steps
from controller.hub import Hub
from controller.models.features import TREND_MS, History, Lacking, Series
from controller.models.landmarks import YOUNGEST
from controller.models.model import Model
from controller.models.records import Said, keep
from controller.store import Store
from devices.model.alarm_limits import PatientClass
from devices.model.scores_chart import CVPU_POINTS, OXYGEN_POINTS, Parameter

EVERY_S = 300
POINTS = 48
"""Means of so many minutes each make a trend: five."""
DAY_MS = 86_400_000
_MADE_UP = {Parameter.OXYGEN: OXYGEN_POINTS, Parameter.CONSCIOUSNESS: CVPU_POINTS}
"""What a person assessed is 1 where it has points."""
_LYING = """SELECT stay.id, stay.bed, stay.identifier,
  (SELECT ifnull(max(other.to_ms), 0) FROM stay AS other
    WHERE other.bed = stay.bed AND other.identifier <> stay.identifier) AS began,
  (SELECT birth_date FROM patient_person JOIN patient ON patient.id = patient_person.patient
    WHERE patient.identifier = stay.identifier AND was IS NULL
    ORDER BY patient_person.id DESC LIMIT 1) AS birth_date
FROM stay LEFT JOIN home ON home.place = stay.bed
WHERE stay.to_ms IS NULL AND home.place IS NULL ORDER BY stay.id"""


class Lying(NamedTuple):
    """Who lies on a bed; `began_ms`: what was measured there before is not theirs."""

    stay: int
    bed: str
    patient: str
    began_ms: int
    birth_date: str | None


class Scoring:
    """Looks at all beds again and again."""

    def __init__(self, model: Model, store: Store, hub: Hub, clock: Clock, kept_days: int) -> None:
        self._model, self._store, self._hub, self._clock = model, store, hub, clock
        self._limits, self._kept_ms = WardLimits(store, clock), kept_days * DAY_MS

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(EVERY_S)

    async def look(self) -> None:
        """Say something of everybody once, and keep it. Raises StoreError."""
        now_ms = self._clock.now_us() // 1000
        lying = [Lying(*row) for row in await self._store.read(_LYING)]
        # The store knows of who comes a moment before the hub: a score counts for whom the hub has there.
        shown = self._hub.snapshot()
        here = {(one["id"], one["patient"]["identifier"]) for one in shown["beds"] if one["patient"]}
        scores = {one["bed"]: one["news2"] for one in shown["scores"]}
        news2 = {one.stay: scores.get(one.bed) for one in lying if (one.bed, one.patient) in here}
        said = [await self._said(one, news2.get(one.stay), now_ms) for one in lying]
        await keep(self._store, self._model, said, now_ms - self._kept_ms)

    async def _said(self, who: Lying, news2: Mapping[str, Any] | None, now_ms: int) -> Said:
        why = refused(who, news2, utc_text(self._clock.utc_us())[:10]) or await self._other_class(who.bed)
        if why:
            return Said(who.stay, now_ms, None, why, (), {})
        parts = {Parameter(one["parameter"]): one for one in news2["parts"]} if news2 else {}
        found = self._model.look(await self._history(who, parts, now_ms), now_ms)
        if isinstance(found, Lacking):
            return Said(who.stay, now_ms, None, {str(one): why for one, why in found.why.items()}, (), {})
        return Said(
            who.stay, now_ms, self._model.scored(found.values).probability, {}, found.values, found.seen_ms
        )

    async def _other_class(self, bed: str) -> dict[str, str]:
        """Of whom the ward says that it is a child or newborn, whether or not a date of birth is known."""
        limits = await self._limits.present(bed)
        if limits is None or limits["class"] == PatientClass.ADULT:
            return {}
        return {"class": limits["class"]}

    async def _history(self, who: Lying, parts: Mapping[Parameter, Any], now_ms: int) -> History:
        """What NEWS2 counts now, and means of the same metrics before it."""
        metrics = {part["metric"]: one for one, part in parts.items() if part["metric"]}
        steps = Steps(now_ms - TREND_MS, now_ms, POINTS)
        before: dict[Parameter, list[tuple[int, float]]] = {}
        for one in await find_steps(self._store, who.bed, metrics, steps, who.began_ms * 1000):
            before.setdefault(metrics[one.metric], []).append((steps.middle_ms(one.step), one.mean))
        return {one: _series(one, part, before.get(one, []), now_ms) for one, part in parts.items()}


def _series(parameter: Parameter, part: Any, before: list[tuple[int, float]], now_ms: int) -> Series:
    """Ends with what counts; a clock that is a little ahead does not make it a reading of the future."""
    at_ms = min(part["at_ms"], now_ms)
    value = float(part["points"] == _MADE_UP[parameter] if parameter in _MADE_UP else part["value"])
    rows = [*sorted(row for row in before if row[0] < at_ms), (at_ms, value)]
    return Series([at for at, _ in rows], [value for _, value in rows])


def refused(who: Lying, news2: Mapping[str, Any] | None, today: str) -> dict[str, str]:
    """Why nothing is computed, by what is lacking; empty: it can be. `today`: "2026-11-27"."""
    if who.birth_date and who.birth_date[:4].isdecimal() and _age(who.birth_date, today) < YOUNGEST:
        return {"age": "young"}
    if news2 is None:
        return {"news2": "missing"}
    if news2["scale"] != 1:
        return {"spo2": "scale"}
    return {one["parameter"]: one["lack"] for one in news2["parts"] if one["lack"]}


def _age(birth_date: str, today: str) -> int:
    """Years; of a date without its day the youngest that may be."""
    whole = birth_date + {4: "-12-31", 7: "-31"}.get(len(birth_date), "")
    return int(today[:4]) - int(whole[:4]) - (today[5:] < whole[5:])
