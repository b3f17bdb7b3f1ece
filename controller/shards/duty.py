"""What has to be done once, however many controllers there are: by whoever holds the first shard.

kept("history", duty.only(keeper.run))      # runs where and while it is this controller's turn
async with on_duty(app, "rooms", rooms.run, begin=rooms.restore): …    # what is asked waits for `begin`
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from controller.kept import kept

Part = Callable[[], Awaitable[object]]


class Duty:
    """Whether it is this controller's turn, and where whoever's turn it is is reached. Alone it always is."""

    def __init__(self, *, is_shared: bool = False) -> None:
        """`is_shared`: there are others, and `turn` says whose turn it is."""
        self.is_shared = is_shared
        self.where = ""
        """The address of the other controller that has the turn; "": nobody else has."""
        self._mine, self._others = asyncio.Event(), asyncio.Event()
        self._others.set()
        self._turns = 0
        self._begun: dict[int, int] = {}
        """In which turn each part that has a beginning was through with it."""
        self._one_by_one = asyncio.Lock()
        self._news = asyncio.Event()

    @property
    def is_mine(self) -> bool:
        """Whether it is this controller's turn."""
        return not self.is_shared or self._mine.is_set()

    @property
    def is_ready(self) -> bool:
        """Whether it is, and every part knows what there is to know."""
        return self.is_mine and all(turn == self._turns for turn in self._begun.values())

    def turn(self, *, mine: bool) -> None:
        """Whose it is now."""
        if mine is not self._mine.is_set():
            self._turns += mine
            self._tell()
        for event, is_set in (self._mine, mine), (self._others, not mine):
            event.set() if is_set else event.clear()

    def at(self, where: str) -> None:
        """Whoever else has the turn is there; "": nobody."""
        if where != self.where:
            self.where = where
            self._tell()

    async def news(self) -> None:
        """Until it is another's turn, or at another place, or the parts are ready."""
        await self._news.wait()

    def only(self, part: Part, begin: Part | None = None) -> Part:
        """`part`, cancelled when it is another's turn, and begun again when it is ours; then `begin` comes
        first, one after the other in the order of these calls. Alone, `begin` is the caller's."""
        if not self.is_shared:
            return part
        number = len(self._begun)
        if begin is not None:
            self._begun[number] = 0

        async def turn() -> None:
            if begin is not None:
                at = self._turns
                async with self._one_by_one:
                    await begin()
                self._begun[number] = at
                self._tell()
            await part()

        async def in_turn() -> None:
            while True:
                await self._mine.wait()
                await self._until_lost(turn)

        return in_turn

    def _tell(self) -> None:
        told, self._news = self._news, asyncio.Event()
        told.set()

    async def _until_lost(self, part: Part) -> None:
        """What it raises comes out."""
        working = asyncio.ensure_future(part())
        lost = asyncio.create_task(self._others.wait())
        try:
            await asyncio.wait((working, lost), return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                working.result()
        finally:
            for task in (working, lost):
                task.cancel()
            await asyncio.wait((working, lost))


DUTY: web.AppKey[Duty] = web.AppKey("duty", Duty)
"""Of an application, where controllers are several."""


def is_on_duty(app: Mapping[Any, Any]) -> bool:
    """Whether what is done once is done here: another controller tells nothing of it."""
    return DUTY not in app or app[DUTY].is_mine


def only(app: web.Application, part: Part) -> Part:
    """See Duty; of an application that has none, `part`."""
    return app[DUTY].only(part) if DUTY in app else part


@asynccontextmanager
async def on_duty(app: web.Application, name: str, part: Part, begin: Part) -> AsyncIterator[None]:
    """Keep `part` running inside the block, where and while it is this controller's turn. `begin` comes
    before it; alone, before anything is asked."""
    duty = app.get(DUTY)
    if duty is not None and duty.is_shared:
        part = duty.only(part, begin)
    else:
        await begin()
    async with kept(name, part):
        yield
