"""Patients whom we ask a partner to treat, and those whom partners ask us to treat.

referrals = Referrals(book, folder)
asked = await referrals.ask(Wanted("hospital-b", "4711", "ben", "stroke"), known, by)   # Conflict: no consent
await referrals.answer(asked.id, 1, ReferralState.ACCEPTED, by)                         # on the other side
await referrals.give_back(asked.id, 2, "Thrombectomy …", by)                            # with the letter

Each is one transaction: the referral, the message that goes, the line of the trail, the consent it rests on.
"""

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from controller.errors import Conflict, NotFound
from controller.identity.certificates import By
from controller.imaging.sight import Sight, parameters
from controller.partners import referral_rows as rows
from controller.partners.book import PartnerBook, active
from controller.partners.case import Asking, Known, case_of
from controller.partners.consents import check, names_conclusions, names_images, refused
from controller.partners.letters import discharge_letter, sign
from controller.partners.model import Consent, Partner, Referral
from controller.partners.outbox import Message, queue
from controller.partners.states import ReferralState

MOST = 500
_SEEN = """((way = 'out' AND (asked_by = :person OR :patients IS NULL
  OR patient IN (SELECT value FROM json_each(:patients)))) OR (way = 'in' AND expert IN ('', :person)))"""
_LISTED = f"{rows.SELECT} WHERE {_SEEN} ORDER BY partner_referral.id DESC LIMIT {MOST}"
_ONE = f"{rows.SELECT} WHERE {_SEEN} AND partner_referral.id = :id"
_CONTENT = "SELECT content, letter FROM partner_referral WHERE id = ?"
_KNOWN_EXPERT = "SELECT 1 FROM expert WHERE site = ? AND name = ?"
_NEXT = "SELECT ifnull(max(id), 0) + 1 FROM partner_referral"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; `expert` "": whoever there takes it."""

    site: str
    patient: str
    expert: str
    reason: str


@dataclass(frozen=True, slots=True)
class Papers:
    """What goes with a referral: the case, and the letter that came back, if it did."""

    case: dict[str, Any]
    letter: dict[str, Any] | None


class Referrals:
    """Methods raise StoreError, too. `folder`: the authority's."""

    def __init__(self, book: PartnerBook, folder: Path) -> None:
        self._book = book
        self._folder = folder

    async def listed(self, sight: Sight, person: str) -> list[Referral]:
        """Ours of whom `sight` shows the patient, or that `person` asked for; and those that `person` is
        asked to take. The newest first."""
        told = {"patients": parameters(sight)["patients"], "person": person}
        return [rows.referral_of(row) for row in await self._book.store.read(_LISTED, told)]

    async def find(self, number: int, sight: Sight, person: str) -> Referral:
        """One of these. Raises NotFound."""
        told = {"patients": parameters(sight)["patients"], "person": person, "id": number}
        found = await self._book.store.read(_ONE, told)
        if not found:
            raise NotFound(f"there is no referral {number}: see /api/referrals for those there are")
        return rows.referral_of(found[0])

    async def papers(self, referral: Referral) -> Papers:
        """Raises Conflict: the consent has ended, and the copy is not shown any more."""
        if not referral.is_shown(self._book.utc_ms()):
            raise Conflict("the patient's consent to share this has ended: the copy is not shown any more")
        [row] = await self._book.store.read(_CONTENT, (referral.id,))
        return Papers(json.loads(row["content"]), json.loads(row["letter"]) if row["letter"] else None)

    async def ask(self, wanted: Wanted, known: Known, by: By) -> Referral:
        """Raises NotFound; Conflict: the partnership is not active, nobody there is called like that, or the
        patient's consent does not hold, which the trail keeps."""

        def work(db: sqlite3.Connection) -> Referral | Conflict:
            found = check(db, wanted.patient, wanted.site, self._book.utc_ms())
            if isinstance(found, Conflict):
                refused(self._book, db, "referral-requested", (wanted.patient, wanted.site), by)
                return found
            if wanted.expert and not db.execute(_KNOWN_EXPERT, (wanted.site, wanted.expert)).fetchone():
                raise Conflict(f"{found[0].name} tells of no {wanted.expert!r:.64}: choose from its experts")
            if known.studies and not names_images(found[1]):
                raise Conflict("the consent does not speak of images: read the words out anew, or send none")
            if known.documents and not names_conclusions(found[1]):
                raise Conflict("the consent does not speak of conclusions: read it out anew, or send none")
            return self._ask(db, found, (wanted, known), by)

        # The refusal is kept, hence it is raised after the transaction.
        made = await self._book.store.write(work)
        if isinstance(made, Conflict):
            raise made
        return made

    async def answer(self, number: int, over: int, to: ReferralState, by: By) -> Referral:
        """Whether the patient comes; `by.why`: why not. Raises NotFound, Outdated, Conflict."""
        if to not in (ReferralState.ACCEPTED, ReferralState.REJECTED):
            raise Conflict(f"expected accepted or rejected, got {to}: say one of these")
        if to is ReferralState.REJECTED and not by.why.strip():
            raise Conflict("expected a reason for rejected, got none: say why")

        def work(db: sqlite3.Connection) -> Referral:
            referral, partner = self._of_way(db, number, over, "in")
            made = rows.step(db, referral, rows.Step(to, by.why, by, self._book.utc_ms()))
            body = {"number": made.number, "answer": str(to), "by": by.actor, "why": by.why}
            self._queue(db, partner, "referral-answered", body)
            return made

        return await self._book.store.write(work)

    async def cancel(self, number: int, over: int, by: By) -> Referral:
        """Take back what we asked for; `by.why`: why. Raises NotFound, Outdated, Conflict."""
        if not by.why.strip():
            raise Conflict("expected a reason for cancelled, got none: say why")

        def work(db: sqlite3.Connection) -> Referral:
            referral, partner = self._of_way(db, number, over, "out")
            step = rows.Step(ReferralState.CANCELLED, by.why, by, self._book.utc_ms())
            made = rows.step(db, referral, step)
            self._queue(db, partner, "referral-cancelled", {"number": made.number, "why": by.why})
            return made

        return await self._book.store.write(work)

    async def give_back(self, number: int, over: int, words: str, by: By) -> Referral:
        """The patient goes back with this letter, signed by the site. Raises NotFound, Outdated, Conflict,
        AuthorityError."""
        if not words.strip():
            raise Conflict("expected the discharge letter, got nothing: write it")

        def work(db: sqlite3.Connection) -> Referral:
            referral, partner = self._of_way(db, number, over, "in")
            utc_us, utc_ms = self._book.clock.utc_us(), self._book.utc_ms()
            letter = discharge_letter(referral, by.actor, words, utc_ms, self._book.own.name)
            made = rows.step(db, referral, rows.Step(ReferralState.COMPLETED, "", by, utc_ms))
            signature = sign(self._folder, letter, by.actor, utc_us)
            rows.keep_letter(db, made, orjson.dumps({"letter": letter, "signature": signature}))
            body = {"number": made.number, "by": by.actor, "letter": letter, "signature": signature}
            self._queue(db, partner, "referral-returned", body)
            return made

        return await self._book.store.write(work)

    def _ask(
        self, db: sqlite3.Connection, to: tuple[Partner, Consent], what: tuple[Wanted, Known], by: By
    ) -> Referral:
        (partner, consent), (wanted, known) = to, what
        utc_ms, (next_id,) = self._book.utc_ms(), db.execute(_NEXT).fetchone()
        number, own, to_utc_ms = f"RF{next_id:08d}", self._book.own.name, utc_ms - self._scale_ms()
        asking = Asking(number, wanted.reason, by.actor, own, partner.name, utc_ms)
        case = case_of(known, asking, consent, to_utc_ms)
        told = {
            **{"number": number, "patient": wanted.patient, "name": known.facts.name},
            **{"expert": wanted.expert, "reason": wanted.reason, "asked_by": by.actor},
            **{"consent": consent.number, "until_ms": consent.until_ms},
        }
        new = rows.New(way="out", content=orjson.dumps(case), **told)
        made = rows.add(db, partner, new, by, utc_ms)
        rows.note(db, "referral-requested", made, by, utc_ms)
        message = Message("referral", "referral", {**told, "case": case}, consent.number, consent.until_ms)
        queue(db, partner, message, utc_ms)
        return made

    def _scale_ms(self) -> int:
        return self._book.clock.now_us() // 1000

    def _of_way(self, db: sqlite3.Connection, number: int, over: int, way: str) -> tuple[Referral, Partner]:
        referral = rows.current(db, number, over)
        if referral.way != way:
            raise Conflict("the other site says that of this referral: wait for it")
        return referral, active(db, referral.site)

    def _queue(self, db: sqlite3.Connection, partner: Partner, kind: str, body: dict[str, Any]) -> None:
        queue(db, partner, Message("referral", kind, body), self._book.utc_ms())
