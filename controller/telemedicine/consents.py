"""What a patient agrees to, word for word. It only grows: the last word on each thing counts.

consents = Consents(books)
await consents.say(visit, Said("video", "permit", "en"), until_ms, by)
await consents.check(visit, "video")          # Conflict: it is not agreed to, or not any more
"""

import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from controller.errors import Conflict
from controller.identity.certificates import By
from controller.telemedicine.books import Books, held
from controller.telemedicine.model import Consent, Language, Scope, Visit, Word
from controller.telemedicine.states import OPEN
from controller.telemedicine.words import CONSENTS

_ADD = """INSERT INTO visit_consent (visit, scope, said, text, language, by, at_ms, until_ms)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
_OF = """SELECT scope, said, text, language, by, at_ms, until_ms FROM visit_consent
WHERE visit = ? ORDER BY id"""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says of one thing."""

    scope: Scope
    said: Word
    language: Language


class Consents:
    """`watchers` are told the number of a visit after each word. Methods raise StoreError, too."""

    def __init__(self, books: Books) -> None:
        self.watchers: list[Callable[[str], Awaitable[None]]] = []
        self._books = books

    async def of(self, visit: Visit) -> dict[Scope, Consent]:
        """The last word on each thing."""
        return _last(await self._books.store.read(_OF, (visit.id,)))

    async def said(self, visit: Visit) -> list[Consent]:
        """Everything that was said, the oldest first."""
        return [_consent(row) for row in await self._books.store.read(_OF, (visit.id,))]

    async def say(self, visit: Visit, said: Said, until_ms: int, by: By) -> Consent:
        """It holds until `until_ms`. Raises Conflict: the visit is over, or there is nothing to withdraw."""

        def work(db: sqlite3.Connection) -> Consent:
            now, now_ms = held(db, visit.number), self._books.now_ms()
            if now.state not in OPEN and said.said == "permit":
                raise Conflict(f"visit {now.number} is {now.state}: there is nothing to agree to any more")
            before = _last(db.execute(_OF, (visit.id,)).fetchall()).get(said.scope)
            if said.said == "withdrawn" and (before is None or not before.holds(now_ms)):
                raise Conflict(f"there is no consent to {said.scope} that could be withdrawn: look again")
            text = CONSENTS[said.scope][said.language]
            row = visit.id, said.scope, said.said, text, said.language, by.actor, now_ms, until_ms
            db.execute(_ADD, row)
            self._books.note(db, "visit-consent", now, by, scope=said.scope, said=said.said)
            return Consent(*row[1:])

        consent = await self._books.store.write(work)
        for told in self.watchers:
            await told(visit.number)
        return consent

    async def check(self, visit: Visit, scope: Scope) -> None:
        """Raises Conflict: it is not agreed to now."""
        consent = (await self.of(visit)).get(scope)
        if consent is None or not consent.holds(self._books.now_ms()):
            said = "nobody was asked" if consent is None else _why(consent, self._books.now_ms())
            raise Conflict(f"expected the patient's consent to {scope}, {said}: ask the patient")


def _why(consent: Consent, now_ms: int) -> str:
    if consent.said == "permit" and now_ms >= consent.until_ms:
        return "it has run out"
    return {"deny": "it was denied", "withdrawn": "it was withdrawn"}[consent.said]


def _last(rows: list[sqlite3.Row]) -> dict[Scope, Consent]:
    return {row["scope"]: _consent(row) for row in rows}


def _consent(row: sqlite3.Row) -> Consent:
    return Consent(**{name: row[name] for name in Consent.__dataclass_fields__})
