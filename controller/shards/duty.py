"""What has to be done once, however many controllers there are: by whoever holds the first shard.

kept("history", duty.only(keeper.run))      # runs where and while it is this controller's turn
"""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

Part = Callable[[], Awaitable[None]]


class Duty:
    """Whether it is this controller's turn. Alone it always is."""

    def __init__(self, *, is_shared: bool = False) -> None:
        """`is_shared`: there are others, and `turn` says whose turn it is."""
        self.is_shared = is_shared
        self._mine, self._others = asyncio.Event(), asyncio.Event()
        self._others.set()

    @property
    def is_mine(self) -> bool:
        """Whether it is this controller's turn."""
        return not self.is_shared or self._mine.is_set()

    def turn(self, *, mine: bool) -> None:
        """Whose it is now."""
        for event, is_set in (self._mine, mine), (self._others, not mine):
            event.set() if is_set else event.clear()

    def only(self, part: Part) -> Part:
        """`part`, cancelled when it is another's turn, and begun again when it is ours."""
        if not self.is_shared:
            return part

        async def in_turn() -> None:
            while True:
                await self._mine.wait()
                await self._until_lost(part)

        return in_turn

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


def only(app: web.Application, part: Part) -> Part:
    """See Duty; of an application that has none, `part`."""
    return app[DUTY].only(part) if DUTY in app else part
