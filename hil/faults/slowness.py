"""Processes that get less of the processor than they need, or for a while nothing at all.

async with limited(pid, 0.1) as limit:      # by the kernel's quota, or by stops where there is none
    ...
    limit.share()                           # what it really had
with frozen(pid): ...
"""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

_CPU = Path("/sys/fs/cgroup/cpu")
"""The controller "cpu" of cgroup v1 (kernel documentation, "CFS Bandwidth Control")."""
_PERIOD_US = 100_000


@dataclass(slots=True)
class Limit:
    """A process that may use `most` of one processor. `how`: "quota" or "stops"."""

    process: psutil.Process
    most: float
    how: str
    stopped: int = 0
    """How often it was made to wait; of a quota, known when it has ended."""
    _began: float = field(default_factory=time.monotonic)
    _used_s: float = 0.0

    def __post_init__(self) -> None:
        self._used_s = _cpu_s(self.process)

    def share(self) -> float:
        """The part of one processor that it has had since the limit began."""
        return (_cpu_s(self.process) - self._used_s) / (time.monotonic() - self._began)


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def has_quota() -> bool:
    """Whether this machine can limit a process by a quota: cgroup v1, and root."""
    return os.access(_CPU / "cpu.cfs_quota_us", os.W_OK)


@asynccontextmanager
async def limited(pid: int, most: float) -> AsyncIterator[Limit]:
    """Let process `pid` have `most` of one processor inside the block."""
    if has_quota():
        with _quota(pid, most) as limit:
            yield limit
    else:
        async with duty_cycle(pid, most) as limit:
            yield limit


@contextmanager
def _quota(pid: int, most: float) -> Iterator[Limit]:
    group = _CPU / f"slow-{pid}"
    group.mkdir()
    try:
        (group / "cpu.cfs_period_us").write_text(str(_PERIOD_US), encoding="ascii")
        (group / "cpu.cfs_quota_us").write_text(str(int(_PERIOD_US * most)), encoding="ascii")
        (group / "cgroup.procs").write_text(str(pid), encoding="ascii")
        limit = Limit(psutil.Process(pid), most, "quota")
        yield limit
        limit.stopped = _throttled(group)
    finally:
        with contextlib.suppress(ProcessLookupError):
            (_CPU / "cgroup.procs").write_text(str(pid), encoding="ascii")
        group.rmdir()


def _throttled(group: Path) -> int:
    """In how many periods a process of the group had to wait."""
    stat = dict(line.split() for line in (group / "cpu.stat").read_text(encoding="ascii").splitlines())
    return int(stat["nr_throttled"])


@asynccontextmanager
async def duty_cycle(pid: int, most: float) -> AsyncIterator[Limit]:
    """The same without root: it runs for `most` of each tenth of a second, and is stopped for the rest."""
    limit = Limit(psutil.Process(pid), most, "stops")
    turns = asyncio.create_task(_turns(limit))
    try:
        yield limit
    finally:
        turns.cancel()
        await asyncio.wait({turns})


async def _turns(limit: Limit) -> None:
    pid, period_s = limit.process.pid, _PERIOD_US / 1e6
    try:
        while True:
            os.kill(pid, signal.SIGSTOP)
            limit.stopped += 1
            await asyncio.sleep(period_s * (1 - limit.most))
            os.kill(pid, signal.SIGCONT)
            await asyncio.sleep(period_s * limit.most)
    finally:
        os.kill(pid, signal.SIGCONT)


@contextmanager
def frozen(pid: int) -> Iterator[psutil.Process]:
    """Stop process `pid` inside the block; it lives, holds all that it has, and does nothing."""
    process = psutil.Process(pid)
    process.suspend()
    try:
        yield process
    finally:
        process.resume()
