"""Replicas in virtual time on a real table of leases, each with a clock of its own, which may run wrong."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field

from controller.errors import LeaseGone
from controller.shards import table
from controller.shards.guard import Fence
from controller.shards.hashing import SHARDS, shard_of
from controller.shards.leases import Leases
from controller.store.migrate import migrations

GATEWAYS = {shard_of(name): name for name in (f"gateway-{number}" for number in range(600))}
"""One of each shard."""


def made() -> sqlite3.Connection:
    """The table as the migrations make it."""
    db = sqlite3.connect(":memory:")
    for number in 432, 446, 447, 448:
        db.executescript(migrations()[number][1])
    return db


@dataclass(slots=True)
class World:
    """True time, and everything that was done for a shard: (replica, token), in order."""

    db: sqlite3.Connection = field(default_factory=made)
    now_us: int = 0
    committed: dict[int, list[tuple[str, int]]] = field(
        default_factory=lambda: {s: [] for s in range(SHARDS)}
    )

    def holders(self) -> dict[int, str]:
        """By the table."""
        return dict(self.db.execute("SELECT shard, holder FROM shard_lease").fetchall())


class Replica:
    """One; `rate`: seconds of its clock in a true one."""

    def __init__(self, world: World, name: str, rate: float = 1.0, began_us: int = 0) -> None:
        self.world, self.name, self.rate, self._began_us = world, name, rate, began_us
        self.leases = Leases(name)
        self.heard_at: int | None = 3
        self.fence = Fence(self.leases, self)

    def now_us(self) -> int:
        """Its own clock, which began anywhere."""
        return self._began_us + int(self.world.now_us * self.rate)

    def utc_us(self) -> int:
        """Not asked."""
        raise AssertionError("leases ask no UTC")

    def beat(self, *, drained: bool = True, waited_us: int = 0) -> None:
        """As replica.py does it; `waited_us`, true ones: for those who write before it."""
        db, began_us = self.world.db, self.now_us()
        self.world.now_us += waited_us
        table.beat(db, self.name, heard_at=self.heard_at)
        table.apply(db, self.name, self.leases.look(table.find(db), self.now_us(), drained))
        self.leases.renewed(began_us, table.held(db, self.name))
        self.fence.tokens = dict(self.leases.held)

    def commit(self, shard: int, under: Mapping[int, int] | None = None) -> bool:
        """Whether a block of the shard's gateway was committed; planned under these tokens, or right now."""
        tokens = self.fence.tokens if under is None else under
        try:
            self.fence.check(self.world.db, [GATEWAYS[shard]], tokens)
        except LeaseGone:
            return False
        self.world.committed[shard].append((self.name, tokens[shard]))
        return True

    def may_receipt(self, shard: int) -> bool:
        """At this moment."""
        return self.fence.may_receipt(GATEWAYS[shard])
