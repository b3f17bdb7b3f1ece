"""`./run bench NAME`."""

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from hil.bench import (
    codecs,
    cohorts,
    first_image,
    first_light,
    growth,
    growth_gateway,
    lake,
    live,
    narrow,
    objects,
    observed,
    outage,
    retention,
    robots,
    robots_live,
    robots_replay,
    screen,
    store,
    waveforms,
)
from hil.bench.ecg import table as ecg_table
from hil.bench.history import bench as history
from hil.bench.imaging import bench as imaging
from hil.bench.imaging import growth as imaging_growth
from hil.bench.pipeline import bench as pipeline
from hil.bench.pipeline import table as pipeline_table
from hil.bench.rhythm import table as rhythm_table
from hil.bench.rooms import command as rooms
from hil.bench.scale import command as scale
from hil.bench.waves.codecs import table as codec_table
from hil.errors import HilError
from hil.ward import Folder

app = typer.Typer(add_completion=False)
_COMMANDS = {
    **{"codecs": codecs.command, "cohorts": cohorts.command, "lake": lake.command, "live": live.command},
    **{"objects": objects.command, "observed": observed.command, "retention": retention.command},
    **scale.COMMANDS,
    "store": store.command,
}
for name, command in _COMMANDS.items():
    app.command(name=name)(command)


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


@app.command(name="waveforms")
def measure_waveforms(
    beds: Annotated[int, typer.Option(help="Beds, each with an ECG at 500 Hz and a pleth at 100 Hz.")] = 20,
    seconds: Annotated[float, typer.Option(help="How long each run is measured.")] = 30.0,
    rounds: Annotated[int, typer.Option(help="Pairs of runs.")] = 2,
    records: Annotated[Path | None, typer.Option(help="A folder with MIT-BIH's 100.dat: a real ECG.")] = None,
) -> None:
    """ECG and pleth through one gateway: processor, bytes, every sample compared; exit with 1 on failure."""
    with tempfile.TemporaryDirectory(prefix="wardlink-bench-") as name:
        load = waveforms.Load(beds, records)
        for line in codec_table(waveforms.ways(load)):
            typer.echo(line)
        pairs = asyncio.run(waveforms.measure(load, Path(name), seconds, rounds, typer.echo))
    for line in waveforms.table(pairs):
        typer.echo(line)
    if failed := waveforms.failures(pairs):
        typer.echo("\n".join(failed), err=True)
        raise typer.Exit(1)


@app.command(name="rhythm")
def measure_rhythm(
    records: Annotated[Path, typer.Option(help="A folder with PhysioNet's records: *.hea, *.dat, *.atr.")],
) -> None:
    """Heart beats against annotations; false alarms of standstill with and without a pulse beside them."""
    try:
        for line in rhythm_table.lines(records):
            typer.echo(line)
    except HilError as error:
        typer.echo(f"nothing is measured: {error}", err=True)
        raise typer.Exit(2) from error


@app.command(name="ecg")
def measure_ecg(
    records: Annotated[
        Path | None, typer.Option(help="A folder with PhysioNet's records: *.hea, *.dat, *.atr.")
    ] = None,
) -> None:
    """The ECG plug-in: beats and atrial fibrillation against annotations, or on synthetic records."""
    try:
        for line in ecg_table.lines(records):
            typer.echo(line)
    except HilError as error:
        typer.echo(f"nothing is measured: {error}", err=True)
        raise typer.Exit(2) from error


@app.command(name="first-image")
def measure_first_image(
    rounds: Annotated[int, typer.Option(help="Browsers that open a study.")] = first_image.ROUNDS,
) -> None:
    """How soon a study's first image is on a tablet over 20 Mbit/s and 40 ms (needs root, and Chromium)."""
    with tempfile.TemporaryDirectory(prefix="wardlink-bench-") as folder:
        for line in first_image.told(asyncio.run(first_image.measure(Folder(Path(folder)), rounds))):
            typer.echo(line)


