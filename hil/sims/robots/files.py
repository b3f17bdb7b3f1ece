"""What simulated robots and their gateway are told in files: who is where, at which broker."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from hil.sims.robots.broker import RobotBroker

_FLEET = """broker = "{url}"
credentials = "{credentials}"
speed = {speed}
handling = {handling}
waits = {waits}
"""
_ROBOT = """[[robot]]
serial = "{name}"
x = {x}
y = {y}
map = "{map}"
"""
_DEVICE = """
[[device]]
id = "{name}"
profile = "vda5050-vehicle"
broker = "{url}"
address = "uagv/v2/Wardlink/{name}"
credentials = "{credentials}"
"""


class Spot(NamedTuple):
    """A robot, and where it stands at first: m, on a map."""

    name: str
    x: float
    y: float
    map: str


def write_fleet(
    path: Path,
    broker: RobotBroker,
    spots: Iterable[Spot],
    *,
    speed: float = 1.0,
    handling: float = 10.0,
    waits: bool = False,
) -> Path:
    """The file of hil/sims/robots/fleet.py; m/s, s."""
    told = {"url": broker.url, "credentials": broker.robots, "speed": speed, "handling": handling}
    told["waits"] = str(waits).lower()
    robots = (_ROBOT.format(**spot._asdict()) for spot in spots)
    path.write_text(_FLEET.format(**told) + "".join(robots), encoding="utf-8")
    return path


def gateway_devices(broker: RobotBroker, names: Iterable[str]) -> str:
    """The robots as the configuration of their gateway has them (TOML)."""
    told = {"url": broker.url, "credentials": broker.gateway}
    return "".join(_DEVICE.format(name=name, **told) for name in names)
