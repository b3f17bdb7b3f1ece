"""The gateway's own journal under a seeded load, with every promise that it makes written down as it is made.

life = Life(folder, rng, quota, note)      one start of a gateway
life.commit()                              records of some lanes are accepted
life.receive()                             a controller has received some blocks: they may go
life.crash()                               as if killed: nothing is closed in order
"""

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from devices.model.identity import DeviceId
from devices.model.observation import Alert, Instant, Priority, Reading, Waveform
from devices.wire.block import BlockClock, Lane, Sync
from devices.wire.records import AnyRecord, Gap, Group
from gateway.journal.journal import Batch, Journal
from hil.faults.journal_bytes import checksum, told

Note = Callable[[dict[str, Any]], None]
"""Takes one promise: `accepted` [[journal, lane, number, CRC-32C of the block]], `lost` [[journal, lane,
ranges, why]], or `received` [journal, lane, ranges] with the `blocks` of an alert lane. Bytes are in
hexadecimal.
"""

_BOOT = b"fault-lab's boot"
_CHANCE = {Lane.ALERT: 0.3, Lane.VITAL: 0.9, Lane.WAVE: 0.7, Lane.BULK: 0.3}
"""Of a lane to be in a commit."""
_ALL, _SOME = 0.08, 5
"""How often all of a lane is received at once; else fewer than five blocks."""


def read_all(journal: Journal) -> dict[tuple[bytes, int, int], bytes]:
    """Every block that `journal` has to send, as it would be sent."""
    return {
        (name, int(lane), number): data
        for lane in Lane
        for name, ranges in journal.backlog(lane)
        for first, last in ranges
        for number, data in journal.read(lane, name, range(first, last + 1), Instant(0))[0].items()
    }


@dataclass(slots=True)
class Life:
    """One start of a journal in `folder`. `samples`: how many a waveform has at the most."""

    folder: Path
    rng: random.Random
    quota: int
    note: Note
    samples: int = 400
    journal: Journal = field(init=False)
    _time_us: int = 1_000_000

    def __post_init__(self) -> None:
        self.journal = Journal.open(self.folder, self.rng.randbytes(8), self.quota, self.clock())
        self._note_opened()

    def _note_opened(self) -> None:
        """The first blocks: where earlier journals ended, and what was shed at once."""
        numbers = range(self.journal.produced[Lane.ALERT])
        blocks = self.journal.read(Lane.ALERT, self.journal.id, numbers, Instant(0))[0]
        self._note_accepted([(Lane.ALERT, number, data) for number, data in blocks.items()])
        shed = [key for data in blocks.values() for key, why in told(data).lost.items() if why == "quota"]
        if shed:
            self.note({"lost": [[name.hex(), lane, [[n, n]], "quota"] for name, lane, n in shed]})

    def clock(self) -> BlockClock:
        """Time passes with every look."""
        self._time_us += 100_000
        return BlockClock(_BOOT, self._time_us, None, Sync.UNSET, None)

    def commit(self) -> None:
        """One group commit of what some lanes have."""
        clock = self.clock()
        lanes = [lane for lane in Lane if self.rng.random() < _CHANCE[lane]]
        batches = [self._batch(lane, clock.instant) for lane in lanes for _ in range(self.rng.randint(1, 3))]
        done = self.journal.commit(batches, clock)
        if done.error:
            raise done.error
        self._note_accepted([(block.lane, block.number, block.data) for block in done.blocks])
        if done.gaps:
            self.note({"lost": [_lost(gap) for gap in done.gaps]})

    def receive(self) -> None:
        """Some of a lane's oldest blocks, or now and then all, have a receipt.

        It is noted first: then they may go at any time.
        """
        lane = self.rng.choice(list(Lane))
        is_all = self.rng.random() < _ALL
        for name, ranges in self.journal.backlog(lane)[: None if is_all else 1]:
            first, last = ranges[0]
            pair = (first, last if is_all else min(last, first + self.rng.randrange(_SOME)))
            blocks = self._blocks(name, pair) if lane == Lane.ALERT else []
            self.note({"received": [name.hex(), int(lane), [pair]], "blocks": blocks})
            self.journal.forget(lane, name, [pair])

    def _blocks(self, name: bytes, pair: tuple[int, int]) -> list[str]:
        read = self.journal.read(Lane.ALERT, name, range(pair[0], pair[1] + 1), Instant(0))[0]
        return [data.hex() for data in read.values()]

    def crash(self) -> None:
        """The process is gone; its files stay as they are."""
        os.close(self.journal._lock)  # pyright: ignore[reportPrivateUsage]

    def _note_accepted(self, blocks: list[tuple[Lane, int, bytes]]) -> None:
        if blocks:
            name = self.journal.id.hex()
            self.note({"accepted": [[name, int(lane), n, checksum(data)] for lane, n, data in blocks]})

    def _batch(self, lane: Lane, now: Instant) -> Batch:
        return lane, [Group(DeviceId("ox-1"), None, [self._record(lane, now)])]

    def _record(self, lane: Lane, now: Instant) -> AnyRecord:
        if lane == Lane.ALERT:
            return Alert("sensor-off", now, Priority.LOW, self.rng.random() < 0.5)
        if lane == Lane.WAVE:
            samples = self.rng.randbytes(2 * self.rng.randint(self.samples // 4, self.samples))
            return Waveform("pleth", now, 75_000, samples)
        return Reading("spo2", now, Decimal(self.rng.randint(700, 1000)) / 10)


def _lost(gap: Gap) -> list[Any]:
    return [gap.journal.hex(), gap.lane, gap.ranges, gap.why]
