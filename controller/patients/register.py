"""The register of patients: what is known of each, and every change of it with its entry in the trail.

    patients = Patients(store, clock)
    facts = await patients.find("4711")                        # NotFound: nobody of that identifier
    facts = await patients.measure(Meant("4711"), "weight", 71.5, by)
    facts = await patients.register(Meant("4712"), Person("1950-03", "female", "Muster, Eva"), "clinic-a", by)

A patient who has, or had, a stay is known without being registered; registered is who lies on no bed.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping

from controller import stays
from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import Clock, utc_text
from controller.errors import Conflict, NotFound, OrderError, Outdated
from controller.identity.certificates import By
from controller.imaging.sight import WHOLE, Sight, parameters
from controller.patients import dates
from controller.patients.measures import MEASURES, kept
from controller.patients.model import Allergy, Asked, Kind, Meant, PatientFacts, Person, Substance
from controller.patients.rows import LISTED, ONE, facts_of
from controller.store import Store

PAGE = 200
"""Patients in one answer."""
_AHEAD_US = 14 * 3_600_000_000
"""Somewhere on Earth it is that much later."""
_LATE_MS = 60_000
"""What a person's clock may be ahead of ours."""

_ALL = Asked()
_ADD = "INSERT INTO patient (identifier, name, ward, revision, by, at_ms) VALUES (?, ?, NULL, 0, ?, ?)"
_CHANGED = "UPDATE patient SET revision = revision + 1 WHERE identifier = ? RETURNING id"
_WARD = "UPDATE patient SET ward = ? WHERE identifier = ?"
_NAME = "UPDATE patient SET name = ? WHERE identifier = ?"
_STAY = "SELECT id FROM stay WHERE identifier = ? AND to_ms IS NULL ORDER BY id DESC LIMIT 1"
_HAD_STAY = "SELECT 1 FROM stay WHERE identifier = ? LIMIT 1"
_PERSON = """INSERT INTO patient_person (patient, birth_date, sex, stay, by, at_ms)
VALUES (?, ?, ?, ?, ?, ?)"""
_ALLERGY = """INSERT INTO patient_allergy
(id, patient, allergy, code, system, display, criticality, reaction, status, stay, by, at_ms)
VALUES (:id, :patient, :allergy, :code, :system, :display, :criticality, :reaction, :status, :stay, :by,
  :at_ms)"""
_NEXT_ALLERGY = "SELECT ifnull(max(id), 0) + 1 FROM patient_allergy"
_NONE_KNOWN = f"""INSERT INTO patient_allergy (id, patient, stay, by, at_ms)
VALUES (({_NEXT_ALLERGY}), ?, ?, ?, ?)"""
_MEASURED = """INSERT INTO patient_measured (patient, kind, value, stay, by, at_ms)
VALUES (?, ?, ?, ?, ?, ?)"""
_OF_WARDS = "SELECT identifier FROM patient WHERE ward IN (SELECT value FROM json_each(?))"


