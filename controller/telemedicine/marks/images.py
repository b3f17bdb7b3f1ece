"""Images that a meeting shows to all, as marks on them are told: only to who may see the image.

    marking.images["MC"] = Images(books)             # by the letters of the meeting's number

Such an image is a still of seat 0, the room itself, under a name of its own: "image-12".
"""

import sqlite3
from collections.abc import Mapping
from typing import Protocol

from controller.telemedicine.rooms.seat import Json

PREFIX = "image-"
"""Of its name; a frozen picture's is drawn by a page, and is longer."""


class Images(Protocol):
    """Works in the transaction of its caller. `still`: the name of an image; of one that there is not, nobody
    sees anything."""

    def told(self, db: sqlite3.Connection, number: str, actor: str) -> Json | None:
        """Which image of a meeting is shown now, as this one may know; None: there is none."""
        ...

    def is_on(self, db: sqlite3.Connection, number: str, still: str) -> bool:
        """Whether it is the one that is shown now: it can be drawn on."""
        ...

    def sees(self, db: sqlite3.Connection, number: str, still: str, actor: str) -> bool:
        """Whether this one may see it, and so what is drawn on it."""
        ...

    def about(self, db: sqlite3.Connection, number: str, still: str) -> Mapping[str, str | int]:
        """What the trail says of it. Raises NotFound."""
        ...
