"""`python -m controller.imaging.dimse SETTINGS.json`: DICOM's own network protocol, until it is told to end.

SIGHUP reads the certificates again.
"""

import asyncio
import logging
import signal
import sys
from pathlib import Path

from controller.clock import SystemClock
from controller.imaging.dimse.door import Door, opened
from controller.imaging.dimse.settings import DimseSettings

log = logging.getLogger(__name__)


async def serve(settings: DimseSettings) -> None:
    """Until SIGTERM or SIGINT. Raises OSError, StoreError, ssl.SSLError: it cannot start, or go on."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    doors: list[Door] = []
    loop.add_signal_handler(signal.SIGHUP, _renew, doors)  # whenever it comes, it must not end us
    async with opened(settings, SystemClock()) as (door, reporting):
        doors.append(door)
        told_to = asyncio.create_task(ended.wait())
        await asyncio.wait((told_to, reporting), return_when=asyncio.FIRST_COMPLETED)
        if reporting.done():
            reporting.result()


def _renew(doors: list[Door]) -> None:
    try:
        for door in doors:
            door.renew()
    except OSError as error:
        log.error("the certificates cannot be read: %s; those before stay", error)


def main() -> None:
    """Read the settings and serve until told to end."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("pynetdicom").setLevel(logging.ERROR)
    text = Path(sys.argv[1]).read_text(encoding="utf-8")
    asyncio.run(serve(DimseSettings.model_validate_json(text)))


main()
