"""An hour of gateway, network and controller in virtual time, with crashes aimed at every durability point.

The simulation is seeded and replayable; planted faults of the classic kinds prove that it would notice.
"""

import heapq
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from devices.model.observation import Instant
from devices.wire.pace import Pace
from devices.wire.ranges import Ranges
from devices.wire.stream import SECOND, BlockRef, Receiver, Sender

HOUR = 3600 * SECOND
Payload = tuple[BlockRef, int]
"""A block and what is in it."""


class Crash(Exception):
    """The power goes out here."""


@dataclass
class Disk:
    """A write-back cache: a crash keeps what was synced and any first part of the rest."""

    durable: list[Payload] = field(default_factory=list)
    cached: list[Payload] = field(default_factory=list)

    def sync(self) -> None:
        self.durable += self.cached
        self.cached.clear()

    def crash(self, rng: random.Random) -> None:
        self.durable += self.cached[: rng.randint(0, len(self.cached))]
        self.cached.clear()


class World:
    """One lane from journal to ledger. `fault` plants a mistake."""

    def __init__(self, seed: int, fault: str = "") -> None:
        self.rng, self.fault, self.now = random.Random(seed), fault, Instant(0)
        self.queue: list[tuple[Instant, float, Callable[[], None]]] = []
        self.journal_disk, self.store_disk = Disk(), Disk()
        self.accepted: set[Payload] = set()
        self.counter, self.starts, self.calm = 0, 0, False
        self.stats: Counter[str] = Counter()
        self.start_gateway()
        self.start_controller()
        for step, mean_s in ((self.measure, 1), (self.pump, 0.5), (self.break_link, 300)):
            self.every(step, mean_s)

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        heapq.heappush(self.queue, (Instant(self.now + int(seconds * SECOND)), self.rng.random(), action))

    def every(self, step: Callable[[], None], mean_s: float) -> None:
        def again() -> None:
            step()
            self.after(self.rng.expovariate(1 / mean_s), again)

        self.after(self.rng.expovariate(1 / mean_s), again)

    def run(self, until: int) -> None:
        while self.queue[0][0] < until:
            self.now, _, action = heapq.heappop(self.queue)
            action()

    def point(self, name: str, chance: float = 0.01) -> None:
        """A durability point: here the power may go out."""
        if not self.calm and self.rng.random() < chance:
            self.stats[f"crash at {name}"] += 1
            raise Crash

    # the gateway
    def start_gateway(self) -> None:
        self.starts += 0 if self.fault == "numbers used twice" and self.starts else 1
        self.journal, self.number, self.sender = self.starts.to_bytes(8, "big"), 0, Sender(pace=Pace())
        self.blocks = dict(self.journal_disk.durable)
        pending: dict[bytes, Ranges] = {}
        for ref in self.blocks:
            pending.setdefault(ref.journal, Ranges()).add(ref.number, ref.number)
        for journal, ranges in pending.items():
            self.sender.recovered(journal, ranges)
        self.sender.online()

    def gateway_crashes(self) -> None:
        self.journal_disk.crash(self.rng)
        self.start_gateway()

    def measure(self) -> None:
        self.counter += 1
        payload = (BlockRef(self.journal, self.number), self.counter)
        self.number += 1
        try:
            self.point("append")
            self.journal_disk.cached.append(payload)
            self.point("before sync")
            if self.fault != "no sync":
                self.journal_disk.sync()
            self.point("after sync")
        except Crash:
            return self.gateway_crashes()
        self.blocks[payload[0]] = payload[1]
        self.accepted.add(payload)
        self.sender.accepted(*self._ref(payload))
        return None

    @staticmethod
    def _ref(payload: Payload) -> tuple[bytes, int]:
        return payload[0].journal, payload[0].number

    def pump(self) -> None:
        going = self.sender.to_send(self.now)
        self.sender.departed(dict.fromkeys(going, 4096), self.now)
        for ref in going:
            if ref in self.blocks:
                self.network(lambda p=(ref, self.blocks[ref]): self.arrives(p))
                if self.fault == "publishing is enough":
                    self.receipt_arrives(ref.journal, ((ref.number, ref.number),))

    def receipt_arrives(self, journal: bytes, ranges: tuple[tuple[int, int], ...]) -> None:
        done = self.sender.receipted(journal, ranges, self.now)
        gone = {BlockRef(journal, n) for first, last in done for n in range(first, last + 1)}
        for disk in (self.journal_disk.durable, self.journal_disk.cached):
            disk[:] = [payload for payload in disk if payload[0] not in gone]

    # the network
    def network(self, deliver: Callable[[], None]) -> None:
        if not self.calm and self.rng.random() < 0.05:
            self.stats["lost on the way"] += 1
            return
        for _ in range(2 if self.rng.random() < 0.05 else 1):
            self.after(self.rng.expovariate(1 / 0.05), deliver)

    def break_link(self) -> None:
        self.stats["link broken"] += 1
        self.sender.offline()
        self.after(self.rng.expovariate(1 / 60), self.sender.online)

    # the controller
    def start_controller(self) -> None:
        self.receivers: dict[bytes, Receiver] = {}
        for ref, _ in self.store_disk.durable:
            self.receivers.setdefault(ref.journal, Receiver()).committed.add(ref.number, ref.number)

    def arrives(self, payload: Payload) -> None:
        journal, number = self._ref(payload)
        receiver = self.receivers.setdefault(journal, Receiver())
        try:
            if self.fault == "no ledger" or not receiver.has(number):
                self.commit(payload, receiver)
            self.point("before receipt")
        except Crash:
            self.store_disk.crash(self.rng)
            return self.start_controller()
        self.send_receipt(journal, receiver, number)
        return None

    def commit(self, payload: Payload, receiver: Receiver) -> None:
        journal, number = self._ref(payload)
        self.store_disk.cached.append(payload)
        receiver.committed.add(number, number)
        if self.fault == "receipt before commit":
            self.send_receipt(journal, receiver, number)
        self.point("before commit")
        self.store_disk.sync()
        self.point("after commit")

    def send_receipt(self, journal: bytes, receiver: Receiver, number: int) -> None:
        ranges = receiver.receipt([number])[0]
        self.network(lambda: self.receipt_arrives(journal, ranges))

    # the end
    def settle(self) -> tuple[set[Payload], list[Payload], set[Payload]]:
        """(lost, doubled, invented) once the faults have stopped and everything had time to arrive."""
        self.calm = True
        self.sender.online()
        expected = set(self.accepted)
        self.run(self.now + HOUR // 6)
        stored = Counter(self.store_disk.durable)
        doubled = [payload for payload, times in stored.items() if times > 1]
        invented = {p for p in stored if p[1] > self.counter}
        return expected - set(stored), doubled, invented


@pytest.mark.parametrize("seed", range(6))
def test_an_hour_of_faults_loses_doubles_and_invents_nothing(seed: int) -> None:
    world = World(seed)
    world.run(HOUR)
    assert world.settle() == (set(), [], set())
    points = ("append", "before sync", "after sync", "before commit", "after commit", "before receipt")
    assert all(world.stats[f"crash at {point}"] for point in points), world.stats
    assert world.stats["lost on the way"]
    assert world.stats["link broken"]


@pytest.mark.parametrize(
    "fault",
    ["no sync", "publishing is enough", "receipt before commit", "no ledger", "numbers used twice"],
)
def test_the_simulation_notices_a_planted_fault(fault: str) -> None:
    def broken(seed: int) -> bool:
        world = World(seed, fault)
        world.run(HOUR // 2)
        lost, doubled, invented = world.settle()
        return bool(lost or doubled or invented)

    assert any(broken(seed) for seed in range(10))


def test_a_seed_replays_the_same_hours() -> None:
    def ledger(seed: int) -> list[Payload]:
        world = World(seed)
        world.run(HOUR // 4)
        return world.store_disk.durable

    assert ledger(3) == ledger(3)
