"""Which shards one replica takes, keeps and gives up. Pure: what is found and the time are passed in.

    turn = leases.look(found, now_us)      # inside one transaction, read now: what to change in the table
    leases.renewed(began_us, held)         # it was committed, and had begun at `began_us`
    leases.is_valid(now_us)                # whether what is held may be acted upon

No two clocks are compared. A replica raises its beat; another one that sees the same beat for `ttl_us` by
its own clock takes the leases, each with the next token. A holder regards its own as gone `margin_us` before,
counted from the begin of its last renewal. Others are seen when the table was read, which may be long after
that. Who has not looked and renewed for as long as its own lease lasts, as no database answered, knows
nothing of them either: their time begins anew, or whoever asks first then would take everything. Clocks
that run so differently that this is not enough do no harm: a token that is not the newest commits nothing
(guard.py).

One that is connected to fewer brokers than another for `APART_US` stands aside: it gives up all, and is not
counted, until it hears as much as the others. Where a broker is gone for all, all hear the same.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import NamedTuple

from controller.shards.hashing import SHARDS

BEAT_US = 500_000
TTL_US = 3_000_000
MARGIN_US = 500_000
"""Clocks may run differently by a sixth."""
APART_US = 10_000_000
"""Longer than it takes until all have noticed that a broker is gone."""
NOBODY = ""


class Lease(NamedTuple):
    """A shard, whose it is, and the token under which."""

    shard: int
    holder: str
    token: int


@dataclass(frozen=True, slots=True)
class Found:
    """The table as it stands. `beats`: of every replica; `addresses`: where the others reach it; `heard_at`:
    how many brokers it is connected to, None: it does not say."""

    beats: Mapping[str, int]
    leases: Sequence[Lease]
    addresses: Mapping[str, str] = field(default_factory=dict[str, str])
    heard_at: Mapping[str, int | None] = field(default_factory=dict[str, int | None])


@dataclass(frozen=True, slots=True)
class Turn:
    """What to change: leases, as found, to `take` and to `release`; `gone`: replicas to strike off."""

    take: tuple[Lease, ...] = ()
    release: tuple[Lease, ...] = ()
    gone: tuple[str, ...] = ()


class Leases:
    """Of the replica `me`."""

    def __init__(self, me: str, *, ttl_us: int = TTL_US, margin_us: int = MARGIN_US) -> None:
        self.me = me
        self._ttl_us, self._margin_us = ttl_us, margin_us
        self._seen: dict[str, tuple[int, int]] = {}
        """Of each other replica: its beat, and when that was seen first."""
        self._renewed_us: int | None = None
        self._looked_us: int | None = None
        self._known_us: int | None = None
        """When the table was read for the last renewal that was committed."""
        self.held: Mapping[int, int] = {}
        """Tokens by shard, as of the last renewal."""
        self.leaving: Set[int] = frozenset()
        """Of these, what is being given up: nothing new is taken in."""
        self._apart_us: int | None = None
        """Since when others are connected to more brokers."""
        self.live = 1
        """Replicas that are there."""

    @property
    def serving(self) -> frozenset[int]:
        """The shards whose gateways are listened to."""
        return frozenset(self.held) - self.leaving

    def is_valid(self, now_us: int) -> bool:
        """Whether nobody else can have what is held."""
        if self._renewed_us is None:
            return False
        return now_us < self._renewed_us + self._ttl_us - self._margin_us

    def look(self, found: Found, now_us: int, drained: bool = False) -> Turn:
        """What to change. `drained`: nothing of what is `leaving` is under way any more."""
        live = self._living(found, now_us)
        self._looked_us = now_us
        self.live = len(live)
        mine = [lease for lease in found.leases if lease.holder == self.me]
        if self._is_apart(found, live, now_us):
            self.leaving = frozenset()
            return Turn(release=tuple(mine), gone=(self.me,))
        want = -(-SHARDS // len(live))
        if len(mine) > want:
            return Turn(release=self._give_up(mine, len(mine) - want, drained), gone=self._gone(found, live))
        self.leaving = frozenset()
        free = [lease for lease in found.leases if lease.holder not in live]
        take = tuple(free[: want - len(mine)])
        return Turn(take=take, gone=self._gone(found, live, take))

    def renewed(self, began_us: int, held: Mapping[int, int]) -> None:
        """A renewal that had begun at `began_us` was committed: these tokens are ours."""
        self._renewed_us, self._known_us, self.held = began_us, self._looked_us, dict(held)
        self.leaving = self.leaving & self.held.keys()

    def _living(self, found: Found, now_us: int) -> set[str]:
        if self._known_us is not None and now_us - self._known_us >= self._ttl_us - self._margin_us:
            self._seen = {name: (beat, now_us) for name, (beat, _) in self._seen.items()}
        for name, beat in found.beats.items():
            if name != self.me and (name not in self._seen or self._seen[name][0] != beat):
                self._seen[name] = beat, now_us
        self._seen = {name: seen for name, seen in self._seen.items() if name in found.beats}
        return {self.me, *(name for name, (_, at) in self._seen.items() if now_us - at < self._ttl_us)}

    def _is_apart(self, found: Found, live: Set[str], now_us: int) -> bool:
        """Whether gateways may have been where others hear them, and this one does not, for APART_US."""
        ours = found.heard_at.get(self.me)
        others = [heard for one in live - {self.me} if (heard := found.heard_at.get(one)) is not None]
        if ours is None or ours >= max(others, default=0):
            self._apart_us = None
            return False
        if self._apart_us is None:
            self._apart_us = now_us
        return now_us - self._apart_us >= APART_US

    def _give_up(self, mine: Sequence[Lease], surplus: int, drained: bool) -> tuple[Lease, ...]:
        """First they are left, in a later turn released."""
        ready = tuple(one for one in mine if drained and one.shard in self.leaving)[:surplus]
        others = [one.shard for one in mine if one not in ready]
        going = sorted(others, key=lambda shard: (shard not in self.leaving, -shard))
        self.leaving = frozenset(going[: surplus - len(ready)]) | {one.shard for one in ready}
        return ready

    def _gone(self, found: Found, live: Set[str], taken: Iterable[Lease] = ()) -> tuple[str, ...]:
        """Replicas that are not there and hold nothing any more."""
        holders = {lease.holder for lease in set(found.leases).difference(taken)}
        return tuple(name for name in found.beats if name not in live and name not in holders)
