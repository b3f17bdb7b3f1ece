"""Gaps that are still to be written down, those of one cause as one record however long it lasts."""

from dataclasses import dataclass, field, replace

from devices.model.observation import Instant
from devices.wire.ranges import Ranges
from devices.wire.records import Gap

_Cause = tuple[bytes, int, str, bytes]


@dataclass(slots=True)
class Gaps:
    """Gaps by journal, lane, cause and boot."""

    _by_cause: dict[_Cause, Gap] = field(default_factory=dict[_Cause, Gap])

    def add(self, gap: Gap) -> None:
        """One more, joined with what is there of its cause."""
        cause = (gap.journal, gap.lane, gap.why, gap.boot)
        known = self._by_cause.get(cause)
        self._by_cause[cause] = gap if known is None else _joined(known, gap)

    def take(self) -> list[Gap]:
        """All of them; they are the caller's now."""
        taken = list(self._by_cause.values())
        self._by_cause.clear()
        return taken

    def __bool__(self) -> bool:
        return bool(self._by_cause)


def _joined(one: Gap, other: Gap) -> Gap:
    ranges = tuple(Ranges((*one.ranges, *other.ranges)))
    start, end = Instant(min(one.start, other.start)), Instant(max(one.end, other.end))
    return replace(one, ranges=ranges, start=start, end=end)
