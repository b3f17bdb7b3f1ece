"""`python -m controller.imaging.plugins SETTINGS.json`: looks at what is new, until it is told to end.

It takes the processor only when nobody else wants it.
"""

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

from controller.clock import SystemClock
from controller.imaging.client import ImagingClient
from controller.imaging.plugins.archive_source import ArchiveSource
from controller.imaging.plugins.looking import Looking
from controller.imaging.plugins.monitor_source import MonitorSource
from controller.imaging.plugins.queue import Queue
from controller.imaging.plugins.registry import PLUGINS
from controller.imaging.plugins.results_source import ResultsSource
from controller.imaging.plugins.running import Runner
from controller.imaging.plugins.settings import PluginSettings
from controller.store.where import parsed

LOWEST = 19


async def serve(settings: PluginSettings) -> None:
    """Until SIGTERM or SIGINT. Raises StoreError: it cannot start."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    clock = SystemClock()
    clock.offset_us = settings.offset_us
    settings.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    queue, client = (
        await Queue.open(settings.folder / "plugins.sqlite", clock),
        ImagingClient(settings.inside),
    )
    plugins = tuple(PLUGINS.values())
    sources = (
        ArchiveSource(client, plugins),
        ResultsSource(parsed(settings.database), plugins),
        MonitorSource(parsed(settings.database), plugins, clock),
    )
    try:
        looking = asyncio.create_task(Looking(queue, sources, Runner()).run())
        told_to = asyncio.create_task(ended.wait())
        await asyncio.wait((looking, told_to), return_when=asyncio.FIRST_COMPLETED)
        if looking.done():
            looking.result()
        looking.cancel()
        await asyncio.wait((looking,))
    finally:
        await client.close()
        await queue.close()


def main() -> None:
    """Read the settings and look until told to end."""
    os.nice(LOWEST)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    text = Path(sys.argv[1]).read_text(encoding="utf-8")
    asyncio.run(serve(PluginSettings.model_validate_json(text)))


main()
