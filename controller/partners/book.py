"""Who is a partner: a card, pasted by an administrator; a fingerprint, compared; exchange until it ends.

book = PartnerBook(store, clock, own_card)
partner = await book.add(card, by)                            # pending
partner = await book.activate(partner.site, 1, "3F2A 91C0 …", by)   # as it was read out by telephone
partner = await book.step(partner.site, 2, PartnerState.SUSPENDED, by)
"""

import secrets
import sqlite3

from controller.audit.chain import append
from controller.audit.entry import DONE, REFUSED, Entry
from controller.clock import Clock
from controller.errors import Conflict, NotFound, NotProved, Outdated
from controller.identity.certificates import By
from controller.partners.cards import Card, fingerprint, same_fingerprint
from controller.partners.model import Partner
from controller.partners.states import PARTNER_STEPS, PartnerState
from controller.steps import check_step
from controller.store import Store

_OPEN = "SELECT * FROM partner WHERE site = ? AND state <> 'ended'"
_ALL = "SELECT * FROM partner ORDER BY state = 'ended', name, id DESC LIMIT 500"
_ACTIVE = "SELECT * FROM partner WHERE state = 'active' ORDER BY id"
_ADD = """INSERT INTO partner (site, name, address, root, fingerprint, life, state, revision,
  added_by, added_ms, changed_by, changed_ms, trouble)
VALUES (:site, :name, :address, :root, :fingerprint, :life, 'pending', 1, :by, :at_ms, :by, :at_ms, '')"""
_STEP = """UPDATE partner SET state = ?, revision = revision + 1, changed_by = ?, changed_ms = ?
WHERE id = ?"""
_NAMED = "SELECT site FROM partner WHERE state <> 'ended' AND lower(name) = lower(?)"
_WITH_REASON = frozenset({PartnerState.SUSPENDED, PartnerState.ENDED})


class PartnerBook:
    """The partners of one site. Methods raise StoreError, too."""

    def __init__(self, store: Store, clock: Clock, own: Card) -> None:
        self.store = store
        self.clock = clock
        self.own = own

    def utc_ms(self) -> int:
        """UTC."""
        return self.clock.utc_us() // 1000

    async def listed(self) -> list[Partner]:
        """All of them, those that ended last."""
        return [partner_of(row) for row in await self.store.read(_ALL)]

    async def active(self) -> list[Partner]:
        """Those that are exchanged with."""
        return [partner_of(row) for row in await self.store.read(_ACTIVE)]

    async def find(self, site: str) -> Partner:
        """The partner of that name that has not ended. Raises NotFound."""
        return _found(await self.store.read(_OPEN, (site,)), site)

    async def add(self, card: Card, by: By) -> Partner:
        """It waits for its fingerprint. Raises Conflict: it is a partner already, or calls itself like us."""

        def work(db: sqlite3.Connection) -> Partner:
            self._check_names(db, card)
            told = {name: getattr(card, name) for name in ("site", "name", "address", "root")}
            more = {"fingerprint": fingerprint(card), "life": secrets.token_hex(8)}
            db.execute(_ADD, {**told, **more, "by": by.actor, "at_ms": self.utc_ms()})
            partner = held(db, card.site)
            self.note(db, "partner-added", partner, by, address=card.address)
            return partner

        return await self.store.write(work)

    async def activate(self, site: str, over: int, heard: str, by: By) -> Partner:
        """`heard`: the fingerprint that the partner read out. Raises NotFound, Outdated, Conflict; NotProved:
        it is another, which the trail keeps."""

        def work(db: sqlite3.Connection) -> Partner | NotProved:
            partner = _current(db, site, over)
            check_step(PARTNER_STEPS, partner.state, PartnerState.ACTIVE)
            if not same_fingerprint(heard, partner.fingerprint):
                self.note(db, "partner-activated", partner, by, REFUSED)
                return NotProved(
                    "the fingerprint is not that of this card: one of the cards was changed on the way, or "
                    "misheard; compare again by telephone, and end this partnership if it stays so"
                )
            return self._step(db, partner, PartnerState.ACTIVE, "partner-activated", by)

        # The try is kept, hence it is raised after the transaction.
        found = await self.store.write(work)
        if isinstance(found, NotProved):
            raise found
        return found

    async def step(self, site: str, over: int, to: PartnerState, by: By) -> Partner:
        """Suspend, resume or end it: from this moment. Raises NotFound, Outdated, Conflict."""

        def work(db: sqlite3.Connection) -> Partner:
            partner = _current(db, site, over)
            if partner.state is PartnerState.PENDING and to is PartnerState.ACTIVE:
                raise Conflict("expected the fingerprint of a new partner, got none: compare it by telephone")
            if to in _WITH_REASON and not by.why.strip():
                raise Conflict(f"expected a reason for {to}, got none: say why")
            check_step(PARTNER_STEPS, partner.state, to)
            return self._step(db, partner, to, f"partner-{to}", by)

        return await self.store.write(work)

    def note(
        self,
        db: sqlite3.Connection,
        action: str,
        partner: Partner,
        by: By,
        outcome: str = DONE,
        **detail: str,
    ) -> None:
        """One line of the trail, in the transaction that makes the change."""
        entry = Entry(action, by.actor, partner.entity, outcome, where=by.where, why=by.why, detail=detail)
        append(db, entry, self.clock.utc_us())

    def _step(
        self, db: sqlite3.Connection, partner: Partner, to: PartnerState, action: str, by: By
    ) -> Partner:
        db.execute(_STEP, (to, by.actor, self.utc_ms(), partner.id))
        self.note(db, action, partner, by)
        return by_id(db, partner.id)

    def _check_names(self, db: sqlite3.Connection, card: Card) -> None:
        if card.site == self.own.site or card.name.casefold() == self.own.name.casefold():
            raise Conflict(f"{card.name!r} ({card.site}) is the name of this site: the partner needs another")
        if db.execute(_OPEN, (card.site,)).fetchone() or db.execute(_NAMED, (card.name,)).fetchone():
            raise Conflict(f"{card.name!r} ({card.site}) is a partner already: end that partnership first")


def held(db: sqlite3.Connection, site: str) -> Partner:
    """The same as `find`, inside a transaction. Raises NotFound."""
    return _found(db.execute(_OPEN, (site,)).fetchall(), site)


def active(db: sqlite3.Connection, site: str) -> Partner:
    """One that is exchanged with. Raises NotFound; Conflict: not now."""
    partner = held(db, site)
    if partner.state is not PartnerState.ACTIVE:
        raise Conflict(f"the partnership with {partner.name} is {partner.state}: ask your administrator")
    return partner


def by_id(db: sqlite3.Connection, number: int) -> Partner:
    """One that is known to be there."""
    return partner_of(db.execute("SELECT * FROM partner WHERE id = ?", (number,)).fetchone())


def partner_of(row: sqlite3.Row) -> Partner:
    """The partner of a row."""
    told = {name: row[name] for name in Partner.__dataclass_fields__}
    return Partner(**{**told, "state": PartnerState(row["state"])})


def _found(rows: list[sqlite3.Row], site: str) -> Partner:
    if not rows:
        raise NotFound(f"there is no partner {site!r:.60}: see /partners for those there are")
    return partner_of(rows[0])


def _current(db: sqlite3.Connection, site: str, over: int) -> Partner:
    partner = held(db, site)
    if partner.revision != over:
        raise Outdated(f"the partnership is at revision {partner.revision}, not {over}: look again")
    return partner
