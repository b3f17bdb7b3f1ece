"""The board's clock: milliseconds since the start, which never turn back."""

import time

from firmware.core.schedule import Uptime


class Clock:
    """Has to be read once in six days at least, for the machine's own ticks wrap."""

    def __init__(self) -> None:
        self._start = time.ticks_ms()
        self._uptime = Uptime(0)

    def now(self) -> int:
        """The time."""
        return self._uptime.ms(time.ticks_diff(time.ticks_ms(), self._start))
