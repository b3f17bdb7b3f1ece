"""What people of this site signed of partners' conclusions: this hospital's own record, which stays.

    keep(db, partner, OwnSigned(...))                 # in the transaction of the signature
    kept = await signed_of(store, partner, "MC00000001")

An expert's opinion belongs to the record of the hospital that gave it, as it has to be kept there; so do the
words that it is over. It neither ends with the patient's consent to be seen nor with the partnership, and a
later version puts no other in its place. Nothing else of the case is kept so.
"""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from controller.conferences.model import Stand
from controller.partners.model import Partner
from controller.store import Store

_KEEP = """INSERT OR IGNORE INTO partner_conclusion_signed (partner, number, conference_case, version, name,
  stand, words, patient, document, file, signed_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_OF = """SELECT conference_case AS of_case, version, name, stand, words, patient, document, file, signed_ms
FROM partner_conclusion_signed WHERE partner = ? AND number = ? ORDER BY version DESC, name"""


@dataclass(frozen=True, slots=True)
class OwnSigned:
    """One signature, and the conclusion that it is about. `signed_ms` is UTC."""

    number: str
    case: int
    version: int
    name: str
    """The account."""
    stand: Stand
    words: str
    """Of who differs."""
    patient: str
    document: dict[str, Any]
    file: str
    """What was signed, for `wardlink rx verify`."""
    signed_ms: int


def keep(db: sqlite3.Connection, partner: Partner, one: OwnSigned) -> None:
    """Once: the same again is the same."""
    said = one.stand, one.words, one.patient, json.dumps(one.document), one.file, one.signed_ms
    db.execute(_KEEP, (partner.id, one.number, one.case, one.version, one.name, *said))


async def signed_of(store: Store, partner: Partner, number: str) -> list[OwnSigned]:
    """Of one conference, the latest version first. Raises StoreError."""
    return [_own(number, row) for row in await store.read(_OF, (partner.id, number))]


def _own(number: str, row: sqlite3.Row) -> OwnSigned:
    named = ("version", "name", "stand", "words", "patient", "file", "signed_ms")
    kept = {name: row[name] for name in named}
    return OwnSigned(number=number, case=row["of_case"], document=json.loads(row["document"]), **kept)
