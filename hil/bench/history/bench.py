"""The measurement as a whole, and its table."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from controller.clock import SystemClock
from controller.store import Store
from hil.bench.history import beside
from hil.bench.history.beside import Run
from hil.bench.history.filled import DAY_S, METRICS, Filled
from hil.bench.history.opening import Opened, open_beds
from hil.bench.site import percentiles, site
from hil.board import Board
from hil.ward import NURSE, six_kinds

ALLOWED_MS = 200.0
SIZES = (3, 10, 30)
_PATIENCE_S = 3600.0

Say = Callable[[str], None]
Pair = tuple[Run, Run]
"""Without the keeper of history, and with it."""


@dataclass(slots=True)
class Size:
    """One size of the store: its rows, its file, how fast its new rows were rolled up, and how it opens."""

    days: int
    rows: int
    gigabytes: float
    rolled_up_per_s: float
    opened: Opened = field(default_factory=Opened)


async def openings(folder: Path, days: int, beds: int, times: int, say: Say) -> list[Size]:
    """Fill a store up to `days`, and open its beds at each of SIZES on the way. Raises NotReady."""
    database = folder / "controller" / "wardlink.sqlite"
    await (await Store.open(database)).close()
    filled = Filled(database, beds, SystemClock().now_us() - days * DAY_S * 1_000_000, days)
    return [await _size(folder, filled, size, times, say) for size in sorted({*SIZES, days}) if size <= days]


async def _size(folder: Path, filled: Filled, days: int, times: int, say: Say) -> Size:
    say(f"history: {days} days of {filled.beds} beds are written …")
    before = filled.rows()[1]
    await asyncio.to_thread(filled.fill, days)
    ward = six_kinds(filled.beds)
    async with site(folder, ward) as here:
        started = asyncio.get_running_loop().time()
        rows = await _rolled_up(filled)
        passed = asyncio.get_running_loop().time() - started
        size = Size(days, rows, filled.database.stat().st_size / 1e9, (rows - before) / passed)
        say(f"history: {rows:,} readings, rolled up at {size.rolled_up_per_s:,.0f}/s; beds are opened …")
        async with Board(here.http, NURSE, here.password) as board:
            await board.snapshot()
            size.opened = await open_beds(board, filled, times, seed=days)
    return size


async def _rolled_up(filled: Filled) -> int:
    """Wait until the controller has rolled up every row. Returns how many there are."""
    async with asyncio.timeout(_PATIENCE_S):
        while True:
            rows, rolled_up = filled.rows()
            if rows == rolled_up:
                return rows
            await asyncio.sleep(0.2)


def intake_pairs(folder: Path, pairs: int, say: Say) -> list[Pair]:
    """The intake without and with the keeper, in turns."""
    folder.mkdir()
    old = beside.prepare(folder)
    found: list[Pair] = []
    for number in range(pairs):
        say(f"intake: pair {number + 1} of {pairs} …")
        without, with_keeper = (
            asyncio.run(beside.run(old, folder / f"{number}-{kept}", with_keeper=kept))
            for kept in (False, True)
        )
        found.append((without, with_keeper))
    return found


_HEAD = (
    *("days", "readings", "file, GB", "24 h, p50 / p99, ms", "nothing in memory, max"),
    *("rows alone, p50 / p99", "×", "a minute of waveform, p50 / p99"),
)


def table(sizes: Sequence[Size], beds: int) -> Iterator[str]:
    """The openings as a Markdown table, the ratios of the last size to the first below."""
    yield f"Beds: {beds}, {len(METRICS)} metrics at 1/s; 24 h × {len(METRICS)} metrics are asked for at once."
    yield ""
    yield f"| {' | '.join(_HEAD)} |"
    yield f"|{'---:|' * len(_HEAD)}"
    yield from (_row(size) for size in sizes)
    first, last = sizes[0], sizes[-1]
    growth = median(last.opened.trends) / median(first.opened.trends)
    yield ""
    rows = last.rows / first.rows
    yield f"{last.days} days against {first.days}: {rows:.1f} times the rows, {growth:.2f} times the time."
    speeds = ", ".join(f"{size.rolled_up_per_s:,.0f}" for size in sizes)
    yield f"Rows that were new to the controller, rolled up a second: {speeds}."


def _row(size: Size) -> str:
    opened = size.opened
    times = median(opened.rows) / median(opened.trends)
    cells = (
        *(str(size.days), f"{size.rows:,}", f"{size.gigabytes:.1f}", _points(opened.trends)),
        *(f"{max(opened.cold):.0f}", _points(opened.rows), f"{times:.1f}", _points(opened.waves)),
    )
    return f"| {' | '.join(cells)} |"


def _points(times_ms: Sequence[float]) -> str:
    return " / ".join(f"{value:.0f}" for value in percentiles(times_ms, 50, 99))


def pairs_table(pairs: Sequence[Pair]) -> Iterator[str]:
    """The pairs as a Markdown table."""
    yield "| intake | without history | with rolling up and dropping | ratio (each pair) |"
    yield "|---|---:|---:|---:|"
    rows = (
        ("readings/s, as fast as they are taken", lambda run: run.readings_per_s),
        ("CPU a reading meanwhile, µs", lambda run: run.cpu_us),
        ("offer → receipt at 50 blocks/s, p50, ms", lambda run: percentiles(run.delays_ms, 50)[0]),
        ("the same, p99, ms", lambda run: percentiles(run.delays_ms, 99)[0]),
    )
    for what, number in rows:
        numbers = [(number(without), number(with_keeper)) for without, with_keeper in pairs]
        without, with_keeper = (median(column) for column in zip(*numbers, strict=True))
        ratios = ", ".join(f"{two / one:.2f}" for one, two in numbers)
        yield f"| {what} | {without:,.1f} | {with_keeper:,.1f} | {ratios} |"
    rolled_up, dropped = (sum(one) for one in zip(*((b.rolled_up, b.dropped) for _, b in pairs), strict=True))
    yield ""
    yield f"Meanwhile {rolled_up:,} readings were rolled up and {dropped:,} dropped."


def is_quick(sizes: Sequence[Size]) -> bool:
    """Whether a bed opened within ALLOWED_MS at every size, but for one time in a hundred."""
    return all(percentiles(size.opened.trends, 99)[0] <= ALLOWED_MS for size in sizes)
