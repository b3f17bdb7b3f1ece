"""Pictures that are frozen in a room, so that all draw on the same pixels: in memory, never on a disk.

Nothing of a visit is recorded by freezing a picture: it goes when it is live again, when the room closes, and
with the controller. The page that froze it gives it again when it comes back.
"""

from dataclasses import dataclass

from controller.errors import Conflict, NotFound

LARGEST = 1024 * 1024
"""Bytes of a picture (JPEG)."""
MOST = 4
"""Of one room."""


@dataclass(frozen=True, slots=True)
class Still:
    """`seat`: whose picture it is; `author`, `actor`, `name`: who froze it."""

    id: str
    seat: int
    author: int
    actor: str
    name: str
    jpeg: bytes

    @property
    def told(self) -> dict[str, str | int]:
        """As pages are told of it."""
        return {"id": self.id, "seat": self.seat, "from": self.author, "name": self.name}


class Stills:
    """Of all rooms, by the meeting's number."""

    def __init__(self) -> None:
        self._stills: dict[str, dict[str, Still]] = {}

    def of(self, room: str) -> list[Still]:
        """The earliest first."""
        return list(self._stills.get(room, {}).values())

    def find(self, room: str, name: str) -> Still:
        """Raises NotFound."""
        try:
            return self._stills[room][name]
        except KeyError:
            raise NotFound(f"there is no frozen picture {name!r:.40} here any more: look again") from None

    def keep(self, room: str, still: Still) -> bool:
        """Whether it is new; one of the same id is the same. Raises Conflict: that seat's picture is frozen
        already, or too many are."""
        there = self._stills.setdefault(room, {})
        if still.id in there:
            return False
        if len(there) >= MOST or any(one.seat == still.seat for one in there.values()):
            raise Conflict("expected a picture that is not frozen yet, and at most 4: let one go first")
        there[still.id] = still
        return True

    def let_go(self, room: str, name: str) -> bool:
        """Whether it was there."""
        return self._stills.get(room, {}).pop(name, None) is not None

    def forget(self, room: str) -> None:
        """All of a room."""
        self._stills.pop(room, None)
