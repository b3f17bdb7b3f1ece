"""The board, looked at all the time: whether each value's age on it is the age that it truly has.

async with ShownAges(address, password, emitted) as board:
    await board.sees_all()       # everything that is shown is young now
    board.problems, board.judged, board.last
"""

import asyncio
import json
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from hil.board import Board
from hil.errors import NotReady
from hil.faults.clocked_gateway import METRIC
from hil.faults.other_clocks import steady_us
from hil.until import until
from hil.ward import NURSE

BOUND_S = 0.5
"""By how much an age may be wrong, beside the delay: no message tells more than that it was sealed before."""
YOUNG_S = 3.0
_EVERY_S, _PATIENCE_S = 0.2, 180.0
_TOLD = 5


class ShownAges:
    """`problems` are sentences, the first few of them; `judged` is how many ages were judged."""

    def __init__(self, address: str, password: str, emitted: Path) -> None:
        self.problems: list[str] = []
        self.judged = 0
        self.worst_s = 0.0
        self.last: dict[str, Any] = {}
        """The newest snapshot; empty: none could be had."""
        self.ages_s: dict[str, float] = {}
        """The true age of what is shown, by device."""
        self.delays_s: dict[str, float] = {}
        """The least true age of any value of a boot when it was shown: a message took no longer."""
        self._board = Board(address, NURSE, password)
        self._said = Said(emitted)
        self._before_us = 0

    async def __aenter__(self) -> Self:
        await self._board.__aenter__()
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._task.cancel()
        await asyncio.wait({self._task})
        await self._board.__aexit__(kind, error, trace)

    def begin(self) -> None:
        """What was noticed so far is told."""
        self.problems.clear()
        self._before_us = 0

    def may_look_older(self) -> None:
        """The controller's host boots: of what was said before, only its UTC tells the age until gateways do.

        It may look older than it is meanwhile, never younger.
        """
        self._before_us = steady_us()

    async def sees_all(self, devices: int = 3) -> None:
        """Wait until the newest values of all devices are shown. Raises NotReady."""
        began = self.judged

        def holds() -> bool:
            young = [age for age in self.ages_s.values() if age < YOUNG_S]
            return self.judged > began and len(young) == devices

        await until("the board shows what the devices say now", holds, _PATIENCE_S)

    async def _watch(self) -> None:
        while True:
            began = steady_us()
            try:
                self.last = await self._board.snapshot()
            except NotReady:
                self.last, self.ages_s = {}, {}
            else:
                self._said.read()
                self._judge(self.last, began, steady_us())
            await asyncio.sleep(_EVERY_S)

    def _judge(self, snapshot: dict[str, Any], asked_us: int, answered_us: int) -> None:
        for value in snapshot["values"]:
            said = self._said.of(value["device"], value["value"])
            if value["metric"] != METRIC or said is None:
                continue
            self.judged += 1
            said_us, boot = said
            shown_s = (snapshot["server_ms"] - value["at_ms"]) / 1000
            youngest_s, oldest_s = (asked_us - said_us) / 1e6, (answered_us - said_us) / 1e6
            self.ages_s[value["device"]] = oldest_s
            delay_s = self.delays_s[boot] = min(self.delays_s.get(boot, oldest_s), oldest_s)
            wrong_s = max(youngest_s - shown_s, shown_s - oldest_s if said_us >= self._before_us else 0.0)
            self.worst_s = max(self.worst_s, wrong_s - delay_s)
            if wrong_s > BOUND_S + delay_s and len(self.problems) < _TOLD:
                self.problems.append(f"{value['device']}: age {shown_s:.2f} s shown, it is {oldest_s:.2f} s")


class Said:
    """When each value was said, in true time; the files grow meanwhile."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[Path, int] = {}
        self._at: dict[tuple[str, int], tuple[int, str]] = {}

    def of(self, device: str, value: float | None) -> tuple[int, str] | None:
        """When `device` last said `value`, microseconds of true time, and in which boot of its gateway."""
        return None if value is None else self._at.get((device, round(value * 1000)))

    def read(self) -> None:
        """Take in what was written since."""
        for path in self._folder.glob("*.jsonl"):
            with path.open("rb") as file:
                file.seek(self._read.get(path, 0))
                lines = file.read().rpartition(b"\n")[0]
            self._read[path] = self._read.get(path, 0) + len(lines) + bool(lines)
            for line in lines.splitlines():
                one = json.loads(line)
                self._at[path.stem, round(one["value"] * 1000)] = one["steady_us"], one["boot"]
