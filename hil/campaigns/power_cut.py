"""Power cuts: the gateway's journal on ext4 on a disk with a volatile cache, which loses power at any moment.

Every write and flush that the disk was told is logged, and between them every promise of the journal. A cut
keeps what was flushed and any part, by sectors, of what was not. Then the file system is mounted, the journal
is opened: what was accepted by then is there and is what it was, or was received, or was shed and is told. A
round is one cut. It needs root, loop devices, /dev/fuse and libfuse.
"""

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count
from pathlib import Path

from devices.wire.block import BlockClock, Sync
from gateway.errors import JournalError
from gateway.journal.journal import Journal
from hil.campaigns.verdict import Verdict
from hil.faults.journal_load import read_all
from hil.faults.log_disk import FLUSH, MARK, WRITE, Entry, PowerCuts, entries, mark
from hil.faults.mounts import (
    WITH_PARENT,
    MountError,
    in_own_mounts,
    log_disk,
    loop_mounted,
    make_ext4,
    unmounted_in_the_end,
)
from hil.faults.promises import Promises

_ROOT = Path(__file__).parents[2]
_MEGABYTES = 8
_LIVES = 3
_COMMITS = 120
_BIG = 100_000_000
_OWN = b"after it"
_CLOCK = BlockClock(bytes(16), 10_000_000_000, None, Sync.UNSET, None)
_FEATURES, _NEEDS_RECOVERY = 1024 + 0x60, 4
"""The superblock's s_feature_incompat, and its bit of a file system that nobody unmounted."""


def run(
    folder: Path,
    seed: int,
    rounds: int,
    say: Callable[[str], None],
    commits: int = _COMMITS,
    *,
    lying: bool = False,
) -> Verdict:
    """`rounds` cuts of a journal of three lives, each of `commits` commits. Raises MountError.

    With `lying` the disk forgets its flushes: no journal could pass, which proves that the cuts cut.
    """
    rng, verdict = random.Random(seed), Verdict("power-cut", seed)
    folder.mkdir(parents=True, exist_ok=True)
    image, log = folder / "image", folder / "log"
    make_ext4(image, _MEGABYTES)
    in_own_mounts(partial(_write, folder, image, log, rng, commits))
    told = [one for one in entries(log) if not (lying and one.kind == FLUSH)]
    marks = [index for index, one in enumerate(told) if one.kind == MARK]
    busy = [index for index in range(marks[0], marks[-1]) if told[index].kind != FLUSH]
    verdict.facts["log"] = _facts(told)
    say(verdict.facts["log"])
    points = sorted(rng.choices(busy, k=rounds))
    cutter = _Cutter(folder, image.read_bytes(), told)
    in_own_mounts(partial(_cut_all, cutter, points, rng, verdict, say))
    (folder / "verdict.txt").write_text("\n".join(verdict.lines()), encoding="utf-8")
    return verdict


def _write(folder: Path, image: Path, log: Path, rng: random.Random, commits: int) -> None:
    with (
        unmounted_in_the_end(folder / "written", folder / "disk"),
        log_disk(image, folder / "disk", log) as disk,
        loop_mounted(disk, folder / "written") as mounted,
    ):
        for _ in range(_LIVES):
            arguments = [str(mounted / "journal"), str(disk), str(rng.randrange(2**32)), str(commits)]
            command = [*WITH_PARENT, sys.executable, "-m", "hil.faults.power_writer", *arguments]
            subprocess.run(command, cwd=_ROOT, check=True)
        mark(disk, {})


def _facts(told: Sequence[Entry]) -> str:
    promises = Promises()
    for one in told:
        if one.kind == MARK:
            promises.note(json.loads(one.data))
    counts = f"{sum(e.kind == WRITE for e in told)} writes, {sum(e.kind == FLUSH for e in told)} flushes"
    blocks = f"{len(promises.accepted)} blocks accepted, {len(promises.received)} received"
    return f"{counts}, {blocks}, {len(promises.shed)} shed"


def _cut_all(
    cutter: "_Cutter", points: list[int], rng: random.Random, verdict: Verdict, say: Callable[[str], None]
) -> None:
    owed = 0
    for number, point in enumerate(points, 1):
        fired, problems = cutter.cut(point, rng)
        owed += len(cutter.by_now.owed())
        verdict.round(f"power cut after entry {point}", fired=fired, problems=problems)
        if number % 50 == 0:
            say(f"{number} cuts, {len(verdict.problems)} problems so far")
    verdict.facts["checked"] = f"{owed} times a block that was accepted and not received"
    verdict.facts["dropped"] = f"{cutter.dropped} sectors that were not flushed"


class _Cutter:
    """Cuts the power at points that grow."""

    def __init__(self, folder: Path, image: bytes, told: Sequence[Entry]) -> None:
        self._folder = folder
        self._told = told
        self._cuts = PowerCuts(image, told)
        self._noted = 0
        self._count = count(1)
        self.by_now, self._end = Promises(), Promises()
        self.dropped = 0
        self._note(self._end, 0, len(told))

    def cut(self, point: int, rng: random.Random) -> tuple[bool, list[str]]:
        """Whether the file system was cut off at work, and what does not hold."""
        disk = self._cuts.at(point, rng)
        self.dropped += self._cuts.dropped
        self._note(self.by_now, self._noted, point + 1)
        self._noted = point + 1
        # A name of its own: the loop device of an earlier image is never taken for this one's.
        image = self._folder / f"cut-{next(self._count)}"
        image.write_bytes(disk)
        problems = list(self._judge(image))
        if not problems:
            image.unlink()
        return bool(disk[_FEATURES] & _NEEDS_RECOVERY), problems

    def _note(self, promises: Promises, first: int, end: int) -> None:
        for one in self._told[first:end]:
            if one.kind == MARK:
                promises.note(json.loads(one.data))

    def _judge(self, image: Path) -> Iterator[str]:
        try:
            with loop_mounted(image, self._folder / "mounted") as mounted:
                journal = Journal.open(mounted / "journal", _OWN, _BIG, _CLOCK)
                found = read_all(journal)
                journal.close()
        except (MountError, JournalError) as error:
            yield str(error)
        else:
            yield from self.by_now.broken(found, _OWN, self._end)
