"""The node's side of the protocol: what it measured goes into the ring, and to the host until that has it.

    node = Node(ring, {wire.BOARD: "esp32", wire.VERSION: 3, …}, now_ms)
    node.measured([5, 974, 0, 1, 72, 0], now_ms)    # SpO2 97.4 %, heart rate 72/min, both good
    frame = node.to_send(now_ms)                    # until b""
    left = node.receive(data, now_ms)               # maps that are somebody else's (an update's)

Times are milliseconds of a clock that never turns back, of any size.
"""

from devices.codecs.node import wire
from firmware.core import cbor
from firmware.core.frame import Frames, made

WINDOW = 6
"""Numbered frames on their way without an answer, at the most."""
AGAIN_MS = 1000
"""Without an answer all that waits for one is sent again."""
_OF_VALUE = 10
"""Bytes of one metric's three items, at the most."""
_OF_READINGS = 14
_OF_SAMPLES = 24
"""Bytes of the pairs of such a frame beside that, at the most."""
_LONGEST_MS = 0x7FFFFFFF


class Node:
    """A node. `about` are the pairs of HELLO that the node does not know by itself."""

    def __init__(self, ring, about: dict, now_ms: int) -> None:
        self.ring = ring
        self._about = about
        self._began = self._moved = now_ms
        self._frames = Frames()
        self._due = []
        self._gap = 0
        self.hello()

    def measured(self, values: list, at_ms: int) -> None:
        """Keep values: number of a metric, integer or None, quality or reason, and so on."""
        at = self._clock(at_ms)
        most = (self.ring.room - _OF_READINGS) // _OF_VALUE * 3
        for first in range(0, len(values), most):
            part = {wire.VALUES: values[first : first + most]}
            self._keep(wire.READINGS, at, part)

    def sampled(self, metric: int, rate_mhz: int, data: bytes, at_ms: int) -> None:
        """Keep samples, int16 little-endian, the first of `at_ms`."""
        at = self._clock(at_ms)
        most = (self.ring.room - _OF_SAMPLES) // 2 * 2
        for first in range(0, len(data), most):
            part = {wire.METRIC: metric, wire.RATE_MHZ: rate_mhz, wire.DATA: data[first : first + most]}
            self._keep(wire.SAMPLES, at + first * 500000 // rate_mhz, part)

    def hello(self) -> None:
        """Say who the node is, soon."""
        self.say({wire.KIND: wire.HELLO})

    def log(self, level: int, text: str) -> None:
        """Say a line; nobody keeps it."""
        self.say({wire.KIND: wire.LOG, wire.LEVEL: level, wire.TEXT: text[:100]})

    def say(self, item: dict) -> None:
        """Send a map that has no number, before everything that has one. Of more than a few the first go."""
        self._due = self._due[-3:] + [item]

    def receive(self, data: bytes, now_ms: int) -> list:
        """Take bytes of the host. Returns the maps that were not for this class."""
        left = []
        for item in self._frames.feed(data):
            kind, number = item.get(wire.KIND), item.get(wire.SEQUENCE)
            if kind == wire.ASK:
                self.hello()
            elif kind != wire.ACKNOWLEDGE:
                left.append(item)
            elif item.get(wire.STREAM) == self.ring.stream and isinstance(number, int):
                self.ring.acknowledge(number)
                self._moved = now_ms
        return left

    def to_send(self, now_ms: int) -> bytes:
        """The next frame that is due, or nothing."""
        now, ring = self._clock(now_ms), self.ring
        last = ring.oldest() - 1
        if self._due:
            item = self._due.pop(0)
            return made(self._hello(now) if item[wire.KIND] == wire.HELLO else item)
        if ring.sent <= ring.acked + 1 and self._gap <= ring.acked:
            self._moved = now_ms
        elif now_ms - self._moved >= AGAIN_MS:
            self._moved = now_ms
            self._gap = ring.sent = 0
        if last > max(ring.acked, self._gap):
            self._gap = last
            return made(self._lost(last))
        entry = ring.unsent(WINDOW)
        if not entry:
            return b""
        rest = self._numbered(entry[0], entry[1])
        rest[wire.NOW_MS] = now if entry[1] == ring.boot else None
        return wire.frame(bytes((0xA0 + entry[4] + len(rest),)) + entry[5] + cbor.dumps(rest)[1:])

    def _numbered(self, number: int, boot: int) -> dict:
        oldest = self.ring.acked + 1
        return {wire.SEQUENCE: number, wire.BOOT: boot, wire.OLDEST: oldest, wire.STREAM: self.ring.stream}

    def _hello(self, now: int) -> dict:
        item = self._numbered(self.ring.next, self.ring.boot)
        item.update(self._about)
        item[wire.KIND], item[wire.NOW_MS] = wire.HELLO, now
        return item

    def _lost(self, last: int) -> dict:
        item = self._numbered(last, self.ring.boot)
        item[wire.KIND], item[wire.FIRST] = wire.GAP, self.ring.acked + 1
        item[wire.REASON] = wire.FULL if last < self.ring.next - self.ring.most else wire.DAMAGED
        return item

    def _keep(self, kind: int, at: int, part: dict) -> None:
        part[wire.KIND], part[wire.AT_MS] = kind, at
        self.ring.append(len(part), cbor.dumps(part)[1:])

    def _clock(self, now_ms: int) -> int:
        """Milliseconds since this boot began; after 24 days another begins, for AT_MS has 32 bits."""
        if now_ms - self._began > _LONGEST_MS:
            self._began = now_ms
            self.ring.boot += 1
        return max(0, now_ms - self._began)
