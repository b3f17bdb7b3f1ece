"""When what is to be measured; and a clock that does not wrap.

schedule = Schedule([1000, 10_000], uptime.ms(ticks))
for task in schedule.due(uptime.ms(ticks)): …
sleep(schedule.rest(uptime.ms(ticks)))
"""


class Uptime:
    """Milliseconds since the start, made of ticks that wrap after `period` of them, read more often."""

    def __init__(self, ticks: int, period: int = 1 << 30) -> None:
        self._last, self._period, self._ms = ticks, period, 0

    def ms(self, ticks: int) -> int:
        """The time at `ticks`."""
        self._ms += (ticks - self._last) % self._period
        self._last = ticks
        return self._ms


class Schedule:
    """Tasks by number, each with its period in milliseconds, without drift. `missed`: turns left out."""

    def __init__(self, periods: list, now_ms: int) -> None:
        self._periods = periods
        self._next = [now_ms for _ in periods]
        self.missed = [0 for _ in periods]

    def due(self, now_ms: int) -> list:
        """The tasks whose time has come. One that is late by whole periods comes once, and keeps its beat."""
        due = []
        for task in range(len(self._periods)):
            late = now_ms - self._next[task]
            if late >= 0:
                turns = late // self._periods[task]
                self.missed[task] += turns
                self._next[task] += (turns + 1) * self._periods[task]
                due.append(task)
        return due

    def rest(self, now_ms: int) -> int:
        """Milliseconds until the next task."""
        return max(0, min(self._next) - now_ms)
