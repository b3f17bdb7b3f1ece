"""`./run bench scale`, and what else a larger site is measured by."""

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from hil.bench.pages import command as pages
from hil.bench.scale import crowds, model, points, several, table, writers

SITES = tuple(model.Site(devices) for devices in (1_000, 10_000, 100_000, 1_000_000))


def command(  # noqa: PLR0917 - typer reads them by name
    seconds: Annotated[float, typer.Option(help="How long each site is measured.")] = 20.0,
    largest: Annotated[int, typer.Option(help="Gateways of the largest site.")] = points.GATEWAYS[-1],
    controllers: Annotated[
        str, typer.Option(help="Instead: so many controllers on PostgreSQL with the same load, as 1,2,3.")
    ] = "",
    readings: Annotated[float, typer.Option(help="Of those: a second, of 60 gateways.")] = 1200.0,
    gateways: Annotated[
        str, typer.Option(help="Instead: so many gateways at three brokers, as 1000,3000,10000.")
    ] = "",
    state: Annotated[float, typer.Option(help="Of those: seconds from one state to the next.")] = 5.0,
    before: Annotated[
        Path | None, typer.Option(help="Of those: a folder with an older release, measured too.")
    ] = None,
) -> None:
    """To 3,000 gateways and 4,000 readings a second, and a model of larger sites that is fitted to them."""
    with tempfile.TemporaryDirectory(prefix="wardlink-bench-") as name:
        if gateways:
            numbers = [int(one) for one in gateways.split(",")]
            crowd = crowds.run(
                *(Path(name), numbers, int(controllers or 1)),
                state_s=state,
                seconds=seconds,
                say=typer.echo,
            )
            lines = crowds.table(asyncio.run(crowd))
        elif controllers:
            counts = [int(one) for one in controllers.split(",")]
            load = several.Load(devices=max(1, round(readings / several.Load().gateways)))
            runs = several.run(Path(name), counts, load, seconds=seconds, before=before, say=typer.echo)
            lines = several.table(asyncio.run(runs))
        else:
            asked = [one for one in points.GATEWAYS if one <= largest]
            found = points.run(Path(name), asked, points.RATES_HZ, seconds, typer.echo)
            lines = table.table(found, model.fit(found), SITES)
    for line in lines:
        typer.echo(line)


COMMANDS = {"scale": command, "writers": writers.command, "pages": pages.command}
