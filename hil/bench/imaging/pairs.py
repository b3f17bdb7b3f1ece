"""Rounds: each work on one side, then on the other, the first in turns. Ratios are within a pair."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from hil.bench.imaging.material import Material
from hil.bench.imaging.sides import Side
from hil.bench.imaging.work import WORKS, Request, Work

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds of the clock and of the server's processors, for one thing; bytes that came in all."""

    wall_ms: float
    cpu_ms: float
    size: int


@dataclass(frozen=True, slots=True)
class Pair:
    """The same work on both sides, one after the other."""

    ours: Took
    theirs: Took


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table; `met` is None where nothing is aimed at."""

    work: Work
    pairs: Sequence[Pair]

    @property
    def ratio(self) -> float:
        """How many times faster ours is by the clock: the median of all pairs."""
        return median(pair.theirs.wall_ms / pair.ours.wall_ms for pair in self.pairs)

    @property
    def cpu_ratio(self) -> float:
        """How many times less processor time; 0: too little to be measured."""
        ours = median(pair.ours.cpu_ms for pair in self.pairs)
        return median(pair.theirs.cpu_ms for pair in self.pairs) / ours if ours else 0.0

    @property
    def met(self) -> bool | None:
        """Whether the aim is met."""
        return None if self.work.aim is None else self.ratio >= self.work.aim


def measure(ours: Side, theirs: Side, material: Material, pairs: int, say: Say) -> list[Row]:
    """So many rounds, after one that is not counted. Raises NotReady, OSError."""
    found: dict[str, list[Pair]] = {work.name: [] for work in WORKS}
    for number in range(pairs + 1):
        mine, sides = material.renewed(number), (ours, theirs)
        for work in WORKS:
            requests = work.requests(mine)
            turned = sides if number % 2 else sides[::-1]
            took = {side.name: _timed(side, work, requests) for side in turned}
            if number:
                found[work.name].append(Pair(took[ours.name], took[theirs.name]))
        say(f"round {number} of {pairs}" if number else "both are warm")
    return [Row(work, found[work.name]) for work in WORKS]


def _timed(side: Side, work: Work, requests: Sequence[Request]) -> Took:
    with side.connection() as connection:
        connection.open()
        cpu, began = side.cpu_s(), time.perf_counter()
        size = work.run(connection, requests)
        took = time.perf_counter() - began
        count = len(requests) * work.each
        return Took(1000 * took / count, 1000 * (side.cpu_s() - cpu) / count, size)


def table(rows: Sequence[Row], ours: Side, theirs: Side) -> Iterator[str]:
    """Markdown."""
    count = len(rows[0].pairs)
    yield f"{ours.name}, and {theirs.name} {theirs.version}: medians of {count} interleaved pairs."
    yield "ms by the clock, in brackets of the server's processors; ratios: theirs to ours (least–greatest)."
    yield ""
    yield f"| | {ours.name} | {theirs.name} | ratio | by processor | aim | |"
    yield "|---|---|---|---|---|---|---|"
    for row in rows:
        cells = [row.work.name, _side([pair.ours for pair in row.pairs])]
        cells.append(_side([pair.theirs for pair in row.pairs]))
        ratios = [pair.theirs.wall_ms / pair.ours.wall_ms for pair in row.pairs]
        spread = f"{row.ratio:.1f} ({min(ratios):.1f}–{max(ratios):.1f})"
        aim = "" if row.work.aim is None else f"≥ {row.work.aim:.1f}"
        mark = {True: "met", False: "**missed**", None: ""}[row.met]
        yield f"| {' | '.join([*cells, spread, f'{row.cpu_ratio:.1f}', aim, mark])} |"


def _side(all_of_it: Sequence[Took]) -> str:
    return f"{median(one.wall_ms for one in all_of_it):.2f} ({median(one.cpu_ms for one in all_of_it):.2f})"
