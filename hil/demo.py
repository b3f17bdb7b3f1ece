"""`wardlink demo`: a whole ward on this machine, until Ctrl-C; then the proof that nothing was lost."""

import asyncio
import math
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from controller.errors import ControllerError
from controller.imaging.child import INSIDE
from controller.imaging.errors import ImagingError
from controller.ledger import LedgerRow, ledger_table
from controller.store import Store
from hil import report
from hil.ambulance.ride import begin_ride
from hil.board import Board, live
from hil.demo_ambulance import ambulance, measuring, told_by_value
from hil.demo_conference import plan_conference
from hil.demo_story import play
from hil.demo_story_told import Teller
from hil.endcheck import Compared, compared
from hil.errors import HilError, NotReady
from hil.every_model import every_model
from hil.lock import locked
from hil.prepare import hand_out
from hil.sims.emitted import boot_id, now_ns
from hil.stack import Stack
from hil.ward import NURSE, Folder, Ward, six_kinds

app = typer.Typer(add_completion=False)
_DRAIN_S = 20.0
_PATIENCE_S = 60.0


@app.command()
def demo(
    data: Annotated[Path, typer.Option(help="The folder of everything; a second start continues it.")] = Path(
        "data"
    ),
    seconds: Annotated[float | None, typer.Option(help="Stop so many seconds after the first value.")] = None,
    headless: Annotated[bool, typer.Option(help="No browser: do not wait for a person.")] = False,
    port: Annotated[int, typer.Option(help="Of the board; busy: the next free one; 0: any.")] = 8080,
    *,
    beds: Annotated[int, typer.Option(min=1, max=60, help="How many beds there are.")] = 6,
    every: Annotated[
        bool, typer.Option("--every-model", help="Instead: a bed for each device model that is supported.")
    ] = False,
    story: Annotated[
        bool,
        typer.Option("--story", help="Play the story of a medicine in the demo that runs there already."),
    ] = False,
) -> None:
    """Run a whole ward on this machine: six beds, an ambulance, their devices, gateways and a controller."""
    console = Console(highlight=False)
    folder = Folder(data.absolute())
    if story:
        raise typer.Exit(_told(folder, console))
    if headless and seconds is None:
        seconds = 30.0
    try:
        with locked(folder.lock):
            wards = (every_model(), None) if every else (six_kinds(beds), ambulance())
            run = _Run(folder, wards, port, seconds, console)
            # Many models send more than is told of them (averages, repetitions): no value to compare with.
            run.compares = not every
            clean = asyncio.run(run.run())
    except (HilError, ControllerError) as error:
        console.print(str(error), markup=False, soft_wrap=True)
        raise typer.Exit(2) from None
    raise typer.Exit(0 if clean else 1)


def _told(folder: Folder, console: Console) -> int:
    """Plays the story of a medicine; the exit status."""

    def say(line: str) -> None:
        console.print(line, markup=False, soft_wrap=True)

    try:
        asyncio.run(play(folder, Teller(say, waits=sys.stdin.isatty() and console.is_terminal)))
    except (HilError, ControllerError) as error:
        say(f"The story stops here: {error}")
        return 2
    except KeyboardInterrupt:
        say("The story stops here. Played again, it puts away what is left of this one.")
        return 130
    return 0


