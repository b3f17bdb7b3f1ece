"""A journal at work on a log disk: `python -m hil.faults.power_writer FOLDER DISK SEED COMMITS`.

The gateway's own journal in FOLDER; each promise is marked on the log disk before the next thing is done. It
ends as if it was killed.
"""

import os
import random
import sys
from pathlib import Path

from hil.faults.journal_load import Life
from hil.faults.log_disk import mark

_QUOTA = 50_000
_RECEIVE = 0.25
"""How often a receipt comes after a commit."""


def main(folder: Path, disk: Path, seed: int, commits: int) -> None:
    """One life of the journal."""
    rng = random.Random(seed)
    life = Life(folder, rng, _QUOTA, lambda what: mark(disk, what))
    for _ in range(commits):
        life.commit()
        if rng.random() < _RECEIVE:
            life.receive()
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
