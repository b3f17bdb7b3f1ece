"""The dials as they are turned: written for the simulators, logged, and told to whoever measures delays."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from hil.dials.panel import Panel
from hil.dials.turns import TimedTurn, Turn, TurnLog
from hil.errors import BadDial
from hil.sims.dials import BedDials, DialFile, boot_s
from hil.ward import Folder, Ward


class Bench:
    """Of a ward in `folder`. `turned`: is told of each turn, and when it was (CLOCK_BOOTTIME, s)."""

    def __init__(
        self, folder: Folder, ward: Ward, panel: Panel, turned: Callable[[TimedTurn, float], None]
    ) -> None:
        self.panel = panel
        self.dials = {bed.id: BedDials() for bed in ward.beds}
        self.log = TurnLog(_log_path(folder))
        self._files = {bed.id: DialFile(folder.dials(bed.id)) for bed in ward.beds}
        self._turned = turned
        self._began_s = boot_s()
        for bed, file in self._files.items():
            file.write(self.dials[bed])

    def ready(self) -> None:
        """From now on the log's time counts."""
        self._began_s = boot_s()

    def turn(self, turn: Turn) -> TimedTurn:
        """Turn one dial, now. Raises BadDial, and nothing is turned."""
        now_s = boot_s()
        dials = self.panel.turned(self.dials.get(turn.bed, BedDials()), turn, now_s)
        self._files[turn.bed].write(dials)
        self.dials[turn.bed] = dials
        line = self.log.add(turn, now_s - self._began_s)
        self._turned(line, now_s)
        return line

    def check(self, turns: Sequence[TimedTurn]) -> None:
        """Whether all of them, one after the other, can be turned here. Raises BadDial with the first not."""
        dials = dict(self.dials)
        for number, one in enumerate(turns, 1):
            try:
                dials[one.bed] = self.panel.turned(dials.get(one.bed, BedDials()), one.turn, 0.0)
            except BadDial as error:
                raise BadDial(f"turn {number} of the log, at {one.t:g} s: {error}") from None

    async def replay(self, turns: Sequence[TimedTurn]) -> None:
        """Turn them at their times."""
        for one in turns:
            await asyncio.sleep(max(0.0, self._began_s + one.t - boot_s()))
            self.turn(one.turn)


def _log_path(folder: Folder) -> Path:
    """A new one for each start."""
    logs = folder.root / "turns"
    number = 1 + len(list(logs.glob("*.jsonl")))
    return logs / f"{number:04d}.jsonl"
