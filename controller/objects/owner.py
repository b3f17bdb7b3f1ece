"""Whose a place for objects is: only who owns it takes away there what no row of its own names.

owning = Owning(objects, store, counted)
await owning.renew()                # "": it is ours; else why nothing may be taken away there

Another database knows nothing of what is there, and would take all of it for waste: that of a second site
with the same prefix, of another controller whose folder is its own, or our own as a backup had it. So the
rows have a name, and are counted up each time; both are kept at the place, too.
"""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from sqlite3 import Connection
from typing import Any

from controller.errors import StoreError
from controller.objects.errors import ForeignPlace, NoObject
from controller.objects.model import Objects
from controller.store import Store

KEY = "owner.json"
"""Of the object that says it."""
HELD = "SELECT name, turn FROM place_owner WHERE kind = 'objects'"
"""The name of the rows in a store, and their turn."""
_NAMED = "INSERT INTO place_owner VALUES ('objects', ?, 0) ON CONFLICT (kind) DO NOTHING"
_COUNTED = "UPDATE place_owner SET turn = ? WHERE kind = 'objects'"


@dataclass(frozen=True, slots=True)
class Owner:
    """`name`: of the rows, made with them; `turn`: how often they were counted up."""

    name: str
    turn: int

    def pack(self) -> bytes:
        """JSON."""
        return json.dumps(asdict(self)).encode()


def read_owner(said: bytes) -> Owner:
    """Raises StoreError: somebody else has written there."""
    try:
        told: Any = json.loads(said)
    except ValueError as error:
        raise StoreError(f"{KEY}: expected whose the place is, got {said!r:.80}") from error
    match told:
        case {"name": str(name), "turn": int(turn)}:
            return Owner(name, turn)
        case _:
            raise StoreError(f"{KEY}: expected a name and a turn, got {said!r:.80}")


def why_not(said: Owner | None, ours: Owner, named: int, there: int) -> str:
    """Why nothing may be taken away at a place of which `said` is said; "": it may. Where nothing is said,
    rows own it that name at least half of the objects there."""
    if said is None:
        if 2 * named >= there:
            return ""
        return f"nobody has said whose it is, and of {there} objects there only {named} are ours"
    if said.turn > ours.turn:
        return f"our rows are older than it: counted up {ours.turn} times, not {said.turn}, as from a backup"
    return ""


Counted = Callable[[], Awaitable[tuple[int, int]]]
"""How many objects our rows name, and how many are there. Raises StoreError or OSError."""


class Owning:
    """Of one place, by the rows in `store`, which have a table `place_owner`."""

    def __init__(self, place: Objects, store: Store, counted: Counted) -> None:
        self._place, self._store, self._counted = place, store, counted
        self.why = "it was not looked at yet"
        """Why nothing may be taken away there; "": it is ours, as of the last look."""

    async def renew(self) -> str:
        """Look, and count up if it is ours. Returns `why`.

        Raises ForeignPlace: it is that of other rows; StoreError, OSError: that is not known.
        """
        self.why = "it could not be asked"
        said, ours = await self._said(), await self._ours()
        if said is not None and said.name != ours.name:
            self.why = f"it belongs to other rows ({said.name}; ours are {ours.name})"
            raise ForeignPlace(
                "the place of these objects belongs to the rows of another site or controller "
                f"({said.name}; ours are {ours.name}): give this one a prefix of its own, or the folder that "
                "the other has, or see docs/objects.md, `wardlink objects own`"
            )
        named, there = await self._counted() if said is None else (0, 0)
        self.why = why_not(said, ours, named, there)
        if not self.why:  # it stays so where the place is full: then above all something has to go
            await self._count_up(ours)
        return self.why

    async def take(self) -> None:
        """It is ours from now on, whoever's it was: a person knows. Raises StoreError, OSError."""
        said, ours = await self._said(), await self._ours()
        turn = max(ours.turn, 0 if said is None else said.turn)
        await self._count_up(Owner(ours.name, turn))

    async def _said(self) -> Owner | None:
        try:
            return read_owner(await asyncio.to_thread(self._place.get, KEY))
        except NoObject:
            return None

    async def _ours(self) -> Owner:
        await self._store.write(lambda db: db.execute(_NAMED, (secrets.token_hex(8),)))
        [row] = await self._store.read(HELD)
        return Owner(row["name"], row["turn"])

    async def _count_up(self, ours: Owner) -> None:
        """In the rows first: what the place says is never ahead of them."""
        counted = Owner(ours.name, ours.turn + 1)

        def work(db: Connection) -> None:
            db.execute(_COUNTED, (counted.turn,))

        await self._store.write(work)
        await asyncio.to_thread(self._place.put, KEY, counted.pack())
