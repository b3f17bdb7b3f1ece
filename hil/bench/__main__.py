"""`./run bench NAME`."""

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from hil.bench import codecs, first_light

app = typer.Typer(add_completion=False)


@app.callback()
def bench() -> None:
    """Measure, beside a baseline, on this machine."""


@app.command(name="first-light")
def measure_first_light(
    seconds: Annotated[float, typer.Option(help="How long each part is measured.")] = 20.0,
    rate: Annotated[int, typer.Option(help="Readings a second of the load.")] = 6000,
) -> None:
    """The way of a reading: delay, throughput, memory, bytes."""
    console = Console(highlight=False, width=150)
    with tempfile.TemporaryDirectory(prefix="wardlink-bench-") as folder:
        rows = asyncio.run(first_light.measure(Path(folder), seconds, rate, console.print))
    console.print()
    for line in first_light.table(rows):
        console.print(line, markup=False, soft_wrap=True)


@app.command(name="codecs")
def measure_codecs() -> None:
    """Every codec against its device's line rate; exit with 1 when one is too slow."""
    measured = list(codecs.rows())
    for line in codecs.table(measured):
        typer.echo(line)
    if any(row.times < codecs.REQUIRED for row in measured):
        raise typer.Exit(1)


if __name__ == "__main__":
    app()
