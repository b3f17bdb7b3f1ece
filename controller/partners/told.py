"""Tells partners of the directory of experts, and of what a suspension kept back."""

import asyncio
import hashlib
import sqlite3
from typing import Any

import orjson

from controller.conferences.directory import Directory
from controller.conferences.model import Expert
from controller.partners.book import PartnerBook
from controller.partners.conclusions import PartnerConclusions
from controller.partners.hygiene import purge
from controller.partners.invitations import Invitations
from controller.partners.model import Partner
from controller.partners.news import is_news
from controller.partners.outbox import Message, queue

LOOK_S = 5.0
"""How often it is looked whether the directory is another."""
CATCH_UP_LOOKS = 12
"""After so many of these it is looked at everything."""


class Teller:
    """Tells every partner of the experts here who let themselves be asked by partners, and of conferences."""

    def __init__(
        self,
        book: PartnerBook,
        directory: Directory,
        invitations: Invitations,
        conclusions: PartnerConclusions,
        *,
        keep_days: int,
    ) -> None:
        self._book = book
        self._directory = directory
        self._invitations = invitations
        self._conclusions = conclusions
        self._keep_days = keep_days

    async def run(self) -> None:
        """Until cancelled. Raises StoreError."""
        while True:
            await self.catch_up()
            for _ in range(CATCH_UP_LOOKS):
                await self.look()
                await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Whether the directory is another. Raises StoreError."""
        experts = [_expert(one) for one in await self._directory.for_partners()]
        message = Message("directory", "directory", {"experts": experts})
        digest = hashlib.sha256(orjson.dumps(experts)).digest()
        for partner in await self._book.active():
            await self._book.store.write(lambda db, to=partner: self._tell(db, to, message, digest))

    async def catch_up(self) -> None:
        """What a suspension kept back, and consents that came or ended since; old content goes. Raises
        StoreError."""
        await purge(self._book, self._keep_days)
        for partner in await self._book.active():
            await self._invitations.catch_up(partner)
            await self._conclusions.catch_up(partner)

    def _tell(self, db: sqlite3.Connection, partner: Partner, message: Message, digest: bytes) -> None:
        if is_news(db, partner, "directory", digest):
            queue(db, partner, message, self._book.utc_ms())


def _expert(one: Expert) -> dict[str, Any]:
    told = one.profile
    return {
        **{"name": one.person.name, "display": told.display, "specialities": list(told.specialities)},
        **{"languages": list(told.languages), "takes": told.takes, "zone": told.zone},
        "hours": [{"day": h.day, "from_min": h.from_min, "to_min": h.to_min} for h in told.hours],
        "away": [{"from_day": a.from_day, "to_day": a.to_day} for a in told.away],
    }
