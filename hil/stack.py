"""The demo's processes: controller (with its broker), radio, devices on wires, gateways, robots.

async with Stack(folder, ward=six_kinds(6), port=8080, tell=print) as stack:
    stack.board                      # where the nurse's board is
    await stack.stop_devices()
"""

import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from controller.ports import free_port
from hil.cold_box import BOXES, cooled, gateway_part
from hil.demo_ambulance import CREW
from hil.demo_cds import DemoSupport
from hil.demo_home import ADAPTER, HOMES
from hil.demo_medicines import Pharmacy, tell_facts
from hil.demo_payments import DemoPayments
from hil.demo_robots import MAP, DemoRobots
from hil.demo_rooms import DemoRooms
from hil.errors import NotReady
from hil.prepare import enrol, new_pin, quiet_port, write_controller_config, write_gateway_config
from hil.processes import Kept
from hil.ward import Folder, Ward, WardDevice

_ROOT = Path(__file__).parents[1]
_START_S = 30.0
_MQTT_PORT, _CREW_PORT, _IMAGING_PORT = 8883, 8090, 8444


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the controller listens."""

    http: str
    mqtt: str
    imaging: str = ""
    """Of the archive of images, if there is one."""


class Stack:
    """All processes of one demo in `folder`; `tell` is given a line for each thing a person should know.

    `ambulance`: a vehicle with devices on wires, a gateway of its own and a page for its crew. `within`: a
    command that starts that gateway, with its limits (hil/faults/small_box.py). `images`: with an archive.
    `robots`: with two robots, which begin at `start_robots`, a pharmacy, the sandbox for payments, and an
    out-patient at home.
    """

    _robots: DemoRobots | None = None
    robots: Kept | None = None
    _robots_broker: Kept | None = None
    _payments: DemoPayments | None = None
    sandbox: Kept | None = None
    rooms: DemoRooms | None = None
    _relay: Kept | None = None
    support: DemoSupport | None = None
    pgx: Kept | None = None
    home: Kept | None = None

    def __init__(
        self,
        folder: Folder,
        *,
        ward: Ward,
        port: int,
        tell: Callable[[str], None],
        ambulance: Ward | None = None,
        within: Sequence[str] = (),
        images: bool = False,
        robots: bool = False,
    ) -> None:
        self.folder = folder
        self.ward = ward
        self._vehicle = ambulance
        self.password = self.pin = ""
        self._tell = tell
        self._controller_config = folder.controller / "controller.toml"
        # Chosen before anything starts, so that everything can start at once.
        self._http_port = free_port("127.0.0.1", port or quiet_port(), "the board")
        self._mqtt = (
            f"mqtts://127.0.0.1:{free_port('127.0.0.1', _MQTT_PORT if port else quiet_port(), 'MQTT')}"
        )
        self._imaging_port = (
            free_port("127.0.0.1", _IMAGING_PORT if port else quiet_port(), "imaging") if images else None
        )
        hci = free_port("127.0.0.1", quiet_port(), "the radio")
        self._crew_port = free_port("127.0.0.1", _CREW_PORT if port else quiet_port(), "the crew's page")
        self._beside = (BOXES, HOMES) if robots else ()
        folder.save(self.devices)
        self.controller = self._kept(
            "controller", "wardlink", "controller", "run", str(self._controller_config)
        )
        self.radio = self._kept(
            "radio", "hil.sims.ble_ward", str(folder.root), "--listen", f"tcp-server:127.0.0.1:{hci}"
        )
        self.wires = self._kept("wires", "hil.sims.wires", str(folder.root))
        self.pharmacy = Pharmacy.of(folder) if robots else None
        if robots:
            self._add_others()
            self._add_robots()
            self._add_rooms()
            self._add_home(f"tcp-client:127.0.0.1:{hci}")
        config = str(write_gateway_config(folder, ward, self._mqtt, more=self._of_robots))
        self.gateway = self._kept("gateway", "hil.ward_gateway", config, f"tcp-client:127.0.0.1:{hci}")
        self.ambulance: Kept | None = None
        if ambulance:
            config = str(write_gateway_config(folder, ambulance, self._mqtt, self._crew_port))
            self.ambulance = self._kept("ambulance", "wardlink", "gateway", "run", config, within=within)
        self._follower: asyncio.Task[None] | None = None

    def _add_others(self) -> None:
        """Services of others: payments, decision support."""
        self._payments = DemoPayments(self.folder, free_port("127.0.0.1", quiet_port(), "payments"))
        self.sandbox = self._kept("payments", *self._payments.command(self._http_port))
        self.support = DemoSupport(free_port("127.0.0.1", quiet_port(), "decision support"))
        self.pgx = self._kept("pgx", *self.support.command(self._http_port))

    def _add_home(self, radio: str) -> None:
        config = str(write_gateway_config(self.folder, HOMES, self._mqtt))
        self.home = self._kept("home", "hil.ward_gateway", config, radio, "--address", ADAPTER)

    def _add_robots(self) -> None:
        port = free_port("127.0.0.1", quiet_port(), "the robots' broker")
        self._robots = DemoRobots(self.folder, port)
        self.robots = self._kept("robots", *self._robots.command)
        self._robots_broker = self._of("robots-mqtt", self._robots.broker.command)

    def _add_rooms(self) -> None:
        self.rooms = DemoRooms(self.folder, free_port("127.0.0.1", quiet_port(), "the relay"))
        if command := self.rooms.command:
            self._relay = self._of("relay", command)

    @property
    def _of_robots(self) -> str:
        return self._robots.devices + gateway_part() if self._robots else ""

    @property
    def controller_config(self) -> Path:
        """The controller's configuration."""
        return self._controller_config

    @property
    def wards(self) -> tuple[Ward, ...]:
        """The ward, the ambulance if there is one, and with robots the pharmacy's cooled box and a home."""
        return (self.ward, *((self._vehicle,) if self._vehicle else ()), *self._beside)

    @property
    def devices(self) -> tuple[WardDevice, ...]:
        """What hangs in the ward and in the ambulance."""
        return tuple(device for ward in self.wards for device in ward.devices)

    @property
    def gateways(self) -> tuple[Kept, ...]:
        """The ward's, the ambulance's and the home's, if there are such."""
        return tuple(one for one in (self.gateway, self.ambulance, self.home) if one)

    @property
    def processes(self) -> tuple[Kept, ...]:
        """All of them but the robots, in the order in which they start."""
        broker = (self._robots_broker,) if self._robots_broker else ()
        beside = (one for one in (self.sandbox, self._relay, self.pgx) if one)
        return self.controller, self.radio, self.wires, *broker, *beside, *self.gateways

    @property
    def crew_page(self) -> str:
        """Where the page of the ambulance's crew is."""
        return f"http://127.0.0.1:{self._crew_port}"

    async def __aenter__(self) -> Self:
        """Start everything. Raises NotReady."""
        ports = self._http_port, _port(self._mqtt)
        self._configure_controller(*ports)
        self.password = await enrol(self.folder, self._controller_config, *self.wards)
        if self._payments:
            self._payments.write()
        if self.rooms:
            self.rooms.write()
        if self._robots:
            self._robots.write()
            await tell_facts(self._controller_config)
            cooled(self.folder)
        if self._vehicle:
            self.pin = new_pin(self.folder.box(self._vehicle.gateway), CREW)
        _file_of(self.folder).unlink(missing_ok=True)
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

    async def start_robots(self) -> None:
        """Have the robots begin, if there are any: once the ward runs, whose values come first."""
        if self.robots:
            await self.robots.start()

    async def stop_devices(self) -> None:
        """Stop the simulated devices in good order: what they have sent is on its way."""
        devices = (self.radio, self.wires, self.robots)
        await asyncio.gather(*(one.stop() for one in devices if one))

    async def stop(self) -> None:
        """Stop everything that still runs: devices, then gateway, then controller."""
        if self._follower:
            self._follower.cancel()
            await asyncio.wait({self._follower})
        await self.stop_devices()
        await asyncio.gather(*(gateway.stop() for gateway in self.gateways))
        if self._robots_broker:
            await self._robots_broker.stop()
        await self.controller.stop()
        for beside in (self.sandbox, self._relay, self.pgx):
            if beside:
                await beside.stop()

    def addresses(self) -> Addresses | None:
        """Where the controller listens now, once it does."""
        return addresses_in(self.folder)

    def _configure_controller(self, http: int, mqtt: int) -> None:
        write_controller_config(
            *(self.folder, http, mqtt),
            imaging=self._imaging_port,
            robots=MAP if self._robots else None,
            formulary=self.pharmacy.formulary if self.pharmacy else None,
            payments=self._payments.section if self._payments else "",
            rooms="".join(one.section for one in (self.rooms, self.support) if one),
        )

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
        """Keep gateways at the controller's address: one that was killed may have to take another port."""
        while True:
            addresses = self.addresses()
            if addresses and addresses.mqtt != self._mqtt:
                self._tell(f"the controller is at {addresses.mqtt} now: every gateway is started again")
                self._mqtt = addresses.mqtt
                write_gateway_config(self.folder, self.ward, addresses.mqtt, more=self._of_robots)
                if self._vehicle:
                    write_gateway_config(self.folder, self._vehicle, addresses.mqtt, self._crew_port)
                if self.home:
                    write_gateway_config(self.folder, HOMES, addresses.mqtt)
                ports = _port(addresses.http), _port(addresses.mqtt)
                self._configure_controller(*ports)
                await asyncio.gather(*(gateway.restart() for gateway in self.gateways))
            await asyncio.sleep(0.5)

    def _kept(self, name: str, module: str, *arguments: str, within: Sequence[str] = ()) -> Kept:
        return self._of(name, [*within, sys.executable, "-m", module, *arguments])

    def _of(self, name: str, argv: Sequence[str]) -> Kept:
        return Kept(name, argv, log=self.folder.log(name), died=self._on_death, cwd=_ROOT)

    def _on_death(self, name: str, status: int, lines: list[str]) -> None:
        how = f"killed by signal {-status}" if status < 0 else f"status {status}"
        self._tell(f"{name} ended ({how}) and is started again; the end of {self.folder.log(name)}:")
        for line in lines:
            self._tell(f"    {line}")


def addresses_in(folder: Folder) -> Addresses | None:
    """Where the controller of the demo in `folder` said last that it listens; None: it did not."""
    with suppress(FileNotFoundError, json.JSONDecodeError):
        written = json.loads(_file_of(folder).read_text(encoding="utf-8"))
        return Addresses(written["http"], written["mqtt"], written.get("imaging", ""))
    return None


def _file_of(folder: Folder) -> Path:
    return folder.controller / "run" / "addresses.json"


def _port(url: str) -> int:
    return int(url.rpartition(":")[2])
