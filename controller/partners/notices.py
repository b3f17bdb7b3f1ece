"""What people of this site are told of partners: a referral to take, an answer to one, a conference.

    tell(db, partner, New("ben", "referral", "RF00000001", referral=7), utc_ms)     # where it is received
    found = await notices.open("ben")

It says what to look at, and never whose it is. A referral that waits is told to who was named, or to whoever
may take it, until somebody has; everything else until its person has read it.
"""

import sqlite3
from dataclasses import dataclass
from typing import Literal

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.errors import NotFound
from controller.identity.certificates import By
from controller.partners.book import PartnerBook
from controller.partners.model import Partner

Of = Literal["referral", "accepted", "rejected", "completed", "cancelled"]
Kind = Of | Literal["asked", "moved", "begun", "called-off", "to-sign"]
"""Of referrals, and of conferences."""
_MOST = 200
_ADD = """INSERT INTO partner_notice (partner, person, kind, referral, number, detail, at_ms)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE NOT EXISTS (SELECT 1 FROM partner_notice WHERE partner = ?1
  AND person = ?2 AND kind = ?3 AND number = ?5 AND detail = ?6 AND read_ms IS NULL)"""
_OPEN = f"""SELECT partner_notice.id, partner.site, partner.name AS site_name, kind, referral,
  partner_notice.number, detail, partner_notice.at_ms
FROM partner_notice JOIN partner ON partner.id = partner_notice.partner
LEFT JOIN partner_referral ON partner_referral.id = referral
WHERE read_ms IS NULL AND partner.state <> 'ended' AND person IN ('', :person)
AND (kind <> 'referral' OR (partner_referral.state = 'requested' AND partner_referral.withdrawn_ms IS NULL
  AND partner_referral.until_ms > :utc_ms))
ORDER BY partner_notice.id DESC LIMIT {_MOST}"""
_ONE = """SELECT partner_notice.*, partner.site FROM partner_notice JOIN partner ON partner.id = partner
WHERE partner_notice.id = ? AND person = ? AND kind <> 'referral'"""
_READ = "UPDATE partner_notice SET read_ms = ? WHERE id = ? AND read_ms IS NULL"
_ANSWERED = """UPDATE partner_notice SET read_ms = ? WHERE partner = ? AND person = ? AND number = ?
AND kind IN ('asked', 'moved') AND read_ms IS NULL"""
_SIGNED = """UPDATE partner_notice SET read_ms = ? WHERE partner = ? AND person = ? AND number = ?
AND kind = 'to-sign' AND detail = ? AND read_ms IS NULL"""


@dataclass(frozen=True, slots=True)
class New:
    """What somebody is to be told. `person` "": whoever may take the referral."""

    person: str
    kind: Kind
    number: str
    detail: str = ""
    """Title, or why; of "to-sign": the case."""
    referral: int | None = None


@dataclass(frozen=True, slots=True)
class PartnerNotice:
    """Something that somebody has to know."""

    id: int
    site: str
    site_name: str
    kind: Kind
    referral: int | None
    number: str
    """Of the referral, or of the partner's conference."""
    detail: str
    at_ms: int


class PartnerNotices:
    """Methods raise StoreError, too."""

    def __init__(self, book: PartnerBook) -> None:
        self._book = book

    async def open(self, person: str) -> list[PartnerNotice]:
        """What `person`, who may refer, has to know, the newest first."""
        told = {"person": person, "utc_ms": self._book.utc_ms()}
        return [PartnerNotice(**dict(row)) for row in await self._book.store.read(_OPEN, told)]

    async def read(self, number: int, by: By) -> None:
        """Who it is for has read it. Raises NotFound: a referral that waits is not read, but answered."""

        def work(db: sqlite3.Connection) -> None:
            row = db.execute(_ONE, (number, by.actor)).fetchone()
            if row is None:
                raise NotFound(f"there is no notice {number} for you to have read: see /api/referrals")
            if db.execute(_READ, (self._book.utc_ms(), number)).rowcount:
                entity, detail = f"partner/{row['site']}/{row['number']}", {"kind": row["kind"]}
                entry = Entry("partner-notice-read", by.actor, entity, where=by.where, detail=detail)
                append(db, entry, self._book.clock.utc_us())

        await self._book.store.write(work)


def tell(db: sqlite3.Connection, partner: Partner, new: New, utc_ms: int) -> None:
    """In the transaction of what it is about; what is open already is not told twice."""
    row = partner.id, new.person, new.kind, new.referral, new.number, new.detail[:200], utc_ms
    db.execute(_ADD, row)


def answered(db: sqlite3.Connection, partner: Partner, person: str, number: str, utc_ms: int) -> None:
    """`person` has answered that conference: there is nothing left to be told of."""
    db.execute(_ANSWERED, (utc_ms, partner.id, person, number))


def signed(db: sqlite3.Connection, partner: Partner, person: str, of: tuple[str, int], utc_ms: int) -> None:
    """`person` has signed; `of`: the conference's number, and the case."""
    db.execute(_SIGNED, (utc_ms, partner.id, person, of[0], str(of[1])))
