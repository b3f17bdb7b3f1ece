"""`wardlink controller firmware`: which images there are, which node is to run which, and what nodes said."""

import asyncio
import getpass
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn
from rich.table import Table

from controller.clock import SystemClock, utc_text
from controller.command import ConfigOption, with_store
from controller.errors import FirmwareError
from controller.firmware.desk import Asked, FirmwareDesk
from controller.firmware.images import Images
from controller.firmware.records import lines
from controller.identity.certificates import By
from controller.store import Store

LOOK_S = 0.5
EXITS = {"done": 0, "refused": 3, "failed": 4, "interrupted": 5, "expired": 6}
"""The exit status of `update --follow`, by outcome."""
_STAGES = {"asking": "asked who it is", "taken": "taken, and not begun", "trial": "runs on trial"}

app = typer.Typer(no_args_is_help=True, help="Firmware of nodes.")
Gateway = Annotated[str, typer.Argument(help="The gateway's id.")]
Device = Annotated[str, typer.Argument(help="The node's name.")]
Why = Annotated[str, typer.Option(help="The reason, for the audit trail.")]


@app.command()
def add(
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, help="Of `firmware.build --image`."),
    ],
    why: Why = "",
    config: ConfigOption = None,
) -> None:
    """Take an image in, so that gateways may fetch it. Nothing is updated by that."""
    data = file.read_bytes()
    image = with_store(config, lambda store: Images(store, SystemClock()).add(data, _me(why)))
    typer.echo(f"{image.board}\tversion {image.version}\t{image.size} bytes\t{image.digest}")


@app.command("list")
def listed(config: ConfigOption = None) -> None:
    """The images that there are."""
    table = Table(box=None, pad_edge=False)
    for column in ("board", "version", "bytes", "added", "by", "sha256"):
        table.add_column(column, no_wrap=True)
    for one in with_store(config, lambda store: Images(store, SystemClock()).listed()):
        told = utc_text(one.added_utc_us)[:19], one.by, one.digest
        table.add_row(one.board, str(one.version), str(one.size), *told)
    console = Console()
    console.width = max(console.width, 200)
    console.print(table, markup=False)


@app.command()
def remove(
    board: str,
    version: Annotated[int, typer.Argument(min=1)],
    why: Why = "",
    config: ConfigOption = None,
) -> None:
    """Offer an image no more. What runs it goes on."""
    with_store(config, lambda store: Images(store, SystemClock()).remove(board, version, _me(why)))


@app.command()
def update(
    gateway: Gateway,
    device: Device,
    *,
    version: Annotated[int | None, typer.Option(min=1, help="Without: the newest for its board.")] = None,
    follow: Annotated[bool, typer.Option("--follow", help="Show how far it is, until the outcome.")] = False,
    why: Why = "",
    config: ConfigOption = None,
) -> None:
    """Have a node run an image: it begins it once it measures no patient, and goes back if it is not healthy.

    With --follow the exit status says the outcome: 0 it runs, 3 refused, 4 failed, 5 interrupted, 6 expired.
    """

    async def work(store: Store) -> Asked | None:
        desk = FirmwareDesk(store, SystemClock())
        made = await desk.ask(gateway, device, version, _me(why))
        typer.echo(f"{device}: is to run version {made.arguments['version']} ({made.id.hex()})")
        return await _followed(desk, gateway, device) if follow else None

    asked = with_store(config, work)
    if asked is not None:
        typer.echo(f"version {asked.version}: {asked.state}{': ' if asked.why else ''}{asked.why}")
        raise typer.Exit(EXITS.get(asked.state, 1))


@app.command()
def logs(
    gateway: Gateway,
    device: Device,
    most: Annotated[int, typer.Option(min=1, help="So many lines, the newest.")] = 50,
    follow: Annotated[bool, typer.Option("--follow", help="And those that come, until Ctrl-C.")] = False,
    config: ConfigOption = None,
) -> None:
    """What a node said: its log, its resets, what became of updates; the newest last."""

    async def work(store: Store) -> None:
        clock, last = SystemClock(), 0
        shift_us = clock.utc_us() - clock.now_us()
        while True:
            for one in await lines(store, gateway, device, most, last):
                typer.echo(f"{utc_text(one.at_us + shift_us)[:23]}Z\t{one.what}\t{one.text}")
                last = one.number
            if not follow:
                return
            await asyncio.sleep(LOOK_S)

    _until_interrupted(lambda: with_store(config, work))


def _until_interrupted(work: Callable[[], None]) -> None:
    try:
        work()
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


async def _followed(desk: FirmwareDesk, gateway: str, device: str) -> Asked:
    """Show it until its outcome is known. Raises FirmwareError."""
    columns = TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn()
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("waits for the gateway", total=100)
        while True:
            asked = (await desk.told(gateway, device)).asked
            if asked is None:
                raise FirmwareError(f"{gateway}: its order is no longer there: see `controller order show`")
            _show(progress, task, asked)
            if not asked.is_open:
                return asked
            await asyncio.sleep(LOOK_S)


def _show(progress: Progress, task: TaskID, asked: Asked) -> None:
    if asked.stage:
        waits = f": {asked.waits}" if asked.waits else ""
        stage = _STAGES.get(asked.stage, asked.stage)
        progress.update(task, description=f"{stage}{waits}", completed=asked.percent)
    if asked.state == "done":
        progress.update(task, description="runs", completed=100)


def _me(why: str) -> By:
    return By(f"cli:{getpass.getuser()}", why=why)
