"""The host's time of samples whose device stamps the last one of each frame with a clock of its own.

    span = SampleClock(rate_mhz=130_000).place(stamp_ns, count, now)
    Waveform(metric, span.at, span.rate_mhz, samples)

A stamp plus an offset is the host's time. A frame is never early, so the least of the last offsets seen is
nearest to the truth; the offset in use moves towards it by at most `SLEW` of the time that passes, so that a
pulse is never shown faster or slower than that. Frames that follow each other meet exactly: the sampling
rate is what their stamps say (a strap of "130 Hz" was seen to have 130.17). Missing frames leave a gap.
What is handed out never overlaps what was handed out before.
"""

from collections import deque
from dataclasses import dataclass

from devices.model.observation import Instant

_SECOND = 1_000_000_000
_REMEMBERED = 64
_SLEW = 200
"""The offset moves by a 200th of the time that passes."""
_AHEAD_NS, _BEHIND_NS = _SECOND, 60 * _SECOND
"""A stamp so far from where the offset puts the arrival means that the device's clock was set."""


@dataclass(frozen=True, slots=True)
class Span:
    """When a frame's samples were taken."""

    at: Instant
    """Of the first."""
    rate_mhz: int
    anew: bool
    """Whether its clock has nothing to do with that of the frame before."""


class SampleClock:
    """The clock of one stream. `rate_mhz` is its nominal rate, used where no two stamps tell the real one."""

    def __init__(self, rate_mhz: int) -> None:
        self._period_ns = 1000 * _SECOND / rate_mhz
        self._rate_mhz = rate_mhz
        self._offsets: deque[int] = deque(maxlen=_REMEMBERED)
        self._offset = 0
        self._stamp: int | None = None
        self._last = self._until = Instant(0)

    def place(self, stamp_ns: int, count: int, now: Instant) -> Span:
        """The time of a frame of `count` samples, the last of `stamp_ns`, that arrived at `now`."""
        lost = self._lost(stamp_ns, count, now)
        passed = stamp_ns - self._stamp if lost is not None and self._stamp is not None else None
        if passed is None:
            self._offsets.clear()
        self._offsets.append(now - stamp_ns)
        self._steer(passed)
        before, self._stamp, self._last = self._last, stamp_ns, Instant(stamp_ns + self._offset)
        rate_mhz = self._rate_mhz
        if lost == 0:
            rate_mhz = -(-count * 1000 * _SECOND // (self._last - before))
        first = Instant(max(self._until, self._last - (count - 1) * 1000 * _SECOND // rate_mhz))
        self._until = Instant(first + count * 1000 * _SECOND // rate_mhz)
        return Span(first, rate_mhz, passed is None)

    def _lost(self, stamp_ns: int, count: int, now: Instant) -> int | None:
        """How many samples are missing before this frame; None if its stamp does not go on from the last."""
        if self._stamp is None:
            return None
        late = now - stamp_ns - self._offset
        lost = round((stamp_ns - self._stamp) / self._period_ns) - count
        return lost if lost >= 0 and -_AHEAD_NS < late < _BEHIND_NS else None

    def _steer(self, passed: int | None) -> None:
        """Move the offset to the least one seen: at once, or by its share of `passed` nanoseconds."""
        wanted = min(self._offsets)
        if passed is None:
            self._offset = wanted
            return
        most = passed // _SLEW
        self._offset += max(-most, min(most, wanted - self._offset))
