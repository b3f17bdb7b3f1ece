"""What a gateway says of itself, as the state that the controller retains, and how the crew's page tells it.

await condition.now()         the state, packed
condition.last()              the will
await condition.status()      what is live and what follows, as JSON
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from devices.wire.block import BlockClock, Lane
from devices.wire.live import status
from devices.wire.messages import GatewayState, LaneNow, pack_message
from gateway.choice import WaveChoice
from gateway.clock import Clock
from gateway.journal.keeper import Keeper
from gateway.lane import LaneUplink

Ages = tuple[int | None, ...]

STATE_EVERY_S, _AT_MOST_S = 1.0, 5.0
_STATE_SHARE = 0.1
"""The share of a narrow link that the state may have: it is larger than most blocks."""


@dataclass(slots=True)
class Condition:
    """Of one gateway. `counts` gives the numbers of its health."""

    keeper: Keeper
    clock: Clock
    lanes: Mapping[Lane, LaneUplink]
    choice: WaveChoice
    counts: Callable[[], Mapping[str, int]]
    lanes_now: tuple[LaneNow, ...] | None = None
    """What of each lane is live, as it was told last."""
    first: tuple[tuple[str, str], ...] = ()
    """The waveforms that go before others."""

    async def now(self) -> bytes:
        """The state."""
        clock = self.clock.block_clock()
        ages = tuple([await lane.oldest_age_us(clock) for lane in self.lanes.values()])
        self.lanes_now = tuple(lane.now() for lane in self.lanes.values())
        self.first = tuple((device, metric) for device, metric in self.choice.first if device)
        # The journal may have been slow: the clock that is told is that of the moment of sending.
        return pack_message(self._at(self.clock.block_clock(), ages))

    async def status(self) -> dict[str, Any]:
        """By lane and in all: what is live, and what follows."""
        clock = self.clock.block_clock()
        ages = [await lane.oldest_age_us(clock) for lane in self.lanes.values()]
        lanes = [lane.now() for lane in self.lanes.values()]
        first = [(device, metric) for device, metric in self.choice.first if device]
        return status(self.pending(), ages, lanes, first)

    def last(self) -> bytes:
        """The state when it is there no more."""
        return pack_message(self._at(None, (None,) * len(Lane)))

    def pause_s(self, size: int) -> float:
        """How long after a state of `size` bytes the next one goes."""
        rate = self.lanes[Lane.ALERT].rate
        return (
            STATE_EVERY_S
            if rate is None
            else min(max(STATE_EVERY_S, size / (_STATE_SHARE * rate)), _AT_MOST_S)
        )

    def pending(self) -> tuple[int, ...]:
        """Blocks of each lane that have no receipt."""
        return tuple(lane.sender.pending() for lane in self.lanes.values())

    def _at(self, clock: BlockClock | None, ages: Ages) -> GatewayState:
        journal, online = self.keeper.journal, clock is not None
        more = (self.lanes_now, self.first) if online else (None, ())
        return GatewayState(
            online, journal.id, clock, journal.produced, self.pending(), ages, self.all_counts(), *more
        )

    def all_counts(self) -> dict[str, int]:
        """The numbers of its health."""
        own = {
            "blocks-sent": sum(lane.sent for lane in self.lanes.values()),
            "journal-bytes": self.keeper.journal.size(),
            "journal-errors": self.keeper.errors,
        }
        return {**own, **self.counts()}
