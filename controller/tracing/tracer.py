"""What the controller, and the screens that it feeds, did with the blocks that are traced, as spans."""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import TypeVar

from controller.clock import Clock
from controller.hub import Hub
from controller.sorting import SortedBlock
from devices.wire.topics import LANES
from devices.wire.traces import Span, is_sampled, trace_of

_REMEMBERED = 256
"""Traces that a screen may still tell of."""
EVENT = "traced"
"""The event that follows those of traced blocks: its `items` are traces, hexadecimal, hence nobody's."""

About = dict[str, str | int]
_V = TypeVar("_V")


class Tracer:
    """`share` of all blocks; `export` takes the spans. Of several screens the first one counts."""

    def __init__(self, clock: Clock, hub: Hub, share: float, export: Callable[[Span], None]) -> None:
        self._clock, self._hub, self._share, self._export = clock, hub, share, export
        self._unsent: OrderedDict[str, About] = OrderedDict()
        self._undrawn: OrderedDict[str, tuple[int, About]] = OrderedDict()
        """With the time at which a screen's connection took it, µs."""

    def stored(self, blocks: Iterable[SortedBlock], committed_us: int, receipted_us: int) -> None:
        """These are committed and receipted, and the screens have been told what is in them."""
        traced: list[str] = []
        for block in blocks:
            trace = trace_of(*block.key, block.number)
            if is_sampled(trace, self._share):
                about: About = {"wardlink.gateway": block.gateway, "wardlink.lane": LANES[block.key[1]]}
                about["wardlink.block"] = block.number
                self._tell(trace, "ingest", (block.arrived_us, committed_us), about)
                self._tell(trace, "receipt", (committed_us, receipted_us), about)
                _remember(self._unsent, trace.hex(), about)
                traced.append(trace.hex())
        if traced:
            self._hub.publish(EVENT, {"items": traced})

    def sent(self, items: Iterable[str], made_ms: int) -> None:
        """A screen's connection took the event of these, which was made then."""
        now_us = self._clock.now_us()
        for item in items:
            if (about := self._unsent.pop(item, None)) is not None:
                self._tell(bytes.fromhex(item), "send", (made_ms * 1000, now_us), about)
                _remember(self._undrawn, item, (now_us, about))

    def painted(self, item: str, at_ms: int) -> None:
        """A screen says that it showed it at that time. What was not sent, or is told of, changes nothing."""
        known = self._undrawn.pop(item, None)
        if known is not None and at_ms * 1000 <= self._clock.now_us():
            sent_us, about = known
            self._tell(bytes.fromhex(item), "paint", (sent_us, max(sent_us, at_ms * 1000)), about)

    def _tell(self, trace: bytes, stage: str, span_us: tuple[int, int], about: About) -> None:
        """`span_us` in the controller's time scale."""
        offset_us = self._clock.utc_us() - self._clock.now_us()
        began_ns, ended_ns = ((one + offset_us) * 1000 for one in span_us)
        self._export(Span(trace, stage, began_ns, ended_ns, about))


def _remember(held: OrderedDict[str, _V], item: str, value: _V) -> None:
    held[item] = value
    if len(held) > _REMEMBERED:
        held.popitem(last=False)
