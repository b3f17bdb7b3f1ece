"""Whose turn it is to connect, of the lanes that go to one address: on a slow path, the most urgent one's.

A connection costs 7 kB before it carries anything. Over a link of 16 kbit/s four that begin at once take 15
seconds, and the one that is done first carries what matters least as often as not.

    async with turns.turn(url, lane):     # here no more urgent lane is connecting there
        ...
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from devices.wire.block import Lane


@dataclass(slots=True)
class Turns:
    """Of one gateway."""

    one_by_one: bool = False
    """The path is slow."""
    _connecting: dict[str, set[Lane]] = field(default_factory=dict[str, set[Lane]])
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @asynccontextmanager
    async def turn(self, url: str, lane: Lane) -> AsyncIterator[None]:
        """Waits for its turn, and has it: lesser lanes wait until it ends, also by an error."""
        there = self._connecting.setdefault(url, set())
        there.add(lane)
        try:
            async with self._changed:
                await self._changed.wait_for(lambda: not self.one_by_one or lane == min(there))
            yield
        finally:
            there.discard(lane)
            async with self._changed:
                self._changed.notify_all()
