"""`micropython firmware/unix/main.py PORT FLASH [PERIOD_MS]`: a node with an oxygen cylinder.

PORT is a serial port, or a file for `firmware.hal.broker` (its name ends with .json).
Its pressure in tenths of a bar is the number of the reading: one sees what is missing (up to 250 bar).
Begun by `firmware/unix/start.py`, with the same arguments, it can be updated: its slots are in FLASH.slots.
"""

# pyright: reportAttributeAccessIssue=false

import hashlib
import os
import select
import sys
import time

from devices.codecs.node import wire
from firmware.core import selftest
from firmware.core.node import Node
from firmware.core.ring import Ring
from firmware.core.schedule import Uptime
from firmware.core.slots import FACTORY, Slots
from firmware.core.station import Station
from firmware.core.update import Update
from firmware.hal.broker import Broker, load
from firmware.unix.flash import SLOTS_PAGES, Flash
from firmware.version import VERSION

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

    def is_free(self) -> bool:
        """Always: writing waits."""
        return True

    def write(self, data: bytes) -> None:
        """Send."""
        self._file.write(data)


class BrokerPort(Broker):
    """A broker, used as a port."""

    def read(self, wait_ms: int) -> bytes:
        """What has come, after a moment."""
        time.sleep_ms(min(5, wait_ms))
        return self.turn(time.ticks_ms())


def run(path: str, flash_path: str, period_ms: int, slot: int) -> None:
    """Measure, send, hear, until an update ends it. It runs from `slot` (`firmware.core.slots`)."""
    port = BrokerPort(load(path)) if path.endswith(".json") else Port(path)
    uptime = Uptime(time.ticks_ms())
    ring = Ring(Flash(flash_path), SLOT, int.from_bytes(os.urandom(4), "big"))
    failed = selftest.run([selftest.computes, lambda: selftest.advances(time.ticks_us)])
    about = {wire.BOARD: "unix", wire.VERSION: VERSION, wire.SELF_TEST: failed}
    node = Node(ring, about, 0)
    update = Update(Slots(Flash(flash_path + ".slots", SLOTS_PAGES), hashlib.sha256), slot, about, node, 0)
    station = Station(node, [(period_ms, lambda: [PRESSURE, ring.next % 2500, 0])], 0)
    while not update.restart:
        now = uptime.ms(time.ticks_ms())
        station.turn(now)
        while port.is_free():
            frame = node.to_send(now)
            if not frame:
                break
            port.write(frame)
        update.hear(port.read(min(20, station.rest(now))), uptime.ms(time.ticks_ms()))


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 1000, FACTORY)
