"""When a better connection is wanted: while a patient is in danger or a physician looks on, until arrival.

need = Need(after_s=900)
need.heard(("monitor-1", "amb-1"), alert)     # every alert that begins or ends
need.watched("amb-1", True)                   # somebody at the hospital looks on from now on
need.arrived()
need.wanted(now)
"""

from dataclasses import dataclass, field

from devices.model.observation import Alert, Instant, Priority, later
from gateway.gather import Who


@dataclass(slots=True)
class Need:
    """`after_s`: for how long it is wanted when the last reason has ended, seconds."""

    after_s: float
    _active: set[tuple[Who, str]] = field(default_factory=set[tuple[Who, str]])
    """Alerts of high priority."""
    _watched: set[str] = field(default_factory=set[str])
    """Vehicles that somebody looks at."""
    _until: Instant | None = None

    def heard(self, who: Who, alert: Alert) -> None:
        """An alert of `who`, (device, bed), began, changed or ended."""
        which = who, alert.code
        if alert.active and alert.priority == Priority.HIGH:
            self._active.add(which)
        elif which in self._active:
            self._active.discard(which)
            self._until = later(alert.at, self.after_s)

    def watched(self, vehicle: str, on: bool, now: Instant) -> None:
        """From `now` on somebody looks at the patient in `vehicle`, or nobody."""
        if on:
            self._watched.add(vehicle)
        elif vehicle in self._watched:
            self._watched.discard(vehicle)
            self._until = later(now, self.after_s)

    def arrived(self) -> None:
        """The patient left the vehicle: nothing of before counts any more."""
        self._active.clear()
        self._watched.clear()
        self._until = None

    def wanted(self, now: Instant) -> bool:
        """Whether it is wanted at `now`."""
        return bool(self._active or self._watched) or (self._until is not None and now < self._until)
