"""Refusals can come by the thousand: the first of a kind is told at once, those like it are counted a minute.

tally.take(entry, now_us)      # what is to be written now
tally.ended(now_us)            # the counts whose minute is over
"""

from dataclasses import dataclass, replace

from controller.audit.entry import Entry

MINUTE_US = 60_000_000
KINDS = 500
"""Kinds that are told apart in a minute; those above are counted together, without actor and entity."""

Kind = tuple[str, str, str, str, str, str]


@dataclass(slots=True)
class _Held:
    entry: Entry
    until_us: int
    more: int = 0


class Tally:
    """Counts entries that differ in nothing but their time."""

    def __init__(self) -> None:
        self._held: dict[Kind, _Held] = {}

    def take(self, entry: Entry, now_us: int) -> list[Entry]:
        """The counts that are due; and `entry`, if it is the first of its kind for a minute."""
        due = self.ended(now_us)
        if len(self._held) >= KINDS and _kind(entry) not in self._held:
            entry = replace(entry, actor="", entity="", why="", where="many")
        held = self._held.get(_kind(entry))
        if held is None:
            self._held[_kind(entry)] = _Held(entry, now_us + MINUTE_US)
            return [*due, entry]
        held.more += 1
        return due

    def ended(self, now_us: int | None = None) -> list[Entry]:
        """The counts whose minute is over; without `now_us` all of them."""
        over = [kind for kind, held in self._held.items() if now_us is None or held.until_us <= now_us]
        ended = [self._held.pop(kind) for kind in over]
        return [
            replace(one.entry, detail={**one.entry.detail, "more": one.more}) for one in ended if one.more
        ]


def _kind(entry: Entry) -> Kind:
    return entry.action, entry.actor, entry.entity, entry.outcome, entry.where, entry.why
