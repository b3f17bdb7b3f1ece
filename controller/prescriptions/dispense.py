"""Handing out: packs for a prescription, checked against what was signed, by two people where it matters.

dispense = await dispensing.begin(task, Amount("20", ""), sight, by)
await dispensing.scan(Over(dispense.number, 1), "]d201…", "20", sight, by)   # each pack
await dispensing.check(…)                                                     # another pharmacist
await dispensing.complete(…)                                                  # ready: a delivery begins
"""

import sqlite3
from dataclasses import dataclass
from decimal import Decimal

from controller.clock import local_text
from controller.errors import Conflict, NotFound, OrderError
from controller.identity.certificates import By
from controller.imaging.sight import Sight
from controller.prescriptions import delivery, gs1, notices
from controller.prescriptions.books import Books, check_revision, next_number, of_id
from controller.prescriptions.codes import Code, new_code
from controller.prescriptions.cold import rows
from controller.prescriptions.dispensed import OF_TASK, Dispense, find, found, left_of, total
from controller.prescriptions.model import Prescription, amount, told
from controller.prescriptions.products import Product, Products, check_usable
from controller.prescriptions.signatures import Signatures, verified
from controller.prescriptions.states import DISPENSE_STEPS, DispenseState, RxState, TaskState
from controller.prescriptions.tasks import held_task, step_task
from controller.steps import check_step

_ADD = """INSERT INTO rx_dispense (id, number, prescription, task, state, revision, value, unit,
  substituted_why, high_alert, why, prepared_by, prepared_ms, changed_by, changed_ms)
VALUES (?, ?, ?, ?, 'preparation', 1, ?, ?, '', 0, '', ?, ?, ?, ?)"""
_CHANGE = """UPDATE rx_dispense SET state = :state, substituted_why = :substituted_why,
  high_alert = :high_alert, why = :why, prepared_by = :prepared_by, checked_by = :checked_by,
  completed_ms = :completed_ms, revision = revision + 1, changed_by = :by, changed_ms = :now_ms
WHERE id = :id"""
_PACK = """INSERT INTO rx_pack (dispense, place, gtin, batch, expiry, serial, value, by, at_ms)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_SERIAL = """SELECT rx_dispense.number FROM rx_pack JOIN rx_dispense ON rx_dispense.id = rx_pack.dispense
WHERE gtin = ? AND serial = ? AND serial <> '' AND state NOT IN ('declined', 'cancelled', 'stopped')"""
_WITH_REASON = frozenset(
    {DispenseState.ON_HOLD, DispenseState.DECLINED, DispenseState.CANCELLED, DispenseState.STOPPED}
)


@dataclass(frozen=True, slots=True)
class Over:
    """The dispense that somebody means to change, as that person knows it."""

    number: str
    revision: int
    sight: Sight


@dataclass(frozen=True, slots=True)
class Scanned:
    """A pack in the hand of a pharmacist."""

    code: str
    """What the scanner gave."""
    value: str
    """How much of it, in the prescription's unit."""
    why: str = ""
    """Why it is another product than the one that was prescribed."""


