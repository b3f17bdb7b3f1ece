"""What was measured of sites of some sizes, and what the model says of larger ones, in Markdown."""

from collections.abc import Iterator, Sequence

import numpy as np

from hil.bench.scale.model import HELD, WORK, Model, Site, need
from hil.bench.scale.points import Point


def table(points: Sequence[Point], model: Model, sites: Sequence[Site]) -> Iterator[str]:
    """What was measured, what was fitted, and what it says of larger sites, in Markdown."""
    yield from _measured(points)
    yield ""
    yield from _fitted(model)
    yield ""
    yield from _head(
        *("devices", "gateways", "messages/s", "controllers' cores", "processes at 60 %"),
        *("brokers' cores", "memory, GB", "disk of 30 days, TB"),
    )
    for one in (need(model, site) for site in sites):
        yield _row(
            *(f"{one.site.devices:,}", f"{one.site.load.gateways:,}", f"{one.messages:,.0f}"),
            *(f"{one.controller_cores:.1f}", str(one.controllers), f"{one.broker_cores:.1f}"),
            *(f"{one.memory_gb:.1f}", f"{one.disk_gb / 1e3:.2f}"),
        )


def _measured(points: Sequence[Point]) -> Iterator[str]:
    yield from _head(
        *("gateways", "devices", "readings/s", "controller, cores", "MB", "broker, cores", "MB"),
        *("measured → receipt p50 / p99, ms", "sent again"),
    )
    for point in points:
        one, two = (point.size.used[name] for name in ("controller", "broker"))
        yield _row(
            *(f"{point.gateways:,}", f"{point.devices:,}", f"{point.readings_per_s:,.0f}"),
            *(f"{one.cpu_s:.3f}", f"{one.megabytes:.0f}", f"{two.cpu_s:.3f}", f"{two.megabytes:.0f}"),
            *(_percentiles(point.size.receipt_ms), str(point.size.again)),
        )


def _head(*names: str) -> Iterator[str]:
    yield _row(*names)
    yield "|" + "---:|" * len(names)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _percentiles(values: Sequence[float]) -> str:
    if not values:
        return "–"
    return " / ".join(f"{np.percentile(values, one):.0f}" for one in (50, 99))


def _fitted(model: Model) -> Iterator[str]:
    yield f"| | by itself | {' | '.join(f'a {name} a second' for name in WORK)} | farthest point |"
    yield "|---|" + "---:|" * (len(WORK) + 2)
    for name, line in model.cpu.items():
        cells = [f"{1e6 * one:,.1f}" for one in (line.fixed, *line.each.values(), line.error)]
        yield f"| {name}, µs of processor a second | {' | '.join(cells)} |"
    yield ""
    yield f"| | by itself | {' | '.join(f'a {name}' for name in HELD)} | farthest point |"
    yield "|---|" + "---:|" * (len(HELD) + 2)
    for name, line in model.memory_mb.items():
        cells = [f"{1e3 * one:,.1f}" for one in (line.fixed, *line.each.values(), line.error)]
        yield f"| {name}, kB | {' | '.join(cells)} |"
    yield ""
    yield f"Disk: {model.bytes_a_reading:.1f} bytes a reading."
