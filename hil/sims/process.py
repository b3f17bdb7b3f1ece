"""What every simulator process does: logs to standard error, ends in good order at SIGTERM or SIGINT."""

import asyncio
import logging
import signal
from collections.abc import Coroutine


def run(main: Coroutine[None, None, None]) -> None:
    """Run `main` until it ends or a signal cancels it."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    asyncio.run(_until_told(main))


async def _until_told(main: Coroutine[None, None, None]) -> None:
    task = asyncio.ensure_future(main)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    await asyncio.wait({task})
    if not task.cancelled():
        task.result()