class Dispensing:
    """Methods raise StoreError, too. Each looks at the signature again."""

    def __init__(self, books: Books, signatures: Signatures, products: Products) -> None:
        self._books = books
        self._signatures = signatures
        self._products = products

    async def begin(self, task: int, over: int, value: str, sight: Sight, by: By) -> Dispense:
        """Begin to prepare so much for a task, of what is left. Raises NotFound, Outdated, Conflict,
        OrderError."""
        asked = amount(value)
        rx = await self._books.store.write(lambda db: _rx_of_task(db, task, sight))
        await verified(self._books, self._signatures, rx, by)
        return await self._books.store.write(lambda db: self._begin(db, (task, over), asked, by))

    async def scan(self, over: Over, pack: Scanned, by: By) -> Dispense:
        """Add a pack.

        Raises BadLabel; Conflict: expired, recalled, the wrong product, scanned for another, or more than was
        begun with; OrderError: another product than prescribed needs a reason; NotFound, Outdated.
        """
        asked = amount(pack.value)
        read = gs1.read(pack.code, self._today())
        await self._verify(over, by)
        return await self._books.store.write(lambda db: self._scan(db, over, (pack, read, asked), by))

    async def check(self, over: Over, by: By) -> Dispense:
        """The second check, by another pharmacist than who prepared it. Raises NotFound, Outdated,
        Conflict."""

        def work(db: sqlite3.Connection) -> Dispense:
            dispense, rx = _current(db, over)
            if dispense.state is not DispenseState.IN_PROGRESS or dispense.scanned != Decimal(dispense.value):
                raise Conflict(
                    f"expected {_whole(dispense)} of packs, there are {told(dispense.scanned)}: scan them"
                )
            if by.actor in {dispense.prepared_by, *(one.by for one in dispense.packs)}:
                raise Conflict("expected another pharmacist than who prepared it: ask somebody")
            return self._change(db, dispense, rx, by, "dispense-checked", checked_by=by.actor)

        await self._verify(over, by)
        return await self._books.store.write(work)

    async def complete(self, over: Over, destination: str, by: By) -> tuple[Dispense, delivery.Begun]:
        """It is ready: a delivery begins, whose code is told this once.

        Raises NotFound, Outdated; Conflict: packs are missing, or the second check is.
        """
        code = new_code()
        await self._verify(over, by)
        return await self._books.store.write(lambda db: self._complete(db, over, destination, (code, by)))

    async def step(self, over: Over, to: DispenseState, by: By) -> Dispense:
        """Put it on hold, go on, decline, cancel or stop it. Raises NotFound, Outdated, Conflict,
        OrderError."""
        if to in (DispenseState.COMPLETED, DispenseState.PREPARATION):
            raise Conflict(
                "a dispense is completed by its own way: scan the packs, then say that it is ready"
            )
        if to in _WITH_REASON and not by.why.strip():
            raise OrderError(f"expected a reason for {to}, got none: say why")

        def work(db: sqlite3.Connection) -> Dispense:
            dispense, rx = _current(db, over)
            check_step(DISPENSE_STEPS, dispense.state, to)
            if to is DispenseState.DECLINED:
                notices.tell(db, self._books, rx, "rejected", by.why)
            return self._change(db, dispense, rx, by, "dispense-changed", state=to, why=by.why)

        return await self._books.store.write(work)

    async def _verify(self, over: Over, by: By) -> None:
        _, rx = await find(self._books, over.number, over.sight)
        await verified(self._books, self._signatures, rx, by)

    def _begin(self, db: sqlite3.Connection, known: tuple[int, int], value: str, by: By) -> Dispense:
        task = held_task(db, known[0])
        check_revision(f"task {task.id}", task.revision, known[1])
        rx = of_id(db, task.prescription)
        _check_active(rx)
        if task.state not in (TaskState.ACCEPTED, TaskState.IN_PROGRESS):
            raise Conflict(f"task {task.id} is {task.state}: accept it first")
        left = left_of(db, rx)
        if Decimal(value) > left:
            raise Conflict(
                f"expected at most {told(left)} {rx.wanted.quantity.unit}, which are left, got {value}"
            )
        if task.state is TaskState.ACCEPTED:
            step_task(db, self._books, task, TaskState.IN_PROGRESS, by)
        number, name = next_number(db, "rx_dispense", "MD")
        now_ms = self._books.now_ms()
        what = number, name, rx.id, task.id, value, rx.wanted.quantity.unit
        db.execute(_ADD, (*what, by.actor, now_ms, by.actor, now_ms))
        self._books.note(db, "dispense-begun", rx, by, dispense=name, value=value)
        return found(db, name)[0]

    def _scan(
        self, db: sqlite3.Connection, over: Over, what: tuple[Scanned, gs1.Scan, str], by: By
    ) -> Dispense:
        (pack, scan, value), (dispense, rx) = what, _current(db, over)
        if dispense.state not in (DispenseState.PREPARATION, DispenseState.IN_PROGRESS):
            raise Conflict(f"dispense {dispense.number} is {dispense.state}: no pack is added to it now")
        check_usable(db, scan, self._today())
        product = self._products.of(db, scan.gtin)
        substituted = _substituted(product, rx, pack.why)
        self._check_pack(db, dispense, scan, Decimal(value))
        row = scan.gtin, scan.batch, scan.expiry, scan.serial, value, by.actor, self._books.now_ms()
        db.execute(_PACK, (dispense.id, len(dispense.packs) + 1, *row))
        more = {"substituted_why": substituted or dispense.substituted_why, "checked_by": None}
        alert = self._products.is_high_alert(rx.wanted.medicine, product)
        more["high_alert"] = dispense.high_alert or alert
        seen = {"gtin": scan.gtin, "batch": scan.batch}
        self._books.note(db, "pack-scanned", rx, by, dispense=dispense.number, **seen)
        state = DispenseState.IN_PROGRESS
        return self._change(db, dispense, rx, by, "dispense-changed", state=state, **more)

    def _check_pack(self, db: sqlite3.Connection, dispense: Dispense, scan: gs1.Scan, value: Decimal) -> None:
        if (row := db.execute(_SERIAL, (scan.gtin, scan.serial)).fetchone()) is not None:
            raise Conflict(f"this pack was scanned for {row['number']}: take another")
        if dispense.scanned + value > Decimal(dispense.value):
            left = told(Decimal(dispense.value) - dispense.scanned)
            raise Conflict(f"expected at most {left} {dispense.unit} more of packs, got {told(value)}")

    def _complete(
        self, db: sqlite3.Connection, over: Over, destination: str, who: tuple[Code, By]
    ) -> tuple[Dispense, delivery.Begun]:
        (code, by), (dispense, rx) = who, _current(db, over)
        check_step(DISPENSE_STEPS, dispense.state, DispenseState.COMPLETED)
        _check_active(rx)
        if dispense.scanned != Decimal(dispense.value):
            raise Conflict(
                f"expected {_whole(dispense)} of packs, there are {told(dispense.scanned)}: scan them"
            )
        if dispense.high_alert and dispense.checked_by is None:
            raise Conflict("expected the check of a second pharmacist for this medicine: ask somebody")
        for one in dispense.packs:
            again = gs1.Scan({"01": one.gtin, "10": one.batch}, expiry=one.expiry)
            check_usable(db, again, self._today())
        ready = DispenseState.COMPLETED
        now_ms = self._books.now_ms()
        made = self._change(db, dispense, rx, by, "dispense-changed", state=ready, completed_ms=now_ms)
        task = held_task(db, dispense.task)
        if total(db, OF_TASK, task.id) >= rx.wanted.quantity.exact or left_of(db, rx) == 0:
            step_task(db, self._books, task, TaskState.COMPLETED, by)
        begun = delivery.begin(db, self._books, (rx, dispense.id, destination), code, by)
        taken = [self._products.of(db, one.gtin) for one in dispense.packs]
        stored = self._products.storage(rx.wanted.medicine, taken)
        if stored is not None and begun.kind != "pick-up":
            rows.add(db, begun.number, stored)
        return made, begun

    def _change(
        self,
        db: sqlite3.Connection,
        dispense: Dispense,
        rx: Prescription,
        by: By,
        action: str,
        **changes: str | int | None,
    ) -> Dispense:
        names = ("state", "substituted_why", "high_alert", "why", "prepared_by", "checked_by", "completed_ms")
        kept = {name: getattr(dispense, name) for name in names}
        db.execute(
            _CHANGE,
            {**kept, **changes, "id": dispense.id, "by": by.actor, "now_ms": self._books.now_ms()},
        )
        made, _ = found(db, dispense.number)
        self._books.note(db, action, rx, by, dispense=made.number, state=str(made.state))
        return made

    def _today(self) -> str:
        return local_text(self._books.clock.utc_us(), "%Y-%m-%d")


