"""Processor, memory and disk of a site of any size, fitted to what sites of some sizes used.

    model = fit(points)
    model.cpu["controller"].of(Load(gateways=20_000, devices=1_000_000, readings_per_s=1_000_000))

Linear in what is done: each gateway says its state each second and holds four connections, each block is a
message with a receipt, each reading is stored. Blocks share commits, and of these there are fifty a second at
the most (controller.intake.PACE_S), so that much of what a small site takes is not taken again by a larger
one. How far a measured point lies from it is told, so that a reader sees where that is not so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, exp

import numpy as np

from controller.intake import PACE_S
from hil.bench.scale.points import Point

BUSY = 0.6
"""Of a core, what is planned with: the rest is for a ward that comes back from an hour without a network."""
STATES_PER_S = 1.0
"""Of a gateway: what it says of itself."""
BLOCKS_PER_S = 10.0
"""Of a gateway at most: readings are gathered for 100 ms; each block has a receipt."""
DAY_S = 86_400
RAW_DAYS = 30
"""So long readings are kept as they came, by default."""
WORK: Sequence[str] = "commit", "gateway", "block", "reading"
"""What processors do, a second."""
HELD: Sequence[str] = "gateway", "device"
"""What memory has."""


@dataclass(frozen=True, slots=True)
class Load:
    """Of a site."""

    gateways: float
    devices: float
    readings_per_s: float

    @property
    def blocks_per_s(self) -> float:
        """A reading alone is a block; more of a gateway share one."""
        return min(self.readings_per_s, self.gateways * BLOCKS_PER_S)

    @property
    def commits_per_s(self) -> float:
        """Of one controller that takes all of it: messages that come within the pace share one."""
        messages = self.gateways * STATES_PER_S + self.blocks_per_s
        return (1 - exp(-messages * PACE_S)) / PACE_S

    @property
    def of(self) -> Mapping[str, float]:
        """By name, as in WORK and HELD."""
        return {
            "commit": self.commits_per_s,
            "gateway": self.gateways,
            "block": self.blocks_per_s,
            "reading": self.readings_per_s,
            "device": self.devices,
        }


@dataclass(frozen=True, slots=True)
class Line:
    """`fixed`: one process by itself; `each`: what one of each kind takes, none less than nothing."""

    fixed: float
    each: Mapping[str, float]
    error: float
    """The greatest distance of a measured point from it."""

    def of(self, load: Load, without: str = "") -> float:
        """For such a site, without what one process needs by itself, and without one kind."""
        return sum(one * load.of[name] for name, one in self.each.items() if name != without)

    def process(self) -> float:
        """What each further process takes: itself, and commits of its own."""
        return self.fixed + self.each.get("commit", 0.0) / PACE_S


@dataclass(frozen=True, slots=True)
class Model:
    """By process: cores; MB. And the bytes of a reading on the disk."""

    cpu: dict[str, Line]
    memory_mb: dict[str, Line]
    bytes_a_reading: float


def fit(points: Sequence[Point]) -> Model:
    """Of more points than there are kinds of work, the first of which is a site without any gateway."""
    names = points[0].size.used
    cpu = {name: _line(points, [p.size.used[name].cpu_s for p in points], WORK) for name in names}
    memory = {name: _line(points, [p.size.used[name].megabytes for p in points], HELD) for name in names}
    busiest = max(points, key=lambda point: point.size.readings)
    empty = points[0].size.stored_mb
    return Model(cpu, memory, (busiest.size.stored_mb - empty) * 1e6 / max(busiest.size.readings, 1))


def _line(points: Sequence[Point], values: Sequence[float], by: Sequence[str]) -> Line:
    """Least squares, weighted so that small sites count as much as large ones. What would cost less than
    nothing is left out, the worst first."""
    loads = [Load(point.gateways, point.devices, point.readings_per_s).of for point in points]
    wanted = np.array(values)
    weights = 1 / np.maximum(wanted, wanted.max() / 50)
    kinds = [*by]
    while True:
        matrix = np.array([[1.0, *(load[name] for name in kinds)] for load in loads])
        found, *_ = np.linalg.lstsq(matrix * weights[:, None], wanted * weights, rcond=None)
        if not kinds or found[1:].min() >= 0:
            break
        del kinds[int(found[1:].argmin())]
    error = float(np.abs(matrix @ found - wanted).max())
    each = dict.fromkeys(by, 0.0) | dict(zip(kinds, map(float, found[1:]), strict=True))
    return Line(float(found[0]), each, error)


@dataclass(frozen=True, slots=True)
class Site:
    """What is planned."""

    devices: int
    at_a_gateway: int = 50
    readings_per_s: float = 1.0
    """Of each device."""

    @property
    def load(self) -> Load:
        """Whole gateways."""
        gateways = ceil(self.devices / self.at_a_gateway)
        return Load(gateways, self.devices, self.devices * self.readings_per_s)


@dataclass(frozen=True, slots=True)
class Need:
    """Of one site. `messages`: a second, up and down; `controllers`: processes, of which one does its work on
    one core."""

    site: Site
    messages: float
    controllers: int
    controller_cores: float
    broker_cores: float
    memory_gb: float
    disk_gb: float
    """With readings kept for RAW_DAYS."""


def need(model: Model, site: Site) -> Need:
    """What it takes."""
    load, line, broker = site.load, model.cpu["controller"], model.cpu["broker"]
    work = line.of(load, without="commit")
    # A process that were busy by itself could do nothing else: then a tenth of a core is what it can do.
    controllers = max(1, ceil(work / max(BUSY - line.process(), 0.1)))
    return Need(
        site,
        messages=load.gateways * STATES_PER_S + 2 * load.blocks_per_s,
        controllers=controllers,
        controller_cores=work + controllers * line.process(),
        broker_cores=broker.process() + broker.of(load, without="commit"),
        memory_gb=sum(one.of(load) for one in model.memory_mb.values()) / 1e3
        + (controllers * model.memory_mb["controller"].fixed + model.memory_mb["broker"].fixed) / 1e3,
        disk_gb=load.readings_per_s * DAY_S * RAW_DAYS * model.bytes_a_reading / 1e9,
    )
