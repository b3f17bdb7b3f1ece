"""The beginning of a board's node. Its `main.py` is three lines:

    from firmware.boards import pico_w
    from firmware.hal.start import start
    start(pico_w, rp2.Flash())

The device has the ring and the slots. nRF52: `nrf.Flash()`; ESP32, whose `find` looks for programs otherwise:
`esp32.Partition.find(esp32.Partition.TYPE_DATA, label="ring")[0]`.
"""

import sys

import machine

from firmware.hal import power
from firmware.hal.flash import BlockFlash
from firmware.hal.loader import launch


def start(board, device) -> None:
    """Run the version that is to run, for ever. The watchdog runs from here on."""
    name, watchdog = board.NAME, power.Watchdog(board.WATCHDOG_MS)
    flash = BlockFlash(device, board.SLOTS_FROM, board.SLOTS_PAGES)
    launch(flash, lambda slot: _run(name, device, slot), watchdog.feed, machine.reset)


def _run(name: str, device, slot: int) -> None:
    # The version's own, from where the loader says: not what this file could import.
    from firmware.hal.main import run  # noqa: PLC0415

    module = "firmware.boards." + name
    __import__(module)
    run(sys.modules[module], device, slot)
