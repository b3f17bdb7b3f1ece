"""The medication round: what is due, and what was given, checked against wristband, pack and dose.

    items = await rounds.of(patients, Span(from_ms, to_ms))
    what = Giving("RX00000001", due_ms, wristband="4711", drug="]d201…", dose=Quantity("5", "mg"))
    given = await rounds.give(what, sight, by)

`due_ms` is UTC. Of two nurses who chart one dose at once the second is refused.
"""

import sqlite3
from collections.abc import Collection

from controller.clock import Zone, local_text
from controller.errors import BadLabel, Conflict, NeedsSecond, NotFound, OrderError, Outdated
from controller.identity.certificates import By
from controller.imaging.sight import Sight
from controller.prescriptions import alone, gs1
from controller.prescriptions.books import Books, check_revision, held, ids_of, next_number, of_id
from controller.prescriptions.cold import giving
from controller.prescriptions.given import Given, Giving, Item, Pack, Second, given_of
from controller.prescriptions.model import Prescription
from controller.prescriptions.people import People
from controller.prescriptions.products import Products, check_usable
from controller.prescriptions.signatures import Signatures, verified
from controller.prescriptions.states import GIVEN_STEPS, GivenState, RxState
from controller.prescriptions.timing import DAY_MS, HOUR_MS, Span, due, too_soon
from controller.steps import check_step
from controller.store.sql import IDS

