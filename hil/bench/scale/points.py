"""Sites of several sizes, each with a controller, a broker and a database of its own.

Gateways are light senders that speak the whole contract (`hil.bench.crowd`): four TLS connections each, a
state a second, blocks sealed and kept until their receipt. Each connection is an open file of the broker's
process: where 20,000 are allowed, 4,000 gateways are the most.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hil.bench import growth
from hil.bench.growth import Say, Size
from hil.errors import NotReady

GATEWAYS = (100, 300, 1_000, 3_000)
"""With one device each."""
RATES_HZ = (0.1, 1.0, 4.0)
"""Of each device, at FEW gateways with fifty devices each."""
FEW, AT_A_GATEWAY, SELDOM_S = 20, 50, 10.0


@dataclass(frozen=True, slots=True)
class Point:
    """What one site used. `readings_per_s`: as asked for."""

    gateways: int
    devices: int
    readings_per_s: float
    size: Size


@dataclass(frozen=True, slots=True)
class _Asked:
    gateways: int
    at_a_gateway: int
    period_s: float

    @property
    def devices(self) -> int:
        return self.gateways * self.at_a_gateway

    @property
    def readings_per_s(self) -> float:
        return self.devices / self.period_s


def asked(gateways: Sequence[int], rates_hz: Sequence[float]) -> list[_Asked]:
    """None at all, then more and more gateways, then more and more readings."""
    many = [_Asked(count, 1, SELDOM_S) for count in gateways]
    return [_Asked(0, 1, SELDOM_S), *many, *(_Asked(FEW, AT_A_GATEWAY, 1 / rate) for rate in rates_hz)]


async def measure(folder: Path, sites: Sequence[_Asked], seconds: float, say: Say) -> list[Point]:
    """Each site for `seconds`; one that does not come up here, or does not keep up, is told, and left out.
    Raises NotReady if anything was lost."""
    points: list[Point] = []
    for number, site in enumerate(sites):
        try:
            point = await _point(folder / str(number), site, seconds)
        except NotReady as error:
            say(f"{_named(site)}: not measured: {error!s:.300}")
            continue
        say(f"{_named(site)}: {growth.told(point.size)}")
        if point.size.lost:
            raise NotReady(f"expected every reading once, {point.size.lost} are missing or twice")
        if point.size.behind:
            say("  which it did not keep up with: left out of what follows")
            continue
        points.append(point)
    return points


def _named(site: _Asked) -> str:
    return f"{site.gateways} gateways, {site.readings_per_s:,.0f} readings/s"


async def _point(root: Path, site: _Asked, seconds: float) -> Point:
    order = growth.order_for(site.devices, root, site.period_s, site.at_a_gateway)
    return Point(site.gateways, site.devices, site.readings_per_s, await growth.size(root, order, seconds))


def run(
    folder: Path,
    gateways: Sequence[int],
    rates_hz: Sequence[float],
    seconds: float,
    say: Callable[[str], None],
) -> list[Point]:
    """As `measure`."""
    return asyncio.run(measure(folder, asked(gateways, rates_hz), seconds, say))
