"""What runs first: it picks a slot, mounts its image, runs it, or the files that the board was flashed with.

Never updated itself. What it uses is frozen with it: `hal/readonly.py`, `hal/flash.py`, `core/slots.py`,
`core/contents.py`, and the pages of the slots in `boards/`.

It survives a log with anything in it, empty slots, and an image that is damaged, that is none, or that raises
when it is imported: then another runs, or the files. What a trial raised is kept in the log, for the host.
"""

# pyright: reportAttributeAccessIssue=false

import gc
import hashlib
import sys

import vfs

from firmware.core.slots import FACTORY, FELL, TRIED, Slots, pick
from firmware.hal.readonly import ReadOnly
from firmware.version import VERSION

PLACE = "/image"


def launch(flash, run, feed, reset) -> None:
    """Run what is to run, from the slots in `flash`.

    `run(slot)` imports the node and runs it; `feed()` keeps the watchdog quiet before that; `reset()` begins
    anew, when an image ended. What the files raise that the board was flashed with is raised here.
    """
    slots = Slots(flash, hashlib.sha256)
    slot = pick(slots, feed, VERSION)
    if slot == FACTORY:
        run(FACTORY)
        return
    try:
        _mount(slots, slot)
        run(slot)
        why = "it ended"
    except Exception as error:  # noqa: BLE001 - an image may raise anything, and the one before has to run then
        sys.print_exception(error)
        why = type(error).__name__ + ": " + str(error)
    _ended(flash, why)
    reset()


def _mount(slots: Slots, slot: int) -> None:
    """From now on modules come from the image."""
    vfs.mount(ReadOnly(lambda at, size: slots.read(slot, at, size)), PLACE)
    sys.path.insert(0, PLACE)
    forget()


def forget() -> None:
    """Whatever imports a module of the firmware from now on reads it anew."""
    for name in [name for name in sys.modules if name.split(".")[0] == "firmware"]:
        del sys.modules[name]
    gc.collect()


def _ended(flash, why: str) -> None:
    slots = Slots(flash, hashlib.sha256)
    try:
        if slots.phase == TRIED:
            slots.become(FELL, why)
    except OSError as error:
        sys.print_exception(error)  # the next boot finds a trial without an end
