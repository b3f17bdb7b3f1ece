"""Drafts, their change, their signing, and how what was signed goes on.

    prescribing = Prescribing(books, signatures, checks)
    rx = await prescribing.draft(Person("4711", "Muster, Anna"), draft, by)
    signed = await prescribing.sign(Known(rx.number, rx.revision, sight), jws, by)   # over document(rx)

Once it is signed nothing of it changes: another dose is another prescription, which replaces this one.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from controller.errors import Conflict, NotFound, OrderError
from controller.identity.certificates import By
from controller.imaging.sight import Sight
from controller.prescriptions import tasks
from controller.prescriptions.books import Books, current, held, issues_text, next_number, of_id, wanted_text
from controller.prescriptions.checks.model import Checked, Line, Source
from controller.prescriptions.document import document
from controller.prescriptions.model import Delivery, Issue, Known, Person, Prescription, Wanted
from controller.prescriptions.signatures import Kept, Signatures, keep
from controller.prescriptions.states import ENDED, RX_STEPS, WITHDRAWN, RxState
from controller.prescriptions.timing import check_timing
from controller.prescriptions.withdrawal import end_tasks, something_left, withdraw
from controller.signing.canonical import canonical
from controller.steps import check_step

_STAY = """SELECT id FROM stay WHERE identifier = ? AND to_ms IS NULL ORDER BY from_ms DESC LIMIT 1"""
_ADD = """INSERT INTO prescription (id, number, subject, name, stay, wanted, dose_value, dose_unit, issues,
  delivery, replaces, prescriber, state, revision, drafted_ms, authored_ms, changed_by, changed_ms)
