"""How long a broker may say nothing while it owes an answer. TCP alone notices a dead path after minutes.

asked = silence.asked(now, len(payload))
silence.answered(asked, now)
if seconds := silence.too_long(now): ...       # the connection is dead
"""

from dataclasses import dataclass, field

from devices.wire.stream import SECOND, RoundTrip

_LEAST_S = 3.0
_SLOWEST = 4000
"""Bytes a second: a large message may take so long on its way before its answer is missed."""


@dataclass(slots=True)
class Silence:
    """Of one connection; `now` are seconds of any clock that only goes on."""

    _trip: RoundTrip = field(default_factory=RoundTrip)
    _owed: dict[int, tuple[float, int]] = field(default_factory=dict[int, tuple[float, int]])
    """When what has no answer yet was sent, and its bytes, in this order."""
    _heard: float = 0.0
    _number: int = 0

    def asked(self, now: float, size: int) -> int:
        """A message of `size` bytes was sent. Returns its number."""
        self._number += 1
        self._owed[self._number] = now, size
        return self._number

    def answered(self, number: int, now: float) -> None:
        """Its answer came."""
        self._trip.measured(int((now - self._owed.pop(number)[0]) * SECOND))
        self.heard(now)

    def heard(self, now: float) -> None:
        """Something came."""
        self._heard = now

    def too_long(self, now: float) -> float:
        """The seconds of a silence that is too long for this path; 0 otherwise."""
        sent, size = next(iter(self._owed.values()), (now, 0))
        silent = now - max(sent, self._heard)
        limit = max(_LEAST_S, self._trip.timeout(1) / SECOND) + size / _SLOWEST
        return silent if silent > limit else 0.0
