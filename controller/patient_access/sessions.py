"""A patient's session: it shows one patient's own, has one permission that no role has, and lasts 30 days.

found = await sessions.find(token)       # PatientAccess; None: there is none
"""

import hashlib
import secrets
import sqlite3
from dataclasses import dataclass
from typing import NamedTuple

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import Clock
from controller.errors import NotFound
from controller.identity.certificates import By
from controller.imaging.sight import Sight
from controller.security.permissions import Permission
from controller.security.sessions import State
from controller.security.users import User
from controller.store import Store
from controller.view import View

LASTS_MS = 30 * 24 * 3_600_000
_TOUCH_MS = 5 * 60_000
_HOLDS = """FROM patient_session JOIN patient
ON patient.id = patient_session.patient AND patient.identifier = patient_session.identifier
WHERE began_ms > :since"""
_FIND = f"SELECT patient.identifier, used_ms {_HOLDS} AND digest = :digest"
_OF = f"""SELECT patient_session.id, invited_by, address, began_ms, used_ms {_HOLDS}
AND patient.identifier = :identifier ORDER BY began_ms DESC"""
_BEGIN = """INSERT INTO patient_session (digest, id, patient, identifier, invited_by, address, began_ms,
  used_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
_END = "DELETE FROM patient_session WHERE identifier = ? AND (id = ? OR digest = ?)"
_NOBODY = View(frozenset())
_OWN = frozenset({Permission.MY_OWN})
_NONE = NotFound("that access of the patient is there no more: look at the list again")


class Began(NamedTuple):
    """A session that begins: its token, told this once, and whose it is."""

    token: str
    identifier: str


@dataclass(frozen=True, slots=True)
class PatientAccess:
    """What security.gate asks: no person of ours, no ward, no bed; nothing but one's own."""

    identifier: str
    permissions: frozenset[Permission] = _OWN
    view: View = _NOBODY
    state: State = State.OPEN

    @property
    def user(self) -> User:
        """The name under which the trail has what a patient does."""
        return User(actor_of(self.identifier), frozenset(), frozenset())

    @property
    def sight(self) -> Sight:
        """Whose medicines it shows."""
        return Sight(frozenset({self.identifier}))


@dataclass(frozen=True, slots=True)
class PatientSession:
    """A session as staff see it."""

    id: str
    invited_by: str
    address: str
    began_ms: int
    used_ms: int
    """To five minutes."""


class PatientSessions:
    """Methods raise StoreError, too."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def find(self, token: str | None) -> PatientAccess | None:
        """Whose session it is; None: nobody's any more, or the patient's identity was corrected since."""
        if token is None:
            return None
        now_ms, mark = self._now_ms(), digest_of(token)
        rows = await self._store.read(_FIND, {"digest": mark, "since": now_ms - LASTS_MS})
        if not rows:
            return None
        if rows[0]["used_ms"] < now_ms - _TOUCH_MS:
            row = now_ms, mark
            await self._store.write(
                lambda db: db.execute("UPDATE patient_session SET used_ms = ? WHERE digest = ?", row)
            )
        return PatientAccess(rows[0]["identifier"])

    async def of(self, identifier: str) -> list[PatientSession]:
        """Those of a patient that hold, the newest first."""
        asked = {"identifier": identifier, "since": self._now_ms() - LASTS_MS}
        rows = await self._store.read(_OF, asked)
        return [PatientSession(**{name: row[name] for name in row.keys()}) for row in rows]  # noqa: SIM118

    async def end_one(self, identifier: str, number: str, by: By) -> None:
        """Staff end one. Raises NotFound."""
        await self._end(identifier, (number, b""), by)

    async def end(self, access: PatientAccess, token: str, where: str) -> None:
        """The patient ends it. Raises NotFound."""
        await self._end(access.identifier, ("", digest_of(token)), By(actor_of(access.identifier), where))

    async def _end(self, identifier: str, which: tuple[str, bytes], by: By) -> None:
        def work(db: sqlite3.Connection) -> None:
            if db.execute(_END, (identifier, *which)).rowcount == 0:
                raise _NONE
            entity, utc_us = f"patient/{identifier}"[:200], self._clock.utc_us()
            ended = Entry("patient-access-ended", by.actor, entity, patient=identifier, where=by.where)
            append(db, ended, utc_us)

        await self._store.write(work)

    def _now_ms(self) -> int:
        return self._clock.now_us() // 1000


def begin(db: sqlite3.Connection, whose: tuple[int, str, str], token: str, where: str, now_ms: int) -> Began:
    """In the transaction that uses an invitation. `whose`: the patient's row and identifier, who invited."""
    db.execute("DELETE FROM patient_session WHERE began_ms <= ?", (now_ms - LASTS_MS,))
    db.execute(_BEGIN, (digest_of(token), secrets.token_hex(8), *whose, where, now_ms, now_ms))
    return Began(token, whose[1])


def actor_of(identifier: str) -> str:
    """How the audit trail calls a patient; no user's name has a colon."""
    return f"patient:{identifier}"


def digest_of(token: str) -> bytes:
    """What is kept of a session's token."""
    return hashlib.sha256(token.encode()).digest()
