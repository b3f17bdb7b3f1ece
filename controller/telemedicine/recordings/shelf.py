"""Recordings as they are looked at: looked through whole each time one is opened, then played by stretches.

shelf = Shelf(books, vault)
found = await shelf.look(recording)
film = await shelf.film(recording, 0)              # NotFound: it has no such stretch
async for part in shelf.read(film, 0, film.size): ...
"""

import asyncio
from collections.abc import AsyncIterator

from controller.errors import NotFound
from controller.telemedicine.recordings.books import Books
from controller.telemedicine.recordings.film import Film
from controller.telemedicine.recordings.model import Recording
from controller.telemedicine.recordings.vault import Vault
from controller.telemedicine.recordings.watching import Found, Opener, look

_MOST = 16


class Shelf:
    """Methods raise StoreError, too; and Conflict: it was erased, or its key cannot be read."""

    def __init__(self, books: Books, vault: Vault) -> None:
        self._books, self._vault = books, vault
        self._found: dict[str, Found] = {}

    async def look(self, recording: Recording) -> Found:
        """What there is of it now."""
        opener, chunks = self._opener(recording), await self._books.chunks(recording)
        found = self._found[recording.number] = await asyncio.to_thread(look, opener, chunks)
        while len(self._found) > _MOST:
            del self._found[next(iter(self._found))]
        return found

    async def film(self, recording: Recording, index: int) -> Film:
        """One stretch, of those that were found when it was looked through last. Raises NotFound."""
        opener = self._opener(recording)
        found = self._found.get(recording.number) or await self.look(recording)
        if not 0 <= index < len(found.stretches):
            raise NotFound(f"recording {recording.number} has no stretch {index}: open it again")
        return await asyncio.to_thread(Film, opener, found, index)

    async def read(self, film: Film, start: int, stop: int) -> AsyncIterator[bytes]:
        """The bytes from `start` on and before `stop`."""
        parts = film.read(start, stop)
        while (part := await asyncio.to_thread(next, parts, None)) is not None:
            yield part

    def _opener(self, recording: Recording) -> Opener:
        return Opener(self._vault, recording, self._vault.key(recording))
