"""Waiting for a condition, with a deadline."""

import asyncio
import time
from collections.abc import Callable

DEADLINE_S = 30.0


def wait_for(condition: Callable[[], object], what: str, seconds: float = DEADLINE_S) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain until {what}"
        time.sleep(0.02)


async def until(condition: Callable[[], object], what: str, seconds: float = DEADLINE_S) -> None:
    """The same, while the event loop runs."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, f"waited {seconds} s in vain until {what}"
        await asyncio.sleep(0.02)