VALUES (:id, :number, :subject, :name, :stay, :wanted, :dose_value, :dose_unit, :issues,
  :delivery, :replaces, :by, 'draft', 1, :now_ms, :utc_ms, :by, :now_ms)"""
_REWRITE = """UPDATE prescription SET wanted = :wanted, dose_value = :dose_value, dose_unit = :dose_unit,
  issues = :issues, delivery = :delivery, replaces = :replaces, prescriber = :by, authored_ms = :utc_ms,
  revision = revision + 1, changed_by = :by, changed_ms = :now_ms WHERE id = :id"""
_STEP = """UPDATE prescription SET state = :state, signed_ms = ifnull(signed_ms, :signed_ms),
  delivery = :delivery, revision = revision + 1, changed_by = :by, changed_ms = :now_ms WHERE id = :id"""
_NEW_HINTS = "the checks say something else by now ({}): save the draft again, and look at it"
_UNSAID = "expected a reason for each hint of high severity that is overridden, none is given for {}: say why"


class Checks(Protocol):
    """Looks for what speaks against a prescription: allergies, duplicates, dose, interactions."""

    async def hints(self, person: Person, wanted: Wanted, others: Sequence[Prescription]) -> Sequence[Issue]:
        """What it found, each with another code; `others` are the patient's other ones that hold."""
        ...

    async def look(self, person: Person, line: Line, others: Sequence[Prescription]) -> Checked:
        """The same while it is written, with all that was found."""
        ...

    def sources(self) -> Sequence[Source]:
        """Whom it asks, and how much each knows."""
        ...


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person writes."""

    wanted: Wanted
    delivery: Delivery
    replaces: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict[str, str])
    """Why a hint is overridden, by its code."""


class Prescribing:
    """Methods raise StoreError, too."""

    def __init__(self, books: Books, signatures: Signatures, checks: Checks) -> None:
        self._books = books
        self._signatures = signatures
        self._checks = checks

    async def draft(self, person: Person, draft: Draft, sight: Sight, by: By) -> Prescription:
        """Begin a prescription. Raises OrderError; Conflict: what it replaces does not hold."""
        issues = await self._issues(person, draft)

        def work(db: sqlite3.Connection) -> Prescription:
            self._check(db, person.identifier, draft, sight)
            number, name = next_number(db, "prescription", "RX")
            stay = db.execute(_STAY, (person.identifier,)).fetchone()
            made = {"id": number, "number": name, "subject": person.identifier, "name": person.name}
            made["stay"] = stay and stay["id"]
            db.execute(_ADD, {**made, **self._columns(draft, issues, by)})
            return self._noted(db, "prescription-drafted", number, by)

        return await self._books.store.write(work)

    async def change(self, known: Known, draft: Draft, by: By) -> Prescription:
        """Write a draft anew; who does prescribes it. Raises NotFound, Outdated, Conflict, OrderError."""
        before = await self._books.find(known.number, known.sight)
        issues = await self._issues(Person(before.identifier, before.name), draft)

        def work(db: sqlite3.Connection) -> Prescription:
            rx = current(db, known)
            _check_draft(rx)
            self._check(db, rx.identifier, draft, known.sight)
            db.execute(_REWRITE, {"id": rx.id, **self._columns(draft, issues, by)})
            return self._noted(db, "prescription-redrafted", rx.id, by)

        return await self._books.store.write(work)

    async def sign(self, known: Known, jws: str, by: By) -> Prescription:
        """It holds from now on, as it stands at the revision that was shown, and what it replaces ends.

        Raises NotFound; Outdated; Conflict: it is no draft, another's, or the checks say something else by
        now; BadSignature: `jws` is not by this person over that document.
        """
        rx = await self._books.find(known.number, known.sight)
        _check_draft(rx)
        if rx.prescriber != by.actor:
            raise Conflict(f"{rx.prescriber} wrote {rx.number}: save it yourself before you sign it")
        await self._check_hints(rx)
        return await self._books.store.write(lambda db: self._sign(db, known, jws, by))

    async def step(self, known: Known, to: RxState, by: By) -> Prescription:
        """Put it on hold, go on, stop, cancel, complete it, or say that it was an error; what is withdrawn
        reaches the pharmacy at once.

        Raises NotFound, Outdated, Conflict; OrderError: `by.why` has to say why.
        """
        if to not in (RxState.ACTIVE, RxState.COMPLETED) and not by.why.strip():
            raise OrderError(f"expected a reason for {to}, got none: say why")
        return await self._books.store.write(lambda db: self._step(db, known, to, by))

    async def choose(self, known: Known, delivery: Delivery, by: By) -> Prescription:
        """How it comes to the patient, who or whose ward may choose until it ends. Raises NotFound, Outdated,
        Conflict."""

        def work(db: sqlite3.Connection) -> Prescription:
            rx = current(db, known)
            if rx.state in ENDED:
                raise Conflict(f"prescription {rx.number} is {rx.state}: nothing of it comes any more")
            db.execute(_STEP, self._stepped(replace(rx, delivery=delivery), rx.state, by))
            return self._noted(db, "prescription-delivery", rx.id, by, delivery=delivery)

        return await self._books.store.write(work)

    def _sign(self, db: sqlite3.Connection, known: Known, jws: str, by: By) -> Prescription:
        rx = current(db, known)
        check_step(RX_STEPS, rx.state, RxState.ACTIVE)
        content = document(rx)
        proof = self._signatures.check(db, by.actor, content, jws)
        if rx.replaces:
            self._replace(db, rx, by)
        utc_ms = self._books.utc_ms()
        parts = canonical(content).decode(), proof.signature, proof.receipt
        keep(db, rx, Kept(by.actor, self._books.now_ms(), utc_ms, *parts))
        db.execute(_STEP, self._stepped(rx, RxState.ACTIVE, by, utc_ms))
        tasks.ask(db, self._books, rx, 0, by)
        return self._noted(db, "prescription-signed", rx.id, by, version=rx.revision)

    def _replace(self, db: sqlite3.Connection, rx: Prescription, by: By) -> None:
        before = held(db, rx.replaces)
        if before.state in ENDED:
            raise Conflict(
                f"prescription {before.number}, which this one replaces, is {before.state}: look again"
            )
        self._end(db, before, RxState.STOPPED, replace(by, why=f"replaced by {rx.number}"))

    def _step(self, db: sqlite3.Connection, known: Known, to: RxState, by: By) -> Prescription:
        rx = current(db, known)
        if rx.state is RxState.DRAFT and to is RxState.ACTIVE:
            raise Conflict("a draft becomes active by being signed: sign it")
        check_step(RX_STEPS, rx.state, to)
        if to is RxState.CANCELLED and something_left(db, rx):
            raise Conflict(f"something of {rx.number} was handed out: it can be stopped, not cancelled")
        return self._end(db, rx, to, by)

    def _end(self, db: sqlite3.Connection, rx: Prescription, to: RxState, by: By) -> Prescription:
        db.execute(_STEP, self._stepped(rx, to, by))
        if to in ENDED:
            end_tasks(db, self._books, rx, by)
        if to in WITHDRAWN:
            withdraw(db, self._books, rx, by)
        return self._noted(db, "prescription-changed", rx.id, by, state=str(to))

    def _stepped(
        self, rx: Prescription, to: RxState, by: By, signed_ms: int | None = None
    ) -> dict[str, str | int | None]:
        told = {"id": rx.id, "state": str(to), "delivery": rx.delivery, "by": by.actor}
        return {**told, "signed_ms": signed_ms, "now_ms": self._books.now_ms()}

    def _columns(self, draft: Draft, issues: Sequence[Issue], by: By) -> dict[str, str | int]:
        wanted = draft.wanted
        dose = {"dose_value": wanted.dose.value, "dose_unit": wanted.dose.unit}
        said = {"issues": issues_text(issues), "delivery": draft.delivery, "replaces": draft.replaces}
        when = {"now_ms": self._books.now_ms(), "utc_ms": self._books.utc_ms()}
        return {"wanted": wanted_text(wanted), **dose, **said, **when, "by": by.actor}

    def _noted(
        self, db: sqlite3.Connection, action: str, number: int, by: By, **detail: str | int
    ) -> Prescription:
        rx = of_id(db, number)
        self._books.note(db, action, rx, by, **detail)
        return rx

    def _check(self, db: sqlite3.Connection, identifier: str, draft: Draft, sight: Sight) -> None:
        check_timing(draft.wanted.timing)
        if not draft.replaces:
            return
        before = held(db, draft.replaces, sight)
        if before.identifier != identifier:
            raise NotFound(f"there is no prescription {draft.replaces!r:.40} of this patient: look again")
        if before.state in ENDED or before.state is RxState.DRAFT:
            raise Conflict(f"prescription {before.number} is {before.state}: there is nothing to replace")

    async def _check_hints(self, rx: Prescription) -> None:
        now = await self._hints(Person(rx.identifier, rx.name), rx.wanted, rx.number, rx.replaces)
        if {one.code for one in rx.issues} != {one.code for one in now}:
            raise Conflict(_NEW_HINTS.format("; ".join(one.detail for one in now) or "nothing"))
        unsaid = [one.code for one in rx.issues if one.needs_reason and not one.why.strip()]
        if unsaid:
            raise Conflict(_UNSAID.format(", ".join(unsaid)))

    async def _issues(self, person: Person, draft: Draft) -> list[Issue]:
        found = await self._hints(person, draft.wanted, "", draft.replaces)
        return [replace(one, why=draft.reasons.get(one.code, "")) for one in found]

    async def _hints(self, person: Person, wanted: Wanted, *without: str) -> Sequence[Issue]:
        """Beside what holds of the patient's others, but for those `without` which it will be."""
        return await self._checks.hints(person, wanted, await self.beside(person, *without))

    async def beside(self, person: Person, *without: str) -> list[Prescription]:
        """What holds of a patient, but for those `without`."""
        found = await self._books.listed(Sight(frozenset({person.identifier})), person.identifier)
        holding = (RxState.ACTIVE, RxState.ON_HOLD)
        return [one for one in found if one.state in holding and one.number not in without]


class NoChecks:
    """Finds nothing: where no formulary is set up."""

    async def hints(self, person: Person, wanted: Wanted, others: Sequence[Prescription]) -> Sequence[Issue]:
        """See Checks."""
        del person, wanted, others
        return ()

    async def look(self, person: Person, line: Line, others: Sequence[Prescription]) -> Checked:
        """See Checks."""
        del person, line, others
        return Checked((), (), ())

    def sources(self) -> Sequence[Source]:
        """See Checks."""
        return ()


def _check_draft(rx: Prescription) -> None:
    if rx.state is not RxState.DRAFT:
        raise Conflict(
            f"prescription {rx.number} is {rx.state}: nothing of it changes; write one that replaces it"
        )
