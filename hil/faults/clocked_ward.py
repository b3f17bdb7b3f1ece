"""A controller and a gateway, each on a host with clocks of its own, and a board that is always looked at.

async with ClockedWard(Folder(path)) as ward:
    ward.gateway_clocks.utc(-3600)
    await ward.restart_controller()
    ward.board.problems          # ages that were shown and were not true
"""

import asyncio
import os
import signal
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from controller.ports import free_port
from hil.faults.other_clocks import OtherClocks
from hil.faults.shown_ages import ShownAges
from hil.prepare import enrol, write_controller_config, write_gateway_config
from hil.processes import Kept
from hil.until import until
from hil.ward import Folder, six_kinds

_ROOT = Path(__file__).parents[2]
_GRACE_S = 60.0
"""Nothing is killed here, however slow the machine is."""
_OFF_S = 1.0
"""How long a host is off: the next boot begins after the one before has ended."""


class ClockedWard:
    """The processes. `emitted` is what the devices said, `database` what the controller has."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder = Folder(folder.root.absolute())
        self.emitted = folder.root / "emitted"
        self.database = folder.controller / "wardlink.sqlite"
        self.gateway_clocks = OtherClocks(folder.root / "gateway-clocks")
        self.controller_clocks = OtherClocks(folder.root / "controller-clocks")
        self.deaths: list[str] = []
        """Processes that ended though nobody ended them."""
        self._http, self._mqtt = (free_port("127.0.0.1", 0, what) for what in ("the board", "MQTT"))
        self._controller_config = write_controller_config(folder, self._http, self._mqtt)
        self._gateway_config = write_gateway_config(folder, six_kinds(1), f"mqtts://127.0.0.1:{self._mqtt}")
        self.gateway_clocks.boots()
        self.gateway = self._gateway(0)
        self.controller = self._controller()

    def _gateway(self, ppm: int) -> Kept:
        arguments = str(self._gateway_config), str(self.emitted), "--ppm", str(ppm)
        return self._kept("gateway", self.gateway_clocks.python("hil.faults.clocked_gateway", *arguments))

    def _controller(self) -> Kept:
        arguments = "controller", "run", str(self._controller_config)
        return self._kept("controller", self.controller_clocks.python("wardlink", *arguments))

    def _kept(self, name: str, argv: tuple[str, ...]) -> Kept:
        def died(who: str, status: int, lines: list[str]) -> None:
            self.deaths.append(f"{who} ended with {status}: {lines}")

        return Kept(name, argv, log=self._folder.log(name), died=died, cwd=_ROOT)

    async def __aenter__(self) -> Self:
        """Start everything. Raises NotReady."""
        password = await enrol(self._folder, self._controller_config, six_kinds(1))
        async with AsyncExitStack() as unfinished:
            unfinished.push_async_callback(self.stop)
            await self.start_controller()
            await self.gateway.start()
            address = f"http://127.0.0.1:{self._http}"
            self.board = await unfinished.enter_async_context(ShownAges(address, password, self.emitted))
            await self.board.sees_all()
            self._stack = unfinished.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def stop(self) -> None:
        """The gateway first: it hands over what it has."""
        await self.gateway.stop(_GRACE_S)
        await self.controller.stop(_GRACE_S)

    def silence(self) -> None:
        """The devices say no more."""
        if self.gateway.pid is not None:
            os.kill(self.gateway.pid, signal.SIGUSR1)

    async def start_controller(self) -> None:
        """Start a controller with the clocks that its host has now. Raises NotReady."""
        self.controller = self._controller()
        addresses = self._folder.controller / "run" / "addresses.json"
        addresses.unlink(missing_ok=True)
        await self.controller.start()
        await until("the controller is up", addresses.exists, 120)

    async def restart_controller(self, *, reboots: bool = False) -> None:
        """The same, after the one that runs; `reboots`: and its host with it. Raises NotReady."""
        await self.controller.stop(_GRACE_S)
        if reboots:
            self.controller_clocks.boots()
            self.board.may_look_older()
        await self.start_controller()

    async def restart_gateway(self, ppm: int = 0) -> None:
        """Another gateway with the clocks that its host has now, in place of the one that runs."""
        await self.gateway.stop(_GRACE_S)
        self.gateway = self._gateway(ppm)
        await self.gateway.start()

    async def reboot_gateway(self, ppm: int = 0) -> None:
        """The gateway's host ends in good order, so that nothing that was said is lost, and boots again."""
        await self.gateway.stop(_GRACE_S)
        await asyncio.sleep(_OFF_S)
        self.gateway_clocks.boots(_OFF_S)
        self.gateway = self._gateway(ppm)
        await self.gateway.start()
