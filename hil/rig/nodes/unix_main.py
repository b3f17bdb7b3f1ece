"""`micropython unix_main.py PORT FLASH SENSOR LIGHT`: the node of a rig in MicroPython's unix port.

SENSOR is a file with the driven value, in hundredths of a degree. What cannot be read as one is no value.
LIGHT is a file in the place of an oximeter's chip: what is added to it is what its FIFO has. A reading has
the oximeter's values only when new light came.
"""

# pyright: reportAttributeAccessIssue=false

import os
import select
import sys
import time

from devices.codecs.node import wire
from firmware.core.node import Node
from firmware.core.ring import Ring
from firmware.core.schedule import Uptime
from firmware.core.station import Station
from firmware.sensors import reasons
from firmware.sensors.readers import Oximeter
from firmware.unix.flash import Flash

NUMBER = 280
METRIC = 35
FAILED = 10
SLOT = 256
PERIOD_MS = 100
SAMPLES, BYTES = 200, 6
"""Of light in a reading; of a sample, as the MAX30102 has it: red and infrared in three bytes each."""


def sense(path: str) -> list:
    """What the sensor gives, for `Node.measured`."""
    try:
        with open(path) as file:  # noqa: PTH123 - MicroPython has no pathlib
            return [METRIC, int(file.read()), 0]
    except (OSError, ValueError):
        return [METRIC, None, FAILED]


class Light:
    """In the place of the chip: `came` is how many samples the last look found."""

    def __init__(self, path: str) -> None:
        self._file = open(path, "rb")  # noqa: PTH123, SIM115
        self.came = 0

    def start(self) -> int:
        """As `Max30102.start`."""
        return reasons.GOOD

    def read(self, add) -> int:  # noqa: ANN001 - a function: MicroPython has no Callable
        """As `Max30102.read`."""
        data = self._file.read(SAMPLES * BYTES)
        self.came = len(data) // BYTES
        for at in range(0, self.came * BYTES, BYTES):
            add(int.from_bytes(data[at : at + 3], "big"), int.from_bytes(data[at + 3 : at + 6], "big"))
        return reasons.GOOD


def run(path: str, flash: str, sensor: str, light: str) -> None:
    """Measure, send, hear, for ever."""
    port = open(path, "r+b")  # noqa: PTH123, SIM115
    poll = select.poll()
    poll.register(port, select.POLLIN)
    uptime = Uptime(time.ticks_ms())
    ring = Ring(Flash(flash), SLOT, int.from_bytes(os.urandom(4), "big"))
    node = Node(ring, {wire.BOARD: "unix", wire.VERSION: 1}, 0)
    chip = Light(light)
    oximeter = Oximeter(chip)

    def measured() -> list:
        oximeter.poll()
        seen = oximeter.items() if chip.came else []
        return [NUMBER, ring.next % 2500, 0] + sense(sensor) + seen  # noqa: RUF005 - for MicroPython

    station = Station(node, [(PERIOD_MS, measured)], 0)
    while True:
        now = uptime.ms(time.ticks_ms())
        station.turn(now)
        frame = node.to_send(now)
        while frame:
            port.write(frame)
            frame = node.to_send(now)
        data = b""
        while poll.poll(0 if data else min(20, station.rest(now))):
            data += port.read(1)
        node.receive(data, uptime.ms(time.ticks_ms()))


run(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4])
