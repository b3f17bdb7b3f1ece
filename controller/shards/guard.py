"""What stands between the intake and the database where controllers are several.

under = guard.tokens              # before it is planned what to commit: the plan holds for these
guard.check(db, gateways, under)  # inside the transaction: raises LeaseGone, and nothing is committed
guard.may_receipt(gateway)        # at sending
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from controller.clock import Clock
from controller.errors import LeaseGone
from controller.ingest import Arrived
from controller.shards.hashing import shard_of
from controller.shards.leases import Leases
from controller.shards.table import held


class Guard(Protocol):
    """Whether this controller may speak for gateways."""

    @property
    def is_fenced(self) -> bool:
        """Whether `check` keeps every other controller from committing for the same gateways, and all of them
        know that others store at the same time."""
        ...

    @property
    def tokens(self) -> Mapping[int, int]:
        """By shard, as of now; never changed, only replaced."""
        ...

    def check(self, db: sqlite3.Connection, gateways: Iterable[str], under: Mapping[int, int]) -> None:
        """Raises LeaseGone: of some of them what was planned under these tokens may not be committed."""
        ...

    def may_receipt(self, gateway: str) -> bool:
        """Whether it may tell `gateway` what is here for good."""
        ...

    def committed(self, messages: Sequence[Arrived]) -> None:
        """These are in the database now: others may be told."""
        ...


class Alone:
    """There is no other controller."""

    is_fenced = False
    tokens: Mapping[int, int] = MappingProxyType({})

    def check(self, db: sqlite3.Connection, gateways: Iterable[str], under: Mapping[int, int]) -> None:
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
        self.is_fenced = False
        self.tokens: Mapping[int, int] = {}

    def check(self, db: sqlite3.Connection, gateways: Iterable[str], under: Mapping[int, int]) -> None:
        """See Guard. A shard that was lost and had again meanwhile is gone, too: the plan does not know what
        others committed in between."""
        now = held(db, self._leases.me)
        shards = {one: shard_of(one) for one in gateways}
        gone = {
            one: shard for one, shard in shards.items() if shard not in now or under.get(shard) != now[shard]
        }
        if gone:
            told = "; ".join(
                f"{one} (shard {shard}): expected token {under.get(shard)}, got {now.get(shard)}"
                for one, shard in sorted(gone.items())
            )
            raise LeaseGone(f"{told}: another controller takes in what is sent", frozenset(gone))

    def may_receipt(self, gateway: str) -> bool:
        """See Guard."""
        return shard_of(gateway) in self.tokens and self._leases.is_valid(self._clock.now_us())
