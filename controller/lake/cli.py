"""`wardlink lake`: Parquet files, written, checked and asked; data sets and waveforms out of them."""

import asyncio
import getpass
from pathlib import Path
from typing import Annotated

import typer

from controller.clock import SystemClock, utc_of
from controller.command import ConfigOption, explained, with_store
from controller.config import Config, load
from controller.identity.certificates import By
from controller.lake.child import bring_up_to_date
from controller.lake.cohorts.cli import app as cohort_cli
from controller.lake.extra import folder_of, needed
from controller.lake.recordings import Wanted, take_out
from controller.lake.research.places import Places

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Data for reports and research.")
app.add_typer(cohort_cli, name="cohort")


@app.command()
def write(config: ConfigOption = None) -> None:
    """Bring the lake up to what the store has now."""
    with explained():
        loaded = load(config)
        work = bring_up_to_date(loaded.where, folder_of(loaded), who())
        typer.echo(asyncio.run(work))


@app.command()
def check(config: ConfigOption = None) -> None:
    """Hold the lake against the store: exit with 1 when anything is missing, there twice or not the same."""
    with explained(), needed():
        from controller.lake.check import checked  # noqa: PLC0415 - the extra may be missing

        loaded, folder = _there(config)
        found = checked(loaded.where, folder)
    for problem in found.problems:
        typer.echo(problem)
    waiting = f"{found.waiting} rows and {found.days_waiting} changed days wait for the next generation"
    typer.echo(f"{found.rows} rows, {len(found.problems)} problems; {waiting}", err=True)
    if found.problems:
        raise typer.Exit(1)


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="DuckDB's SQL; tables: observation, waveform, alert, stay, …")],
    config: ConfigOption = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="All rows, as CSV.")] = False,
) -> None:
    """Ask the lake."""
    with explained(), needed():
        from controller.lake.asking import as_text, opened  # noqa: PLC0415 - the extra may be missing

        with opened(_there(config)[1]) as duck:
            for line in as_text(duck, sql, as_csv=as_csv):
                typer.echo(line)


@app.command()
def wfdb(
    bed: str,
    folder: Annotated[Path, typer.Argument(help="Is made; files of WFDB go there.")],
    *,
    since: Annotated[str, typer.Option("--from", help="ISO 8601; without a zone it is UTC.")],
    until: Annotated[str, typer.Option("--to", help="Likewise.")],
    stay: Annotated[int | None, typer.Option(help="Only this one.")] = None,
    config: ConfigOption = None,
) -> None:
    """Take a bed's waveforms out as WFDB, stay by stay."""
    try:
        wanted = Wanted(bed, utc_of(since), utc_of(until), stay)
    except ValueError as error:
        raise typer.BadParameter(f"{error}: expected a time as 2026-11-27T08:00:00Z") from None

    told = with_store(config, lambda store: take_out(store, folder, wanted, who()))
    typer.echo(f"{folder}: {told.records} records, {told.samples} samples")


@app.command()
def research(
    project: Annotated[str, typer.Argument(help="RP00000001, as the API names it.")],
    config: ConfigOption = None,
) -> None:
    """Make a release for an approved project: a folder of Parquet files without identifiers."""
    with explained(), needed():
        from controller.lake.research.making import make  # noqa: PLC0415 - the extra may be missing

        loaded, lake = _there(config)
    places = Places(lake, loaded.data / "research", loaded.data / "keys" / "research.key")
    folder, made = with_store(config, lambda store: make(store, SystemClock(), places, (project, who())))
    typer.echo(f"{folder}: {made.rows} rows of {made.people} people, digest {made.digest}")


def who() -> By:
    """Who is at the command line."""
    return By(f"cli:{getpass.getuser()}")


def _there(config: Path | None) -> tuple[Config, Path]:
    loaded = load(config)
    return loaded, folder_of(loaded)
