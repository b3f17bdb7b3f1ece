"""What codecs say of the device itself: bytes that could not be read, conditions that begin and end."""

from collections import Counter
from collections.abc import Iterable

from devices.model.observation import DeviceEvent, EventKind, Instant, later


class BadByteCounter:
    """Counts what could not be read, by reason, and tells it at most once a second; no count is lost.

    The first is told at once. What comes within the second after it waits for `due()`.
    """

    INTERVAL_S = 1.0

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._quiet_until: Instant | None = None

    def count(self, reason: str, number: int = 1) -> None:
        """`number` more of `reason`: `checksum`, `framing`, `length` or `range`."""
        self._counts[reason] += number

    def due(self) -> Instant | None:
        """When `told` has something to say, or None."""
        if not self._counts:
            return None
        return self._quiet_until or Instant(0)

    def told(self, now: Instant) -> list[DeviceEvent]:
        """The event of what was counted, if it is time for it."""
        due = self.due()
        if due is None or now < due:
            return []
        event = DeviceEvent(EventKind.BAD_BYTES, now, dict(self._counts))
        self._counts.clear()
        self._quiet_until = later(now, self.INTERVAL_S)
        return [event]


class Conditions:
    """Conditions by name that are true at present; gives a STATUS event for each that begins or ends."""

    def __init__(self) -> None:
        self._active: frozenset[str] = frozenset()

    def become(self, names: Iterable[str], now: Instant) -> list[DeviceEvent]:
        """From now on exactly `names` are true."""
        active = frozenset(names)
        changed = sorted(active ^ self._active)
        self._active = active
        return [DeviceEvent(EventKind.STATUS, now, {name: int(name in active)}) for name in changed]
