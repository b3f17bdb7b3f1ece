"""The demo's robots: two that speak VDA 5050 at a broker of the ward's own, on the demo's map.

robots = DemoRobots(folder, port)
robots.write()                       # before anything starts
robots.broker.command; robots.command
robots.devices                       # the gateway's, as TOML
"""

import tomllib
from importlib.resources import files
from pathlib import Path

from hil.sims.robots.broker import RobotBroker
from hil.sims.robots.files import Spot, gateway_devices, write_fleet
from hil.ward import Folder

ROBOTS = {"robot-1": "park-1", "robot-2": "park-2"}
"""By name: the place on the map where it stands at first."""
MAP = Path(str(files("controller.robots").joinpath("demo.toml")))


class DemoRobots:
    """Their files, in the data folder; the broker listens at `port`."""

    def __init__(self, folder: Folder, port: int) -> None:
        self._file = folder.root / "robots" / "fleet.toml"
        self._plugs = folder.root / "plugs"
        self.broker = RobotBroker(folder.root / "robots", port)

    @property
    def command(self) -> list[str]:
        """The arguments of the module that runs them."""
        return ["hil.sims.robots.fleet", str(self._file), "--plugs", str(self._plugs)]

    @property
    def devices(self) -> str:
        """As the ward's gateway has them in its configuration."""
        return gateway_devices(self.broker, ROBOTS)

    def write(self) -> None:
        """The broker's files, and where the robots stand."""
        self.broker.write()
        nodes = {one["id"]: one for one in tomllib.loads(MAP.read_text(encoding="utf-8"))["nodes"]}
        at = {name: nodes[place] for name, place in ROBOTS.items()}
        spots = (Spot(name, one["x"], one["y"], one["map"]) for name, one in at.items())
        # They wait for a person's hands: nobody gets to a page and a drawer within ten seconds.
        write_fleet(self._file, self.broker, spots, waits=True)