@app.command(name="narrow")
def measure_narrow(
    rate: Annotated[
        list[int] | None, typer.Option(help="kbit/s, any number of times; 256, 64 and 16.")
    ] = None,
    seconds: Annotated[float, typer.Option(help="How long each run is measured.")] = 60.0,
    tunnel: Annotated[float, typer.Option(help="Seconds without any network before each run.")] = 0.0,
) -> None:
    """A vehicle behind a narrow link: how old is what the hospital sees (needs root)."""
    runs: dict[tuple[int, bool], narrow.Measured] = {}
    for kbit in rate or narrow.RATES_KBIT:
        for plain in (False, True):
            with tempfile.TemporaryDirectory(prefix="wardlink-bench-") as folder:
                run = narrow.measure(Path(folder), kbit, seconds, plain=plain, tunnel_s=tunnel)
                runs[kbit, plain] = asyncio.run(run)
    for line in narrow.table(runs):
        typer.echo(line)
    if failed := [line for run in runs.values() for line in run.problems]:
        typer.echo("\n".join(failed), err=True)
        raise typer.Exit(1)


@app.command(name="growth")
def measure_growth(
    period: Annotated[float, typer.Option(help="Seconds between two readings of a device.")] = 20.0,
    seconds: Annotated[float, typer.Option(help="How long each size is measured.")] = 30.0,
    rounds: Annotated[int, typer.Option(help="Runs of all sizes; medians count.")] = 3,
    largest: Annotated[int, typer.Option(help="Devices of the largest size.")] = 10_000,
) -> None:
    """10 to 10,000 devices of one controller, 10 to 1,000 of one gateway: what one more costs."""
    parts = ((growth.measure, growth.SIZES, period), (growth_gateway.measure, growth_gateway.SIZES, 1.0))
    for measure, sizes, each in parts:
        with tempfile.TemporaryDirectory(prefix="wardlink-bench-") as name:
            asked = [size for size in sizes if size <= largest]
            runs = [
                asyncio.run(measure(Path(name) / str(turn), asked, each, seconds, typer.echo))
                for turn in range(rounds)
            ]
        for line in growth.table(runs):
            typer.echo(line)


@app.command(name="screen")
def measure_screen(
    beds: Annotated[int, typer.Option(help="Beds, each with three devices and a waveform.")] = 50,
    seconds: Annotated[float, typer.Option(help="How long the board is watched.")] = 30.0,
    picture: Annotated[Path | None, typer.Option(help="Where to draw the board to (PNG).")] = None,
) -> None:
    """From sensor to screen in a real Chromium: delay, frames, processor; exit with 1 on failure."""
    with tempfile.TemporaryDirectory(prefix="wardlink-bench-") as name:
        measured = asyncio.run(screen.measure(Path(name), beds, seconds, typer.echo, picture))
    for line in first_light.table(list(screen.rows(measured))):
        typer.echo(line)
    if problems := screen.problems(measured):
        typer.echo("; ".join(problems), err=True)
        raise typer.Exit(1)


@app.command(name="pipeline")
def measure_pipeline(
    pairs: Annotated[int, typer.Option(help="Rounds of both gateways; five take a quarter of an hour.")] = 5,
    seconds: Annotated[float, typer.Option(help="How long each load is measured.")] = 6.0,
    seed: Annotated[int, typer.Option(help="Of the moments of the kills.")] = 1,
    quick: Annotated[bool, typer.Option("--quick", help="One short pair: does it run at all?")] = False,
) -> None:
    """The whole way, against thingsboard-gateway and the machine; exit with 1 when an aim is missed."""
    plan = pipeline.QUICK if quick else pipeline.Plan(pairs, seconds)
    with tempfile.TemporaryDirectory(prefix="wardlink-bench-") as folder:
        try:
            measured = asyncio.run(pipeline.measure(Path(folder), plan, seed, typer.echo))
        except HilError as error:
            typer.echo(f"nothing is compared: {error}", err=True)
            raise typer.Exit(2) from error
    rows = list(pipeline_table.rows(measured))
    for line in pipeline_table.table(rows, len(measured)):
        typer.echo(line)
    if any(row.met is False for row in rows):
        raise typer.Exit(1)


@app.command(name="outage")
def measure_outage() -> None:
    """What a start costs with 48 hours of blocks in the journal, some minutes; 1,000 blocks beside it."""
    typer.echo(outage.table())