NEAR_MS = HOUR_MS
"""So long before and after its time a dose is given without a reason."""
_ADD = """INSERT INTO rx_given (id, number, prescription, due_ms, state, revision, given_ms, value, unit,
  gtin, batch, why, by, at_ms, changed_by, changed_ms, witness, alone, alone_why, alone_how)
VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_OF = "SELECT * FROM rx_given WHERE prescription = ? ORDER BY id"
_ONE = "SELECT * FROM rx_given WHERE number = ?"
_AT = """SELECT * FROM rx_given
WHERE prescription = ? AND due_ms = ? AND state <> 'entered-in-error'"""
_ERROR = """UPDATE rx_given SET state = ?, why = ?, revision = revision + 1, changed_by = ?, changed_ms = ?
WHERE id = ?"""
_OF_ALL = f"SELECT * FROM rx_given WHERE prescription IN {IDS} ORDER BY id"
_ALERTS = f"""SELECT DISTINCT prescription FROM rx_dispense
WHERE prescription IN {IDS} AND state = 'completed' AND high_alert = 1"""
_ALERT = """SELECT 1 FROM rx_dispense
WHERE prescription = ? AND state = 'completed' AND high_alert = 1 LIMIT 1"""
_HANDED_OUT = """SELECT 1 FROM rx_pack JOIN rx_dispense ON rx_dispense.id = rx_pack.dispense
WHERE rx_dispense.prescription = ? AND state = 'completed' AND gtin = ? LIMIT 1"""


class Rounds:
    """Methods raise StoreError, too; `zone` None: this machine's."""

    def __init__(
        self,
        books: Books,
        signatures: Signatures,
        products: Products,
        people: People,
        *,
        zone: Zone | None = None,
    ) -> None:
        self._people = people
        self._books = books
        self._signatures = signatures
        self._products = products
        self._zone = zone

    async def of(self, patients: Collection[str], asked: Span) -> list[Item]:
        """What is due in `asked` (UTC), what was given of it, and what may be given as needed; by time."""
        found: list[Item] = []
        active = await self._books.active(Sight(frozenset(patients)))
        charted = await self.charted_of(active)
        alerts = {row[0] for row in await self._books.store.read(_ALERTS, (ids_of(active),))}
        for rx in active:
            found += self._items(rx, charted[rx.id], asked, alert=rx.id in alerts)
        return sorted(found, key=lambda one: (one.due_ms is None, one.due_ms or 0, one.rx.number))

    async def charted(self, rx: Prescription) -> list[Given]:
        """All of one prescription, the oldest first."""
        return (await self.charted_of([rx]))[rx.id]

    async def charted_of(self, rxs: Collection[Prescription]) -> dict[int, list[Given]]:
        """All of these, by the prescription's id, each with the oldest first."""
        found: dict[int, list[Given]] = {one.id: [] for one in rxs}
        for row in await self._books.store.read(_OF_ALL, (ids_of(rxs),)):
            found[row["prescription"]].append(given_of(row))
        return found

    async def give(self, what: Giving, sight: Sight, by: By) -> Given:
        """It is given now.

        Raises NotFound; BadLabel; Conflict: another patient, medicine or dose, not due then, charted already,
        too soon, expired, recalled; OrderError: early or late without `by.why`; NeedsSecond: of high alert,
        and neither is a second person shown nor is it said why there is none; NotProved; Outdated.
        """
        rx = await self._books.find(what.number, sight)
        await verified(self._books, self._signatures, rx, by)
        second = await alone.second(self._people, rx, what, by)
        return await self._books.store.write(lambda db: self._give(db, (what, second), sight, by))

    async def leave_out(self, number: str, due_ms: int, sight: Sight, by: By) -> Given:
        """It is not given; `by.why` says why. Raises NotFound, Conflict, OrderError."""
        if not by.why.strip():
            raise OrderError("expected a reason why it is not given, got none: say why")

        def work(db: sqlite3.Connection) -> Given:
            rx = held(db, number, sight)
            self._check_due(db, rx, due_ms)
            return self._add(db, rx, (due_ms, GivenState.NOT_DONE), (Pack(), Second()), by)

        return await self._books.store.write(work)

    async def mistake(self, number: str, over: int, sight: Sight, by: By) -> Given:
        """What was charted was an error: it stays, and the dose is open again. Raises NotFound, Outdated,
        Conflict, OrderError."""
        if not by.why.strip():
            raise OrderError("expected a reason why it was an error, got none: say why")

        def work(db: sqlite3.Connection) -> Given:
            row = db.execute(_ONE, (number,)).fetchone()
            rx = row and of_id(db, row["prescription"])
            if rx is None or not sight.shows(rx.identifier, ""):
                raise NotFound(f"there is no administration {number!r:.40}: see /api/rounds")
            check_revision(number, row["revision"], over)
            check_step(GIVEN_STEPS, GivenState(row["state"]), GivenState.ENTERED_IN_ERROR)
            told = GivenState.ENTERED_IN_ERROR, by.why, by.actor, self._books.now_ms(), row["id"]
            db.execute(_ERROR, told)
            self._books.note(db, "administration-error", rx, by, administration=number)
            return given_of(db.execute(_ONE, (number,)).fetchone())

        return await self._books.store.write(work)

    def _items(self, rx: Prescription, charted: list[Given], asked: Span, *, alert: bool) -> list[Item]:
        two = alert or self._products.is_high_alert(rx.wanted.medicine)
        counted = [one for one in charted if one.state is not GivenState.ENTERED_IN_ERROR]
        newest = counted[-1].number if counted else ""
        if rx.wanted.timing.rhythm == "as-needed":
            last, wait = counted[-1] if counted else None, self._too_soon(rx, counted)
            return [Item(rx, None, last, newest, wait, two)]
        by_due = {one.due_ms: one for one in counted}
        times = due(rx.wanted.timing, self._held(rx), asked, self._zone)
        return [Item(rx, at_ms, by_due.get(at_ms), newest, "", two) for at_ms in times]

    def _give(self, db: sqlite3.Connection, asked: tuple[Giving, Second], sight: Sight, by: By) -> Given:
        what, second = asked
        rx = held(db, what.number, sight)
        if rx.state is not RxState.ACTIVE:
            raise Conflict(f"prescription {rx.number} is {rx.state} by now: give nothing of it")
        if what.wristband != rx.identifier:
            raise Conflict("another patient: the wristband is not of whom this is for; look who lies here")
        if what.dose != rx.wanted.dose:
            raise Conflict(f"another dose: expected {rx.wanted.dose}, got {what.dose}: look again")
        pack = self._check_drug(db, rx, what.drug)
        if pack.high_alert and not (second.witness or second.alone):
            raise NeedsSecond("two people give this medicine: expected a second one's badge or PIN, got none")
        if second.alone and not pack.high_alert:
            raise OrderError("one person gives this medicine: chart it without a reason for being alone")
        if rx.wanted.timing.rhythm == "as-needed":
            self._check_as_needed(db, rx, what)
        else:
            self._check_due(db, rx, what.due_ms)
            self._check_near(what.due_ms or 0, by)
        due_ms = None if rx.wanted.timing.rhythm == "as-needed" else what.due_ms
        made = self._add(db, rx, (due_ms, GivenState.COMPLETED), (pack, second), by)
        if made.alone:
            alone.tell(db, self._books, rx, made)
        return made

    def _check_drug(self, db: sqlite3.Connection, rx: Prescription, drug: str) -> Pack:
        wanted = rx.wanted.medicine
        alert = db.execute(_ALERT, (rx.id,)).fetchone() is not None or self._products.is_high_alert(wanted)
        if drug == rx.number:
            giving.check(db, self._books, rx, None)
            return Pack(high_alert=alert)
        today = local_text(self._books.clock.utc_us(), "%Y-%m-%d", self._zone)
        try:
            scan = gs1.read(drug, today)
        except BadLabel as error:
            raise BadLabel(f"neither the label of {rx.number} nor a pack's code: {error}") from None
        check_usable(db, scan, today)
        product = self._products.of(db, scan.gtin)
        handed_out = db.execute(_HANDED_OUT, (rx.id, scan.gtin)).fetchone() is not None
        if not (handed_out or product.is_prescribed(wanted)):
            asked, has = wanted.code.display, product.medicine.code.display
            raise Conflict(f"another medicine: expected {asked}, this is {has}: do not give it")
        giving.check(db, self._books, rx, scan)
        return Pack(scan.gtin, scan.batch, alert or self._products.is_high_alert(wanted, product))

    def _check_due(self, db: sqlite3.Connection, rx: Prescription, due_ms: int | None) -> None:
        at_ms = -1 if due_ms is None else due_ms
        if not due(rx.wanted.timing, self._held(rx), Span(at_ms, at_ms + 1), self._zone):
            raise Conflict(f"no dose of {rx.number} is due at that time: look at the round again")
        if (row := db.execute(_AT, (rx.id, at_ms)).fetchone()) is not None:
            raise Conflict(f"{row['by']} has charted this dose already ({row['state']}): look again")

    def _check_near(self, due_ms: int, by: By) -> None:
        apart_ms = self._books.utc_ms() - due_ms
        if abs(apart_ms) > NEAR_MS and not by.why.strip():
            minutes, how = abs(apart_ms) // 60_000, "late" if apart_ms > 0 else "early"
            raise OrderError(f"this dose is {minutes} min {how}: expected a reason, got none: say why")

    def _check_as_needed(self, db: sqlite3.Connection, rx: Prescription, what: Giving) -> None:
        rows = db.execute(_OF, (rx.id,)).fetchall()
        counted = [one for one in map(given_of, rows) if one.state is not GivenState.ENTERED_IN_ERROR]
        if what.after != (counted[-1].number if counted else ""):
            raise Outdated(f"somebody charted a dose of {rx.number} meanwhile: look again")
        if why := self._too_soon(rx, counted):
            raise Conflict(why)

    def _too_soon(self, rx: Prescription, counted: list[Given]) -> str:
        times = [one.given_ms for one in counted if one.state is GivenState.COMPLETED]
        return too_soon(rx.wanted.timing, times, self._books.now_ms())

    def _add(
        self,
        db: sqlite3.Connection,
        rx: Prescription,
        what: tuple[int | None, GivenState],
        shown: tuple[Pack, Second],
        by: By,
    ) -> Given:
        (due_ms, state), (pack, second), now_ms = what, shown, self._books.now_ms()
        number, name = next_number(db, "rx_given", "MA")
        dose = rx.wanted.dose
        row = number, name, rx.id, due_ms, state, now_ms, dose.value, dose.unit, pack.gtin, pack.batch
        db.execute(_ADD, (*row, by.why, by.actor, now_ms, by.actor, now_ms, *second))
        told = {"administration": name, "state": str(state), "witness": second.witness}
        if second.alone:
            told |= {"alone": second.alone, "because": second.why, "proved": second.how}
        self._books.note(db, "medication-charted", rx, by, **told)
        return given_of(db.execute(_ONE, (name,)).fetchone())

    def _held(self, rx: Prescription) -> Span:
        begin_ms = rx.begin_ms or 0
        return Span(begin_ms, begin_ms + rx.wanted.days * DAY_MS if rx.wanted.days else None)
