"""What a patient agrees to, word for word, about being shared with one partner. The last word counts.

consents = Consents(book)
given = await consents.say(Said("4711", "hospital-b", "permit", "en", until_ms), by)
consent = check(db, "4711", partner, utc_ms)      # in the transaction that queues: Conflict, and why
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from controller.audit.chain import append
from controller.audit.entry import REFUSED, Entry
from controller.errors import Conflict
from controller.identity.certificates import By
from controller.partners.book import PartnerBook, active, held
from controller.partners.model import Consent, Language, Partner, Word
from controller.partners.outbox import Message, queue, was_shared, withhold

WORDS: Mapping[Language, str] = {
    "en": "I agree that this hospital sends what is needed for my treatment to {name}: my name and date"
    " of birth, allergies, medicines, vital signs, results, images and documents, and summaries "
    "of visits by video and conclusions of conferences, as far as they are chosen. {name} keeps a copy of "
    "its own. I may take this back at any time: {name} is told, and shows it no more. My "
    "care here does not depend on it.",
    "zh": "我同意本医院将我治疗所需的资料发送给{name}：姓名和出生日期、过敏史、用药、生命体征、"
    "检查结果、影像和文件，以及选定的视频就诊小结和会诊结论。"
    "{name}将保存其自己的副本。我可以随时撤回同意：届时将通知{name}，副本不再显示。这不会影响我在本院的治疗。",
}
"""With the partner's name in them; kept with each consent."""
_IMAGES: Mapping[Language, str] = {"en": "images", "zh": "影像"}
_CONCLUSIONS: Mapping[Language, str] = {"en": "conclusions", "zh": "会诊结论"}
_ADD = """INSERT INTO partner_consent (number, patient, site, said, text, language, by, at_ms, until_ms)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_OF = "SELECT * FROM partner_consent WHERE patient = ? ORDER BY id DESC LIMIT 200"
_LAST = "SELECT * FROM partner_consent WHERE patient = ? AND site = ? ORDER BY id DESC LIMIT 1"
_ALL_BUT = "SELECT number FROM partner_consent WHERE patient = ? AND site = ? AND said = 'permit'"


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says, of whom and of which partner; `until_ms`: UTC."""

    patient: str
    site: str
    said: Word
    language: Language
    until_ms: int


class Consents:
    """Methods raise StoreError, too."""

    def __init__(self, book: PartnerBook) -> None:
        self._book = book

    async def of(self, patient: str) -> list[Consent]:
        """Everything that was said, the newest first."""
        return [_consent(row) for row in await self._book.store.read(_OF, (patient,))]

    async def say(self, said: Said, by: By) -> Consent:
        """Write it down. A withdrawal holds back what has not left, and tells the partner of the rest.

        Raises NotFound: there is no such partner; Conflict: there is nothing to withdraw.
        """

        def work(db: sqlite3.Connection) -> Consent:
            partner, utc_ms = held(db, said.site), self._book.utc_ms()
            before = last(db, said.patient, said.site)
            if said.said == "withdrawn" and (before is None or not before.holds(utc_ms)):
                raise Conflict(f"there is no consent to share with {partner.name} that could be withdrawn")
            if said.said == "permit" and said.until_ms <= utc_ms:
                raise Conflict("expected a consent that ends later than now: choose another day")
            consent = self._add(db, said, partner, by)
            if said.said != "permit":
                self._take_back(db, said.patient, partner)
            append(db, _entry("partner-consent", consent, by), self._book.clock.utc_us())
            return consent

        return await self._book.store.write(work)

    def _add(self, db: sqlite3.Connection, said: Said, partner: Partner, by: By) -> Consent:
        (number,) = db.execute("SELECT ifnull(max(id), 0) + 1 FROM partner_consent").fetchone()
        text = WORDS[said.language].format(name=partner.name)
        told = said.patient, said.site, said.said, text, said.language, by.actor
        row = f"PC{number:08d}", *told, self._book.utc_ms(), said.until_ms
        db.execute(_ADD, row)
        return Consent(*row)

    def _take_back(self, db: sqlite3.Connection, patient: str, partner: Partner) -> None:
        for row in db.execute(_ALL_BUT, (patient, partner.site)).fetchall():
            withhold(db, row["number"], "the consent was taken back before it left")
            if was_shared(db, partner, row["number"]):
                told = Message("referral", "consent-withdrawn", {"consent": row["number"]})
                queue(db, partner, told, self._book.utc_ms())


def last(db: sqlite3.Connection, patient: str, site: str) -> Consent | None:
    """What was said last."""
    row = db.execute(_LAST, (patient, site)).fetchone()
    return None if row is None else _consent(row)


def check(db: sqlite3.Connection, patient: str, site: str, utc_ms: int) -> tuple[Partner, Consent] | Conflict:
    """The partner and the consent that holds now, or why nothing of this patient may go there: whoever asks
    keeps that in the trail (`refused`), then raises it. Raises NotFound, Conflict: no such partner now."""
    partner, consent = active(db, site), last(db, patient, site)
    if consent is not None and consent.holds(utc_ms):
        return partner, consent
    why = "nobody has asked"
    if consent is not None:
        ended = "it has run out" if consent.said == "permit" else "it was taken back"
        why = "the patient denied it" if consent.said == "deny" else ended
    return Conflict(f"expected the patient's consent to share with {partner.name}, {why}: ask the patient")


def names_images(consent: Consent) -> bool:
    """Whether the words that the patient agreed to speak of images: earlier ones did not."""
    return _IMAGES[consent.language] in consent.text


def names_conclusions(consent: Consent) -> bool:
    """Whether they speak of what was concluded before: summaries of visits, conclusions of conferences."""
    return _CONCLUSIONS[consent.language] in consent.text


def refused(book: PartnerBook, db: sqlite3.Connection, what: str, who: tuple[str, str], by: By) -> None:
    """A line of the trail about what must not be; `who`: the patient, and the site."""
    entry = Entry(what, by.actor, f"partner/{who[1]}", REFUSED, patient=who[0], where=by.where, why=by.why)
    append(db, entry, book.clock.utc_us())


def _entry(action: str, consent: Consent, by: By) -> Entry:
    detail = {"said": consent.said, "number": consent.number}
    entity = f"partner/{consent.site}"
    return Entry(action, by.actor, entity, patient=consent.patient, where=by.where, detail=detail)


def _consent(row: sqlite3.Row) -> Consent:
    return Consent(**{name: row[name] for name in Consent.__dataclass_fields__})
