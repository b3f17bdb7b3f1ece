"""Signatures of people over documents: checked, and countersigned by the site in the same moment.

signatures = Signatures(store, clock, folder, unlocks)
await signatures.keys_of("anna")
signed = await store.write(lambda db: signatures.check(db, "anna", document, jws))     # with what it is for
await signatures.again("anna", signed)          # whenever something is done because of it
signed.file()                                   # for `wardlink rx verify`

What is signed is the whole document: whoever calls `check` gives that of the revision which is to be signed,
so that a signature over another one, or over another revision, is none of this.
"""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from controller.clock import Clock, utc_text
from controller.errors import BadSignature
from controller.identity.certificates import moment
from controller.identity.files import held_authority
from controller.security.permissions import Permission
from controller.security.users import ACCOUNT, account_of
from controller.signing.canonical import canonical
from controller.signing.certificate import check_time, holder_of
from controller.signing.chain import chain_of, key_of
from controller.signing.jws import RECEIPT, SIGNED, SKEW_S, Jws, opened
from controller.signing.keys import SigningKeys, active_key, key_by_certificate
from controller.signing.model import Key, Signed, Unlock
from controller.signing.revoked import ended
from controller.signing.site import SiteSigner, receipted
from controller.signing.verify import Verified, verify
from controller.store import Store


class Signatures:
    """All of it of one controller. `folder`: the authority's; `unlocks`: `[signing] unlock`."""

    def __init__(self, store: Store, clock: Clock, folder: Path, unlocks: frozenset[Unlock]) -> None:
        self.keys = SigningKeys(store, clock, folder, unlocks)
        self.site = SiteSigner(folder)
        self._store = store
        self._clock = clock

    async def keys_of(self, person: str) -> list[Key]:
        """The person's keys, the newest first. Raises StoreError."""
        return await self.keys.of(person)

    async def accept(self, person: str, document: Mapping[str, Any], jws: str) -> Signed:
        """`check` in a transaction of its own: for who keeps it in a later one. Raises StoreError, too."""
        return await self._store.write(lambda db: self.check(db, person, document, jws))

    async def again(self, person: str, signed: Signed) -> Verified:
        """That what was accepted of `person` and kept since still holds, as it would anywhere else.

        Raises BadSignature, AuthorityError, StoreError.
        """
        held = held_authority(self.site.folder, moment(self._clock.utc_us() // 1_000_000)).held
        verified = verify(signed.file(), (held.root, *held.links[::3]), await ended(self._store))
        if verified.name != person:
            raise BadSignature(f"expected a signature of {person}, got one of {verified.name}", "person")
        return verified

    def check(self, db: sqlite3.Connection, person: str, document: Mapping[str, Any], jws: str) -> Signed:
        """`document` as signed by `person`, with the receipt for it, inside the caller's transaction.

        The caller keeps it and writes into the audit trail what was signed. Raises BadSignature,
        AuthorityError: then nothing is to be done.
        """
        utc_s, payload = self._clock.utc_us() // 1_000_000, canonical(document)
        held = opened(jws, SIGNED)
        _check_person(db, held, person)
        _check_skew(held.at_s, utc_s)
        key = _key(db, held, person)
        check_time(key.certificate, utc_s)
        _check_roles(db, key)
        held.check(payload, key_of(key.certificate))
        if not held.has_one_form:
            raise BadSignature("expected the smaller s of the two that a signature may have, got the other")
        receipt = self.site.sign(RECEIPT, person, receipted(jws), utc_s)
        return Signed(document, jws, receipt)


def _check_person(db: sqlite3.Connection, held: Jws, person: str) -> None:
    if held.by != person:
        raise BadSignature(f"expected a signature of {person}, got one that names {held.by!r:.64}", "person")
    row = db.execute(f"{ACCOUNT} WHERE user.name = ?", (person,)).fetchone()
    account = account_of(row) if row else None
    if account is None or account.disabled:
        raise BadSignature(f"{person} has no account, or a disabled one: it signs nothing", "person")
    if Permission.SIGN not in account.user.permissions:
        raise BadSignature(f"{person} has no role that signs: ask an administrator", "person")


def _check_skew(at_s: int, utc_s: int) -> None:
    if abs(at_s - utc_s) > SKEW_S:
        at, now = utc_text(at_s * 1_000_000)[:19], utc_text(utc_s * 1_000_000)[:19]
        message = (
            f"the signature says it is of {at} UTC, and it is {now}: set this computer's clock, sign again"
        )
        raise BadSignature(message, "time")


def _key(db: sqlite3.Connection, held: Jws, person: str) -> Key:
    """The person's active key, if the signature is by it. Raises BadSignature."""
    first = chain_of(held.header)[0]
    key = key_by_certificate(db, person, first)
    if key is None:
        raise BadSignature(f"the signature is by a key that is none of {person}'s", "certificate")
    if (active := active_key(db, person)) is None or active.serial != key.serial:
        raise BadSignature(
            f"the signature is by a key that was {key.state}: sign with the present one", "revoked"
        )
    if held.header["x5c"] != key.chain:
        raise BadSignature("expected the key's certificates in the order in which it got them", "certificate")
    return key


def _check_roles(db: sqlite3.Connection, key: Key) -> None:
    """What a certificate says of roles is true when it signs."""
    rows = db.execute("SELECT role FROM user_role WHERE user = ?", (key.person,)).fetchall()
    roles = tuple(sorted(row["role"] for row in rows))
    if holder_of(key.certificate).roles != roles:
        had, has = ", ".join(key.roles), ", ".join(roles)
        message = f"the key was made for {had}, and {key.person} is {has}: make a new one"
        raise BadSignature(message, "certificate")
