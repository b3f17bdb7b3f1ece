"""From the broker to the database: messages are gathered, decided on, committed, receipted, shown.

However many wait are taken together, alerts first: the longer a commit takes, the more blocks share the next
one, and what comes soon after a batch began waits for company, unless it is an alert. A database that cannot
write stops the intake, not the gateways: nothing is receipted, the same batch is tried until it works, and
what overflows the queue meanwhile is sent again by whoever has no receipt.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from controller.announce import Announcer
from controller.clock import Clock
from controller.errors import LeaseGone, StoreError, Unknown, Unstorable
from controller.inbox import Inbox
from controller.ingest import Arrived, Block, Refused, Verdict, read
from controller.ledger import Ledger
from controller.metrics.taken import Taken
from controller.plan import Plan, Planner
from controller.registry import Device, Registry
from controller.shards.guard import Alone, Guard
from controller.store import Store
from controller.store.blocks import Batch, BlockWriter
from controller.tracing.tracer import Tracer
from devices.wire import topics
from devices.wire.block import Lane
from devices.wire.messages import Receipt, pack_message

QUEUE_BYTES = 64 * 1024 * 1024
BATCH_MESSAGES, BATCH_BYTES = 256, 512 * 1024
BATCH_US, LEAST_SHARE = 300_000, 1 / 32
"""An alert waits for the batch under way: one that takes longer halves the next, but not below this share."""
FIRST_WAIT_S, LONGEST_WAIT_S = 0.1, 5.0
PACE_S = 0.02
"""Between the beginnings of two batches, if neither an alert nor a full batch waits: a commit costs as much
as three blocks, by what `./run bench scale` fits to its sites (docs/scale.md)."""

Send = Callable[[str, bytes], None]
"""Publishes (topic, payload) if the broker can be reached: what is lost is asked for again."""

log = logging.getLogger(__name__)


class Intake:
    """The one way into the database for what gateways send."""

    def __init__(
        self,
        *,
        store: Store,
        ledger: Ledger,
        planner: Planner,
        registry: Registry,
        announcer: Announcer,
        clock: Clock,
        send: Send,
        rebirth: Callable[[str, int], bytes] | None = None,
        guard: Guard | None = None,
        pace_s: float = PACE_S,
    ) -> None:
        """`rebirth(gateway, UTC in µs)`: the signed request for a birth; without it nobody is asked. `guard`:
        where controllers are several. `pace_s`: see PACE_S."""
        self._store = store
        self._ledger = ledger
        self._planner = planner
        self._registry = registry
        self._announcer = announcer
        self._clock = clock
        self._send = send
        self._rebirth = rebirth
        self._guard = guard or Alone()
        self._writer = BlockWriter()
        self._inbox = Inbox(QUEUE_BYTES)
        self._share = 1 / 4
        """Of a full batch: what this machine stores soon enough."""
        self._news, self._pressing = asyncio.Event(), asyncio.Event()
        self._pace_s, self._began_s = pace_s, -pace_s
        """When the last batch was taken, by the event loop's clock."""
        self.overflowed = 0
        """Messages turned away because the queue was full; their senders have no receipt."""
        self.refused = 0
        """Messages that were not committed: another controller holds the lease of their gateway's shard."""
        self.withheld = 0
        """Receipts that were not sent, for the lease was gone by then."""
        self.taken = Taken()
        self.tracer: Tracer | None = None
        """Told what is committed, if anything is traced."""
        self._told = 0
        """As many of them are in the log."""

    @property
    def waiting(self) -> tuple[int, int]:
        """Messages that wait to be stored, and the bytes they hold."""
        return len(self._inbox), self._inbox.bytes

    def offer(self, arrived: Arrived) -> None:
        """A message came."""
        turned_away = self._inbox.put(arrived)
        if turned_away and self.overflowed == self._told:
            log.warning("more comes than can be stored: it is turned away, and its gateways send it again")
        self.overflowed += turned_away
        self._news.set()
        if self._presses:
            self._pressing.set()

    async def run(self) -> None:
        """Take in until cancelled. Raises StoreError only for what it can never store."""
        while True:
            batch = await self._gather()
            began, is_full = self._clock.now_us(), bool(self._inbox)
            # In a thread: a full batch takes longer than the page's events may wait.
            await self._settle(await asyncio.to_thread(_read_all, batch))
            took_us = self._clock.now_us() - began
            self.taken.batch.observe(took_us / 1e6)
            self._share = _adjusted(self._share, took_us, is_full)

    async def _gather(self) -> Sequence[Arrived]:
        while not self._inbox:
            if self._told < self.overflowed:
                log.warning("%d messages were turned away; there is room again", self.overflowed - self._told)
                self._told = self.overflowed
            self._news.clear()
            await self._news.wait()
        await self._company()
        return self._inbox.take(*self._most)

    async def _company(self) -> None:
        """Until the pace after the batch before, or there is no more reason to wait."""
        loop, due_s = asyncio.get_running_loop(), self._began_s + self._pace_s
        if not self._presses and loop.time() < due_s:
            self._pressing.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout_at(due_s):
                    await self._pressing.wait()
        self._began_s = loop.time()

    @property
    def _most(self) -> tuple[int, int]:
        """Messages of a batch, and bytes."""
        return int(BATCH_MESSAGES * self._share), int(BATCH_BYTES * self._share)

    @property
    def _presses(self) -> bool:
        """An alert waits, or a whole batch."""
        messages, size = self._most
        return self._inbox.has_alert or len(self._inbox) >= messages or self._inbox.bytes >= size

    async def _settle(self, verdicts: Sequence[Verdict]) -> None:
        under, gateways = self._guard.tokens, {verdict.gateway for verdict in verdicts}
        plan = self._planner.plan(verdicts, self._clock.now_us() // 1000)

        def written(db: sqlite3.Connection) -> None:
            self._guard.check(db, gateways, under)
            self._writer.write(db, plan.batch)

        try:
            await self._commit(written, plan.batch)
        except LeaseGone as error:
            self._writer.forget()
            await self._without(verdicts, error)
            return
        except Unstorable as error:
            self._writer.forget()
            if len(verdicts) > 1:
                for verdict in verdicts:
                    await self._settle([verdict])
            else:
                await self._settle([_unstorable(verdicts[0], error)])
            return
        await self._committed(plan)
        self._guard.committed([verdict.arrived for verdict in verdicts])

    async def _without(self, verdicts: Sequence[Verdict], gone: LeaseGone) -> None:
        """Whoever holds the lease gets the rest from its gateways, which have no receipt."""
        left = [verdict for verdict in verdicts if verdict.gateway not in gone.gateways]
        self.refused += len(verdicts) - len(left)
        log.warning("%d messages are not committed: %s", len(verdicts) - len(left), gone)
        if left:
            await self._settle(left)

    async def _commit(self, written: Callable[[sqlite3.Connection], None], batch: Batch) -> None:
        wait = FIRST_WAIT_S
        unknown: Unknown | None = None
        while True:
            try:
                if unknown is None or not await self._store.settled(unknown):
                    unknown, alone = None, not (self._guard.is_fenced and self._writer.keeps_to_itself(batch))
                    await self._store.write(written, beside_others=not alone)
            except (Unstorable, LeaseGone):
                raise
            except StoreError as error:
                self._writer.forget()
                unknown = error if isinstance(error, Unknown) else unknown
                log.error("nothing can be stored, trying again: %s", error)
                self._announcer.store_fails(str(error))
                await asyncio.sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT_S)
            else:
                self._announcer.store_works()
                return

    async def _committed(self, plan: Plan) -> None:
        batch, committed_us = plan.batch, self._clock.now_us()
        for block in batch.blocks:
            self._ledger.stored(block.key, block.number, readable=True)
        for refused in batch.refused:
            log.warning("%s: refused %s: %s", refused.gateway, refused.reason, refused.detail)
            if refused.header is not None:
                key = refused.header.journal, refused.header.lane
                self._ledger.stored(key, refused.header.number, readable=False)
        self._receipt(plan)
        receipted_us = self._clock.now_us()
        self.taken.committed(plan, committed_us)
        self._registry.learned(batch.owners.values(), devices_of(batch), batch.moves, batch.now_ms)
        self._announcer.announce(plan)
        if self.tracer is not None:
            self.tracer.stored(batch.blocks, committed_us, receipted_us)
        self._ask_for_births(plan)

    def _receipt(self, plan: Plan) -> None:
        for (gateway, key), numbers in plan.receipts.items():
            if not self._guard.may_receipt(gateway):
                self.withheld += 1
                continue
            committed, quarantined = self._ledger.receipt(key, numbers)
            receipt = Receipt(key[0], Lane(key[1]), committed, quarantined)
            self._send(topics.down(gateway, "receipt"), pack_message(receipt))

    def _ask_for_births(self, plan: Plan) -> None:
        if self._rebirth is None:
            return
        for gateway in plan.senders:
            if self._announcer.wants_birth(gateway):
                command = self._rebirth(gateway, self._clock.utc_us())
                self._send(topics.down(gateway, "command"), command)


def _adjusted(share: float, took_us: int, is_full: bool) -> float:
    """The next batch's share of a full one, after one of `share`; `is_full`: more was waiting."""
    if took_us > BATCH_US:
        return max(LEAST_SHARE, share / 2)
    return min(1.0, 2 * share) if is_full and took_us < BATCH_US / 2 else share


def _read_all(batch: Sequence[Arrived]) -> list[Verdict]:
    return [read(arrived) for arrived in batch]


def devices_of(batch: Batch) -> Iterable[Device]:
    """The devices that the batch made or changed, as they are in the store now."""
    met = {name: Device(name, gateway, None, ()) for name, gateway in batch.devices.items()}
    born = (
        Device(one.device, gateway, one.profile, one.metrics)
        for gateway, birth in batch.births
        for one in birth.devices
    )
    return (met | {device.id: device for device in born}).values()


def _unstorable(verdict: Verdict, error: Unstorable) -> Refused:
    if isinstance(verdict, Refused):
        raise error
    header = verdict.header if isinstance(verdict, Block) else None
    return Refused(verdict.gateway, verdict.arrived, "unstorable", str(error), header)
