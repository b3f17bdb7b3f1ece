"""A part of the controller that is kept running: when it fails, that is reported and it is started again."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

AGAIN_S = 1.0
"""How long a part that failed stays down."""

log = logging.getLogger(__name__)


@asynccontextmanager
async def kept(name: str, part: Callable[[], Awaitable[object]]) -> AsyncIterator[None]:
    """Keep `part` running inside the block."""
    task = asyncio.create_task(_keep(name, part), name=name)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _keep(name: str, part: Callable[[], Awaitable[object]]) -> None:
    task = asyncio.current_task()
    while True:
        try:
            await part()
        except Exception:
            if task is not None and task.cancelling():
                log.exception("%s failed as it ended", name)
                return
            log.exception("%s failed; it is started again", name)
        await asyncio.sleep(AGAIN_S)
