"""What each partner was told last of things that change."""

import sqlite3

from controller.partners.model import Partner

_KNOWN = "SELECT digest FROM partner_told WHERE partner = ? AND what = ?"
_KEEP = """INSERT INTO partner_told (partner, what, digest) VALUES (?, ?, ?)
ON CONFLICT (partner, what) DO UPDATE SET digest = excluded.digest"""


def was_told(db: sqlite3.Connection, partner: Partner, what: str) -> bool:
    """Whether the partner was ever told of it."""
    return db.execute(_KNOWN, (partner.id, what)).fetchone() is not None


def is_news(db: sqlite3.Connection, partner: Partner, what: str, digest: bytes) -> bool:
    """Whether the partner was told something else of it last; from now on it was told this."""
    row = db.execute(_KNOWN, (partner.id, what)).fetchone()
    if row is not None and row["digest"] == digest:
        return False
    db.execute(_KEEP, (partner.id, what, digest))
    return True
