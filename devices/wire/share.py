"""What the lanes of one path may have under way together: on a narrow link the lesser ones take what is left.

Each lane is a connection of its own, and none knows of the queue that the others make in the link that all of
them share. `Pace` keeps one lane's queue short; this keeps that of all short, and gives the room by rank:
alerts, numerics, the waveform that matters, other waveforms, then whatever is older. How much room there is
follows from what the next hop acknowledges: bytes under way that take longer than a free path needs have
waited, as FAST TCP reckons (Wei, Jin, Low, Hegde 2006, IEEE/ACM Trans Netw 14(6):1246). Pure.

    share.join(lane, sender)
    share.allows(lane, rank)               whether a block of that rank may leave
    share.measured(now, trip, size, company)   the next hop has one: `company` bytes were under way as it left
    share.rate                             bytes a second, once a queue or its absence has shown them
"""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from devices.model.observation import Instant
from devices.wire.carried import Carried

LIVE, SECOND_CHOICE, _BACKLOG = 0, 10, 20
"""The rank of a block: one of these and its lane. The least goes first."""
_NUMERICS = 1
NOTHING = 1000
"""The rank of who has nothing to send."""
_QUEUE_NS, _QUEUE_SHARE = 150_000_000, 0.15
"""The queue that is aimed at: so many ns, or this share of a free path's trip if that is more."""
_LATER_SHARE = 0.5
"""Of what is more than the length of the path, what may be full for what is not urgent to go: the rest is for
what comes next. What fills the path itself stands in nobody's way."""
_LEAST_BYTES, _NARROW_BYTES, _WIDE_BYTES = 256, 1024, 262_144
"""The least window, that of a path that is known to be narrow and no more, and one above which there is none:
the link is not what limits."""
_ALONE = 8


class Lane(Protocol):
    """A sender, as this sees it."""

    @property
    def on_path(self) -> int:
        """Bytes that the next hop does not have yet."""
        ...

    @property
    def left(self) -> int:
        """Those of them that have left: the others are being read, and their number is a guess."""
        ...

    @property
    def most_urgent(self) -> int:
        """The least rank of what it could send now."""
        ...


def backlog(lane: int) -> int:
    """The rank of what is older: alerts and numerics go before waveforms of second choice."""
    return (SECOND_CHOICE if lane <= _NUMERICS else _BACKLOG) + lane


