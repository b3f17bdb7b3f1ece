"""The lake of a running controller, brought up to date each night, and after a night that was missed.

await beside(config, app.run(config, duty), duty)      # as long as that runs
"""

import asyncio
import logging
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from controller.child import guarded
from controller.clock import Clock, SystemClock, local_text, utc_ms_at, utc_text
from controller.config import Config
from controller.errors import ConfigError
from controller.kept import kept
from controller.lake import manifest as manifests
from controller.lake.extra import check_installed, folder_of
from controller.shards.duty import Duty
from controller.store.where import Where

LOOKED_S = 30
AGAIN_S = 3600
"""After a night that failed."""
_DAY_US = 86_400_000_000

log = logging.getLogger(__name__)


async def beside(config: Config, work: Coroutine[Any, Any, None], duty: Duty) -> None:
    """Run `work`; with `[lake]`, the nights too. Raises ConfigError: the extra `data` is not installed."""
    if config.lake is None:
        await work
        return
    try:
        check_installed()
    except ConfigError:
        work.close()
        raise
    nights = Nights(config.where, folder_of(config), config.lake.at, SystemClock())
    async with kept("lake", duty.only(nights.run)):
        await work


class Nights:
    """`at`: "02:30" of this machine's clock."""

    def __init__(self, database: Where, folder: Path, at: str, clock: Clock) -> None:
        self._database, self._folder, self._at, self._clock = database, folder, at, clock

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(LOOKED_S)
            if self.is_due() and not await self.write():
                await asyncio.sleep(AGAIN_S)

    def is_due(self) -> bool:
        """Whether nothing was written since the hour last struck. Raises LakeError: it cannot be read."""
        written = manifests.read(self._folder)
        return written is None or written.written < utc_text(self._struck_us())

    async def write(self) -> bool:
        """In a process of its own. Whether it was written."""
        command = [sys.executable, "-m", "controller.lake.child"]
        told = [str(self._database), str(self._folder), "controller"]
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*guarded([*command, *told]), stdout=pipe, stderr=pipe)
        out, err = await process.communicate()
        if process.returncode:
            log.error("the lake was not written, it is tried again in an hour: %s", err.decode().strip())
        else:
            log.info("the lake is at %s", out.decode().strip())
        return process.returncode == 0

    def _struck_us(self) -> int:
        """UTC, when it was `at` for the last time."""
        now_us = self._clock.utc_us()
        today = utc_ms_at(local_text(now_us, "%Y-%m-%d"), self._at) * 1000
        return today if today <= now_us else today - _DAY_US
