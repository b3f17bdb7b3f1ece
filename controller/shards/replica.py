"""One of several controllers: renews its leases, listens to the gateways of its shards, gives up in order.

    replica = Replica(me, parts)
    Intake(…, guard=replica); await replica.run()

A shard is served once its gateways' ledger has been read; what is sent before that is sent again.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from controller.anchors import Anchors
from controller.clock import Clock
from controller.cluster.links import Links
from controller.errors import StoreError
from controller.ingest import Arrived
from controller.intake import Intake
from controller.ledger import Ledger
from controller.registry import Registry
from controller.shards import table
from controller.shards.duty import Duty
from controller.shards.guard import Fence
from controller.shards.hashing import FIRST, shard_of
from controller.shards.leases import BEAT_US, NOBODY, Leases
from controller.shards.live import Live
from controller.store import Store
from controller.store.restamp import load_anchors
from devices.wire import topics

_DRAINED_AFTER = 8
"""Turns after which what is left is released even if something waits: its gateways send it again."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a replica moves. `since_us`: when the present time scale began (store/scale.py)."""

    store: Store
    clock: Clock
    registry: Registry
    ledger: Ledger
    anchors: Anchors
    links: Links
    live: Live
    duty: Duty
    since_us: int = 0


class Replica:
    """Called `me`, which no other start of any controller is. It is the Guard of its intake."""

    def __init__(self, me: str, parts: Parts) -> None:
        self._parts = parts
        self.leases = Leases(me)
        self._fence = Fence(self.leases, parts.clock)
        self.intake: Intake | None = None
        self.address = ""
        """Where the others reach its pages; "": nowhere yet."""
        self._left_turns = 0
        self._renewed = asyncio.Event()

    # its intake's side

    @property
    def is_fenced(self) -> bool:
        """See Guard."""
        return self._fence.is_fenced

    @property
    def tokens(self) -> Mapping[int, int]:
        """See Guard."""
        return self._fence.tokens

    def check(self, db: sqlite3.Connection, gateways: Iterable[str], under: Mapping[int, int]) -> None:
        """See Guard."""
        self._fence.check(db, gateways, under)

    def may_receipt(self, gateway: str) -> bool:
        """See Guard."""
        return self._fence.may_receipt(gateway)

    def committed(self, messages: Sequence[Arrived]) -> None:
        """See Guard."""
        self._parts.live.tell(messages)

    def serves(self, gateway: str) -> bool:
        """Whether this one speaks with the gateway."""
        return shard_of(gateway) in self._fence.tokens

    # its own

    async def run(self) -> None:
        """Until cancelled; then others need not wait for its shards."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._renew())
                group.create_task(self._keep_up())
                group.create_task(self._watch())
        finally:
            self._parts.duty.turn(mine=False)
            self._parts.duty.at("")
            await self._leave()

    async def _leave(self) -> None:
        try:
            await self._parts.store.write(lambda db: table.leave(db, self.leases.me))
        except StoreError as error:
            log.warning("the leases of shards are not given back, others wait until they end: %s", error)

    async def _renew(self) -> None:
        while True:
            try:
                await self.renew()
            except StoreError as error:
                log.warning("the leases of shards were not renewed: %s", error)
            await asyncio.sleep(BEAT_US / 1e6)

    async def _keep_up(self) -> None:
        """Beside the renewals: reading takes its time, and would cost the leases that it is done for."""
        while True:
            await self._renewed.wait()
            self._renewed.clear()
            try:
                await self.follow()
            except StoreError as error:
                log.warning("what others stored of new shards is not read yet: %s", error)

    async def _watch(self) -> None:
        """A renewal may hang for longer than a lease lasts."""
        while True:
            valid = self.leases.is_valid(self._parts.clock.now_us())
            self._parts.duty.turn(mine=valid and FIRST in self.leases.held)
            await asyncio.sleep(BEAT_US / 4e6)

    async def renew(self) -> None:
        """Renew, take, give up: once. Raises StoreError."""
        began_us, live = self._parts.clock.now_us(), self.leases.live
        drained = self._is_drained()
        told = await self._parts.store.write(lambda db: self._written(db, drained))
        held, where, self._fence.is_fenced = told
        self.leases.renewed(began_us, held)
        self._parts.duty.at(where)
        if self.leases.live < live:  # what it committed last it may not have told
            self._parts.live.missed()
        self._lose()
        self._listen()
        self._renewed.set()

    def _written(self, db: sqlite3.Connection, drained: bool) -> tuple[Mapping[int, int], str, bool]:
        """What is held, where the other is reached that holds the first shard, whether all know others."""
        heard_at = sum(up for up, _ in self._parts.links.states())
        table.beat(db, self.leases.me, self.address, heard_at)
        found = table.find(db)
        table.apply(db, self.leases.me, self.leases.look(found, self._parts.clock.now_us(), drained))
        held = table.held(db, self.leases.me)
        first = next((lease.holder for lease in found.leases if lease.shard == FIRST), NOBODY)
        is_ours = FIRST in held or first == self.leases.me
        return held, "" if is_ours else found.addresses.get(first, ""), table.all_know(db)

    def _is_drained(self) -> bool:
        self._left_turns = self._left_turns + 1 if self.leases.leaving else 0
        waits = self.intake is not None and self.intake.waiting[0] > 0
        return self._left_turns > 1 and (not waits or self._left_turns > _DRAINED_AFTER)

    async def follow(self) -> None:
        """Serve what is held: read what is to be known of new shards, then listen. Raises StoreError."""
        held = {shard: token for shard, token in self.leases.held.items() if not self._serves(shard, token)}
        if not held:
            return
        await self._learn(held.keys())
        now = self.leases.held
        learned = {shard: token for shard, token in held.items() if now.get(shard) == token}
        self._fence.tokens = {**self._fence.tokens, **learned}
        self._listen()
        self._say()

    def _lose(self) -> None:
        held, before = self.leases.held, self._fence.tokens
        lost = {shard for shard, token in before.items() if held.get(shard) != token}
        if lost:
            self._fence.tokens = {shard: token for shard, token in before.items() if shard not in lost}
            self._forget(self._gateways(lost))
            self._say()

    def _serves(self, shard: int, token: int) -> bool:
        return self._fence.tokens.get(shard) == token

    def _listen(self) -> None:
        self._parts.links.listen(self._gateways(self.leases.serving & self._fence.tokens.keys()))

    def _say(self) -> None:
        told = ", ".join(f"{shard} (token {token})" for shard, token in sorted(self._fence.tokens.items()))
        log.info("shards held: %s", told or "none")

    async def _learn(self, shards: Collection[int]) -> None:
        """What others have committed for the gateways of these shards."""
        parts, fresh = self._parts, Anchors()
        await parts.registry.load()
        gateways = self._gateways(shards)
        await parts.ledger.load(parts.store, sorted(gateways))
        await load_anchors(parts.store, fresh, parts.since_us)
        parts.anchors.adopt(fresh, gateways)
        parts.live.missed()

    def _forget(self, gateways: frozenset[str]) -> None:
        self._parts.anchors.forget(gateways)
        for gateway in gateways:
            self._parts.links.forget(topics.down(gateway, "config"))

    def _gateways(self, shards: Collection[int]) -> frozenset[str]:
        return frozenset(one for one in self._parts.registry.gateways if shard_of(one) in shards)
