"""A high-alert dose and who else was there: the second person, or why nobody was, and who looked afterwards.

    second = await alone.second(people, rx, what, by)                   # before it is charted
    given = await afterwards.see("MA00000001", 1, me, by)               # never a witness

What is charted is what happened (docs/decisions/027-given-alone.md): it is always possible, loud for ever,
and told to who prescribed it and to the pharmacy. Nothing of this is for the pharmacy's own second check.
"""

import sqlite3

from controller.errors import Conflict, NotFound, OrderError
from controller.identity.certificates import By
from controller.imaging.sight import Sight
from controller.prescriptions import notices, pharmacy_notices
from controller.prescriptions.books import Books, check_revision, of_id
from controller.prescriptions.given import Given, Giving, Second, given_of
from controller.prescriptions.model import Prescription
from controller.prescriptions.people import People, Proved
from controller.prescriptions.states import GivenState
from controller.security.badges import Shown
from controller.security.permissions import Permission

KIND = "unwitnessed"
"""Of the notices."""
_ONE = "SELECT * FROM rx_given WHERE number = ?"
_OF = "SELECT * FROM rx_given WHERE number IN (SELECT value FROM json_each(?))"
_SEE = """UPDATE rx_given SET seen_by = ?, seen_how = ?, seen_ms = ?, revision = revision + 1, changed_by = ?,
  changed_ms = ? WHERE id = ?"""


async def second(people: People, rx: Prescription, what: Giving, by: By) -> Second:
    """Who else is there. Raises NotProved; Conflict: another person is needed, or this one; OrderError."""
    if what.alone is None:
        return Second(await _witness(people, rx, what.witness, by) if what.witness else "")
    if what.witness is not None:
        raise OrderError("expected a second person, or why there is none, got both: say one of them")
    reason, why, shown = what.alone
    if reason == "other" and not why.strip():
        raise OrderError("expected in words why nobody else was there, got none: say why")
    who = await people.prove(shown, Permission.ADMINISTER, by.where)
    if who.person != by.actor:
        raise Conflict(f"expected the badge or PIN of {by.actor}, who gives it, got another person's")
    return Second("", reason, why.strip(), who.how)


async def _witness(people: People, rx: Prescription, shown: Shown, by: By) -> str:
    who = await people.prove(shown, Permission.ADMINISTER, by.where)
    if who.person == by.actor:
        raise Conflict("expected another person than who gives it: ask a colleague to look, too")
    if not who.sight.shows(rx.identifier, ""):
        raise Conflict("the second person does not look after this patient: ask one of this ward")
    return who.person


def tell(db: sqlite3.Connection, books: Books, rx: Prescription, given: Given) -> None:
    """Who prescribed it and the pharmacy hear that nobody saw it given, inside its transaction."""
    detail = " · ".join(one for one in (given.number, given.by, given.alone, given.alone_why) if one)
    notices.tell(db, books, rx, KIND, detail)
    what = pharmacy_notices.What(KIND, given.number, given.alone_why)
    pharmacy_notices.tell(db, books, what, By(given.by), rx=rx)


class Afterwards:
    """Somebody looks at it when it was given already. Methods raise StoreError, too."""

    def __init__(self, books: Books, people: People) -> None:
        self._books = books
        self._people = people

    async def shown(self, shown: Shown, needs: Permission, where: str) -> Proved:
        """Who looks at it, if not who is logged in. Raises NotProved, Conflict."""
        return await self._people.prove(shown, needs, where)

    async def see(self, number: str, over: int, who: Proved, where: str) -> Given:
        """Say so. Raises NotFound, Outdated; Conflict: it is theirs, was seen, or had a witness."""
        by = By(who.person, where)

        def work(db: sqlite3.Connection) -> Given:
            given, rx = _held(db, number, who.sight)
            check_revision(number, given.revision, over)
            _check(given, who.person)
            now_ms = self._books.now_ms()
            db.execute(_SEE, (who.person, who.how, now_ms, who.person, now_ms, given.id))
            self._books.note(db, "medication-seen-afterwards", rx, by, administration=number, proved=who.how)
            return given_of(db.execute(_ONE, (number,)).fetchone())

        return await self._books.store.write(work)

    async def of(self, numbers: str) -> dict[str, Given]:
        """Administrations by their numbers, which are a JSON array."""
        return {row["number"]: given_of(row) for row in await self._books.store.read(_OF, (numbers,))}


def _held(db: sqlite3.Connection, number: str, sight: Sight) -> tuple[Given, Prescription]:
    row = db.execute(_ONE, (number,)).fetchone()
    rx = row and of_id(db, row["prescription"])
    if rx is None or not sight.shows(rx.identifier, ""):
        raise NotFound(f"there is no administration {number!r:.40}: see /api/rounds")
    return given_of(row), rx


def _check(given: Given, person: str) -> None:
    if not given.alone or given.state is not GivenState.COMPLETED:
        raise Conflict(
            f"{given.number} was not given without a witness, or was an error: nothing is to be seen"
        )
    if given.by == person:
        raise Conflict(f"expected another person than {person}, who gave it: ask a colleague or the pharmacy")
    if given.seen_by:
        raise Conflict(f"{given.seen_by} has looked at {given.number} already: it stays so")
