"""A journal of 48 hours at 10 blocks a second, on a real disk, after a restart: what it costs to get rid of.

One process makes the journal, another one opens it as a gateway's start does, asks for what is pending, and
takes receipts until nothing is. A journal of 1,000 blocks is the baseline beside it.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from devices.model.identity import DeviceId
from devices.model.observation import Instant, Reading
from devices.wire.block import BlockClock, Lane, Sync
from devices.wire.records import Group
from devices.wire.stream import Sender
from gateway.journal.journal import Journal

HOURS_48 = 48 * 3600 * 10
_SIZES = (1_000, HOURS_48 // 8, HOURS_48)
_IDS = b"made----", b"started-"
_QUOTA = 10**10
_COMMIT, _RECEIPT, _READ = 2_000, 64, 2_000
_CLOCK = BlockClock(bytes(16), 0, None, Sync.UNSET, None)


def make(folder: Path, blocks: int) -> None:
    """A journal of so many blocks of the vital lane."""
    journal = Journal.open(folder, _IDS[0], _QUOTA, _CLOCK)
    readings = [Reading("spo2", Instant(n), Decimal(97)) for n in range(3)]
    group = [Group(DeviceId("ox-1"), None, readings)]
    for begun in range(0, blocks, _COMMIT):
        journal.commit([(Lane.VITAL, group)] * min(_COMMIT, blocks - begun), _CLOCK)
    journal.close()


def start(folder: Path) -> dict[str, float]:
    """What a gateway's start costs, and what it costs to get rid of the backlog: seconds and megabytes."""
    before_mb = _megabytes()
    journal, opened_s = _timed(lambda: Journal.open(folder, _IDS[1], _QUOTA, _CLOCK))
    sender = Sender(window=240)
    for name, ranges in journal.backlog(Lane.VITAL):
        sender.recovered(name, ranges)
    blocks, pending_s = _timed(sender.pending)
    opened_mb = _megabytes() - before_mb
    _, read_s = _timed(
        lambda: [journal.read(Lane.VITAL, _IDS[0], [n], Instant(0)) for n in range(min(_READ, blocks))]
    )
    _, receipts_s = _timed(lambda: _receive(journal, sender, blocks))
    return {
        "blocks": blocks,
        "opened_s": opened_s,
        "opened_mb": opened_mb,
        "pending_us": pending_s * 1e6,
        "read_us": read_s / min(_READ, blocks) * 1e6,
        "receipt_us": receipts_s / blocks * 1e6,
        "left": sender.pending(),
        "most_mb": _megabytes() - before_mb,
    }


def _receive(journal: Journal, sender: Sender, blocks: int) -> None:
    """Send everything, and take a receipt for each `_RECEIPT` blocks: as wide as the ledger's own range."""
    sender.online()
    for done in range(0, blocks, _RECEIPT):
        sender.to_send(Instant(done))
        ranges = [(0, min(done + _RECEIPT, blocks) - 1)]
        journal.forget(Lane.VITAL, _IDS[0], sender.receipted(_IDS[0], ranges, Instant(done + 1)))


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    began = time.perf_counter()
    result = work()
    return result, time.perf_counter() - began


def _megabytes() -> float:
    """The most that this process has had in memory."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured(blocks: int) -> dict[str, float]:
    """One size, each step in a fresh process."""
    with TemporaryDirectory(prefix="wardlink-outage-") as folder:
        _in_process("make", folder, str(blocks))
        return json.loads(_in_process("start", folder))


def _in_process(*arguments: str) -> str:
    argv = [sys.executable, "-m", "hil.bench.outage", *arguments]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def table(sizes: tuple[int, ...] = _SIZES) -> str:
    """Markdown."""
    rows = [measured(blocks) for blocks in sizes]
    lines = [
        "| blocks without a receipt | start | memory more | `pending()` | read a block | receipt, a block |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['blocks']:,.0f} | {row['opened_s']:.2f} s | {row['most_mb']:.0f} MB "
        f"| {row['pending_us']:.0f} µs | {row['read_us']:.0f} µs | {row['receipt_us']:.1f} µs |"
        for row in rows
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        sys.stdout.write(json.dumps(start(Path(sys.argv[2]))))