@app.command(name="history")
def measure_history(
    days: Annotated[int, typer.Option(min=1, help="How much the store grows to.")] = 30,
    beds: Annotated[int, typer.Option(min=1, help="Beds with five metrics a second.")] = 4,
    times: Annotated[int, typer.Option(help="How often a bed is opened at each size.")] = 100,
    pairs: Annotated[int, typer.Option(help="Pairs of intake without and with history.")] = 3,
) -> None:
    """How a bed's last day opens with 3, 10, 30 days in the store, and what that costs the intake."""
    with tempfile.TemporaryDirectory(prefix="wardlink-bench-") as folder:
        compared = history.intake_pairs(Path(folder) / "intake", pairs, typer.echo)
        sizes = asyncio.run(history.openings(Path(folder), days, beds, times, typer.echo))
    for line in (*history.table(sizes, beds), "", *history.pairs_table(compared)):
        typer.echo(line)
    if not history.is_quick(sizes):
        raise typer.Exit(1)


@app.command(name="imaging")
def measure_imaging(
    pairs: Annotated[int, typer.Option(min=1, help="Rounds of both servers.")] = 6,
    largest: Annotated[
        int, typer.Option(help="Instances of the largest index: 1,000, 10,000, 100,000; 0: none.")
    ] = 100_000,
) -> None:
    """Images in and out, against Orthanc (Debian's, with DICOMweb); exit with 1 when an aim is missed."""
    sizes = [size for size in imaging_growth.SIZES if size <= largest]
    with tempfile.TemporaryDirectory(prefix="wardlink-bench-") as folder:
        try:
            rows, lines = asyncio.run(imaging.compared(Path(folder), pairs, typer.echo))
            typer.echo("\n".join(lines))
            grown = asyncio.run(imaging.grown(Path(folder), sizes, typer.echo)) if sizes else []
        except HilError as error:
            typer.echo(f"nothing is compared: {error}", err=True)
            raise typer.Exit(2) from error
    if grown:
        typer.echo("\n".join(imaging_growth.table(grown)))
    if any(row.met is False for row in rows):
        raise typer.Exit(1)


@app.command(name="robots")
def measure_robots(
    hours: Annotated[float, typer.Option(help="Simulated; a tenth of it for the largest fleet.")] = 2.0,
    seed: Annotated[int, typer.Option(help="The same seed makes the same maps and wishes.")] = 1,
    *,
    live: Annotated[int, typer.Option(help="Instead: so many robots at real gateways and brokers.")] = 0,
    wards: Annotated[int, typer.Option(help="Of those: so many gateways, each with a broker.")] = 4,
    seconds: Annotated[float, typer.Option(help="Of those: how long each part is measured.")] = 60.0,
) -> None:
    """The fleet in simulated time: driven length against shortest ways, processor, arrivals; a replay.

    `--live 200`: what 200 robots at 1 Hz cost a controller, and how soon they have an order.
    """
    if live:
        plan = robots_live.Plan(live, wards, seconds, seed=seed)
        with tempfile.TemporaryDirectory(prefix="wardlink-bench-") as folder:
            measured = asyncio.run(robots_live.measure(Path(folder), plan))
        lines = robots_live.table(measured)
    else:
        with tempfile.TemporaryDirectory(prefix="wardlink-bench-") as folder:
            seen = asyncio.run(robots_replay.measure(Path(folder)))
        lines = (*robots.table(robots.rows(hours, seed)), *robots_replay.table(seen))
    for line in lines:
        typer.echo(line)


@app.command(name="rooms")
def measure_rooms(
    parties: Annotated[
        list[int] | None, typer.Option(help="How many, any number of times; 2, 4, 6 and 8.")
    ] = None,
    seconds: Annotated[float, typer.Option(help="How long each room is watched.")] = 12.0,
    marks: Annotated[bool, typer.Option(help="Only how late what is drawn is on the others' pages.")] = False,
) -> None:
    """Rooms with pictures: joining, frames, glass to glass, marks, and vital signs over a narrow network."""
    with tempfile.TemporaryDirectory(prefix="wardlink-bench-") as folder:
        for line in rooms.lines(Path(folder), parties, seconds, typer.echo, marks=marks):
            typer.echo(line)


if __name__ == "__main__":
    app()
