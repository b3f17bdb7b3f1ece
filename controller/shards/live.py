"""What the other controllers commit, shown here: every page may be served by any of them.

    live = Live(who, parts, send)
    live.tell(messages)                 # committed here
    live.heard(payload)                 # of another: announced, as if it had been committed here
    await live.run()

Who commits sends on what it has committed, as it came, and the others do with it all that it does but commit
it and give a receipt. Nothing depends on it: it is never asked what is here for good, and whatever is lost on
the way is read from the database.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from controller import live
from controller.anchors import Anchors
from controller.announce import Announcer
from controller.errors import BrokerError, StoreError
from controller.hub import Hub
from controller.ingest import Arrived, Refused, Verdict, read
from controller.intake import devices_of
from controller.ledger import Ledger
from controller.plan import Plan, Planner
from controller.registry import Registry
from controller.shards.frames import Frame, Frames, read_frame
from controller.shards.topics import LIVE
from controller.store import Store
from controller.store.restamp import load_anchors

MOST = 512
"""Frames that may wait; if there are more, the database is read instead."""
AGAIN_S = 1.0
"""Between two readings of the database."""
_NEWS = "crew", "radiology", "prescriptions"
"""What pages ask for when they are told that there is news of it, and not by themselves."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What is told. `since_us`: what is shown has to be as young (`Announcer.restore`)."""

    store: Store
    registry: Registry
    announcer: Announcer
    hub: Hub
    since_us: int = 0


class Live:
    """See the module. `who`: names this controller in this start; `send` publishes (topic, payload)."""

    def __init__(self, who: bytes, parts: Parts, send: Callable[[str, bytes], None]) -> None:
        self._who, self._parts, self._send = who, parts, send
        self._frames = Frames(who)
        self._ledger, self._anchors = Ledger(), Anchors()
        self._planner = Planner(self._ledger, self._anchors, parts.registry)
        self._waiting: deque[Frame] = deque()
        self._news, self._lost = asyncio.Event(), asyncio.Event()
        self._heard: dict[bytes, int] = {}
        """The last sequence of each."""
        self.lost = 0
        """How often something did not come, and the database was read."""

    def tell(self, messages: Sequence[Arrived]) -> None:
        """These have been committed here."""
        for payload in self._frames.messages(messages):
            self._send(LIVE, payload)

    def elsewhere(self, kind: str, told: Sequence[str] | dict[str, Any]) -> None:
        """Pages that show these beds have to ask anew; or all pages are told this event."""
        frames = self._frames
        self._send(LIVE, frames.event(kind, told) if isinstance(told, dict) else frames.ask(kind, told))

    def heard(self, payload: bytes) -> None:
        """A frame came, which may be our own."""
        try:
            frame = read_frame(payload)
        except BrokerError as error:
            log.warning("%s: %s", LIVE, error)
            self.missed()
            return
        if frame.who == self._who:
            return
        before = self._heard.get(frame.who)
        if before is not None and frame.sequence <= before:
            return  # each broker brings it
        if before is None or frame.sequence != before + 1 or len(self._waiting) >= MOST:
            self.missed()
        self._heard[frame.who] = frame.sequence
        if len(self._waiting) < MOST:
            self._waiting.append(frame)
            self._news.set()

    def missed(self) -> None:
        """Something may not have come: the database says what holds."""
        self._lost.set()

    async def run(self) -> None:
        """Until cancelled."""
        await load_anchors(self._parts.store, self._anchors, self._parts.since_us)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow())
            group.create_task(self._mend())

    async def _follow(self) -> None:
        while True:
            self._news.clear()
            while self._waiting:
                await self._show(self._waiting.popleft())
            await self._news.wait()

    async def _mend(self) -> None:
        while True:
            await self._lost.wait()
            self._lost.clear()
            self.lost += 1
            try:
                await self._parts.registry.load()
                await self._parts.announcer.restore(self._parts.store, self._parts.since_us)
                self._ask_anew()
            except StoreError as error:
                log.warning("what other controllers committed is not shown yet: %s", error)
                self._lost.set()
            await asyncio.sleep(AGAIN_S)

    def _ask_anew(self) -> None:
        """That there is news may be what did not come."""
        for kind in _NEWS:
            self._parts.hub.publish(kind, {"items": [{"bed": bed} for bed in self._parts.registry.beds]})

    async def _show(self, frame: Frame) -> None:
        if frame.ask is not None:
            await self._ask(*frame.ask)
        if frame.event is not None:
            self._parts.hub.publish(*frame.event)
        verdicts = await asyncio.to_thread(_read_all, frame.committed)
        if verdicts:
            self._announce(self._planner.plan(verdicts, verdicts[-1].arrived.at_us // 1000))

    async def _ask(self, kind: str, beds: Sequence[str]) -> None:
        registry = self._parts.registry
        try:
            match kind:
                case live.SAID:
                    self.missed()
                case live.REGISTRY:
                    await registry.refresh()
                case live.ASSESSED:
                    await registry.assessed_elsewhere()
                case _:
                    self._parts.hub.publish(kind, {"items": [{"bed": bed} for bed in beds]})
        except StoreError as error:
            log.warning("what people changed at another controller is not shown yet: %s", error)
            self.missed()

    def _announce(self, plan: Plan) -> None:
        batch = plan.batch
        for block in batch.blocks:
            self._ledger.stored(block.key, block.number, readable=True)
        self._parts.registry.learned(batch.owners.values(), devices_of(batch), batch.moves, batch.now_ms)
        self._parts.announcer.announce(plan)


def _read_all(messages: Sequence[Arrived]) -> list[Verdict]:
    """What was refused is in quarantine, and not shown."""
    verdicts = [read(one) for one in messages]
    return [verdict for verdict in verdicts if not isinstance(verdict, Refused)]