@dataclass(slots=True)
class Share:
    """One path. Without a queue that has shown, nothing is held back."""

    window: float = math.inf
    """Bytes that may be under way."""
    freed: Callable[[], None] = lambda: None
    """Called when a lane that was held back may go."""
    _lanes: dict[int, Lane] = field(default_factory=dict[int, Lane])
    _beside: int = 0
    _free: deque[tuple[int, int]] = field(default_factory=lambda: deque[tuple[int, int]](maxlen=_ALONE))
    """Trips of what had the path for itself, or was as quick, and its bytes."""
    _last: int = 0
    _holds: bool = True
    """Whether lesser lanes have to wait. Where the path carries every waveform, `Pace` alone keeps its queue
    short, and a busy host, whose answers are late as those of a narrow link are, costs a backlog nothing."""
    _refused: bool = False
    """A lane had to wait since something arrived."""
    _carried: Carried = field(default_factory=Carried)
    _later: float = _LATER_SHARE
    """The share of the window for what is not urgent."""

    @property
    def rate(self) -> float | None:
        """Bytes a second that the path carries; None: not known, or not worth knowing."""
        return self._carried.rate

    @property
    def holds_back(self) -> bool:
        """Whether lesser lanes have to wait now."""
        return self.is_narrow and self._holds

    def join(self, lane: int, sender: Lane, *, is_slow: bool = False) -> None:
        """`sender` sends over this path; `is_slow`: connecting has shown that it is narrow.

        The alerts' lane is the first one that connects: it may be another path than before, or a longer one.
        """
        if lane == 0:
            self._free.clear()
            self._last = 0
        if is_slow:
            self.window = min(self.window, _NARROW_BYTES)
        self._lanes[lane] = sender

    def leave(self, lane: int) -> None:
        """It does no longer: others may have waited for it."""
        self._lanes.pop(lane, None)
        self.freed()

    def beside(self, size: int) -> None:
        """`size` bytes (less than 0: their answer came) are under way that are no lane's."""
        self._beside += size

    @property
    def on_path(self) -> int:
        """Bytes under way or about to be, of all lanes."""
        return self._beside + sum(one.on_path for one in self._lanes.values())

    @property
    def left(self) -> int:
        """Bytes under way, of all lanes."""
        return self._beside + sum(one.left for one in self._lanes.values())

    @property
    def is_narrow(self) -> bool:
        """Whether a queue has shown."""
        return self.window < _WIDE_BYTES

    def allows(self, lane: int, rank: int) -> bool:
        """Whether a block may leave: what is lesser is no hindrance, what is more urgent goes before.

        A lane counts no lesser one, so that a wave that lost a packet holds up no numeric.
        """
        if not self.holds_back or lane == 0:
            return True
        may = self._has_room(lane, rank)
        self._refused |= not may
        return may

    def _has_room(self, lane: int, rank: int) -> bool:
        if any(one.most_urgent < rank for other, one in self._lanes.items() if other != lane):
            return False
        if rank >= SECOND_CHOICE:
            return self.on_path < self.window * self._later
        mine = sum(one.on_path for other, one in self._lanes.items() if other <= lane)
        return self._beside + mine < self.window

    def measured(self, now: Instant, trip: int, size: int, company: int) -> None:
        """What left with `company` bytes under way, `size` of them its own, was answered after `trip` ns."""
        if company <= size or not self._free or trip < min(self._free)[0]:
            self._free.append((trip, size))
        free, own = min(self._free)
        wanted = free + max(_QUEUE_NS, free * _QUEUE_SHARE)
        quick, self._last = min(trip, self._last or trip), trip
        knew, was_narrow = self.rate, self.is_narrow
        self._carried.arrived(now, size, is_full=quick > wanted or self._refused)
        self._refused = False
        self._judge(knew)
        length = 0.0 if self.rate is None else max(0.0, free - own / self.rate * 1e9)
        self._later = _LATER_SHARE + (1 - _LATER_SHARE) * length / wanted
        self._follow(quick, wanted, size, company)
        if was_narrow or self.is_narrow:
            self.freed()

    def _follow(self, quick: int, wanted: float, size: int, company: int) -> None:
        """A trip of `quick` ns shows the window in which one takes `wanted` ns, the queue aimed at."""
        fits = max(company * wanted / quick, _LEAST_BYTES)
        is_put_to_the_test = company * 2 >= self.window
        if quick > wanted and (is_put_to_the_test or not self.is_narrow):
            self.window = min(self.window, fits)
        elif quick > wanted:  # a busy host or a lost packet was late, rather than a queue of ours
            self.window -= max(0.0, self.window - fits) * min(1.0, size / self.window)
        elif is_put_to_the_test:
            self.window = max(self.window, fits)

    def _judge(self, knew: float | None) -> None:
        """Whether to hold back: until it is known how much the path carries, yes."""
        self._holds = self.rate is None or is_too_narrow(self.rate, self._holds)
        if self.rate is None and knew is not None:  # nothing has waited for long
            self.window = math.inf


PER_BLOCK_BYTES, _OVERHEAD_SHARE = 300, 0.15
"""What a block costs beside its records: headers of block, MQTT, TLS, TCP and IP, and its acknowledgements;
and the share of the link that may go into that, in each lane."""
LONGEST_WAIT_NS = 1_000_000_000


def wait_ns(usual: int, rate: float | None) -> int:
    """How long records wait for company on a link of `rate` bytes a second, `usual` where it is wide."""
    if rate is None or usual == 0:
        return usual
    return max(usual, min(LONGEST_WAIT_NS, int(PER_BLOCK_BYTES / (_OVERHEAD_SHARE * rate) * 1e9)))


NARROW, WIDE_AGAIN = 10_000, 15_000
"""Bytes a second below which a path is too narrow for every waveform of a patient, and above which it no
longer is: two leads, pleth and CO2 with numerics are about 3,000."""


def is_too_narrow(rate: float | None, was: bool) -> bool:
    """Whether the waveforms that matter go first, at `rate` bytes a second; None: the path is wide."""
    return rate is not None and rate < (WIDE_AGAIN if was else NARROW)
