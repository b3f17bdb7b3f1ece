"""Waiting for what other processes do, and saying what did not come."""

import asyncio
from collections.abc import Callable

from hil.errors import NotReady

PATIENCE_S = 60.0
"""How long is waited, unless told otherwise."""


async def until(
    what: str, holds: Callable[[], bool], within_s: float = PATIENCE_S, every_s: float = 0.05
) -> None:
    """Wait until `holds()`, asked `every_s`. Raises NotReady, which says `what` did not come."""
    try:
        async with asyncio.timeout(within_s):
            while not holds():  # noqa: ASYNC110 - the condition is another process's
                await asyncio.sleep(every_s)
    except TimeoutError:
        raise NotReady(f"not within {within_s:.0f} s: {what}") from None
