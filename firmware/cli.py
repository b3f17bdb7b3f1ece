"""`wardlink firmware`: put the firmware on a board, listen to a node. Needs no gateway and no controller."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from devices.model.observation import Instant
from devices.rendering import as_text
from firmware.build import ToolMissing
from firmware.flashing import MICROBIT, FlashError, connected, copy, flash_drive, tree
from firmware.monitor import Monitor

BAUD = 115200
_READ_S = 0.2

app = typer.Typer(no_args_is_help=True, help="The nodes' firmware.")


@app.callback()
def _root() -> None:
    """The nodes' firmware: put it on a board, and listen to a node."""


@app.command()
def flash(
    board: Annotated[str, typer.Argument(help="microbit, esp32, nrf52 or pico_w.")],
    port: Annotated[str, typer.Argument(help="Its serial port; of a micro:bit the folder of its drive.")],
    version: Annotated[int | None, typer.Option(min=1, help="That it tells; without: as it is here.")] = None,
) -> None:
    """Put the firmware on a board. All but the micro:bit need MicroPython itself on it already."""
    with _explained():
        if board == MICROBIT:
            typer.echo(f"{flash_drive(Path(port))}: written; its light blinks while it takes it")
            return
        files, prompt = tree(board, version), connected(port)
        columns = TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn()
        with Progress(*columns, console=Console(stderr=True)) as progress:
            task = progress.add_task("")
            written = copy(
                prompt,
                files,
                lambda name, done, total: progress.update(
                    task, description=name, completed=done, total=total
                ),
            )
        typer.echo(f"{port}: {written} of {len(files)} files written: reset the board, and it begins")


@app.command()
def monitor(
    port: Annotated[str, typer.Argument(help="A serial port, or the path of a PTY.")],
    *,
    take: Annotated[
        bool, typer.Option("--take", help="Answer: what is shown here then reaches no gateway.")
    ] = False,
    lines: Annotated[
        bool, typer.Option("--lines", help="A line for each thing said, as where there is no terminal.")
    ] = False,
) -> None:
    """Show what a node says, live, until Ctrl-C. No gateway may have the port meanwhile."""
    import serial  # noqa: PLC0415 - only this needs it

    console = Console()
    with _explained(), serial.Serial(port, BAUD, timeout=_READ_S, exclusive=True) as line:
        node = Monitor(line.write, take)
        if lines or not console.is_terminal:
            while True:
                for one in node.heard(line.read(line.in_waiting or 1), _now()):
                    typer.echo(as_text(one))
                sys.stdout.flush()
        with Live(console=console, auto_refresh=False, screen=True) as live:
            while True:
                node.heard(line.read(line.in_waiting or 1), _now())
                live.update(node.shown(_now()), refresh=True)


def _now() -> Instant:
    return Instant(time.monotonic_ns())


@contextmanager
def _explained() -> Iterator[None]:
    """Errors that a person can mend are told, not traced; Ctrl-C is the end."""
    try:
        yield
    except (FlashError, ToolMissing, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
