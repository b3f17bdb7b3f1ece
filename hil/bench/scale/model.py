"""Processor, memory and disk of a site of any size, fitted to what sites of some sizes used.

    model = fit(points)
    model.cpu["controller"].of(gateways=20_000, devices=1_000_000, readings_per_s=1_000_000)

Linear on purpose: each gateway says its state each second and holds four connections, each device is
remembered, each reading goes its way; nothing in the product is compared with everything else. How far a
measured point lies from the line is told, so that a reader sees where that is not so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

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


@dataclass(frozen=True, slots=True)
class Line:
    """`fixed + gateway x gateways + device x devices + reading x readings a second`."""

    fixed: float
    gateway: float
    device: float
    reading: float
    error: float
    """The greatest distance of a measured point from it."""

    def of(self, gateways: float, devices: float, readings_per_s: float) -> float:
        """For such a site, without what one process needs by itself."""
        return self.gateway * gateways + self.device * devices + self.reading * readings_per_s


@dataclass(frozen=True, slots=True)
class Model:
    """By process: cores; MB. And the bytes of a reading on the disk."""

    cpu: dict[str, Line]
    memory_mb: dict[str, Line]
    bytes_a_reading: float


def fit(points: Sequence[Point]) -> Model:
    """Of at least four points, the first of which is a site without any gateway."""
    names = points[0].size.used
    cpu = {name: _line(points, [p.size.used[name].cpu_s for p in points], "gr") for name in names}
    memory = {name: _line(points, [p.size.used[name].megabytes for p in points], "gd") for name in names}
    busiest = max(points, key=lambda point: point.size.readings)
    empty = points[0].size.stored_mb
    return Model(cpu, memory, (busiest.size.stored_mb - empty) * 1e6 / max(busiest.size.readings, 1))


def _line(points: Sequence[Point], values: Sequence[float], by: str) -> Line:
    """Least squares, weighted so that small sites count as much as large ones. `by`: what it depends on."""
    columns = {
        "g": [float(point.gateways) for point in points],
        "d": [float(point.devices) for point in points],
        "r": [point.readings_per_s for point in points],
    }
    matrix = np.array([[1.0] * len(points), *(columns[letter] for letter in by)]).T
    wanted = np.array(values)
    weights = 1 / np.maximum(wanted, wanted.max() / 50)
    found, *_ = np.linalg.lstsq(matrix * weights[:, None], wanted * weights, rcond=None)
    error = float(np.abs(matrix @ found - wanted).max())
    slopes = dict(zip(by, (float(one) for one in found[1:]), strict=True))
    return Line(float(found[0]), slopes.get("g", 0.0), slopes.get("d", 0.0), slopes.get("r", 0.0), error)


@dataclass(frozen=True, slots=True)
class Site:
    """What is planned."""

    devices: int
    at_a_gateway: int = 50
    readings_per_s: float = 1.0
    """Of each device."""

    @property
    def gateways(self) -> int:
        """Whole ones."""
        return ceil(self.devices / self.at_a_gateway)

    @property
    def readings(self) -> float:
        """A second, of all."""
        return self.devices * self.readings_per_s


@dataclass(frozen=True, slots=True)
class Need:
    """Of one site. `messages`: a second, up and down."""

    site: Site
    messages: float
    controller_cores: float
    broker_cores: float
    memory_gb: float
    disk_gb: float
    """With readings kept for RAW_DAYS."""

    @property
    def controllers(self) -> int:
        """Processes: one does its work on one core."""
        return max(1, ceil(self.controller_cores / BUSY))


def need(model: Model, site: Site) -> Need:
    """What it takes."""
    size = site.gateways, site.devices, site.readings
    blocks = site.gateways * min(BLOCKS_PER_S, site.at_a_gateway * site.readings_per_s)
    return Need(
        site,
        messages=site.gateways * STATES_PER_S + 2 * blocks,
        controller_cores=model.cpu["controller"].of(*size),
        broker_cores=model.cpu["broker"].of(*size),
        memory_gb=sum(line.of(*size) for line in model.memory_mb.values()) / 1e3,
        disk_gb=site.readings * DAY_S * RAW_DAYS * model.bytes_a_reading / 1e9,
    )
