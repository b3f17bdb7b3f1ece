"""`micropython firmware/unix/main.py PORT FLASH [PERIOD_MS]`: a node with an oxygen cylinder.

Its pressure in tenths of a bar is the number of the reading: one sees what is missing (up to 250 bar).
"""

# pyright: reportAttributeAccessIssue=false

import os
import select
import sys
import time

from devices.codecs.node import wire
from firmware.core import selftest
from firmware.core.node import Node
from firmware.core.ring import Ring
from firmware.core.schedule import Uptime
from firmware.core.station import Station
from firmware.unix.flash import Flash

PRESSURE = 280
SLOT = 256


class Port:
    """A serial port, read without waiting."""

    def __init__(self, path: str) -> None:
        self._file = open(path, "r+b")  # noqa: PTH123, SIM115 - MicroPython has no pathlib
        self._poll = select.poll()
        self._poll.register(self._file, select.POLLIN)

    def read(self, wait_ms: int) -> bytes:
        """What comes within the time."""
        data = b""
        while self._poll.poll(0 if data else wait_ms):
            data += self._file.read(1)
        return data

    def write(self, data: bytes) -> None:
        """Send."""
        self._file.write(data)


def run(path: str, flash_path: str, period_ms: int) -> None:
    """Measure, send, hear, for ever."""
    port = Port(path)
    uptime = Uptime(time.ticks_ms())
    ring = Ring(Flash(flash_path), SLOT, int.from_bytes(os.urandom(4), "big"))
    failed = selftest.run([selftest.computes, lambda: selftest.advances(time.ticks_us)])
    node = Node(ring, {wire.BOARD: "unix", wire.VERSION: 1, wire.SELF_TEST: failed}, 0)
    station = Station(node, [(period_ms, lambda: [PRESSURE, ring.next % 2500, 0])], 0)
    while True:
        now = uptime.ms(time.ticks_ms())
        station.turn(now)
        frame = node.to_send(now)
        while frame:
            port.write(frame)
            frame = node.to_send(now)
        node.receive(port.read(min(20, station.rest(now))), uptime.ms(time.ticks_ms()))


run(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 1000)