class Patients:
    """Methods raise StoreError, too; those that change something raise NotFound, and Outdated when
    `Meant.over` is not the newest revision."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def find(self, identifier: str, sight: Sight = WHOLE) -> PatientFacts:
        """One, if `sight` shows it. Raises NotFound."""
        rows = await self._store.read(ONE, {"identifier": identifier})
        return _seen(rows, identifier, sight)

    async def listed(self, sight: Sight, asked: Asked = _ALL, most: int = PAGE) -> list[PatientFacts]:
        """Those in the register, and those who lie on a bed now, by identifier."""
        told = {"text": asked.text, "ward": asked.ward, "after": asked.after, "most": most}
        patients = parameters(sight)["patients"]
        return [facts_of(row) for row in await self._store.read(LISTED, {**told, "patients": patients})]

    async def of_wards(self, wards: Iterable[str]) -> frozenset[str]:
        """Identifiers of the out-patients of these wards."""
        rows = await self._store.read(_OF_WARDS, (json.dumps(sorted(wards)),))
        return frozenset(row["identifier"] for row in rows)

    async def register(self, who: Meant, person: Person, ward: str, by: By) -> PatientFacts:
        """An out-patient, whom `ward` looks after from now on.

        Raises Conflict: a ward does already, or the hospital knows another by that identifier, or that
        patient lies on a bed of a ward that `who.sight` does not show.
        """
        return await self._store.write(lambda db: self._register(db, who, person, ward, by))

    async def look_after(self, who: Meant, ward: str | None, by: By) -> PatientFacts:
        """Another ward looks after the out-patient; None: none does any more."""

        def work(db: sqlite3.Connection) -> PatientFacts:
            self._current(db, who, by)
            db.execute(_WARD, (ward, who.identifier))
            return self._changed(db, who, by, "patient-ward", ward=ward or "")

        return await self._store.write(work)

    async def set_person(self, who: Meant, person: Person, by: By) -> PatientFacts:
        """Say birth date and sex. Raises OrderError; Conflict: the name is that of a stay."""
        self._check(person)

        def work(db: sqlite3.Connection) -> PatientFacts:
            facts = self._current(db, who, by)
            if person.name is not None and person.name != facts.name:
                self._rename(db, who.identifier, person.name)
            return self._person(db, who, person, by)

        return await self._store.write(work)

    async def add_allergy(self, who: Meant, said: Substance, by: By) -> PatientFacts:
        """One more. Raises OrderError; Conflict: it is known already."""
        return await self._store.write(lambda db: self._allergy(db, who, None, said, by))

    async def change_allergy(self, who: Meant, number: int, said: Substance, by: By) -> PatientFacts:
        """Say something else of an allergy; what was said before is kept. Raises OrderError."""
        return await self._store.write(lambda db: self._allergy(db, who, number, said, by))

    async def say_no_known_allergies(self, who: Meant, by: By) -> PatientFacts:
        """Somebody has asked, and there are none. Raises Conflict: one is known."""

        def work(db: sqlite3.Connection) -> PatientFacts:
            facts = self._current(db, who, by)
            if facts.active_allergies:
                known = ", ".join(one.display for one in facts.active_allergies)
                raise Conflict(
                    f"expected a patient without a known allergy, there is {known}: settle it first"
                )
            db.execute(_NONE_KNOWN, (self._id(db, who), *self._said(db, who, by)))
            return self._changed(db, who, by, "patient-no-known-allergies")

        return await self._store.write(work)

    async def measure(
        self, who: Meant, kind: Kind, value: float, by: By, *, at_ms: int | None = None
    ) -> PatientFacts:
        """What was measured at `at_ms` (None: now), in the unit of measures.MEASURES. Raises OrderError."""
        now_ms = self._now_ms()
        if at_ms is not None and at_ms > now_ms + _LATE_MS:
            raise OrderError(f"expected when it was measured, got a time to come ({at_ms} ms)")
        whole = kept(kind, value)

        def work(db: sqlite3.Connection) -> PatientFacts:
            self._current(db, who, by)
            stay, actor, _ = self._said(db, who, by)
            when = now_ms if at_ms is None else at_ms
            db.execute(_MEASURED, (self._id(db, who), kind, whole, stay, actor, when))
            told = {"value": f"{value:g} {MEASURES[kind].unit}", "measured_ms": str(when)}
            return self._changed(db, who, by, "patient-measured", kind=kind, **told)

        return await self._store.write(work)

    def _register(
        self, db: sqlite3.Connection, who: Meant, person: Person, ward: str, by: By
    ) -> PatientFacts:
        self._check(person)
        if stays.is_unknown(who.identifier):
            raise OrderError(f"expected the hospital's identifier, got one that begins with {stays.UNKNOWN}")
        if rows := db.execute(ONE, {"identifier": who.identifier}).fetchall():
            self._check_same(db, facts_of(rows[0]), who, person)
        self._insert(db, who.identifier, person.name or "", by)
        db.execute(_WARD, (ward, who.identifier))
        self._changed(db, who, by, "patient-registered", ward=ward)
        if person.birth_date is None and person.sex is None:
            return _one(db, who)
        return self._person(db, who, person, by)

    @staticmethod
    def _check_same(db: sqlite3.Connection, known: PatientFacts, who: Meant, person: Person) -> None:
        if known.ward is not None:
            raise Conflict("expected a patient whom no ward looks after yet, one does: it hands over")
        lies = db.execute(_STAY, (known.identifier,)).fetchone() is not None
        if lies and not who.sight.shows(known.identifier, ""):
            raise Conflict("expected a patient who lies on no bed, this one does: that ward registers")
        if _plain(known.name) != _plain(person.name or ""):
            raise Conflict(
                "expected the name that the hospital has for that identifier, got another: compare"
            )

    def _rename(self, db: sqlite3.Connection, identifier: str, name: str) -> None:
        if db.execute(_HAD_STAY, (identifier,)).fetchone():
            raise Conflict("expected the name as it is, that of the patient's stay: correct it on the bed")
        db.execute(_NAME, (name, identifier))

    def _person(self, db: sqlite3.Connection, who: Meant, person: Person, by: By) -> PatientFacts:
        row = self._id(db, who), person.birth_date, person.sex, *self._said(db, who, by)
        db.execute(_PERSON, row)
        told = {"birth_date": person.birth_date or "", "sex": person.sex or ""}
        return self._changed(db, who, by, "patient-person", **told)

    def _allergy(
        self, db: sqlite3.Connection, who: Meant, number: int | None, said: Substance, by: By
    ) -> PatientFacts:
        if not said.display.strip() or bool(said.code) != bool(said.system):
            raise OrderError(
                "expected a name of the substance, and either both a code and its system or none"
            )
        facts = self._current(db, who, by)
        if number is not None and all(one.id != number for one in facts.allergies):
            raise NotFound(f"there is no allergy {number} of this patient: look again")
        if number is None and any(_same(one, said) for one in facts.active_allergies):
            raise Conflict(f"expected an allergy that is not known yet, {said.display} is: change that one")
        (new,) = db.execute(_NEXT_ALLERGY).fetchone()
        stay, actor, at_ms = self._said(db, who, by)
        what = {name: getattr(said, name) for name in Substance.__dataclass_fields__}
        told = {"id": new, "allergy": number or new, "stay": stay, "by": actor, "at_ms": at_ms, **what}
        db.execute(_ALLERGY, {"patient": self._id(db, who), **told})
        action = "patient-allergy-changed" if number else "patient-allergy-added"
        detail = {name: value for name, value in what.items() if value}
        return self._changed(db, who, by, action, allergy=str(number or new), **detail)

    def _current(self, db: sqlite3.Connection, who: Meant, by: By) -> PatientFacts:
        """The facts as they are now; whoever is only known by stays is in the register from now on."""
        facts = _seen(db.execute(ONE, {"identifier": who.identifier}).fetchall(), who.identifier, who.sight)
        if who.over not in (None, facts.revision):
            raise Outdated(
                f"the patient's facts are at revision {facts.revision}, not {who.over}: look again"
            )
        self._insert(db, facts.identifier, facts.name, by)
        return facts

    def _insert(self, db: sqlite3.Connection, identifier: str, name: str, by: By) -> None:
        if db.execute("SELECT 1 FROM patient WHERE identifier = ?", (identifier,)).fetchone() is None:
            db.execute(_ADD, (identifier, name, by.actor, self._now_ms()))

    def _changed(
        self, db: sqlite3.Connection, who: Meant, by: By, action: str, **detail: str
    ) -> PatientFacts:
        db.execute(_CHANGED, (who.identifier,)).fetchall()
        entity = f"patient/{who.identifier}"[:200]
        whose: Mapping[str, str] = {"patient": who.identifier, "where": by.where, "why": by.why}
        append(db, Entry(action, by.actor, entity, **whose, detail=detail), self._clock.utc_us())
        return _one(db, who)

    def _id(self, db: sqlite3.Connection, who: Meant) -> int:
        return db.execute("SELECT id FROM patient WHERE identifier = ?", (who.identifier,)).fetchone()["id"]

    def _said(self, db: sqlite3.Connection, who: Meant, by: By) -> tuple[int | None, str, int]:
        """On which stay, by whom, when."""
        stay = db.execute(_STAY, (who.identifier,)).fetchone()
        return stay and stay["id"], by.actor, self._now_ms()

    def _check(self, person: Person) -> None:
        if person.birth_date is not None:
            dates.checked(person.birth_date, utc_text(self._clock.utc_us() + _AHEAD_US)[:10])

    def _now_ms(self) -> int:
        return self._clock.now_us() // 1000


def _seen(rows: list[sqlite3.Row], identifier: str, sight: Sight) -> PatientFacts:
    if not rows or not sight.shows(identifier, ""):
        raise NotFound(f"there is no patient {identifier!r:.80}: see /api/patients for those there are")
    return facts_of(rows[0])


def _one(db: sqlite3.Connection, who: Meant) -> PatientFacts:
    return facts_of(db.execute(ONE, {"identifier": who.identifier}).fetchone())


def _same(known: Allergy, said: Substance) -> bool:
    by_code = bool(said.code) and (known.code, known.system) == (said.code, said.system)
    return by_code or _plain(known.display) == _plain(said.display)


def _plain(name: str) -> str:
    """A name for comparing: letters, however they are written and spaced."""
    return " ".join(name.casefold().replace(",", " ").replace("^", " ").split())
