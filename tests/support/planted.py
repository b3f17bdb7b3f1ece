"""Defects of the kinds that such systems have, each planted by changing one thing in the product."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest import mock

from controller.intake import Intake
from controller.ledger import Ledger
from devices.wire.block import open_block
from devices.wire.stream import Sender
from gateway.journal import frames
from gateway.journal.keeper import Keeper
from gateway.journal.segment import Segment
from gateway.lane import LaneUplink

Planted = Callable[[], AbstractContextManager[Any]]


def acknowledged_before_the_commit() -> AbstractContextManager[Any]:
    """A device is told that its data are safe while they still wait."""

    async def kept(self: Keeper) -> None:
        self._wake.set()

    return mock.patch.object(Keeper, "kept", kept)


def no_sync() -> AbstractContextManager[Any]:
    """The journal does not wait for the disk."""

    def append(self: Segment, blocks: dict[int, bytes]) -> None:
        data = b"".join(frames.frame(number, block) for number, block in blocks.items())
        os.pwrite(self._file or 0, data, self.size)
        self.size += len(data)
        self.last = max(blocks)
        self.pending.add(min(blocks), self.last)

    return mock.patch.object(Segment, "append", append)


def numbers_used_twice() -> AbstractContextManager[Any]:
    """A start takes an id that an earlier journal had, whose folder is gone."""

    class Secrets:
        """Only two ids."""

        turn = 0

        @classmethod
        def token_bytes(cls, size: int) -> bytes:
            cls.turn += 1
            return bytes([cls.turn % 2]) * size

    return mock.patch("hil.simulation.parts.journal_ids", lambda rng: Secrets)


def no_ledger() -> AbstractContextManager[Any]:
    """What is there already is stored again."""
    return mock.patch.object(Ledger, "has", lambda *_: False)


def torn_tails_accepted() -> AbstractContextManager[Any]:
    """A frame whose end is missing, or wrong, counts as a block."""

    def frame_at(data: bytes, place: int) -> frames.Found | None:
        header = frames._header_at(data, place)
        if header is None:
            return None
        return frames.Found(header[0], place + frames.HEADER, min(header[1], len(data)))

    return mock.patch.object(frames, "_frame_at", frame_at)


def a_puback_is_a_receipt() -> AbstractContextManager[Any]:
    """What the broker has is forgotten."""
    pump = LaneUplink.pump

    class Trusting:
        """A connection whose word is believed."""

        def __init__(self, lane: LaneUplink, connection: Any) -> None:
            self.lane, self.connection = lane, connection

        async def publish(self, topic: str, data: bytes) -> None:
            await self.connection.publish(topic, data)
            header, _ = open_block(data)
            done = [(header.number, header.number)]
            self.lane.receipted(header.journal, done)
            await self.lane.keeper.forget(header.lane, header.journal, done)

    async def trusting(self: LaneUplink, connection: Any) -> None:
        await pump(self, Trusting(self, connection))  # type: ignore[arg-type]

    return mock.patch.object(LaneUplink, "pump", trusting)


def live_behind_the_backlog() -> AbstractContextManager[Any]:
    """What is new stands in line behind all that is old."""

    def accepted(self: Sender, journal: bytes, number: int) -> None:
        self.recovered(journal, [(number, number)])

    return mock.patch.object(Sender, "accepted", accepted)


@contextmanager
def receipts_before_the_commit() -> Iterator[None]:
    """The gateway is told to forget while the transaction still runs."""
    commit = Intake._commit

    async def early(self: Intake, plan: Any) -> None:
        for block in plan.batch.blocks:
            self._ledger.stored(block.key, block.number, readable=True)
        self._receipt(plan)
        await commit(self, plan)

    with mock.patch.object(Intake, "_commit", early):
        yield


ALL: dict[str, Planted] = {
    planted.__name__: planted
    for planted in (
        *(acknowledged_before_the_commit, no_sync, numbers_used_twice, no_ledger, torn_tails_accepted),
        *(a_puback_is_a_receipt, live_behind_the_backlog, receipts_before_the_commit),
    )
}
