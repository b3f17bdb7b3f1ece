"""Power cuts in mid-update: the two slots of a box on ext4 on a disk that loses power at any moment.

The disk is that of the power cuts of the journal (`power_cut.py`). After each cut the file system is mounted
and the launcher is asked what to start: a release that is whole, and not an older one than was confirmed by
then. Then the next update is made: nothing that a cut left is in its way. It needs root and FUSE.
"""

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from gateway.errors import UpdateError
from gateway.updates.launcher import choose, release_in
from gateway.updates.slots import Slots
from hil.campaigns.verdict import Verdict
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
from hil.faults.releases import tiny

_ROOT = Path(__file__).parents[2]
_MEGABYTES = 8
_RELEASES = 9
_FILES = 4
_FEATURES, _NEEDS_RECOVERY = 1024 + 0x60, 4
"""The superblock's s_feature_incompat, and its bit of a file system that nobody unmounted."""


def run(folder: Path, seed: int, rounds: int, say: Callable[[str], None], *, lying: bool = False) -> Verdict:
    """`rounds` cuts of a box that is updated again and again. Raises MountError.

    With `lying` the disk forgets its flushes: no update could be safe, which proves that the cuts cut.
    """
    rng, verdict = random.Random(seed), Verdict("power-cut-updates", seed)
    folder.mkdir(parents=True, exist_ok=True)
    image, log = folder / "image", folder / "log"
    bundles = [tiny(folder / f"r{number}", number, _FILES) for number in range(1, _RELEASES + 2)]
    make_ext4(image, _MEGABYTES)
    in_own_mounts(partial(_write, folder, image, log, bundles[:-1]))
    told = [one for one in entries(log) if not (lying and one.kind == FLUSH)]
    first = next(index for index, one in enumerate(told) if one.kind == MARK)
    busy = [index for index in range(first, len(told)) if told[index].kind != FLUSH]
    verdict.facts["log"] = f"{sum(one.kind == WRITE for one in told)} writes, {_RELEASES} releases"
    say(verdict.facts["log"])
    points = sorted(rng.choices(busy, k=rounds))
    cutter = _Cutter(folder, image.read_bytes(), told, bundles[-1])
    in_own_mounts(partial(_cut_all, cutter, points, rng, verdict, say))
    return verdict


def _write(folder: Path, image: Path, log: Path, bundles: Sequence[Path]) -> None:
    with (
        unmounted_in_the_end(folder / "written", folder / "disk"),
        log_disk(image, folder / "disk", log) as disk,
        loop_mounted(disk, folder / "written") as mounted,
    ):
        arguments = [str(mounted), str(disk), *map(str, bundles)]
        command = [*WITH_PARENT, sys.executable, "-m", "hil.faults.update_writer", *arguments]
        subprocess.run(command, cwd=_ROOT, check=True)
        mark(disk, {})


def _cut_all(
    cutter: "_Cutter", points: list[int], rng: random.Random, verdict: Verdict, say: Callable[[str], None]
) -> None:
    for number, point in enumerate(points, 1):
        fired, problems = cutter.cut(point, rng)
        verdict.round(f"power cut after entry {point}", fired=fired, problems=problems)
        if number % 50 == 0:
            say(f"{number} cuts, {len(verdict.problems)} problems so far")
    verdict.facts["started"] = ", ".join(f"release {one}: {n}" for one, n in sorted(cutter.started.items()))
    verdict.facts["dropped"] = f"{cutter.dropped} sectors that were not flushed"


class _Cutter:
    """Cuts the power at points that grow. `last` is the bundle of the update after a cut."""

    def __init__(self, folder: Path, image: bytes, told: Sequence[Entry], last: Path) -> None:
        self._folder, self._told, self._last = folder, told, last
        self._cuts = PowerCuts(image, told)
        self._count = 0
        self.dropped = 0
        self.started: dict[int, int] = {}

    def cut(self, point: int, rng: random.Random) -> tuple[bool, list[str]]:
        """Whether the file system was cut off at work, and what does not hold."""
        disk = self._cuts.at(point, rng)
        self.dropped += self._cuts.dropped
        self._count += 1
        # A name of its own: the loop device of an earlier image is never taken for this one's.
        image = self._folder / f"cut-{self._count}"
        image.write_bytes(disk)
        problems = list(self._judge(image, self._promised(point)))
        if not problems:
            image.unlink()
        return bool(disk[_FEATURES] & _NEEDS_RECOVERY), problems

    def _promised(self, point: int) -> int:
        """The last release that was confirmed before the cut."""
        marks = [json.loads(one.data) for one in self._told[: point + 1] if one.kind == MARK]
        return max(one.get("good", 0) for one in marks)

    def _judge(self, image: Path, promised: int) -> Iterator[str]:
        try:
            with loop_mounted(image, self._folder / "mounted") as mounted:
                yield from self._judge_box(mounted / "box", promised)
        except (MountError, OSError, UpdateError) as error:
            yield repr(error)

    def _judge_box(self, box: Path, promised: int) -> Iterator[str]:
        slot, is_trial = choose(box)
        number = release_in(box, slot)
        texts = [path.read_text(encoding="utf-8") for path in (box / slot / "site").glob("*.py")]
        if number is None or texts != [f"RELEASE = {number}\n"] * _FILES:
            yield f"slot {slot} starts, and its release {number} is not whole: {texts!r:.200}"
            return
        self.started[number] = self.started.get(number, 0) + 1
        if number < promised:
            yield f"expected release {promised} or a newer one to start, got {number} (trial: {is_trial})"
        if is_trial:
            Slots(box).confirm(slot)
        Slots(box).fill(self._last, lambda _: None)
