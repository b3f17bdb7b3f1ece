"""Alarms that a device itself raises: a DEVICE_ALARM event for each that begins, changes or ends.

alarms.become({"HR HIGH": Alarm("HR HIGH", "medium")}, now)
"""

from collections.abc import Mapping
from dataclasses import dataclass

from devices.model.observation import DeviceEvent, EventKind, Instant


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm as the device shows it."""

    text: str
    priority: str = ""
    """`low`, `medium` or `high`; empty where the device does not say it."""


class Alarms:
    """The alarms, by the device's own code, that are active at present."""

    def __init__(self) -> None:
        self._active: Mapping[str, Alarm] = {}

    def become(self, active: Mapping[str, Alarm], now: Instant) -> list[DeviceEvent]:
        """From now on exactly `active` are active. Those that ended come first."""
        before, self._active = self._active, dict(active)
        ended = [_event(code, alarm, 0, now) for code, alarm in before.items() if code not in active]
        changed = ((code, alarm) for code, alarm in active.items() if before.get(code) != alarm)
        return [*ended, *(_event(code, alarm, 1, now) for code, alarm in changed)]


def _event(code: str, alarm: Alarm, active: int, now: Instant) -> DeviceEvent:
    detail: dict[str, str | int] = {"code": code, "text": alarm.text, "active": active}
    if alarm.priority:
        detail["priority"] = alarm.priority
    return DeviceEvent(EventKind.DEVICE_ALARM, now, detail)
