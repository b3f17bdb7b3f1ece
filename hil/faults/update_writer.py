"""Updates at work on a log disk: `python -m hil.faults.update_writer FOLDER DISK BUNDLE BUNDLE …`.

A box in FOLDER is installed with the first bundle and brought to each of the others, every third of which
fails its trial. What is promised by then is marked on the log disk: {"good": 4}, the release that starts from
now on. It ends as if it was killed.
"""

import os
import sys
from pathlib import Path

from gateway.updates.install import install
from gateway.updates.launcher import choose, give_up
from gateway.updates.slots import Slots
from hil.faults.log_disk import mark


def fails(number: int) -> bool:
    """Whether the release of this number fails its trial."""
    return number % 3 == 0


def update(box: Path, number: int, bundle: Path) -> bool:
    """As updater and launcher do it. Whether the release is the good one now."""
    slots = Slots(box)
    slots.fill(bundle, lambda _: None)
    slots.ask_for_trial(number)
    slot, _ = choose(box)
    if fails(number):
        give_up(box, "it is a bad one")
        return False
    slots.confirm(slot)
    return True


def main(folder: Path, disk: Path, bundles: list[Path]) -> None:
    """One life of a box."""
    box = folder / "box"
    root = folder / "root.json"
    root.write_text("{}", encoding="utf-8")
    install(bundles[0], root, box)
    mark(disk, {"good": 1})
    for number, bundle in enumerate(bundles[1:], start=2):
        if update(box, number, bundle):
            mark(disk, {"good": number})
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), [Path(name) for name in sys.argv[3:]])
