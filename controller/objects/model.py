"""What a place for objects can do, be it a folder or a bucket.

places.put("RC00000001/000001.box", content)       # durable, whole and checked when it returns
places.get("RC00000001/000001.box", 0, 1000)       # the first 1000 bytes
places.delete("RC00000001/")                       # everything under it, with all its versions

An object is whole or not there, and never changed: whoever may put another content names it in the key.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Found:
    """An object that is there."""

    key: str
    size: int
    changed_ms: int
    """UTC, by the clock of who keeps it."""


class Objects(Protocol):
    """Methods wait, and are for threads. All raise ObjectsAway."""

    is_local: bool
    """Whether puts happen in the order in which they were asked for. Where not, one that was given up may
    still come to be after a later one: there a key has to name its content."""

    def put(self, key: str, content: bytes | Path) -> None:
        """Keep it; a file stays where it is. Raises BadObject: it did not arrive as it is, nothing is known
        to be kept."""
        ...

    def get(self, key: str, offset: int = 0, length: int | None = None) -> bytes:
        """`length` bytes from `offset` on, or all. Raises NoObject; BadObject: there are fewer."""
        ...

    def digest(self, key: str) -> bytes | None:
        """The SHA-256 of the bytes that are there now; None: there are none."""
        ...

    def delete(self, key: str) -> None:
        """What has this key, or, if it ends with a slash, all that is under it; there may be nothing. When
        this returns it is gone, with every version of it."""
        ...

    def groups(self) -> set[str] | None:
        """The first parts of keys; None: only a list of everything would tell."""
        ...

    def all(self, under: str = "") -> Iterator[list[Found]]:
        """What is there, some hundreds at a time, in any order."""
        ...
