"""Who came in by a partner's word: a session that opens one conference, by a permission that no role has.

found = await PartnerSessions(store, clock).find(token)       # PartnerAccess; None: there is none
"""

import hashlib
import sqlite3
from dataclasses import dataclass

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import Clock
from controller.conferences.model import Person
from controller.security.permissions import Permission
from controller.security.sessions import State
from controller.security.users import User
from controller.store import Store
from controller.view import View

LASTS_MS = 8 * 3_600_000
"""A session ends by then at the latest."""
_FIND = """SELECT partner_way_in.*, partner.site, partner.name AS site_name FROM partner_way_in
JOIN partner ON partner.id = partner_way_in.partner
WHERE session = ? AND ended_ms IS NULL AND used_ms > ? AND partner.state = 'active'"""
_END = "UPDATE partner_way_in SET ended_ms = ? WHERE session = ? AND ended_ms IS NULL"
_JOINS = frozenset({Permission.JOIN_CONFERENCE})
_NOBODY = View(frozenset())


@dataclass(frozen=True, slots=True)
class PartnerAccess:
    """What security.gate asks: somebody of a partner, in one conference, and nothing else."""

    conference: str
    """Its number."""
    person: Person
    name: str
    """As the others in the room see it: always with the hospital's."""
    permissions: frozenset[Permission] = _JOINS
    view: View = _NOBODY
    state: State = State.OPEN

    @property
    def user(self) -> User:
        """The name under which the trail has what this person does: no account here has a colon."""
        return User(self.person.actor, frozenset(), frozenset())


class PartnerSessions:
    """Methods raise StoreError."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def find(self, token: str | None) -> PartnerAccess | None:
        """Whose session it is; None: nobody's any more, since the partnership is not active, too."""
        if token is None:
            return None
        told = digest(token), self._clock.utc_us() // 1000 - LASTS_MS
        rows = await self._store.read(_FIND, told)
        if not rows:
            return None
        [row] = rows
        name = f"{row['display']} ({row['site_name']})"
        return PartnerAccess(row["conference"], Person(row["site"], row["name"]), name)

    async def end(self, access: PartnerAccess, token: str, where: str) -> None:
        """Who came in goes."""
        utc_us = self._clock.utc_us()

        def work(db: sqlite3.Connection) -> None:
            db.execute(_END, (utc_us // 1000, digest(token)))
            entry = Entry("conference-went", access.user.name, f"conference/{access.conference}", where=where)
            append(db, entry, utc_us)

        await self._store.write(work)


def digest(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).digest()
