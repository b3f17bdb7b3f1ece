"""One direction of a bad serial line. Pure: time and randomness are passed in, what fired is counted.

    line = Line(Random(7))
    line.flip_in = 1000              # about one byte in a thousand has a bit turned over
    line.take(data, now)
    out = line.due(now)
    line.counts["flipped"]

Counts: `bytes` that came, `dropped`, `flipped`, `spliced` (pieces of earlier traffic put in), `delayed`
(bytes that waited), `cut` (bytes that went nowhere), `held`, `garbled` (bytes at the wrong rate), `passed`.
"""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from hil.rig import uart

_MEMORY, _PIECE = 256, (4, 24)
"""Bytes of earlier traffic that a splice is taken from, and how long it is."""
BAUD = 115200


@dataclass(slots=True)
class Line:
    """Faults are attributes, to be set at any time; `one_in` 0: never."""

    random: Random
    drop_in: int = 0
    flip_in: int = 0
    splice_in: int = 0
    delay_s: float = 0.0
    is_cut: bool = False
    is_held: bool = False
    """What comes waits until it is not held any more."""
    heard_baud: int = BAUD
    """The rate at which the receiver listens to what is sent at `BAUD`."""
    counts: Counter[str] = field(default_factory=Counter[str])
    in_frame: int = 0
    """Bytes that have passed since the last 00, which ends a frame."""
    _trap: tuple[int, Callable[[], None]] | None = None
    _queue: deque[tuple[float, bytes]] = field(default_factory=deque[tuple[float, bytes]])
    _earlier: deque[int] = field(default_factory=lambda: deque(maxlen=_MEMORY))

    def set_trap(self, after: int, sprung: Callable[[], None]) -> None:
        """Cut the line after `after` bytes (1 or more) of the next frame that has as many; call `sprung`."""
        self._trap = after, sprung

    def heal(self) -> None:
        """No fault any more. What waits goes on at once."""
        self.drop_in = self.flip_in = self.splice_in = 0
        self.delay_s, self.heard_baud = 0.0, BAUD
        self.is_cut = self.is_held = False
        self._trap = None
        self._queue = deque((0.0, data) for _, data in self._queue)

    def take(self, data: bytes, now: float) -> None:
        """Bytes come at `now`."""
        self.counts["bytes"] += len(data)
        if self.heard_baud != BAUD:
            self.counts["garbled"] += len(data)
            data = uart.heard(data, BAUD, self.heard_baud)
        out = bytearray()
        for byte in data:
            if self.is_cut:
                self.counts["cut"] += 1
            else:
                out += self._damaged(byte)
                self._step(byte)
        if out:
            self.counts["delayed"] += len(out) if self.delay_s else 0
            self.counts["held"] += len(out) if self.is_held else 0
            self._queue.append((now + self.delay_s, bytes(out)))

    def inject(self, data: bytes, now: float) -> None:
        """Bytes that nobody sent."""
        self.counts["injected"] += len(data)
        self._queue.append((now, data))

    def due(self, now: float) -> bytes:
        """What comes out by `now`, in order."""
        out = b""
        while self._queue and not self.is_held and self._queue[0][0] <= now:
            out += self._queue.popleft()[1]
        self.counts["passed"] += len(out)
        return out

    def _damaged(self, byte: int) -> bytes:
        self._earlier.append(byte)
        if self._happens(self.drop_in):
            self.counts["dropped"] += 1
            return b""
        if self._happens(self.flip_in):
            self.counts["flipped"] += 1
            return bytes((byte ^ 1 << self.random.randrange(8),))
        if self._happens(self.splice_in):
            self.counts["spliced"] += 1
            return bytes((byte,)) + self._piece()
        return bytes((byte,))

    def _piece(self) -> bytes:
        earlier = bytes(self._earlier)
        begin = self.random.randrange(len(earlier))
        return earlier[begin : begin + self.random.randint(*_PIECE)]

    def _step(self, byte: int) -> None:
        self.in_frame = self.in_frame + 1 if byte else 0
        if self._trap and self.in_frame == self._trap[0]:
            _, sprung = self._trap
            self._trap, self.is_cut = None, True
            sprung()

    def _happens(self, one_in: int) -> bool:
        return bool(one_in) and self.random.randrange(one_in) == 0
