"""A node's board with the core that really runs on it, and a loader: what updates are tried on, in memory."""

import hashlib
from random import Random

from devices.codecs.node import wire
from devices.wire import node_image
from firmware.core.node import Node
from firmware.core.ring import Ring
from firmware.core.slots import FACTORY, Slots, pick
from firmware.core.update import Update
from hil.sims.nor_flash import NorFlash

BOARD = "bench"
PRESSURE, PULSE = 280, 1
"""Metrics: of a cylinder, of a patient."""
IMAGE = node_image.pack(BOARD, 2, {"firmware/main.mpy": Random(1).randbytes(3000)})


class Board:
    """Version 1 is what it was flashed with; `fails`: the self-test of any other. It measures `metric`."""

    def __init__(self, fails: bool = False, metric: int = PRESSURE, pages: int = 16) -> None:
        self._ring, self._flash = NorFlash(256, pages), NorFlash(1024, 2 + 2 * 6)
        self.fails, self.metric = fails, metric
        self.boots = 0
        self.begin(0)

    def begin(self, now_ms: int) -> None:
        """A reset."""
        slots = Slots(self._flash, hashlib.sha256)
        slot = pick(slots, lambda: None, 1)
        self.version = 1 if slot == FACTORY else slots.images[slot][0]
        failed = 1 if self.fails and self.version > 1 else 0
        about = {wire.BOARD: BOARD, wire.VERSION: self.version, wire.SELF_TEST: failed}
        self._node = Node(Ring(self._ring, 64, 7), about, now_ms)
        self._update = Update(slots, slot, about, self._node, now_ms)
        self.boots += 1

    def turn(self, data: bytes, now_ms: int) -> bytes:
        """Take what the host sent; give what it is sent."""
        if now_ms % 200 == 0:
            value = self._node.ring.next % 2000 if self.metric == PRESSURE else 72
            self._node.measured([self.metric, value, 0], now_ms)
        self._update.hear(data, now_ms)
        if self._update.restart:
            self.begin(now_ms)
        return b"".join(iter(lambda: self._node.to_send(now_ms), b""))

    def say(self, text: str) -> None:
        """A line of its log."""
        self._node.log(20, text)

    @property
    def waiting(self) -> int:
        """How many numbers nobody has acknowledged."""
        return self._node.ring.next - 1 - self._node.ring.acked
