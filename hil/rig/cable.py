"""The cable between a node's port and the gateway's: a thread carries bytes over a `Line` each way.

with Cable(node, Path("ports/node"), seed=7) as cable:    # the gateway opens ports/node
    cable.up.flip_in = 500                                # up: node to gateway
    cable.counts()
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import Protocol, Self

from hil.rig.line import Line
from hil.sims.pty import Pty

_TURN_S = 0.002
_PIECE, _PIECE_S = 32, 0.005
"""A node's buffer is small: so many bytes at once, and the next after so long."""


class Port(Protocol):
    """A serial port, without waiting."""

    def read(self) -> bytes:
        """What has come; nothing, if nothing has."""
        ...

    def write(self, data: bytes) -> object:
        """Send."""
        ...


class Cable:
    """From `node` to a PTY at `path`; `recorded` is given all that comes out at either end."""

    def __init__(
        self,
        node: Port,
        path: Path,
        seed: int,
        recorded: Callable[[str, float, bytes], object] = lambda _way, _at, _data: None,
    ) -> None:
        self.path = path
        self.up, self.down = Line(Random(f"{seed} up")), Line(Random(f"{seed} down"))
        self.sprung = threading.Event()
        """A trap has cut the line."""
        self._node = node
        self._recorded = recorded
        self._unsent = b""
        self._send_at = 0.0
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._carry, name="cable", daemon=True)

    def __enter__(self) -> Self:
        self._ends = ExitStack()
        self._gateway = self._ends.enter_context(Pty(self.path))
        self._is_out = False
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._ends.close()

    @property
    def is_open(self) -> bool:
        """Whether the gateway has the port open."""
        with self._lock:
            return not self._is_out and self._gateway.is_open

    def trap(self, after: int) -> None:
        """Cut both ways after `after` bytes of a frame of the node; `sprung` is set then."""
        self.sprung.clear()
        self.up.set_trap(after, self._spring)

    def flood(self, data: bytes) -> None:
        """Bytes to the gateway that no node sent."""
        with self._lock:
            self.up.inject(data, time.monotonic())

    def pull(self) -> None:
        """Take the gateway's port out, as a USB cable is pulled: the gateway sees it vanish."""
        with self._lock:
            self.up.is_cut = self.down.is_cut = True
            self._ends.close()
            self._is_out = True

    def plug(self) -> None:
        """Put it back."""
        with self._lock:
            self._gateway = self._ends.enter_context(Pty(self.path))
            self._is_out = self.up.is_cut = self.down.is_cut = False

    def heal(self) -> None:
        """No fault any more."""
        with self._lock:
            self.up.heal()
            self.down.heal()

    def drain(self) -> int:
        """Throw away what the node has sent and the line has not taken; how many bytes that were."""
        with self._lock:
            thrown = 0
            while data := self._node.read():
                thrown += len(data)
            self._unsent = b""
            return thrown

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Leave the node's port alone, for somebody else, until the block is left."""
        with self._lock:
            yield

    def counts(self) -> Counter[str]:
        """What both lines have counted, as `up-dropped` and so on."""
        with self._lock:
            lines = {"up": self.up, "down": self.down}
            return Counter(
                {f"{way}-{name}": n for way, line in lines.items() for name, n in line.counts.items()}
            )

    def _spring(self) -> None:
        self.down.is_cut = True
        self.sprung.set()

    def _carry(self) -> None:
        while not self._stop.wait(_TURN_S):
            with self._lock:
                self._upward(time.monotonic())
                self._downward(time.monotonic())

    def _upward(self, now: float) -> None:
        if data := self._node.read():
            self.up.take(data, now)
        if out := self.up.due(now):
            self._recorded("up", now, out)
            if not self._is_out:
                self._gateway.write(out)

    def _downward(self, now: float) -> None:
        data = b"" if self._is_out else self._gateway.read()
        self.down.take(data, now)
        self._unsent += self.down.due(now)
        if self._unsent and now >= self._send_at:
            piece, self._unsent = self._unsent[:_PIECE], self._unsent[_PIECE:]
            self._send_at = now + _PIECE_S
            self._recorded("down", now, piece)
            self._node.write(piece)
