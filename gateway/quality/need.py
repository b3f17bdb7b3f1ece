"""When a better connection is wanted: while an alert of high priority is active, and some time after.

need = Need(after_s=900)
need.heard(("monitor-1", "amb-1"), alert)     # every alert that begins or ends
need.wanted(now)
"""

from dataclasses import dataclass, field

from devices.model.observation import Alert, Instant, Priority, later
from gateway.gather import Who


@dataclass(slots=True)
class Need:
    """`after_s`: for how long it is wanted when the last alert has ended, seconds."""

    after_s: float
    _active: set[tuple[Who, str]] = field(default_factory=set[tuple[Who, str]])
    _until: Instant | None = None

    def heard(self, who: Who, alert: Alert) -> None:
        """An alert of `who`, (device, bed), began, changed or ended."""
        which = who, alert.code
        if alert.active and alert.priority == Priority.HIGH:
            self._active.add(which)
        elif which in self._active:
            self._active.discard(which)
            self._until = later(alert.at, self.after_s)

    def wanted(self, now: Instant) -> bool:
        """Whether it is wanted at `now`."""
        return bool(self._active) or (self._until is not None and now < self._until)
