"""What becomes of messages that went to partners: old content goes, and what was refused is tried again.

    await purge(book, keep_days)                       # now and then: content of what was taken long ago
    await try_again(book, "hospital-b", 17, by)        # a refused message, under a new number

A number stays for ever, since it stands for its bytes with the partner; only the content goes, with a line of
the trail that says how much. A partner that was restored from a backup and asks for it gets an empty message.
"""

import sqlite3

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.conferences.sharing import Shared, last
from controller.errors import Conflict, NotFound
from controller.identity.certificates import By
from controller.partners.book import PartnerBook, active
from controller.partners.outbox import EMPTY

DAY_MS = 86_400_000
_PURGE = """UPDATE partner_sent SET body = ?, purged_ms = ?
WHERE done_ms < ? AND purged_ms IS NULL AND outcome IN ('taken', 'withheld') RETURNING partner"""
_REFUSED = """SELECT * FROM partner_sent WHERE id = ? AND partner = ? AND outcome = 'refused'
AND again_ms IS NULL"""
_AGAIN = "UPDATE partner_sent SET again_ms = ? WHERE id = ?"
_COPY = """INSERT INTO partner_sent (partner, topic, number, kind, body, consent, until_ms, queued_ms,
  outcome, reason)
SELECT partner, topic, 1 + (SELECT max(number) FROM partner_sent AS other
  WHERE other.partner = one.partner AND other.topic = one.topic),
  kind, body, consent, until_ms, ?, 'waiting', '' FROM partner_sent AS one WHERE id = ?"""
_HOLDS = """SELECT 1 FROM partner_consent AS one WHERE number = ? AND said = 'permit' AND until_ms > ?
AND id = (SELECT max(id) FROM partner_consent AS other
  WHERE other.patient = one.patient AND other.site = one.site)"""


async def purge(book: PartnerBook, keep_days: int) -> int:
    """The content of what was taken, or withheld, longer ago. How many messages. Raises StoreError."""

    def work(db: sqlite3.Connection) -> int:
        utc_ms = book.utc_ms()
        told = EMPTY, utc_ms, utc_ms - keep_days * DAY_MS
        gone = [row["partner"] for row in db.execute(_PURGE, told).fetchall()]
        for partner in sorted(set(gone)):
            (site,) = db.execute("SELECT site FROM partner WHERE id = ?", (partner,)).fetchone()
            detail = {"count": gone.count(partner), "days": keep_days}
            entry = Entry("partner-sent-purged", "controller", f"partner/{site}", detail=detail)
            append(db, entry, utc_ms * 1000)
        return len(gone)

    return await book.store.write(work)


async def try_again(book: PartnerBook, site: str, number: int, by: By) -> None:
    """Raises NotFound: it was not refused, or is sent again already; Conflict: the partnership is not active,
    or the consent that it rests on has ended."""

    def work(db: sqlite3.Connection) -> None:
        partner, utc_ms = active(db, site), book.utc_ms()
        row = db.execute(_REFUSED, (number, partner.id)).fetchone()
        if row is None:
            raise NotFound(f"there is no message {number} that {partner.name} refused: look again")
        _check_consent(db, book, row, site)
        db.execute(_COPY, (utc_ms, number))
        db.execute(_AGAIN, (utc_ms, number))
        detail = {name: str(row[name]) for name in ("topic", "number", "kind")}
        book.note(db, "partner-sent-again", partner, by, **detail)

    await book.store.write(work)


def _check_consent(db: sqlite3.Connection, book: PartnerBook, row: sqlite3.Row, site: str) -> None:
    consent: str = row["consent"]
    if not consent:
        return
    if consent.startswith("sharing/"):
        _, conference, patient = consent.split("/", 2)
        said = last(db, Shared(patient, f"conference/{conference}", site))
        holds = said is not None and said.holds(site, book.clock.now_us() // 1000)
    else:
        holds = db.execute(_HOLDS, (consent, book.utc_ms())).fetchone() is not None
    if not holds:
        raise Conflict("the patient's consent that this rests on has ended: it is not sent again")
