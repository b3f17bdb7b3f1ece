"""The check for drift: over the lake, each night, in a process that gives way to the controller's.

python -m controller.models.checking DATA LAKE MODEL DAYS [EVENTS]
"""

import asyncio
import logging
import os
import sys
from pathlib import Path
from typing import NamedTuple

from controller.child import guarded
from controller.clock import Clock, SystemClock, local_text, utc_ms_at, utc_text
from controller.errors import ControllerError, ModelError
from controller.models import drift
from controller.models.extra import needed
from controller.models.model import load

NICE = 15
LOOKED_S = 30
AGAIN_S = 3600
"""After a night that failed."""
DAY_US = 86_400_000_000

log = logging.getLogger(__name__)


class Places(NamedTuple):
    """Folders of data and lake, the model's file, days back, and the file of events if there is one."""

    data: Path
    lake: Path
    model: Path
    days: int
    events: Path | None

    @property
    def words(self) -> list[str]:
        """As `main` takes them."""
        return [str(one) for one in self if one is not None]


def check(places: Places, utc_us: int) -> drift.Drift:
    """Hold the lake's people against those of the training, and keep what was found.

    Raises ModelError, LakeError.
    """
    with needed():
        from controller.models.lake import from_lake  # noqa: PLC0415 - the extra may be missing

        since_us = utc_us - places.days * DAY_US
        cohort = from_lake(places.lake, "check", places.events, since_us)
    found = drift.checked(load(places.model), cohort, utc_text(utc_us), outcomes=places.events is not None)
    drift.keep(places.data, found)
    return found


class Checks:
    """`at`: "04:00" of this machine's clock."""

    def __init__(self, places: Places, version: str, at: str, clock: Clock) -> None:
        self._places, self._version, self._at, self._clock = places, version, at, clock

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(LOOKED_S)
            if self.is_due() and not await self.check():
                await asyncio.sleep(AGAIN_S)

    def is_due(self) -> bool:
        """Whether this version was not checked since the hour last struck."""
        try:
            found = drift.kept(self._places.data)
        except ModelError as error:
            log.warning("%s", error)
            return True
        return found is None or found.version != self._version or found.checked < utc_text(self._struck_us())

    async def check(self) -> bool:
        """In a process of its own. Whether it was done. Raises ModelError: what it found cannot be read."""
        command = [sys.executable, "-m", "controller.models.checking", *self._places.words]
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*guarded(command), stdout=pipe, stderr=pipe)
        _, err = await process.communicate()
        if process.returncode:
            log.error("the model was not checked, it is tried again in an hour: %s", err.decode().strip())
            return False
        found = drift.kept(self._places.data)
        if found is None or found.version != self._version:
            log.error(
                "%s is another model than the one that is shown: start the controller again",
                self._places.model,
            )
            return False
        return True

    def _struck_us(self) -> int:
        """UTC, when it was `at` for the last time."""
        now_us = self._clock.utc_us()
        today = utc_ms_at(local_text(now_us, "%Y-%m-%d"), self._at) * 1000
        return today if today <= now_us else today - DAY_US


def main() -> int:
    """0: it was checked, whatever was found."""
    data, lake, model, days, *events = sys.argv[1:]
    os.nice(NICE)
    listed = Path(events[0]) if events else None
    try:
        check(Places(Path(data), Path(lake), Path(model), int(days), listed), SystemClock().utc_us())
    except ControllerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
