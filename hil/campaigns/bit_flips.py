"""Flipped bits: a journal of all lanes, one bit of one byte flipped at a time, opened anew each time.

For every byte of every file: at most the block that was hit is lost; what is lost is told, and nothing else
is; what is delivered is what was accepted. One pass flips one bit, chosen by the seed, of each byte; eight
passes flip all. A round is one flip.
"""

import random
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

from devices.wire.block import BlockClock, Lane, Sync
from devices.wire.topics import LANES
from gateway.errors import JournalError
from gateway.journal.journal import Journal
from hil.campaigns.verdict import Verdict
from hil.faults.journal_bytes import Key, frames, told
from hil.faults.journal_load import Life, read_all

_QUOTA, _COMMITS = 64_000, 12
_SAMPLES = 40
_CLOCK = BlockClock(bytes(16), 10_000_000_000, None, Sync.UNSET, None)
_MEMORY = Path("/dev/shm")
"""A file system in memory, where there is one: thousands of opened journals would wait for a disk."""


@dataclass(frozen=True, slots=True)
class _File:
    """An undamaged file: its bytes, and which block each of its bytes belongs to."""

    path: Path
    data: bytes
    owner: tuple[Key, ...]


def run(folder: Path, seed: int, rounds: int, say: Callable[[str], None], commits: int = _COMMITS) -> Verdict:
    """`rounds` passes, 1 to 8, over a journal of `commits` commits. What failed stays in `folder`."""
    rng, verdict = random.Random(seed), Verdict("bit-flips", seed)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else folder) as work:
        lab = _Lab(Path(work), rng, commits)
        say(f"{lab.facts()}, {rounds} of 8 bits of each byte")
        for file in lab.files:
            for place in range(len(file.data)):
                for bit in rng.sample(range(8), min(rounds, 8)):
                    _round(lab, file, place, bit, verdict)
            say(f"{file.path.name}: {len(file.data)} bytes, {len(verdict.problems)} problems so far")
    verdict.facts["journal"] = lab.facts()
    (folder / "verdict.txt").write_text("\n".join(verdict.lines()), encoding="utf-8")
    return verdict


def _round(lab: "_Lab", file: _File, place: int, bit: int, verdict: Verdict) -> None:
    damaged = bytearray(file.data)
    damaged[place] ^= 1 << bit
    file.path.write_bytes(damaged)
    fired = sum(a != b for a, b in zip(file.path.read_bytes(), file.data, strict=True)) == 1
    try:
        problems = lab.problems(file.owner[place])
    finally:
        lab.mend(file)
    verdict.round(f"{file.path.name} byte {place} bit {bit}", fired=fired, problems=problems)


class _Lab:
    """A journal that a gateway left behind, and what it held."""

    def __init__(self, folder: Path, rng: random.Random, commits: int) -> None:
        self._folder = folder
        life = Life(folder, rng, _QUOTA, lambda _: None, _SAMPLES)
        for _ in range(commits):
            life.commit()
        life.crash()
        self._own = folder / life.journal.id.hex()
        self.files = [_read(path) for path in sorted(self._own.iterdir()) if path.stat().st_size]
        self._blocks = {
            _key(file.path, frame.number): frame.block for file in self.files for frame in frames(file.data)
        }
        self._ends = [sum(lane == here for _, here, _ in self._blocks) for lane in range(len(LANES))]

    def facts(self) -> str:
        """For people."""
        size = sum(len(file.data) for file in self.files)
        return f"{size} bytes, {len(self._blocks)} blocks in {len(self.files)} files of {len(Lane)} lanes"

    def problems(self, hit: Key) -> list[str]:
        """Open the journal anew, and compare what it has with what was accepted."""
        try:
            journal = Journal.open(self._folder, b"reopened", _QUOTA, _CLOCK)
        except JournalError as error:
            return [f"it does not open: {error}"]
        found = read_all(journal)
        journal.close()
        said = [told(block) for key, block in found.items() if key[0] == b"reopened"]
        delivered = {key: block for key, block in found.items() if key[0] != b"reopened"}
        reported = {key: why for one in said for key, why in one.lost.items()}
        ended = {name: ends for one in said for name, ends in one.ended.items()}
        return [*self._judge(hit, delivered, reported), *self._judge_ends(ended)]

    def _judge(self, hit: Key, delivered: dict[Key, bytes], reported: dict[Key, str]) -> list[str]:
        problems = [f"wrong: {key}" for key, block in delivered.items() if self._blocks.get(key) != block]
        lost = self._blocks.keys() - delivered.keys()
        problems += [f"lost though not hit: {key}" for key in lost - {hit}]
        problems += [f"lost and not told: {key}" for key in lost - reported.keys()]
        problems += [f"told as lost, but is not: {key}" for key in reported.keys() - lost]
        return problems + [f"told as {why}: {key}" for key, why in reported.items() if why != "damaged"]

    def _judge_ends(self, ended: dict[bytes, list[int]]) -> list[str]:
        name = bytes.fromhex(self._own.name)
        return [] if ended == {name: self._ends} else [f"ended {ended}, expected {self._ends}"]

    def mend(self, file: _File) -> None:
        """As it was before."""
        file.path.write_bytes(file.data)
        rmtree(self._folder / b"reopened".hex(), ignore_errors=True)


def _read(path: Path) -> _File:
    data = path.read_bytes()
    owner = [_key(path, frame.number) for frame in frames(data) for _ in range(frame.start, frame.end)]
    return _File(path, data, tuple(owner))


def _key(path: Path, number: int) -> Key:
    return bytes.fromhex(path.parent.name), LANES.index(path.name.partition("-")[0]), number
