"""A ward with robots, for a benchmark: its gateway, the broker of its robots, and they, as processes."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from controller.ports import free_port
from controller.robots.places import HospitalMap, Kind
from hil.bench.site import Site, kept
from hil.errors import NotReady
from hil.prepare import quiet_port, write_gateway_config
from hil.processes import Kept
from hil.sims.robots.broker import RobotBroker
from hil.sims.robots.files import Spot, gateway_devices, write_fleet
from hil.ward import Folder, Ward, WardBed

KINDS = ("ward's broker", "gateway", "robots")
"""Its processes, in the order in which they start."""


class OneWard:
    """The ward of this number, whose robots stand at `spots`."""

    def __init__(self, folder: Folder, number: int, spots: Sequence[Spot]) -> None:
        self._folder, self._number, self._spots = folder, number, spots
        bed = WardBed(f"hall-{number}", f"Hall {number}")
        self.ward = Ward(
            (bed,), (), f"ward-{number}", f"Ward {number}", f"gw-{number}", gateway_name=f"Gateway {number}"
        )
        self.running: dict[str, Kept] = {}

    def write(self, mqtt: str) -> None:
        """Its files, and a port that is free now; `mqtt` is the controller's address."""
        port = free_port("127.0.0.1", quiet_port(), "the robots' broker")
        self.broker = RobotBroker(self._folder.root / f"robots-{self._number}", port)
        self.broker.write()
        devices = gateway_devices(self.broker, (spot.name for spot in self._spots))
        config = write_gateway_config(self._folder, self.ward, mqtt, more=devices)
        fleet = write_fleet(self._folder.root / f"fleet-{self._number}.toml", self.broker, self._spots)
        log = self._folder.log(f"robots-mqtt-{self._number}")
        made = (
            Kept("the robots' broker", self.broker.command, log=log, died=_died),
            kept(self._folder, f"gateway-{self._number}", "wardlink", "gateway", "run", str(config)),
            kept(self._folder, f"robots-{self._number}", "hil.sims.robots.fleet", str(fleet)),
        )
        self.running = dict(zip(KINDS, made, strict=True))


def _died(who: str, status: int, lines: list[str]) -> None:
    raise NotReady(f"{who} ended with {status}: {lines}")


def wards_of(folder: Folder, hospital: HospitalMap, robots: int, wards: int) -> Iterator[OneWard]:
    """So many robots, each in a park of the map, spread over so many wards."""
    parks = [node for node in hospital.nodes if node.kind == Kind.PARK][:robots]
    spots = [Spot(f"robot-{n}", node.x, node.y, node.map) for n, node in enumerate(parks)]
    for number in range(wards):
        yield OneWard(folder, number, spots[number::wards])


@asynccontextmanager
async def running(wards: Sequence[OneWard], here: Site) -> AsyncIterator[None]:
    """All processes of these wards, inside the block."""
    async with AsyncExitStack() as stack:
        for one in wards:
            one.write(f"mqtts://127.0.0.1:{here.mqtt_port}")
            for kind in KINDS:
                await one.running[kind].start()
                stack.push_async_callback(one.running[kind].stop)
        yield
