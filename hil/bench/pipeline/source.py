"""What a load says and when: the same orders drive both gateways' sources.

    order = Order(1, together=10, window=20_000, seconds=12)
    order.save(path); os.kill(source, SIGUSR2)      # a source begins it at once, and again after a restart

A `window` makes the load as fast as the whole chain: it says no more than that many readings ahead of
what the server has committed.
"""

import asyncio
import json
import signal
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path

_TICK_S = 0.02
LARGEST_STEP = 500
"""Readings that are said without letting anything else run."""
DEVICES = 60


@dataclass(frozen=True, slots=True)
class Order:
    """One phase. Devices say `together` readings at a time.

    Args:
        rate: readings a second, all devices together; None: as fast as may be.
        window: readings that may be said and not yet stored.
        total, seconds: when it is over; None: never for that reason.
        devices: how many devices share it.
        stamped: each reading carries its time, where the protocol can.
        recorded: what the gateway accepted is written down.
    """

    number: int
    together: int = 1
    rate: float | None = None
    window: int | None = None
    total: int | None = None
    seconds: float | None = None
    devices: int = DEVICES
    stamped: bool = True
    recorded: bool = False

    def save(self, path: Path) -> None:
        """Write it where the source reads it."""
        _write_whole(path, json.dumps(asdict(self)))

    @classmethod
    def load(cls, path: Path) -> "Order | None":
        """The order in `path`, if there is one."""
        return cls(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None

    def due(self, passed_s: float, stored: int) -> int:
        """Readings that may have been said after `passed_s` when `stored` of them are stored."""
        limits = [
            self.total,
            None if self.rate is None else int(self.rate * min(passed_s, self.seconds or passed_s)),
            None if self.window is None else stored + self.window,
        ]
        allowed = min(limit for limit in limits if limit is not None)
        return allowed - allowed % self.together

    def is_over(self, passed_s: float, said: int) -> bool:
        """Whether nothing more will be said."""
        late = self.seconds is not None and passed_s >= self.seconds
        return late or (self.total is not None and said >= self.total - self.total % self.together)


def _write_whole(path: Path, text: str) -> None:
    """Another process reads it meanwhile: it finds the old text or the new one."""
    beside = path.with_name(path.name + ".new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def counter(database: Path, table: str) -> Callable[[], int]:
    """Counts rows that were ever inserted into `table`, whose ids count from 1. The database must exist."""
    db = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=20)
    query = f"SELECT ifnull(max(id), 0) FROM {table}"
    return lambda: db.execute(query).fetchone()[0]


Say = Callable[[Order, int, int], Awaitable[None]]
"""Says the readings from one number to before another."""


class Source:
    """Carries out what is written in `orders`, with `say`; `stored` counts what the server has.

    It is made inside a running loop, and takes signals (SIGUSR2: a new order) from then on.
    """

    def __init__(self, orders: Path, stored: Callable[[], int], say: Say) -> None:
        self._orders = orders
        self._stored = stored
        self._say = say
        self._news = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR2, self._news.set)

    async def run(self, ready: asyncio.Event | None = None) -> None:
        """Until cancelled; a new order ends the one before. Begins once it is `ready`."""
        if ready is not None:
            await ready.wait()
        while True:
            self._news.clear()
            if order := Order.load(self._orders):
                await self._carry_out(order)
            await self._news.wait()

    async def _carry_out(self, order: Order) -> None:
        loop = asyncio.get_running_loop()
        began, before, said = loop.time(), self._stored(), 0
        note = said_file(self._orders)
        while not self._news.is_set() and not order.is_over(passed := loop.time() - began, said):
            stored = self._stored() - before if order.window is not None else 0
            due = min(order.due(passed, stored), said + LARGEST_STEP)
            if due > said:
                await self._say(order, said, due)
                said = due
            # Whoever is behind does not sleep, but lets the rest of its process run.
            await asyncio.sleep(0 if said + LARGEST_STEP <= order.due(passed, stored) else _TICK_S)
            _write_whole(note, f"{order.number} {said} 0")
        _write_whole(note, f"{order.number} {said} 1")


def said_file(orders: Path) -> Path:
    """Where a source says how much it has said."""
    return orders.with_suffix(".said")


def said(orders: Path, number: int) -> tuple[int, bool]:
    """(readings said in order `number`, whether that is all)."""
    try:
        words = said_file(orders).read_text(encoding="ascii").split()
    except FileNotFoundError:
        return 0, False
    if len(words) != 3 or int(words[0]) != number:  # not begun, or just being written
        return 0, False
    return int(words[1]), words[2] == "1"
