"""The node for digital inputs on a board: doors, siren, stretcher. `run(pico_w)`."""

import os

from firmware.hal import buses, pins, power
from firmware.hal.clock import Clock
from firmware.hal.reports import Reports

_TURN_MS = 10


def run(board) -> None:
    """Look, tell, hear, for ever."""
    clock = Clock()
    read, wired = pins.contacts(board)
    serial, watchdog = buses.Serial(board), power.Watchdog(board.WATCHDOG_MS)
    reports = Reports(wired, int.from_bytes(os.urandom(4), "big"), 0)
    while True:
        now = clock.now()
        reports.update(read(), now)
        reports.receive(serial.read())
        if serial.is_free():
            serial.write(reports.to_send(now))
        watchdog.feed()
        power.rest(_TURN_MS)
