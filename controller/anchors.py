"""When it happened: gateways' monotonic clocks on the controller's time scale, and on UTC.

`offset` = controller's time less the gateway's monotonic time of one boot. A message cannot arrive
before it was sealed, so every (arrival - sealed) is at least the true offset, and the smallest is the
best: neither a wrong clock on the gateway nor a backlog makes an old value look young. The estimate
may rise by DRIFT_PPM of the time that passes, which is more than two crystals drift apart and far less
than any backlog is late; and to the smallest of the last minute's live messages, which no backlog delays,
when it is far below it: then a host was paused, or slews its clock.

What is stored is stamped by a `TimeLine` that follows the estimate, so that its order is that of being said.

`utc_offset` = UTC less monotonic time, known once a block of that boot was sealed with a clock set.
"""

from collections import deque
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from controller.timeline import Knot, TimeLine
from devices.wire.block import BlockClock

DRIFT_PPM = 200
CORRECTED_US = 250_000
"""What was stored with an offset that was too great by more than this moves."""
STEERED_US = 50_000
"""The line follows an estimate that is further away than this."""
LIVE_US, LIVE_LEAST = 60_000_000, 30
"""How long live messages count, and how many of them tell that the offset rose."""
SETTLING_US = 10_000_000
"""How long an offset is learned: of a new boot, and when the controller's own time scale has changed."""

AnchorKey = tuple[str, bytes]
"""Gateway and boot."""


class Shift(NamedTuple):
    """Every stored row of the boot is so much later than it seemed."""

    by_us: int


class Lower(NamedTuple):
    """Stored rows with monotonic times after `after_us` have at most this offset; None: all rows."""

    after_us: int | None
    offset_us: int


