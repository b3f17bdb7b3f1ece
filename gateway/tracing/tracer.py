"""What this gateway did with the blocks that are traced, as spans."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence

from devices.codecs import Said
from devices.errors import WireError
from devices.model.observation import Instant
from devices.wire.block import open_block, records_of
from devices.wire.flights import BlockRef
from devices.wire.topics import LANES
from devices.wire.traces import Span, is_sampled, trace_of
from gateway.clock import Clock
from gateway.journal.journal import Block

_REMEMBERED = 1024
"""Arrivals of which it is known when they were handed over, until their block is on disk."""


class Tracer:
    """`share` of all blocks; `export` takes the spans. A gateway that does not know UTC tells none."""

    def __init__(self, gateway: str, clock: Clock, share: float, export: Callable[[Span], None]) -> None:
        self._gateway, self._clock, self._share, self._export = gateway, clock, share, export
        self._handed: OrderedDict[int, Instant] = OrderedDict()
        """By when bytes arrived, µs: when what a codec made of them was handed over."""

    def handed(self, said: Iterable[Said], now: Instant) -> None:
        """A codec has made this of what arrived."""
        for one in said:
            self._handed[one.at // 1000] = now
        while len(self._handed) > _REMEMBERED:
            self._handed.popitem(last=False)

    def committed(self, journal: bytes, blocks: Sequence[Block], now: Instant) -> None:
        """The journal has these on disk since `now`."""
        for block in blocks:
            trace = trace_of(journal, block.lane, block.number)
            if not is_sampled(trace, self._share):
                continue
            arrived = _first(block)
            if arrived is None or (handed := self._handed.get(arrived // 1000)) is None:
                continue  # nothing that a codec said
            about = self._about(block.lane, block.number)
            self._tell(trace, "arrive", arrived, arrived, about)
            self._tell(trace, "decode", arrived, handed, about)
            self._tell(trace, "journal", handed, now, about)

    def published(self, lane: int, ref: BlockRef, sent: Instant, now: Instant) -> None:
        """The broker has it."""
        trace = trace_of(ref.journal, lane, ref.number)
        if is_sampled(trace, self._share):
            self._tell(trace, "publish", sent, now, self._about(lane, ref.number))

    def _about(self, lane: int, number: int) -> dict[str, str | int]:
        return {"wardlink.gateway": self._gateway, "wardlink.lane": LANES[lane], "wardlink.block": number}

    def _tell(
        self, trace: bytes, stage: str, began: Instant, ended: Instant, about: dict[str, str | int]
    ) -> None:
        clock = self._clock.block_clock()
        if clock.utc_us is None:
            return
        offset_ns = (clock.utc_us - clock.mono_us) * 1000
        self._export(Span(trace, stage, began + offset_ns, ended + offset_ns, about))


def _first(block: Block) -> Instant | None:
    """When its first record's bytes arrived."""
    try:
        groups = records_of(*open_block(block.data))
    except WireError:
        return None
    return min((record.at for group in groups for record in group.records), default=None)
