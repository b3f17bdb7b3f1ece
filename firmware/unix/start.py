"""`micropython firmware/unix/start.py PORT FLASH [PERIOD_MS]`: `firmware/unix/main.py`, begun by the loader.

A reset of the node is another turn here, in the same process.
"""

# pyright: reportMissingImports=false

import sys

import vfs

from firmware.hal.loader import PLACE, forget, launch
from firmware.unix.flash import SLOTS_PAGES, Flash


def _run(slot: int) -> None:
    from firmware.unix.main import run  # noqa: PLC0415 - that of the version which the loader picked

    run(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 1000, slot)


def _reset() -> None:
    """An image ended: what it left is taken away."""
    if PLACE in sys.path:
        sys.path.remove(PLACE)
        vfs.umount(PLACE)


while True:
    launch(Flash(sys.argv[2] + ".slots", SLOTS_PAGES), _run, lambda: None, _reset)
    forget()