class _Run:
    """One demo from start to proof."""

    compares = True
    """Whether the devices send value by value, so that the end check can compare what is stored with it."""

    def __init__(
        self,
        folder: Folder,
        wards: tuple[Ward, Ward | None],
        port: int,
        seconds: float | None,
        console: Console,
    ) -> None:
        self._folder = folder
        self._seconds = seconds
        self._port = port
        self._console = console
        self._began = time.monotonic()
        self._since_ns = now_ns()
        ward, vehicle = wards
        self._stack = Stack(
            folder,
            ward=ward,
            ambulance=vehicle,
            port=port,
            tell=self._say,
            images=True,
            robots=vehicle is not None,
        )
        self._first_value_s: float | None = None
        self._told = asyncio.Event()
        self._last_status_s = -1.0

    async def run(self) -> bool:
        """Whether the ledger and the end check are clean."""
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._told.set)
        self._say(f"starting controller, radio, devices on wires and gateways in {self._folder.root} …")
        async with self._stack:
            people = await hand_out(self._stack.controller_config)
            await plan_conference(self._stack.controller_config)
            self._welcome(people)
            if self._stack.ambulance:
                await begin_ride(self._stack.crew_page, self._stack.pin)
            async with asyncio.TaskGroup() as beside:
                images = beside.create_task(self._images())
                await self._watch()
                images.cancel()
            self._say("stopping the devices, and waiting until everything has arrived …")
            await self._stack.stop_devices()
            await self._drained()
            self._say("stopping gateways and controller …")
        return self._proof(await self._ledger(), self._compared())

    def _welcome(self, people: Mapping[str, str]) -> None:
        addresses = self._stack.addresses()
        if addresses is None:
            raise NotReady("the controller ended as soon as it was up: see its log")
        if self._port and not addresses.http.endswith(f":{self._port}"):
            self._say(f"port {self._port} is busy: the board is at {addresses.http}")
        report.welcome(self._say, addresses.http, {NURSE: self._stack.password, **people}, self._stack)

    async def _watch(self) -> None:
        """Tell how the ward is, once a second, until the time is over or somebody says so."""
        addresses = self._stack.addresses()
        assert addresses
        async with Board(addresses.http, NURSE, self._stack.password) as board:
            while not self._told.is_set() and time.monotonic() - self._began < self._ends_s:
                await self._look(board)
                waits = 0.25 if self._first_value_s is None else 1.0
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._told.wait(), waits)

    async def _images(self) -> None:
        """Beside the values, which come first: drawing needs modules that take long to load."""
        from hil.demo_images import send_images  # noqa: PLC0415

        try:
            sent = await send_images(self._folder.controller / "run" / INSIDE, self._stack.ward)
        except ImagingError as error:
            self._say(f"no images were sent: {error}")
        else:
            self._say(f"{sent} new images are in the archive")

    @property
    def _ends_s(self) -> float:
        """The time is counted from the first value; if none comes, there is nothing to wait for."""
        if self._seconds is None:
            return math.inf
        return _PATIENCE_S if self._first_value_s is None else self._first_value_s + self._seconds

    async def _look(self, board: Board) -> None:
        if addresses := self._stack.addresses():  # another after a restart, perhaps
            board.address = addresses.http
        try:
            state = live(await board.snapshot())
        except NotReady as error:
            self._status(str(error))
            return
        if self._first_value_s is None and state.live_beds:
            self._first_value_s = time.monotonic() - self._began
            self._say(f"first value after {self._first_value_s:.1f} s")
            await self._stack.start_robots()
        self._status(report.status(state))

    async def _drained(self) -> None:
        """Wait until nothing is on the way any more; what has not come by the deadline counts as missing."""
        deadline = time.monotonic() + _DRAIN_S
        while time.monotonic() < deadline:
            await asyncio.sleep(0.5)
            rows = await self._ledger()
            checks = told_by_value(self._stack.devices, self._compared())
            if all(one.is_clean for one in checks) and not any(row.missing for row in rows):
                return
            self._status(f"{sum(row.missing for row in rows)} blocks are on the way")

    async def _ledger(self) -> list[LedgerRow]:
        store = await Store.open(self._database)
        try:
            return await ledger_table(store)
        finally:
            await store.close()

    def _compared(self) -> list[Compared]:
        if not self.compares:
            return []
        return compared(self._folder.root / "emitted", self._database, boot_id(), self._since_ns)

    @property
    def _database(self) -> Path:
        return self._folder.controller / "wardlink.sqlite"

    def _proof(self, rows: list[LedgerRow], found: list[Compared]) -> bool:
        self._console.print(report.ledger(rows))
        checks = told_by_value(self._stack.devices, found)
        clean, silent = report.is_clean(rows, checks), list[str]()
        if self.compares:
            self._console.print(report.end_check(checks))
            for line in report.EXPLANATION:
                self._say(line)
            silent = report.silent(measuring(self._stack.devices), found)
        self._say("Nothing is missing, nothing is twice." if clean else "NOT CLEAN: see the tables above.")
        if silent:
            self._say(f"Nothing came from {', '.join(silent)}: see the logs in {self._folder.root / 'logs'}.")
        return clean and not silent

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False, soft_wrap=True)

    def _status(self, line: str) -> None:
        """A line that the next one replaces, on a terminal; at most one a second otherwise."""
        now = time.monotonic() - self._began
        if self._console.is_terminal:
            self._console.print(f"{now:6.0f} s  {line}", markup=False, no_wrap=True, end="\r")
        elif now - self._last_status_s >= 1:
            self._last_status_s = now
            self._say(f"{now:6.0f} s  {line}")
