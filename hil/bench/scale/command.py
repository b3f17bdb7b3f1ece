"""`./run bench scale`."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from hil.bench.scale import model, points, table

SITES = tuple(model.Site(devices) for devices in (1_000, 10_000, 100_000, 1_000_000))


def command(
    seconds: Annotated[float, typer.Option(help="How long each site is measured.")] = 20.0,
    largest: Annotated[int, typer.Option(help="Gateways of the largest site.")] = points.GATEWAYS[-1],
) -> None:
    """To 3,000 gateways and 4,000 readings a second, and a model of larger sites that is fitted to them."""
    asked = [one for one in points.GATEWAYS if one <= largest]
    with tempfile.TemporaryDirectory(prefix="wardlink-bench-") as name:
        found = points.run(Path(name), asked, points.RATES_HZ, seconds, typer.echo)
    for line in table.table(found, model.fit(found), SITES):
        typer.echo(line)