def _substituted(product: Product, rx: Prescription, why: str) -> str:
    """Why another product is taken; "": it is the one. Raises Conflict, OrderError."""
    wanted = rx.wanted
    if product.is_prescribed(wanted.medicine):
        return ""
    has, asked = product.medicine.code.display, wanted.medicine.code.display
    if not product.is_alike(wanted.medicine):
        raise Conflict(f"the wrong product: expected {asked}, this is {has}: put it back")
    if not wanted.substitution:
        raise Conflict(f"expected {asked}, this is {has}, and the prescriber allows no other product")
    if not why.strip():
        raise OrderError(f"expected a reason why {has} is taken for {asked}, got none: say why")
    return why


def _check_active(rx: Prescription) -> None:
    if rx.state is not RxState.ACTIVE:
        raise Conflict(f"prescription {rx.number} is {rx.state} by now: nothing of it is handed out")


def _whole(dispense: Dispense) -> str:
    return f"{dispense.value} {dispense.unit}"


def _rx_of_task(db: sqlite3.Connection, task: int, sight: Sight) -> Prescription:
    row = db.execute("SELECT prescription FROM rx_task WHERE id = ?", (task,)).fetchone()
    rx = row and of_id(db, row[0])
    if rx is None or not sight.shows(rx.identifier, ""):
        raise NotFound(f"there is no task {task}: see /api/pharmacy/queue for those there are")
    return rx


def _current(db: sqlite3.Connection, over: Over) -> tuple[Dispense, Prescription]:
    dispense, rx = found(db, over.number, over.sight)
    check_revision(dispense.number, dispense.revision, over.revision)
    return dispense, rx
