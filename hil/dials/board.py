"""What the ward board is told: its own events, kept up to date as its page keeps them."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from hil.board import Board
from hil.errors import NotReady

Json = dict[str, Any]
log = logging.getLogger(__name__)
_AGAIN_S = 0.5


class BoardView:
    """`changed` is told after each event. What it has stays, and gets older, while the controller is away."""

    def __init__(
        self, changed: Callable[["BoardView"], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._changed = changed
        self._clock = clock
        self._server_ms = 0
        self._heard_s = 0.0
        self.connected = False
        self.metrics: Json = {}
        self.values: dict[tuple[str, str], Json] = {}
        self.devices: dict[str, Json] = {}
        self.gateways: dict[str, Json] = {}
        self.alerts: dict[tuple[str, str | None, str], Json] = {}

    @property
    def is_known(self) -> bool:
        """Whether anything was ever said."""
        return self._server_ms > 0

    @property
    def now_ms(self) -> int:
        """The controller's time now, from what it said last."""
        return self._server_ms + round(1000 * (self._clock() - self._heard_s))

    async def follow(self, board: Board, address: Callable[[], str | None]) -> None:
        """For ever. `address`: where the controller is now."""
        while True:
            board.address = address() or board.address
            try:
                async for kind, data in board.events():
                    self.connected = True
                    self.take(kind, data)
            except NotReady as error:
                log.info("%s", error)
            self.connected = False
            await asyncio.sleep(_AGAIN_S)

    def take(self, kind: str, data: Json) -> None:
        """One event."""
        self._server_ms, self._heard_s = data["server_ms"], self._clock()
        if kind in ("snapshot", "registry"):
            self.metrics = data["metrics"]
            for known in (self.values, self.devices, self.gateways, self.alerts):
                known.clear()
            for part in ("values", "devices", "gateways", "alerts"):
                self._items(part, data[part])
        elif kind in ("values", "device", "gateway", "alert"):
            self._items(kind.removesuffix("s") + "s", data["items"])
        self._changed(self)

    def _items(self, kind: str, items: list[Json]) -> None:
        for one in items:
            match kind:
                case "values":
                    self.values[one["device"], one["metric"]] = one
                case "devices":
                    self.devices[one["id"]] = one
                case "gateways":
                    self.gateways[one["id"]] = one
                case _:
                    key = one["code"], one["device"], one["gateway"]
                    self.alerts.pop(key, None)
                    if one["active"]:
                        self.alerts[key] = one
