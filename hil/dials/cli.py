"""`wardlink hil bench`: a ward on this machine whose patients and devices an engineer turns by hand."""

import asyncio
import signal
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from controller.errors import ControllerError
from controller.ports import free_port
from hil.board import Board
from hil.dials.bench import Bench
from hil.dials.delays import lines
from hil.dials.panel import Panel
from hil.dials.records import prepare
from hil.dials.server import Page, serving
from hil.dials.turns import TimedTurn, read_log
from hil.dials.ward import bench_ward
from hil.dials.watch import Watch
from hil.errors import HilError, NotReady
from hil.lock import locked
from hil.stack import Stack
from hil.ward import NURSE, Folder

app = typer.Typer(add_completion=False)
_BOARD_PORT = 8080
_HEADLESS_S = 30.0


@app.command()
def bench(
    data: Annotated[Path, typer.Option(help="The folder of everything; a second start continues it.")] = Path(
        "data/bench"
    ),
    port: Annotated[int, typer.Option(help="Of the page; busy: the next free one; 0: any.")] = 8070,
    seconds: Annotated[float | None, typer.Option(help="Stop so many seconds after all is up.")] = None,
    *,
    headless: Annotated[bool, typer.Option(help="Do not wait for a person: 30 s, or --seconds.")] = False,
    beds: Annotated[int, typer.Option(min=1, max=12, help="How many; of three kinds, in turn.")] = 3,
    records: Annotated[
        Path | None, typer.Option(help="A folder with PhysioNet's records (*.hea): rhythms to choose from.")
    ] = None,
    replay: Annotated[
        Path | None, typer.Option(help="A log of a bench: the same dials, at their times.")
    ] = None,
) -> None:
    """Turn patients' dials, cut cables, drain batteries on a page, and watch gateway and ward board react."""
    console = Console(highlight=False)
    folder = Folder(data.absolute())
    if headless and seconds is None:
        seconds = _HEADLESS_S
    try:
        with locked(folder.lock):
            asyncio.run(_Run(folder, beds, port, records, console).run(seconds, replay))
    except (HilError, ControllerError) as error:
        console.print(str(error), markup=False, soft_wrap=True)
        raise typer.Exit(2) from None


class _Run:
    """One bench, from start to end."""

    def __init__(self, folder: Folder, beds: int, port: int, records: Path | None, console: Console) -> None:
        self._console = console
        self._told = asyncio.Event()
        ward = bench_ward(beds)
        rhythms = prepare(records, folder.rhythms) if records else {}
        self._watch = Watch(folder, ward)
        self._bench = Bench(folder, ward, Panel(ward, rhythms), self._watch.turned)
        self._stack = Stack(folder, ward=ward, port=_BOARD_PORT if port else 0, tell=self._say)
        self._port = free_port("127.0.0.1", port, "the bench")

    async def run(self, seconds: float | None, replay: Path | None) -> None:
        """Until a signal, or `seconds` after all is up. Raises HilError."""
        turns = read_log(replay) if replay else []
        self._bench.check(turns)
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._told.set)
        self._say("starting controller, radio, devices on wires and the gateway …")
        async with self._stack:
            address = self._address()
            if address is None:
                raise NotReady("the controller ended as soon as it was up: see its log")
            async with (
                Board(address, NURSE, self._stack.password) as board,
                serving(Page(self._bench, self._watch, _local(address)), self._port) as page,
            ):
                watching = asyncio.create_task(self._watch.run(board, self._address))
                self._welcome(page, _local(address))
                await self._turn(seconds, turns)
                watching.cancel()
                await asyncio.wait({watching})
            for line in lines(self._watch.delays_told()["table"]):
                self._say(line)
            self._say("stopping …")

    async def _turn(self, seconds: float | None, turns: list[TimedTurn]) -> None:
        """Replay, and wait for the end."""
        self._bench.ready()
        replaying = asyncio.create_task(self._bench.replay(turns))
        with suppress(TimeoutError):
            await asyncio.wait_for(self._told.wait(), seconds)
        replaying.cancel()
        await asyncio.wait({replaying})

    def _address(self) -> str | None:
        addresses = self._stack.addresses()
        return addresses.http if addresses else None

    def _welcome(self, page: str, board: str) -> None:
        self._say("")
        self._say(f"  The bench:          {page}")
        self._say(f"  The ward board:     {board}")
        self._say(f"  User and password:  {NURSE}  {self._stack.password}")
        self._say(f"  What is turned:     {self._bench.log.path}      (--replay FILE turns it again)")
        self._say("  Stop:               Ctrl-C")
        self._say("")

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False, soft_wrap=True)


def _local(address: str) -> str:
    """As a person types it."""
    return address.replace("127.0.0.1", "localhost")


if __name__ == "__main__":
    app()
