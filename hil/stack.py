"""The demo's processes: controller (with its broker), radio, devices on wires, gateway.

async with Stack(folder, ward=six_kinds(6), port=8080, tell=print) as stack:
    stack.board                      # where the nurse's board is
    await stack.stop_devices()
"""

import asyncio
import json
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from controller.ports import free_port
from hil.errors import NotReady
from hil.prepare import enrol, quiet_port, write_controller_config, write_gateway_config
from hil.processes import Kept
from hil.ward import Folder, Ward

_ROOT = Path(__file__).parents[1]
_START_S = 30.0
_MQTT_PORT = 8883


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the controller listens."""

    http: str
    mqtt: str


class Stack:
    """All processes of one demo in `folder`; `tell` is given a line for each thing a person should know."""

    def __init__(self, folder: Folder, *, ward: Ward, port: int, tell: Callable[[str], None]) -> None:
        self.folder = folder
        self.ward = ward
        self.password = ""
        self._tell = tell
        self._controller_config = folder.controller / "controller.toml"
        # Chosen before anything starts, so that everything can start at once.
        self._http_port = free_port("127.0.0.1", port or quiet_port(), "the board")
        self._mqtt = (
            f"mqtts://127.0.0.1:{free_port('127.0.0.1', _MQTT_PORT if port else quiet_port(), 'MQTT')}"
        )
        hci = free_port("127.0.0.1", quiet_port(), "the radio")
        folder.save(ward.devices)
        where = str(folder.root)
        self.controller = self._kept(
            "controller", "wardlink", "controller", "run", str(self._controller_config)
        )
        self.radio = self._kept(
            "radio", "hil.sims.ble_ward", where, "--listen", f"tcp-server:127.0.0.1:{hci}"
        )
        self.wires = self._kept("wires", "hil.sims.wires", where)
        config = str(write_gateway_config(folder, ward, self._mqtt))
        self.gateway = self._kept("gateway", "hil.ward_gateway", config, f"tcp-client:127.0.0.1:{hci}")
        self._follower: asyncio.Task[None] | None = None

    @property
    def controller_config(self) -> Path:
        """The controller's configuration."""
        return self._controller_config

    @property
    def processes(self) -> tuple[Kept, ...]:
        """All of them, in the order in which they start."""
        return self.controller, self.radio, self.wires, self.gateway

    async def __aenter__(self) -> Self:
        """Start everything. Raises NotReady."""
        write_controller_config(self.folder, self._http_port, _port(self._mqtt))
        self.password = await enrol(self.folder, self._controller_config, self.ward)
        self._addresses_file.unlink(missing_ok=True)
        async with AsyncExitStack() as unfinished:
            unfinished.push_async_callback(self.stop)
            for process in self.processes:
                await process.start()
            await self._controller_up()
            unfinished.pop_all()
        self._follower = asyncio.create_task(self._follow())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def stop_devices(self) -> None:
        """Stop the simulated devices in good order: what they have sent is on its way."""
        await asyncio.gather(self.radio.stop(), self.wires.stop())

    async def stop(self) -> None:
        """Stop everything that still runs: devices, then gateway, then controller."""
        if self._follower:
            self._follower.cancel()
            await asyncio.wait({self._follower})
        await self.stop_devices()
        await self.gateway.stop()
        await self.controller.stop()

    def addresses(self) -> Addresses | None:
        """Where the controller listens now, once it does."""
        with suppress(FileNotFoundError, json.JSONDecodeError):
            written = json.loads(self._addresses_file.read_text(encoding="utf-8"))
            return Addresses(written["http"], written["mqtt"])
        return None

    @property
    def _addresses_file(self) -> Path:
        return self.folder.controller / "run" / "addresses.json"

    async def _controller_up(self) -> Addresses:
        for _ in range(int(_START_S / 0.05)):
            if addresses := self.addresses():
                return addresses
            await asyncio.sleep(0.05)
        lines = "\n".join(self.controller.last_lines())
        raise NotReady(
            f"the controller was not up after {_START_S:.0f} s; {self.controller.log} ends:\n{lines}"
        )

    async def _follow(self) -> None:
        """Keep the gateway at the controller's address: one that was killed may have to take another port."""
        while True:
            addresses = self.addresses()
            if addresses and addresses.mqtt != self._mqtt:
                self._tell(f"the controller is at {addresses.mqtt} now: the gateway is started again")
                self._mqtt = addresses.mqtt
                write_gateway_config(self.folder, self.ward, addresses.mqtt)
                write_controller_config(self.folder, _port(addresses.http), _port(addresses.mqtt))
                await self.gateway.restart()
            await asyncio.sleep(0.5)

    def _kept(self, name: str, module: str, *arguments: str) -> Kept:
        argv = [sys.executable, "-m", module, *arguments]
        return Kept(name, argv, log=self.folder.log(name), died=self._on_death, cwd=_ROOT)

    def _on_death(self, name: str, status: int, lines: list[str]) -> None:
        how = f"killed by signal {-status}" if status < 0 else f"status {status}"
        self._tell(f"{name} ended ({how}) and is started again; the end of {self.folder.log(name)}:")
        for line in lines:
            self._tell(f"    {line}")


def _port(url: str) -> int:
    return int(url.rpartition(":")[2])
