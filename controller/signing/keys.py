"""People's keys in the database: made, unlocked, rotated, revoked. Each change with its entry in the trail.

keys = SigningKeys(store, clock, folder, frozenset({Unlock.PASSKEY}))
challenge = keys.challenge("anna session")
key = await keys.make(Maker(user, "anna session", by), challenge, proof, wraps)   # the one before: retired
await keys.revoke("anna", key.serial, Reason.LOST, by)
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import Clock
from controller.errors import Conflict, NotFound
from controller.identity.authority import above
from controller.identity.certificates import By, moment, serial_of
from controller.identity.files import held_authority
from controller.security.challenges import Challenges
from controller.security.users import User
from controller.signing.certificate import issued
from controller.signing.chain import told
from controller.signing.jws import decoded, encoded
from controller.signing.model import STEPS, Event, Key, KeyState, Reason, Unlock, Wrap, key_in
from controller.signing.proof import proved_key
from controller.signing.wraps import check_wraps, put_wraps, wrap_in
from controller.steps import check_step
from controller.store import Store

_OF_PERSON = "SELECT * FROM signing_key WHERE person = ? ORDER BY state != 'active', made_utc_s DESC"
_ACTIVE = "SELECT * FROM signing_key WHERE person = ? AND state = 'active'"
_WRAPS = "SELECT * FROM signing_wrap WHERE serial = ? ORDER BY kind, credential"
_ADD = """INSERT INTO signing_key
(serial, person, key, certificate, chain, made_utc_s, expires_utc_s, state, changed_utc_s, reason)
VALUES (?, ?, ?, ?, ?, ?6, ?, 'active', ?6, '')"""
_STEP = "UPDATE signing_key SET state = ?, changed_utc_s = ?, reason = ? WHERE serial = ?"
_HISTORY = """SELECT signing_event.* FROM signing_event JOIN signing_key USING (serial)
WHERE person = ? ORDER BY number"""
_EVENT = "INSERT INTO signing_event (serial, state, at_utc_s, by, reason) VALUES (?, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Maker:
    """Who makes a key, in which session (its token)."""

    user: User
    session: str
    by: By


class SigningKeys:
    """Methods raise StoreError, too."""

    def __init__(self, store: Store, clock: Clock, folder: Path, unlocks: frozenset[Unlock]) -> None:
        self._store = store
        self._clock = clock
        self._folder = folder
        self._challenges = Challenges(clock)
        self.unlocks = unlocks
        """How people may unlock their keys here."""

    async def of(self, person: str) -> list[Key]:
        """The person's keys, the one that signs first, then the newest."""
        return [key_in(row) for row in await self._store.read(_OF_PERSON, (person,))]

    async def history(self, person: str) -> list[Event]:
        """What became of the person's keys, the oldest first."""
        rows = await self._store.read(_HISTORY, (person,))
        return [
            Event(row["serial"], KeyState(row["state"]), row["at_utc_s"], row["by"], row["reason"])
            for row in rows
        ]

    async def active(self, person: str) -> tuple[Key, list[Wrap]]:
        """The person's key, and the ways to unlock it. Raises NotFound."""
        rows = await self._store.read(_ACTIVE, (person,))
        if not rows:
            raise NotFound("you have no key to sign with: make one on the page of your account")
        key = key_in(rows[0])
        held = [wrap_in(row) for row in await self._store.read(_WRAPS, (key.serial,))]
        return key, [one for one in held if one.kind in self.unlocks]

    def challenge(self, session: str) -> str:
        """What the new key is to sign, in base64url: once, from that session, soon."""
        return encoded(self._challenges.give(f"signing {session}"))

    async def make(self, maker: Maker, challenge: str, proof: str, wraps: Sequence[Wrap]) -> Key:
        """A certificate for the key that made `proof`. The person's key before it is retired.

        Raises BadSignature, LoginRefused (the challenge), BadRecord (a wrap), Conflict, AuthorityError.
        """
        self._challenges.take(f"signing {maker.session}", decoded(challenge))
        public = proved_key(proof, maker.user.name, challenge)
        check_wraps(wraps, self.unlocks)
        return await self._store.write(lambda db: self._make(db, maker, public, wraps))

    def _make(
        self, db: sqlite3.Connection, maker: Maker, public: ec.EllipticCurvePublicKey, wraps: Sequence[Wrap]
    ) -> Key:
        person, utc_s = maker.user.name, self._now_s()
        spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        if db.execute("SELECT 1 FROM signing_key WHERE key = ?", (spki,)).fetchone():
            raise Conflict("this key was used already: make a new one")
        held = held_authority(self._folder, moment(utc_s)).held
        certificate = issued(held, person, maker.user.roles, public, utc_s)
        for row in db.execute(_ACTIVE, (person,)).fetchall():
            self._step(db, key_in(row), KeyState.RETIRED, maker.by)
        chain = json.dumps(told((certificate, *above(held))))
        serial, ends = serial_of(certificate), int(certificate.not_valid_after_utc.timestamp())
        der = certificate.public_bytes(Encoding.DER)
        db.execute(_ADD, (serial, person, spki, der, chain, utc_s, ends))
        put_wraps(db, person, serial, wraps)
        key = _find(db, person, serial)
        self._note(db, key, KeyState.ACTIVE, maker.by)
        return key

    async def rewrap(self, person: str, serial: str, wraps: Sequence[Wrap], by: By) -> None:
        """These are the ways to unlock the person's active key from now on, and no others.

        Raises NotFound, Conflict, BadRecord.
        """
        check_wraps(wraps, self.unlocks)

        def work(db: sqlite3.Connection) -> None:
            key = _find(db, person, serial)
            if key.state is not KeyState.ACTIVE:
                raise Conflict(f"key {serial} is {key.state}: it is not unlocked any more")
            put_wraps(db, person, serial, wraps)
            entity, detail = f"signing-key/{serial}", {"ways": len(wraps)}
            entry = Entry("signing-key-wrapped", by.actor, entity, where=by.where, detail=detail)
            append(db, entry, self._clock.utc_us())

        await self._store.write(work)

    async def revoke(self, person: str, serial: str, reason: Reason, by: By) -> Key:
        """From now on it signs nothing, for ever. Raises NotFound, Conflict (it is revoked already)."""

        def work(db: sqlite3.Connection) -> Key:
            self._step(db, _find(db, person, serial), KeyState.REVOKED, by, reason)
            db.execute("DELETE FROM signing_wrap WHERE serial = ?", (serial,))
            return _find(db, person, serial)

        return await self._store.write(work)

    def _step(self, db: sqlite3.Connection, key: Key, to: KeyState, by: By, reason: str = "") -> None:
        check_step(STEPS, key.state, to)
        db.execute(_STEP, (to, self._now_s(), reason, key.serial))
        self._note(db, key, to, by, reason)

    def _note(self, db: sqlite3.Connection, key: Key, to: KeyState, by: By, reason: str = "") -> None:
        """Into the key's history, and into the trail."""
        serial, detail = key.serial, {"person": key.person}
        db.execute(_EVENT, (serial, to, self._now_s(), by.actor, reason))
        entry = Entry(
            f"signing-key-{to}", by.actor, f"signing-key/{serial}", where=by.where, why=reason, detail=detail
        )
        append(db, entry, self._clock.utc_us())

    def _now_s(self) -> int:
        return self._clock.utc_us() // 1_000_000


def active_key(db: sqlite3.Connection, person: str) -> Key | None:
    """The key that the person signs with, inside a transaction."""
    row = db.execute(_ACTIVE, (person,)).fetchone()
    return key_in(row) if row else None


def key_by_certificate(db: sqlite3.Connection, person: str, certificate: x509.Certificate) -> Key | None:
    """The person's key of that certificate, whatever its state."""
    row = db.execute(
        "SELECT * FROM signing_key WHERE person = ? AND certificate = ?",
        (person, certificate.public_bytes(Encoding.DER)),
    ).fetchone()
    return key_in(row) if row else None


def _find(db: sqlite3.Connection, person: str, serial: str) -> Key:
    row = db.execute("SELECT * FROM signing_key WHERE person = ? AND serial = ?", (person, serial)).fetchone()
    if row is None:
        raise NotFound(f"{person} has no key {serial!r:.60}: look at the list of keys")
    return key_in(row)
