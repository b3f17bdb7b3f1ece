"""A cluster that runs: PostgreSQL with a standby, brokers, controllers, a balancer, crowds of gateways.

async with Cluster(root, Asked(), port=8080) as cluster:
    cluster.pages, cluster.layout.passwords
    cluster.processes["controller-2"].pid     # kill it: it is started again, as systemd would
"""

import asyncio
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from hil.cluster.layout import Asked, Layout
from hil.errors import NotReady
from hil.postgres import Server
from hil.prepare import quiet_port
from hil.processes import Kept
from hil.until import until

_ROOT = Path(__file__).parents[2]
_STANDBY = "db2"
_START_S = 120.0
Say = Callable[[str], None]


class Cluster:
    """See the module. `say` is told what is started, and what died."""

    def __init__(self, root: Path, asked: Asked, port: int, say: Say = lambda _: None) -> None:
        self.layout = Layout(root.absolute(), asked, port)
        self.primary = Server.made(quiet_port())
        self.standby: Server | None = None
        self.processes: dict[str, Kept] = {}
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
        hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
        return f"postgresql://postgres@{hosts}/wardlink?target_session_attrs=read-write"

    async def __aenter__(self) -> Self:
        """Until every controller answers, and each gateway has receipts. Raises NotReady."""
        async with AsyncExitStack() as stack:
            await self._databases(stack)
            await self.layout.write(self.database)
            asked = self.layout.asked
            for number in range(asked.brokers):
                await self._start(stack, f"broker-{number + 1}", "broker", "run", self.layout.broker(number))
            for number in range(asked.controllers):
                file = self.layout.controller(number) / "controller.toml"
                await self._start(stack, f"controller-{number + 1}", "controller", "run", file)
            await self._until_up()
            await self._run(stack, "balancer", ["haproxy", "-db", "-f", str(self.layout.balancer)])
            for number, order in enumerate(self.layout.orders):
                command = [sys.executable, "-m", "hil.bench.crowd", str(order)]
                await self._run(stack, f"gateways-{number + 1}", command)
            ready = [order.with_name("ready") for order in self.layout.orders]
            what = "each gateway has receipts"
            await until(what, lambda: all(one.exists() for one in ready), _START_S, every_s=0.2)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def _databases(self, stack: AsyncExitStack) -> None:
        self._say("PostgreSQL, and a standby that each commit waits for")
        await asyncio.to_thread(stack.enter_context, self.primary)
        self.standby = await asyncio.to_thread(self.primary.standby, quiet_port(), _STANDBY)
        await asyncio.to_thread(stack.enter_context, self.standby)
        await asyncio.to_thread(self.primary.ask_synchronous, _STANDBY)
        await asyncio.to_thread(self.primary.database, "wardlink")

    async def _until_up(self) -> None:
        here = [self.layout.controller(number) for number in range(self.layout.asked.controllers)]
        up = [folder / "run" / "addresses.json" for folder in here]
        try:
            await until("every controller is up", lambda: all(one.exists() for one in up), _START_S)
        except NotReady as error:
            said = {name: one.last_lines(1) for name, one in self.processes.items()}
            raise NotReady(f"{error}: {said}") from None

    async def _start(self, stack: AsyncExitStack, name: str, *command: object) -> None:
        await self._run(stack, name, [sys.executable, "-m", "wardlink", *map(str, command)])

    async def _run(self, stack: AsyncExitStack, name: str, command: list[str]) -> None:
        self._say(name)
        log = self.layout.root / "logs" / f"{name}.log"
        kept = self.processes[name] = Kept(name, command, log=log, died=self._died, cwd=_ROOT)
        stack.push_async_callback(kept.stop)
        await kept.start()

    def _died(self, name: str, status: int, lines: list[str]) -> None:
        self._say(f"{name} ended with {status} and is started again: {lines[-1] if lines else ''}")
