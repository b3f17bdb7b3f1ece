"""One, two and three processes that store blocks in one PostgreSQL: one after the other, and side by side.

    ./run bench writers [--seconds S] [--standby MS]

What the writers' lock costs (decision 045), without brokers and pages: each process stores blocks of a
gateway of its own, as a controller does, and waits for the disk. Both ways take turns in one run.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Annotated

import typer

from controller.store import Store
from hil.bench.scale.distance import at_distance
from hil.bench.scale.spent import spent_s
from hil.bench.store import READINGS, Arm, Took
from hil.postgres import Server
from hil.prepare import quiet_port

TOGETHER = (1, 16)
"""Blocks in a transaction."""
PROCESSES = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Wrote:
    """One process: transactions in `seconds`, and its processor time."""

    transactions: int
    seconds: float
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Run:
    """So many processes at once; `cpu_s`: the server's."""

    processes: int
    together: int
    is_beside: bool
    wrote: Sequence[Wrote]
    cpu_s: float

    @property
    def blocks_per_s(self) -> float:
        """Of all."""
        return sum(one.transactions * self.together / one.seconds for one in self.wrote)


async def write(url: str, number: int, together: int, seconds: float, *, is_beside: bool) -> Wrote:
    """Be one of the processes: store for so long, once a line comes on the standard input."""
    with tempfile.TemporaryDirectory(prefix="wardlink-bench-") as folder:
        store = await Store.open(url, folder=Path(folder))
        arm = await Arm.made(store, None, f"gw-{number}")
        for _ in range(3):
            await arm.go(together, Took())
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        took, began, cpu, beside = Took(), time.monotonic(), time.process_time(), 0
        while time.monotonic() - began < seconds:
            beside += await arm.go(together, took, beside_others=is_beside)
        if beside != is_beside * len(took.wall):
            raise RuntimeError(
                f"{beside} of {len(took.wall)} transactions were side by side: nothing is measured"
            )
        wrote = Wrote(len(took.wall), time.monotonic() - began, time.process_time() - cpu)
        await store.close()
        return wrote


async def measure(rounds: int, seconds: float, standby_s: float | None = None) -> list[Run]:
    """Everything, `rounds` times, in a database of its own each time. Commits wait for a standby, too, that
    is `standby_s` away; None: there is none."""
    runs: list[Run] = []
    async with AsyncExitStack() as stack:
        server = stack.enter_context(Server.made(quiet_port()))
        if standby_s is not None:
            far = await stack.enter_async_context(at_distance(server.port, standby_s))
            await asyncio.to_thread(_follow, stack, server, far)
        kinds = [
            (count, together, beside)
            for _ in range(rounds)
            for together in TOGETHER
            for count in PROCESSES
            for beside in (False, True)
        ]
        for number, kind in enumerate(kinds):
            url = await asyncio.to_thread(server.database, f"bench{number}")  # the way there is in this loop
            await (await Store.open(url, folder=server.folder.parent)).close()  # makes the schema
            runs.append(await _run(server, url, kind, seconds))
    return runs


def _follow(stack: AsyncExitStack, server: Server, port: int) -> None:
    """Have a standby that reaches the `server` by that port, and wait for it."""
    standby = server.standby(quiet_port(), "two", port)
    stack.enter_context(standby)
    server.ask_synchronous("two")


async def _run(server: Server, url: str, kind: tuple[int, int, bool], seconds: float) -> Run:
    count, together, is_beside = kind
    pipe = asyncio.subprocess.PIPE
    asked = str(together), str(seconds), str(int(is_beside))
    argv = [(sys.executable, "-m", "hil.bench.scale.writers", url, str(one), *asked) for one in range(count)]
    processes = [await asyncio.create_subprocess_exec(*one, stdin=pipe, stdout=pipe) for one in argv]
    for one in processes:
        assert one.stdout is not None
        await one.stdout.readline()
    before = spent_s(server.pid)
    told = await asyncio.gather(*(one.communicate(b"go\n") for one in processes))
    wrote = [Wrote(**json.loads(out)) for out, _ in told]
    return Run(count, together, is_beside, wrote, spent_s(server.pid) - before)


def table(runs: Sequence[Run]) -> Iterator[str]:
    """Medians of the rounds, in Markdown."""
    yield "| blocks together | processes | | blocks/s | processes, µs a reading | server, µs a reading |"
    yield "|---:|---:|---|---:|---:|---:|"
    kinds = list(dict.fromkeys((one.together, one.processes, one.is_beside) for one in runs))
    for kind in kinds:
        some = [one for one in runs if (one.together, one.processes, one.is_beside) == kind]
        ours = median(_a_reading(one, sum(wrote.cpu_s for wrote in one.wrote)) for one in some)
        theirs = median(_a_reading(one, one.cpu_s) for one in some)
        how = "side by side" if kind[2] else "in turn"
        rate = median(one.blocks_per_s for one in some)
        yield f"| {kind[0]} | {kind[1]} | {how} | {rate:,.0f} | {ours:.1f} | {theirs:.1f} |"


def _a_reading(run: Run, cpu_s: float) -> float:
    readings = sum(one.transactions for one in run.wrote) * run.together * READINGS
    return cpu_s / max(readings, 1) * 1e6


def command(
    seconds: Annotated[float, typer.Option(help="How long each is measured.")] = 10.0,
    rounds: Annotated[int, typer.Option(help="Medians count.")] = 3,
    standby: Annotated[
        float | None, typer.Option(help="Commits wait for a standby, so many ms away, too.")
    ] = None,
) -> None:
    """One, two and three processes that store blocks in one PostgreSQL, in turn and side by side."""
    for line in table(asyncio.run(measure(rounds, seconds, None if standby is None else standby / 1000))):
        typer.echo(line)


def main(argv: Sequence[str]) -> None:
    """One of the processes."""
    url, number, together, seconds, beside = argv
    wrote = write(url, int(number), int(together), float(seconds), is_beside=beside == "1")
    sys.stdout.write(json.dumps(asdict(asyncio.run(wrote))) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
