"""A node's work: sensors read in their turn, judged, and said.

    station = Station(node, [(1000, read_oximeter), (10_000, read_thermometer)], now_ms)
    station.turn(now_ms)      # then node.to_send(now_ms), until there is nothing

A sensor gives items as `Node.measured` takes them: number of a metric, integer or None, quality or reason.
"""

from firmware.core.scale import judged
from firmware.core.schedule import Schedule
from firmware.core.table import TABLE


class Station:
    """`sensors` are periods in milliseconds, each with the function that reads."""

    def __init__(self, node, sensors: list, now_ms: int) -> None:
        self._node = node
        self._sensors = sensors
        self._schedule = Schedule([period for period, _ in sensors], now_ms)

    def turn(self, now_ms: int) -> None:
        """Read what is due."""
        values = []
        for task in self._schedule.due(now_ms):
            values += _judged(self._sensors[task][1]())
        if values:
            self._node.measured(values, now_ms)

    def rest(self, now_ms: int) -> int:
        """Milliseconds until a sensor is due."""
        return self._schedule.rest(now_ms)


def _judged(items: list) -> list:
    values = []
    for at in range(0, len(items), 3):
        number, value, said = items[at : at + 3]
        if value is not None:
            value, judgement = judged(value, TABLE[number][1])
            said = judgement if value is None else said | judgement
        values += [number, value, said]
    return values
