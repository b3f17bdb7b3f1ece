"""How the NEWS2 of those who come has gone in the last hour: a number a minute, as it was made then.

    trend = Trend(registry, hub, clock)
    await trend.run()                # until cancelled
    trend.of("amb-1")                # the oldest first

A score lacks what was not measured at that minute: it is kept with that said, and is then the least it can
be. All is kept in memory only, and for one patient: after a start of the controller, or with another patient
on board, it begins again. A minute in which nothing could be scored has no number.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from controller.clock import Clock
from controller.hub import Hub
from controller.registry import Registry

EVERY_S = 60.0
KEPT_MS = 3_600_000
PRESENT_MS = 15_000
"""A score made longer ago than this is not one of now."""


@dataclass(frozen=True, slots=True)
class Scored:
    """NEWS2 at a time of the controller's scale. `least`: the total, or what it is at least."""

    at_ms: int
    least: int
    complete: bool


@dataclass(slots=True)
class _Kept:
    """Of one patient."""

    patient: str
    scores: deque[Scored] = field(default_factory=deque[Scored])


@dataclass(slots=True)
class Trend:
    """Of all beds with a patient: whether one of them drives may be known later."""

    registry: Registry
    hub: Hub
    clock: Clock
    _kept: dict[str, _Kept] = field(default_factory=dict[str, _Kept])

    async def run(self) -> None:
        """Look every minute, until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(EVERY_S)

    def look(self) -> None:
        """Keep what is scored now."""
        now_ms = self.clock.now_us() // 1000
        scores = {one["bed"]: one for one in self.hub.snapshot()["scores"]}
        present = {bed.id: bed.patient.identifier for bed in self.registry.beds.values() if bed.patient}
        self._kept = {bed: self._of_patient(bed, patient) for bed, patient in present.items()}
        for bed, kept in self._kept.items():
            while kept.scores and kept.scores[0].at_ms <= now_ms - KEPT_MS:
                kept.scores.popleft()
            told = scores.get(bed)
            if told and told["news2"] and now_ms - told["at_ms"] <= PRESENT_MS:
                news2 = told["news2"]
                kept.scores.append(Scored(now_ms, news2["least"], news2["total"] is not None))

    def of(self, bed: str) -> list[Scored]:
        """Those of the patient who is there now."""
        held, kept = self.registry.beds.get(bed), self._kept.get(bed)
        is_same = held and held.patient and kept and held.patient.identifier == kept.patient
        return list(kept.scores) if kept and is_same else []

    def _of_patient(self, bed: str, patient: str) -> _Kept:
        kept = self._kept.get(bed)
        return kept if kept and kept.patient == patient else _Kept(patient)
