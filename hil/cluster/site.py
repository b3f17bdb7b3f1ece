"""A cluster that runs: PostgreSQL with a standby, brokers, controllers, a balancer, crowds of gateways.

async with Cluster(root, Asked(), port=8080) as cluster:
    cluster.pages, cluster.layout.passwords
    cluster.processes["controller-2"].pid     # kill it: it is started again, as systemd would
    await cluster.upgrade("controller-2")     # of a previous release, to this one

Each controller has ways of its own (cuts.py) if it is asked for.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from hil.cluster.cuts import Cut, at
from hil.cluster.layout import Asked, Layout
from hil.errors import NotReady
from hil.postgres import Server
from hil.prepare import quiet_port
from hil.processes import Kept
from hil.until import until

_ROOT = Path(__file__).parents[2]
_NAMES = "db1", "db2"
"""As which the servers report to each other: the first primary, the first standby."""
_START_S, _CONNECTED_S = 240.0, 0.1
"""For all of it; and for each light gateway more: its connections, with TLS, take time of the same cores."""
_ORDERLY_S = 30.0
Say = Callable[[str], None]


class Cluster:
    """See the module. `say` is told what is started, and what died."""

    def __init__(
        self, root: Path, asked: Asked, port: int, say: Say = lambda _: None, *, is_cuttable: bool = False
    ) -> None:
        self.layout = Layout(root.absolute(), asked, port)
        self.primary = Server.made(quiet_port())
        self._first = 0
        self.standby: Server | None = None
        self.processes: dict[str, Kept] = {}
        self.cuts: dict[str, Cut] = {}
        """By controller."""
        self.there_s = float("nan")
        """From the start of the first crowd until each gateway had receipts."""
        self._is_cuttable = is_cuttable
        self._say = say
        self._stack = AsyncExitStack()

    @property
    def pages(self) -> str:
        """Where the pages are: at the balancer."""
        return f"http://localhost:{self.layout.port}"

    @property
    def database(self) -> str:
        """The URL of the controllers' database, at whichever server takes writes."""
        ports = [self.primary.port, *([self.standby.port] if self.standby else [])]
        return at(ports)

    def name_of(self, server: Server) -> str:
        """As which it reports to the other, whichever is the primary now."""
        return _NAMES[server.port != self._first]

    async def __aenter__(self) -> Self:
        """Until every controller answers, and each gateway has receipts. Raises NotReady."""
        async with AsyncExitStack() as stack:
            await self._databases(stack)
            asked = self.layout.asked
            if self._is_cuttable:
                await self._ways(stack)
            await self.layout.write(self.database, [one.way for one in self.cuts.values()])
            for number in range(asked.brokers):
                await self._start(stack, f"broker-{number + 1}", "broker", "run", self.layout.broker(number))
            for number in range(asked.controllers):
                await self._start(stack, f"controller-{number + 1}", *self._controller(number))
            await self._until_up()
            await self._run(stack, "balancer", ["haproxy", "-db", "-f", str(self.layout.balancer)])
            began = time.monotonic()
            for number, order in enumerate(self.layout.orders):
                command = [sys.executable, "-m", "hil.bench.crowd", str(order)]
                await self._run(stack, f"gateways-{number + 1}", command)
            for name in self.layout.wards.names:
                await self._run(stack, name, self.layout.wards.command(name))
            ready = [order.with_name("ready") for order in self.layout.orders]
            what = "each gateway has receipts"
            within_s = _START_S + _CONNECTED_S * asked.gateways
            await until(what, lambda: all(one.exists() for one in ready), within_s, every_s=0.2)
            self.there_s = time.monotonic() - began
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def _databases(self, stack: AsyncExitStack) -> None:
        self._say("PostgreSQL")
        await asyncio.to_thread(stack.enter_context, self.primary)
        self._first = self.primary.port
        if self.layout.asked.standby:
            await self._standby(stack)
        await asyncio.to_thread(self.primary.database, "wardlink")

    async def _standby(self, stack: AsyncExitStack) -> None:
        self._say("a standby that each commit waits for")
        self.standby = await asyncio.to_thread(self.primary.standby, quiet_port(), _NAMES[1])
        await asyncio.to_thread(stack.enter_context, self.standby)
        await asyncio.to_thread(self.primary.ask_synchronous, _NAMES[1])

    async def _until_up(self) -> None:
        here = [self.layout.controller(number) for number in range(self.layout.asked.controllers)]
        up = [folder / "run" / "addresses.json" for folder in here]
        try:
            await until("every controller is up", lambda: all(one.exists() for one in up), _START_S)
        except NotReady as error:
            said = {name: one.last_lines(1) for name, one in self.processes.items()}
            raise NotReady(f"{error}: {said}") from None

    async def _ways(self, stack: AsyncExitStack) -> None:
        servers = [one.port for one in (self.primary, self.standby) if one]
        for number in range(self.layout.asked.controllers):
            cut = await stack.enter_async_context(Cut(servers, self.layout.brokers))
            self.cuts[f"controller-{number + 1}"] = cut

    async def upgrade(self, name: str) -> None:
        """That controller ends in order; it is started with this code, and with the keys of the first one."""
        await self.processes[name].stop(_ORDERLY_S)
        number = int(name.rpartition("-")[2]) - 1
        await asyncio.to_thread(self.layout.copy_keys, number)
        await self._run(self._stack, name, _wardlink(*self._controller(number)))

    def _controller(self, number: int) -> tuple[object, ...]:
        return "controller", "run", self.layout.controller(number) / "controller.toml"

    async def _start(self, stack: AsyncExitStack, name: str, *command: object) -> None:
        previous = self.layout.asked.previous if name.startswith("controller-") else None
        await self._run(stack, name, _wardlink(*command), previous or _ROOT)

    async def _run(self, stack: AsyncExitStack, name: str, command: list[str], cwd: Path = _ROOT) -> None:
        self._say(name)
        log = self.layout.root / "logs" / f"{name}.log"
        kept = self.processes[name] = Kept(name, command, log=log, died=self._died, cwd=cwd)
        stack.push_async_callback(kept.stop)
        await kept.start()

    def _died(self, name: str, status: int, lines: list[str]) -> None:
        self._say(f"{name} ended with {status} and is started again: {lines[-1] if lines else ''}")


def _wardlink(*command: object) -> list[str]:
    return [sys.executable, "-m", "wardlink", *map(str, command)]
