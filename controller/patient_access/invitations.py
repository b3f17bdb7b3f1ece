"""A nurse, a physician or a pharmacist invites a patient: a code for one use, good for seven days.

    made = await invitations.invite(Meant("4711", sight), by)        # made.code: told this once
    token = await invitations.enter("7KQ4M-2RX9T", "1950-03-07", where)

Who enters says the code and the patient's birth date. After five wrong ones the code opens nothing any more.
"""

import asyncio
import secrets
import sqlite3
from dataclasses import dataclass

from controller.audit.chain import append
from controller.audit.entry import REFUSED, Entry
from controller.clock import Clock
from controller.errors import Conflict, NotFound
from controller.identity.certificates import By
from controller.patient_access.codes import digest, new_code
from controller.patient_access.sessions import Began, actor_of, begin
from controller.patients.model import Meant
from controller.patients.register import Patients
from controller.store import Store

GOOD_MS = 7 * 24 * 3_600_000
MOST_TRIES = 5
"""Wrong birth dates."""
_DATE_CHARACTERS = len("1950-03-07")
_PATIENT = "SELECT id FROM patient WHERE identifier = ?"
_PUT = """INSERT INTO patient_invitation (patient, identifier, code, tries, until_ms, by, at_ms)
VALUES (?, ?, ?, 0, ?, ?, ?) ON CONFLICT (patient) DO UPDATE SET identifier = excluded.identifier,
  code = excluded.code, tries = 0, until_ms = excluded.until_ms, by = excluded.by, at_ms = excluded.at_ms"""
_OPEN = """SELECT patient_invitation.* FROM patient_invitation JOIN patient
ON patient.id = patient_invitation.patient AND patient.identifier = patient_invitation.identifier
WHERE until_ms > :now"""
_BY_CODE = f"{_OPEN} AND code = :code AND tries < {MOST_TRIES}"
_OF = f"{_OPEN} AND patient.identifier = :identifier"
_BIRTH = """SELECT birth_date FROM patient_person WHERE patient = ? AND was IS NULL
ORDER BY id DESC LIMIT 1"""
_TRIED = "UPDATE patient_invitation SET tries = tries + 1 WHERE id = ?"
_USED = "DELETE FROM patient_invitation WHERE id = ?"
_WITHDRAW = """DELETE FROM patient_invitation WHERE patient IN
(SELECT id FROM patient WHERE identifier = ?)"""


@dataclass(frozen=True, slots=True)
class Invited:
    """A new invitation; the code is kept nowhere."""

    code: str
    until_ms: int


@dataclass(frozen=True, slots=True)
class Invitation:
    """One that nobody has used yet."""

    by: str
    at_ms: int
    until_ms: int
    is_spent: bool
    """Too many wrong birth dates were said with it."""


class Invitations:
    """Methods raise StoreError, too."""

    def __init__(self, store: Store, clock: Clock, patients: Patients) -> None:
        self._store = store
        self._clock = clock
        self._patients = patients

    async def invite(self, who: Meant, by: By) -> Invited:
        """Another invitation, in place of the one before. Raises NotFound; Conflict: the whole birth date is
        not known."""
        facts = await self._patients.find(who.identifier, who.sight)
        if facts.birth_date is None or len(facts.birth_date) != _DATE_CHARACTERS:
            raise Conflict(
                "expected a patient whose whole birth date is known, which is asked for: enter it first"
            )
        code, now_ms = new_code(), self._now_ms()
        kept, until_ms = await asyncio.to_thread(digest, code), now_ms + GOOD_MS

        def work(db: sqlite3.Connection) -> None:
            (patient,) = db.execute(_PATIENT, (who.identifier,)).fetchone()
            db.execute(_PUT, (patient, who.identifier, kept, until_ms, by.actor, now_ms))
            self._note(db, "patient-invited", who.identifier, by)

        await self._store.write(work)
        return Invited(code, until_ms)

    async def open(self, identifier: str) -> Invitation | None:
        """The one of a patient that is not used; None: there is none."""
        rows = await self._store.read(_OF, {"identifier": identifier, "now": self._now_ms()})
        if not rows:
            return None
        [row] = rows
        return Invitation(row["by"], row["at_ms"], row["until_ms"], row["tries"] >= MOST_TRIES)

    async def withdraw(self, who: Meant, by: By) -> None:
        """It opens nothing any more. Raises NotFound."""
        await self._patients.find(who.identifier, who.sight)

        def work(db: sqlite3.Connection) -> None:
            if db.execute(_WITHDRAW, (who.identifier,)).rowcount == 0:
                raise NotFound("there is no invitation of this patient any more: look again")
            self._note(db, "patient-invitation-withdrawn", who.identifier, by)

        await self._store.write(work)

    async def enter(self, code: str, birth_date: str, where: str) -> Began | None:
        """A session begins; None: the code is not good, or the birth date is not the patient's."""
        asked = {"code": await asyncio.to_thread(digest, code), "now": self._now_ms()}

        def work(db: sqlite3.Connection) -> Began | None:
            row = db.execute(_BY_CODE, asked).fetchone()
            if row is None:
                return None
            born = db.execute(_BIRTH, (row["patient"],)).fetchone()
            by = By(actor_of(row["identifier"]), where)
            # The date is what everybody says who knows the patient: there is nothing to time.
            if born is None or born["birth_date"] != birth_date:
                db.execute(_TRIED, (row["id"],))
                self._note(db, "patient-entered", row["identifier"], by, REFUSED)
                return None
            db.execute(_USED, (row["id"],))
            self._note(db, "patient-entered", row["identifier"], by)
            whose = row["patient"], row["identifier"], row["by"]
            return begin(db, whose, secrets.token_urlsafe(32), where, self._now_ms())

        return await self._store.write(work)

    def _note(
        self, db: sqlite3.Connection, action: str, identifier: str, by: By, outcome: str = "done"
    ) -> None:
        entity = f"patient/{identifier}"[:200]
        entry = Entry(action, by.actor, entity, outcome=outcome, patient=identifier, where=by.where)
        append(db, entry, self._clock.utc_us())

    def _now_ms(self) -> int:
        return self._clock.now_us() // 1000