@dataclass(slots=True)
class Anchor:
    """What is known of one boot of one gateway, microseconds."""

    boot: bytes
    gateway: str
    offset_us: int
    measured_us: int
    utc_offset_us: int | None = None
    newest_us: int = 0
    """The greatest monotonic time that was heard."""
    line: TimeLine = field(default_factory=lambda: TimeLine(()))
    settled: bool = True
    """False: `offset_us` is of a time scale that the controller had before, until a live message tells."""
    settling_until_us: int = 0
    """Until then the first messages are judged by the next ones: all that is stored moves with them."""
    stored_utc: bool = False
    """Whether what lies in the store has UTC."""
    changes: list[Shift | Lower] = field(default_factory=list[Shift | Lower])
    """What has to be done to stored rows, in this order."""
    _live: deque[tuple[int, int]] = field(default_factory=deque[tuple[int, int]])

    def __post_init__(self) -> None:
        if not self.line.knots:
            self.line = TimeLine([Knot(self.measured_us - self.offset_us, self.offset_us)])

    @property
    def learned_utc(self) -> bool:
        """Whether stored rows of this boot can be given their UTC now."""
        return self.utc_offset_us is not None and not self.stored_utc

    def heard(self, mono_us: int, at_us: int, *, live: bool = False) -> None:
        """Something sealed at `mono_us` arrived at `at_us`. `live`: it was sent as soon as it was sealed."""
        self.newest_us = max(self.newest_us, mono_us)
        if self.settled:
            before_us = self.measured_us
            self._estimate(at_us - mono_us, at_us, live=live)
            self._follow(max(at_us - before_us, 0) * DRIFT_PPM // 1_000_000)
        elif live:
            self._settle(at_us - mono_us, at_us)

    def _estimate(self, offset_us: int, at_us: int, *, live: bool) -> None:
        risen_us = self.offset_us + max(at_us - self.measured_us, 0) * DRIFT_PPM // 1_000_000
        self.offset_us = min(offset_us, risen_us)
        self.measured_us = max(at_us, self.measured_us)
        if live:
            self._live.append((at_us, offset_us))
            while self._live[0][0] < at_us - LIVE_US:
                self._live.popleft()
            # The newest is among them: as long as it is not far above, the least is not.
            if offset_us - risen_us > CORRECTED_US and len(self._live) >= LIVE_LEAST:
                least_us = min(offset for _, offset in self._live)
                if least_us - risen_us > CORRECTED_US:
                    self.offset_us = least_us

    def _follow(self, drifted_us: int) -> None:
        """Bring the line to the estimate."""
        gap_us = self.offset_us - self.line.last.offset_us
        if gap_us < -STEERED_US and self.measured_us <= self.settling_until_us:
            self._shift(gap_us)
        elif gap_us < -CORRECTED_US - drifted_us:
            self._correct()
        elif gap_us > CORRECTED_US:
            self.line.jump(max(self.newest_us, self.line.last.mono_us), self.offset_us)
        elif abs(gap_us) > STEERED_US:
            self._steer()

    def _correct(self) -> None:
        """The offset was never so great: what was stored with it moves."""
        since_us = self.line.take_back(self.offset_us + CORRECTED_US)
        if len(self.line.knots) == 1:  # all of it came from the first message, which was late
            self.line.knots = [Knot(self.line.last.mono_us, self.offset_us)]
            self.changes.append(Lower(None, self.offset_us))
        elif since_us is not None:
            self.changes.append(Lower(since_us, self.line.last.offset_us))
        else:
            self._steer()

    def _steer(self) -> None:
        if self.newest_us >= self.line.last.mono_us:
            self.line.steer(self.newest_us, self.offset_us)

    def _settle(self, offset_us: int, at_us: int) -> None:
        """The first live message since the controller's time scale changed."""
        self.settled, self.settling_until_us = True, at_us + SETTLING_US
        if abs(offset_us - self.offset_us) > CORRECTED_US:
            self._shift(offset_us - self.line.last.offset_us)
        self.offset_us, self.measured_us = min(offset_us, self.line.last.offset_us), at_us

    def _shift(self, by_us: int) -> None:
        self.line.shift(by_us)
        self.changes.append(Shift(by_us))

    def saved(self) -> None:
        """What is known is in the store now."""
        self.changes.clear()
        self.stored_utc = self.utc_offset_us is not None


class Anchors:
    """Every boot that was heard of, by the gateway that told it.

    Two gateways may tell the same boot: two on one host, machines woken from one image, or one of them lies.
    """

    def __init__(self) -> None:
        self._known: dict[AnchorKey, Anchor] = {}
        self._present: dict[str, Anchor] = {}
        """The boot that a gateway is in now, by its live messages: its others have ended."""

    def restore(self, anchor: Anchor) -> None:
        """An anchor as the store has it."""
        self._known[anchor.gateway, anchor.boot] = anchor

    def adopt(self, other: "Anchors", gateways: Container[str]) -> None:
        """What `other` knows of these gateways counts, and nothing that was heard of them here."""
        self.forget(gateways)
        self._known |= {key: anchor for key, anchor in other._known.items() if key[0] in gateways}

    def forget(self, gateways: Container[str]) -> None:
        """Another controller hears these from now on, and knows more of them than was heard here."""
        self._known = {key: anchor for key, anchor in self._known.items() if key[0] not in gateways}
        self._present = {one: anchor for one, anchor in self._present.items() if one not in gateways}

    def heard(self, gateway: str, clock: BlockClock, at_us: int, *, live: bool = False) -> list[Anchor]:
        """A message of `gateway` with this clock arrived at `at_us`. Returns every anchor that it told of."""
        anchor, present = self._known.get((gateway, clock.boot)), self._present.get(gateway)
        if not live and present is not None and present is not anchor:
            at_us = min(at_us, present.line.at(0))
        if anchor is None:
            anchor = Anchor(clock.boot, gateway, at_us - clock.mono_us, at_us)
            anchor.settling_until_us = at_us + SETTLING_US
            self._known[gateway, clock.boot] = anchor
        if clock.utc_us is not None:
            anchor.utc_offset_us = clock.utc_us - clock.mono_us
        if not live or present is anchor:
            anchor.heard(clock.mono_us, at_us, live=live)
            return [anchor]
        # Blocks that came before the first live message may have been taken for those of an earlier boot.
        anchor.settled = anchor.settled and present is None
        anchor.heard(clock.mono_us, at_us, live=True)
        self._present[gateway] = anchor
        return [anchor, *self._ended(anchor)]

    def _ended(self, present: Anchor) -> Iterator[Anchor]:
        """The boots that seemed to go on after the present one began: they had ended."""
        began_us = present.line.at(0)
        for anchor in self._known.values():
            is_earlier = anchor.gateway == present.gateway and anchor is not present
            if is_earlier and anchor.settled and anchor.line.at(anchor.newest_us) > began_us:
                anchor.heard(anchor.newest_us, began_us)
                yield anchor
