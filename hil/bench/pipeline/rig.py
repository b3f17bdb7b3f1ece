"""One gateway with its server and its source of readings: what both sides have in common.

`phases` measures anything that is a `Rig`; `ours` and `theirs` say how it is started, and where it keeps
what.
"""

import asyncio
import os
import signal
import sqlite3
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from hil.bench.pipeline.source import Order, counter, said
from hil.errors import NotReady
from hil.processes import Kept

ROOT = Path(__file__).parents[3]
PATIENCE_S = 60.0

Key = tuple[str, int]
"""A reading: its device, and the time stamp that only it has."""


async def listening(port: int) -> None:
    """Wait until something listens at `port` of this host. Raises NotReady."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except ConnectionError:
                    await asyncio.sleep(0.02)
                else:
                    return writer.close()
    except TimeoutError as error:
        raise NotReady(f"nothing listened at port {port} within {PATIENCE_S:.0f} s") from error


def cpu_s(pid: int) -> float:
    """Processor time of a process, user and system."""
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


@dataclass(slots=True)
class Rig(ABC):
    """The processes in `folder`. `source` and `database` are where the readings come from and end."""

    folder: Path
    processes: dict[str, Kept] = field(default_factory=dict[str, Kept])
    expected: Counter[str] = field(default_factory=Counter[str])
    """Deaths that the benchmark brought about."""
    _died: list[str] = field(default_factory=list[str])
    _orders: int = 0

    name = ""
    source = ""
    """The process that obeys orders."""
    server = ""
    table = ""
    """Where readings end."""

    @property
    @abstractmethod
    def database(self) -> Path:
        """The server's."""

    @abstractmethod
    async def start(self) -> None:
        """Start everything, and wait until readings would get through. Raises NotReady."""

    @abstractmethod
    def pids(self) -> dict[str, int]:
        """The processes whose time counts: `gateway`, those of the server, and whatever only makes load."""

    @abstractmethod
    def held(self) -> int:
        """Readings that the gateway keeps on its disk and the server does not have, while it is away."""

    @abstractmethod
    def unsettled(self) -> int:
        """How much is still on its way between gateway and server; 0 when nothing is."""

    @abstractmethod
    def alarms(self, since: int) -> int:
        """Alarms that are stored, as far as they came after the reading with the id `since`."""

    @abstractmethod
    def stored(self, since: int) -> list[Key]:
        """Every reading stored after the one with the id `since`."""

    async def stop(self) -> None:
        """Stop everything, each process by its own id."""
        for process in reversed(self.processes.values()):
            await process.stop()

    def kept(self, name: str, argv: Sequence[str]) -> Kept:
        """A process of this rig, not started yet."""
        log = self.folder / "logs" / f"{name}.log"
        self.processes[name] = Kept(name, argv, log=log, died=self._on_death, cwd=ROOT)
        return self.processes[name]

    def _on_death(self, name: str, status: int, lines: list[str]) -> None:
        if self.expected[name]:
            self.expected[name] -= 1
        else:
            self._died.append(f"{self.name}: {name} ended with {status}: {' | '.join(lines)}")

    def check(self) -> None:
        """Raises NotReady if a process died that nobody killed."""
        if self._died:
            raise NotReady("; ".join(self._died))

    def pid(self, name: str) -> int:
        """The id of a process that must run. Raises NotReady."""
        self.check()
        pid = self.processes[name].pid
        if pid is None:
            raise NotReady(f"{self.name}: {name} does not run; see {self.processes[name].log}")
        return pid

    async def until(self, what: str, condition: Callable[[], bool], every_s: float = 0.005) -> None:
        """Wait for `condition`, asking `every_s`. Raises NotReady, also when a process dies meanwhile."""
        loop = asyncio.get_running_loop()
        end = loop.time() + PATIENCE_S
        while not condition():
            self.check()
            if loop.time() > end:
                raise NotReady(f"{self.name}: waited {PATIENCE_S:.0f} s in vain until {what}")
            await asyncio.sleep(every_s)

    def counter(self) -> Callable[[], int]:
        """Counts readings that were ever stored."""
        return counter(self.database, self.table)

    @property
    def orders(self) -> Path:
        """The file of orders."""
        return self.folder / f"{self.source}.json"

    def order(
        self,
        *,
        together: int = 1,
        rate: float | None = None,
        window: int | None = None,
        total: int | None = None,
        seconds: float | None = None,
        devices: int = 60,
        stamped: bool = True,
        recorded: bool = False,
    ) -> int:
        """Give the source an order (see `Order`) and return its number."""
        self._orders += 1
        order = Order(self._orders, together, rate, window, total, seconds, devices, stamped, recorded)
        order.save(self.orders)
        os.kill(self.pid(self.source), signal.SIGUSR2)
        return self._orders

    def said(self, number: int) -> tuple[int, bool]:
        """See `source.said`."""
        return said(self.orders, number)

    def raise_alarm(self) -> None:
        """One device has an alarm."""
        os.kill(self.pid(self.source), signal.SIGUSR1)

    async def kill(self, name: str) -> None:
        """kill -9, and wait until its supervisor has started another. Raises NotReady."""
        pid = self.pid(name)
        self.expected[name] += 1
        os.kill(pid, signal.SIGKILL)
        process = self.processes[name]
        await self.until(f"{name} is started again", lambda: process.pid not in (None, pid))

    def rows(self, query: str, parameters: tuple[int, ...] = ()) -> list[tuple[str, int]]:
        """What a SELECT finds in the server's database."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=20)) as db:
            return db.execute(query, parameters).fetchall()

    def forget_records(self) -> None:
        """Begin the source's records anew."""
        for name in ("accepted", "again"):
            (self.folder / name).unlink(missing_ok=True)

    def keys_in(self, name: str) -> list[Key]:
        """The readings listed in a record of the source: "accepted" or "again"."""
        path = self.folder / name
        if not path.exists():
            return []
        # The last line may have been cut off by a kill.
        lines = path.read_text(encoding="ascii").split("\n")[:-1]
        return [(device, int(at)) for device, at in (line.split() for line in lines)]
