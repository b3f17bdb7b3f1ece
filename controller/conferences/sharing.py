"""What a patient agreed to of others seeing the record: word for word, for what, for which sites, until when.

    sharing = Sharing(books)
    await sharing.say("4711", conference.entity, Said("permit", "zh", ("hospital-b",)), until_ms, by)
    await store.write(lambda db: check(db, Shared("4711", conference.entity, "hospital-b"), now_ms))

It only grows: the last word for each thing counts. People of this site need it as those of other sites do,
who see nothing of a patient by being asked to a conference.
"""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.conferences.books import Books
from controller.errors import Conflict
from controller.identity.certificates import By
from controller.telemedicine.model import Language, Word
from controller.telemedicine.words import CONSENTS

LASTS_MS = 90 * 24 * 3_600_000
"""A consent is asked for anew after so long."""
_ADD = """INSERT INTO sharing_consent (patient, what, sites, said, text, language, by, at_ms, until_ms)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_LAST = "SELECT * FROM sharing_consent WHERE patient = ? AND what = ? ORDER BY id DESC LIMIT 1"
_FOR = """SELECT * FROM sharing_consent WHERE id IN
  (SELECT max(id) FROM sharing_consent WHERE what = ? GROUP BY patient)"""
_OF = "SELECT * FROM sharing_consent WHERE patient = ? ORDER BY id DESC"


@dataclass(frozen=True, slots=True)
class Said:
    """What a patient says, and of which other sites."""

    said: Word
    language: Language
    sites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shared:
    """Whose record is to be seen, for what, by people of which site ("": this one)."""

    patient: str
    what: str
    """As the trail calls it: "conference/MC00000001"."""
    site: str = ""


@dataclass(frozen=True, slots=True)
class SharingConsent:
    """What was said last of one thing."""

    id: int
    patient: str
    what: str
    sites: tuple[str, ...]
    said: Word
    text: str
    """The words that were shown, whole."""
    language: Language
    by: str
    at_ms: int
    until_ms: int

    def holds(self, site: str, now_ms: int) -> bool:
        """Whether people of `site` may look now."""
        return self.said == "permit" and now_ms < self.until_ms and (not site or site in self.sites)


class Sharing:
    """Methods raise StoreError, too."""

    def __init__(self, books: Books) -> None:
        self._books = books

    async def said_for(self, what: str) -> dict[str, SharingConsent]:
        """The last word of each patient, by identifier."""
        rows = await self._books.store.read(_FOR, (what,))
        return {row["patient"]: _consent(row) for row in rows}

    async def of(self, patient: str) -> list[SharingConsent]:
        """All that a patient ever said, the latest first."""
        return [_consent(row) for row in await self._books.store.read(_OF, (patient,))]

    async def say(
        self, shared: Shared, said: Said, by: By, *, words: Mapping[Language, str] = CONSENTS["sharing"]
    ) -> SharingConsent:
        """It holds for LASTS_MS. `words`: those that were shown. Raises Conflict: nothing to withdraw."""
        return await self._books.store.write(lambda db: self.say_in(db, shared, said, by, words=words))

    def say_in(
        self, db: sqlite3.Connection, shared: Shared, said: Said, by: By, *, words: Mapping[Language, str]
    ) -> SharingConsent:
        """The same, in the caller's transaction."""
        now_ms, before = self._books.now_ms(), last(db, shared)
        if said.said == "withdrawn" and (before is None or before.said != "permit"):
            raise Conflict("there is no consent that could be withdrawn: look again")
        about = shared.patient, shared.what, json.dumps(sorted(said.sites)), said.said
        row = *about, words[said.language], said.language, by.actor, now_ms, now_ms + LASTS_MS
        db.execute(_ADD, row)
        detail = {"said": said.said, "sites": " ".join(sorted(said.sites))}
        whose = {"patient": shared.patient, "where": by.where, "why": by.why}
        append(
            db,
            Entry("sharing-consent", by.actor, shared.what, **whose, detail=detail),
            self._books.clock.utc_us(),
        )
        made = last(db, shared)
        if made is None:
            raise LookupError("expected the consent that was just kept, there is none")
        return made


def last(db: sqlite3.Connection, shared: Shared) -> SharingConsent | None:
    """The last word on it; None: nobody was asked."""
    row = db.execute(_LAST, (shared.patient, shared.what)).fetchone()
    return _consent(row) if row else None


def check(db: sqlite3.Connection, shared: Shared, now_ms: int) -> SharingConsent:
    """The consent that holds. Raises Conflict: there is none."""
    consent = last(db, shared)
    if consent is None or not consent.holds(shared.site, now_ms):
        raise Conflict(f"expected the patient's consent to share the record, {why_not(consent, now_ms)}: ask")
    return consent


def why_not(consent: SharingConsent | None, now_ms: int) -> str:
    """In words, of one that does not hold."""
    if consent is None:
        return "nobody was asked"
    if consent.said != "permit":
        return {"deny": "it was denied", "withdrawn": "it was withdrawn"}[consent.said]
    return "it has run out" if now_ms >= consent.until_ms else "it is not for that hospital"


def _consent(row: sqlite3.Row) -> SharingConsent:
    kept = {name: row[name] for name in SharingConsent.__dataclass_fields__}
    return SharingConsent(**{**kept, "sites": tuple(json.loads(row["sites"]))})
