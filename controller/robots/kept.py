"""What the master has to have kept before anything goes out: messages, decisions, how far transports are."""

from typing import Any

from controller.robots.asking import Draft
from controller.robots.decisions import Arrived, Decision, Ended, Eta, Go
from controller.robots.told import STAGES, Decided, Effect, Met, Moved, Opening, Said, Stage


class Kept:
    """Gathers effects in their order."""

    def __init__(self) -> None:
        self.stages: dict[str, Stage] = {}
        """Of the transports that are not over."""
        self._carriers: dict[str, str | None] = {}
        self._out: list[Effect] = []
        self._count = 0

    def take(self) -> list[Effect]:
        """All since the last time."""
        out, self._out = self._out, []
        return out

    def note(
        self,
        what: str,
        why: str,
        now_ms: int,
        robot: str | None = None,
        transport: str | None = None,
        **detail: Any,
    ) -> None:
        """A decision, or what happened, with its reason."""
        self._out.append(Decided(now_ms, what, why, robot, transport, detail))

    def say(self, robot: str, draft: Draft, text: str, now_ms: int) -> int:
        """A message; its number."""
        self._count += 1
        self._out.append(Said(robot, self._count, draft.topic, text, now_ms, draft.why, draft.errand))
        return self._count

    def met(self, met: Met) -> None:
        """A robot has said who it is."""
        self._out.append(met)

    def opened(self, opening: Opening) -> None:
        """What became of a drawer that was to open."""
        self._out.append(opening)

    def move(self, transport: str, stage: Stage, robot: str | None, why: str, now_ms: int) -> None:
        """A transport has come so far; what cannot follow is not taken."""
        before = self.stages.get(transport, Stage.WANTED)
        is_same = stage == before and robot == self._carriers.get(transport)
        if is_same or (stage not in STAGES[before] and stage != before):
            return
        self.stages[transport], self._carriers[transport] = stage, robot
        self._out.append(Moved(now_ms, transport, stage, robot, why))
        self.note(stage, why, now_ms, robot, transport)
        if not STAGES[stage]:
            del self.stages[transport], self._carriers[transport]

    def end(self, one: Ended, now_ms: int) -> None:
        """A transport is over."""
        before = self.stages.get(one.transport, Stage.WANTED)
        ends = {Stage.PICKED: Stage.FAILED, Stage.RETURNING: Stage.RETURNED}
        stage = Stage.DELIVERED if one.delivered else ends.get(before, Stage.CANCELLED)
        self.move(one.transport, stage, self._carriers.get(one.transport), one.why, now_ms)

    def restored(self, transport: str, stage: Stage, robot: str | None) -> None:
        """How far it was before a start."""
        self.stages[transport], self._carriers[transport] = stage, robot


def detail_of(one: Decision) -> dict[str, Any]:
    """What a decision says beside its reason."""
    match one:
        case Go():
            nodes = [point.node for point in one.points]
            return {"order": one.order, "nodes": nodes, "released": one.released, "action": str(one.action)}
        case Eta():
            return {
                "ms": one.ms,
                "low_ms": one.low_ms,
                "high_ms": one.high_ms,
                "observed": one.observed,
            }
        case Arrived():
            return {"took": [[*told.ahead, told.took_ms] for told in one.took]}
        case _:
            return {}
