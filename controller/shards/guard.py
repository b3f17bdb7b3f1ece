"""What stands between the intake and the database where controllers are several.

guard.check(db, gateways)         # inside the transaction: raises LeaseGone, and nothing is committed
guard.may_receipt(gateway)        # at sending
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from controller.clock import Clock
from controller.errors import LeaseGone
from controller.ingest import Arrived
from controller.shards.hashing import shard_of
from controller.shards.leases import Leases
from controller.shards.table import held


class Guard(Protocol):
    """Whether this controller may speak for gateways."""

    def check(self, db: sqlite3.Connection, gateways: Iterable[str]) -> None:
        """Raises LeaseGone: of some of them it may not commit anything."""
        ...

    def may_receipt(self, gateway: str) -> bool:
        """Whether it may tell `gateway` what is here for good."""
        ...

    def committed(self, messages: Sequence[Arrived]) -> None:
        """These are in the database now: others may be told."""
        ...


class Alone:
    """There is no other controller."""

    def check(self, db: sqlite3.Connection, gateways: Iterable[str]) -> None:
        """See Guard."""

    def may_receipt(self, gateway: str) -> bool:
        """See Guard."""
        return True

    def committed(self, messages: Sequence[Arrived]) -> None:
        """See Guard."""


class Fence:
    """By the leases of one replica. `tokens`: of the shards whose ledger has been read, which are served."""

    def __init__(self, leases: Leases, clock: Clock) -> None:
        self._leases, self._clock = leases, clock
        self.tokens: Mapping[int, int] = {}

    def check(self, db: sqlite3.Connection, gateways: Iterable[str]) -> None:
        """See Guard: the token under which each was taken is still the one in the table."""
        now = held(db, self._leases.me)
        gone = {one: shard_of(one) for one in gateways if not self._is_ours(shard_of(one), now)}
        if gone:
            told = "; ".join(self._told(one, shard, now) for one, shard in sorted(gone.items()))
            raise LeaseGone(f"{told}: another controller takes in what is sent", frozenset(gone))

    def may_receipt(self, gateway: str) -> bool:
        """See Guard."""
        return shard_of(gateway) in self.tokens and self._leases.is_valid(self._clock.now_us())

    def _is_ours(self, shard: int, now: Mapping[int, int]) -> bool:
        return shard in now and self.tokens.get(shard) == now[shard]

    def _told(self, gateway: str, shard: int, now: Mapping[int, int]) -> str:
        return f"{gateway} (shard {shard}): expected token {self.tokens.get(shard)}, got {now.get(shard)}"
