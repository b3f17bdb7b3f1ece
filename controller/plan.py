"""From verdicts to one batch: whose block it is, whether it is new, where its devices are, when it was."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from controller.anchors import Anchors
from controller.ingest import Block, Broken, Refused, Told, Verdict
from controller.ledger import Ledger, StreamKey
from controller.registry import Registry
from controller.sorting import journals_named, sort
from controller.store.blocks import Batch
from devices.wire.block import BlockClock, BlockHeader, Lane
from devices.wire.columns import Columns
from devices.wire.messages import Birth, GatewayState
from devices.wire.records import Gap, Opened


@dataclass(slots=True)
class Plan:
    """A batch to store, and what follows from it once it is stored."""

    batch: Batch
    receipts: dict[tuple[str, StreamKey], list[int]] = field(default_factory=dict)
    """Numbers to receipt, by gateway and stream."""
    told: list[Told] = field(default_factory=list)
    senders: set[str] = field(default_factory=set)
    """Gateways that sent blocks."""


class Planner:
    """Makes plans from verdicts, in order of arrival. What it asks changes only after commits."""

    def __init__(self, ledger: Ledger, anchors: Anchors, registry: Registry) -> None:
        self._ledger = ledger
        self._anchors = anchors
        self._registry = registry
        self._plan = Plan(Batch(0))
        self._seen: set[tuple[StreamKey, int]] = set()
        self._new: list[Block] = []

    def plan(self, verdicts: Sequence[Verdict], now_ms: int) -> Plan:
        """The plan for `verdicts`."""
        self._plan, self._seen, self._new = Plan(Batch(now_ms)), set(), []
        for verdict in verdicts:
            match verdict:
                case Block():
                    self._block(verdict)
                case Refused():
                    self._refused(verdict)
                case Told():
                    self._told(verdict)
                case Broken(gateway):
                    self._plan.batch.counts[gateway, "damaged"] += 1
        batch = self._plan.batch
        # Times last: every clock of the batch makes the anchors better.
        batch.blocks = [
            sort(b, batch.anchors[b.gateway, b.header.clock.boot], self._bed_of) for b in self._new
        ]
        return self._plan

    def _block(self, block: Block) -> None:
        named = journals_named(block)
        if self._is_foreign(block.gateway, named):
            self._stranger(Refused(block.gateway, block.arrived, "misaddressed", _FOREIGN))
            return
        self._claim(block.gateway, named)
        self._plan.senders.add(block.gateway)
        header, at_us = block.header, block.arrived.at_us
        self._heard(block.gateway, header.clock, at_us)
        self._plan.batch.hear(header.journal, block.gateway, header.clock, at_us)
        if self._is_new(block.gateway, block.header):
            self._new.append(block)
            self._fates(block)
            self._places(block)

    def _refused(self, refused: Refused) -> None:
        header = refused.header
        if header is None:
            self._stranger(refused)
        elif self._is_foreign(refused.gateway, {header.journal}):
            self._stranger(replace(refused, header=None, reason="misaddressed", detail=_FOREIGN))
        else:
            self._claim(refused.gateway, {header.journal})
            if self._is_new(refused.gateway, header):
                self._stranger(refused)

    def _told(self, told: Told) -> None:
        message = told.message
        if self._is_foreign(told.gateway, {message.journal}):
            self._stranger(Refused(told.gateway, told.arrived, "misaddressed", _FOREIGN))
            return
        self._claim(told.gateway, {message.journal})
        self._plan.told.append(told)
        match message:
            case Birth():
                self._born(told.gateway, message)
            case GatewayState():
                for lane, number in enumerate(message.produced):
                    self._plan.batch.is_produced((message.journal, lane), number)
                if message.clock is not None and not told.arrived.retained:
                    at_us = told.arrived.at_us
                    self._heard(told.gateway, message.clock, at_us, live=True)
                    self._plan.batch.hear(message.journal, told.gateway, message.clock, at_us, message)

    def _born(self, gateway: str, birth: Birth) -> None:
        self._plan.batch.births.append((gateway, birth))
        for born in birth.devices:
            if born.location and self._registry.placed_by_birth(born.device, born.location):
                self._plan.batch.moves[born.device] = born.location

    def _is_foreign(self, gateway: str, journals: set[bytes]) -> bool:
        return any(self._ledger.belongs_to_another(journal, gateway) for journal in journals)

    def _claim(self, gateway: str, journals: set[bytes]) -> None:
        for journal in journals:
            self._ledger.claim(journal, gateway)
            self._plan.batch.owners[journal] = gateway

    def _stranger(self, refused: Refused) -> None:
        self._plan.batch.refused.append(refused)
        self._plan.batch.counts[refused.gateway, refused.reason] += 1

    def _is_new(self, gateway: str, header: BlockHeader) -> bool:
        key = header.journal, header.lane
        self._plan.receipts.setdefault((gateway, key), []).append(header.number)
        if self._ledger.has(key, header.number) or (key, header.number) in self._seen:
            self._plan.batch.resent[key] += 1
            return False
        self._seen.add((key, header.number))
        self._plan.batch.is_produced(key, header.number + 1)
        return True

    def _heard(self, gateway: str, clock: BlockClock, at_us: int, *, live: bool = False) -> None:
        for anchor in self._anchors.heard(gateway, clock, at_us, live=live):
            self._plan.batch.anchors[gateway, anchor.boot] = anchor

    def _fates(self, block: Block) -> None:
        """What the block's Gap and Opened records say of other blocks."""
        batch = self._plan.batch
        for group in block.groups:
            for record in () if isinstance(group, Columns) else group.records:
                match record:
                    case Gap(journal=journal, lane=lane, ranges=ranges):
                        following = max((last + 1 for _, last in ranges), default=0)
                        batch.is_produced((journal, lane), following)
                    case Opened(ended=ended):
                        for journal, produced in ended.items():
                            for lane, number in zip(Lane, produced, strict=True):
                                batch.is_produced((journal, lane), number)
                    case _:
                        continue

    def _places(self, block: Block) -> None:
        """Devices not known yet, and where the block says they are."""
        batch = self._plan.batch
        for group in block.groups:
            device = group.device
            if device is None:
                continue
            if device not in self._registry.devices:
                batch.devices[device] = block.gateway
            if group.location and self._registry.placed_by_block(device, group.location):
                batch.moves[device] = group.location

    def _bed_of(self, device: str, named: str | None, at_ms: int) -> str | None:
        return self._registry.measured_at(device, named, at_ms) or self._plan.batch.moves.get(device)


_FOREIGN = "the journal belongs to another gateway, which used it first"
