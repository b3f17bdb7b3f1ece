"""All that reacts, in one place: what devices send, what the gateway has, what the board shows, how late."""

import asyncio
from collections.abc import Callable
from typing import Any

from hil.board import Board
from hil.dials.board import BoardView
from hil.dials.delays import Delays
from hil.dials.journal import GatewayJournal
from hil.dials.truth import Truth
from hil.dials.turns import Turn
from hil.sims.dials import boot_s
from hil.ward import Folder, Ward

Json = dict[str, Any]
_LOOK_S = 0.1


class Watch:
    """Of a ward whose processes use `folder`."""

    def __init__(self, folder: Folder, ward: Ward) -> None:
        self._devices = [one.id for one in ward.devices]
        self._truth = Truth(folder, ward.devices)
        self._gateway = GatewayJournal(folder.box(ward.gateway) / "journal")
        self._delays = Delays(boot_s, {one.id: one.bed for one in ward.devices})
        self.board = BoardView(self._delays.look)

    def turned(self, turn: Turn, at_s: float) -> None:
        """A dial was turned, at `at_s` of CLOCK_BOOTTIME."""
        self._delays.turned(turn, at_s, self.board)

    async def run(self, board: Board, address: Callable[[], str | None]) -> None:
        """Watch, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.board.follow(board, address))
            group.create_task(self._look())

    def state(self) -> Json:
        """As it is now. Ages are in ms; those of the board are to be judged by its `now_ms`."""
        return {
            "truth": {one: self._truth.shown(one) for one in self._devices},
            "gateway": {
                "values": {one: self._gateway.shown(one) for one in self._devices},
                "alarms": self._gateway.alarms(),
            },
            "board": self._board(),
            "delays": self._delays.table(),
            "measured": list(self._delays.last),
        }

    def delays_told(self) -> Json:
        """For a file."""
        return {"table": self._delays.table(), "measured": list(self._delays.last)}

    def _board(self) -> Json:
        board = self.board
        metrics = {metric for _, metric in board.values}
        return {
            "known": board.is_known,
            "connected": board.connected,
            "now_ms": board.now_ms,
            "metrics": {one: board.metrics[one] for one in metrics if one in board.metrics},
            "values": list(board.values.values()),
            "devices": board.devices,
            "gateways": board.gateways,
            "alerts": list(board.alerts.values()),
        }

    async def _look(self) -> None:
        while True:
            self._truth.look()
            self._gateway.look()
            self._delays.look(self.board)
            await asyncio.sleep(_LOOK_S)
